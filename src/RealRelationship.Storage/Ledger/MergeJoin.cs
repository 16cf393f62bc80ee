namespace RealRelationship.Storage.Ledger;

/// <summary>Full outer merge join of two streams in the same order.</summary>
public static class MergeJoin
{
    /// <summary>Every key of either stream, with the rows of each.</summary>
    public static IEnumerable<(TKey Key, List<TLeft> Left, List<TRight> Right)> ByKey<TLeft, TRight, TKey>(
        IEnumerable<TLeft> left, Func<TLeft, TKey> leftKey, IEnumerable<TRight> right, Func<TRight, TKey> rightKey, IComparer<TKey> order)
    {
        using var lefts = left.GetEnumerator();
        using var rights = right.GetEnumerator();
        var (hasLeft, hasRight) = (lefts.MoveNext(), rights.MoveNext());
        while (hasLeft || hasRight)
        {
            var key = !hasRight || (hasLeft && order.Compare(leftKey(lefts.Current), rightKey(rights.Current)) <= 0) ? leftKey(lefts.Current)
                : rightKey(rights.Current);
            yield return (key, TakeMatching(lefts, ref hasLeft, leftKey, key, order), TakeMatching(rights, ref hasRight, rightKey, key, order));
        }
    }

    private static List<T> TakeMatching<T, TKey>(IEnumerator<T> rows, ref bool hasRow, Func<T, TKey> keyOf, TKey key, IComparer<TKey> order)
    {
        var taken = new List<T>();
        while (hasRow && order.Compare(keyOf(rows.Current), key) == 0)
        {
            taken.Add(rows.Current);
            hasRow = rows.MoveNext();
        }

        return taken;
    }
}
