namespace RealRelationship.Storage.Writing;

/// <summary>Runs writes in order, with the claims of consecutive ones in one message.</summary>
internal static class ClaimedRuns
{
    private const int MaxLength = 256;
    private const int MinLength = 2;

    /// <param name="transaction">The write transaction.</param>
    /// <param name="writes">The writes, in order.</param>
    /// <param name="ahead">Keys of those that have claimed but not written.</param>
    public static void Write(WriteTransaction transaction, IReadOnlyList<IClaimingWrite> writes, HashSet<string> ahead)
    {
        // Conflicts make runs shorter, so that their claims are not released again and again.
        var longest = MaxLength;
        for (var start = 0; start < writes.Count;)
        {
            var end = Claim(transaction, writes, start, longest, ahead);
            if (end == start)
            {
                writes[start].Write(transaction);
                start++;
                continue;
            }

            var conflict = start;
            while (conflict < end && ahead.Remove(writes[conflict].ClaimKey!) && writes[conflict].TryWrite(transaction))
            {
                conflict++;
            }

            if (conflict < end)
            {
                ahead.Clear();
                for (var i = conflict; i < end; i++)
                {
                    writes[i].Release(transaction);
                }

                writes[conflict].Write(transaction);
            }

            longest = conflict < end ? Math.Max(MinLength, longest / 4) : Math.Min(MaxLength, longest * 2);
            start = Math.Min(conflict + 1, end);
        }
    }

    // The end of the run of writes that claimed.
    private static int Claim(WriteTransaction transaction, IReadOnlyList<IClaimingWrite> writes, int start, int longest, HashSet<string> ahead)
    {
        var end = start;
        for (; end < writes.Count && end - start < longest && writes[end].ClaimKey is { } key && ahead.Add(key); end++)
        {
            writes[end].Claim(transaction);
        }

        return end;
    }
}
