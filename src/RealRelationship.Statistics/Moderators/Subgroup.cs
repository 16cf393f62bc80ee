namespace RealRelationship.Statistics;

/// <summary>The effects of one level.</summary>
internal sealed record Subgroup(string Level, IReadOnlyList<int> Rows, double[] Estimates, double[] Variances)
{
    /// <summary>Whether all of its effects are of one sample.</summary>
    /// <param name="samples">Sample of each effect; if empty, each effect is a sample of its own.</param>
    public bool IsOfOneSample(int[] samples) => Rows.Count == 1 || (samples.Length > 0 && Rows.All(i => samples[i] == samples[Rows[0]]));

    /// <summary>The levels in ordinal order.</summary>
    public static List<Subgroup> Split(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, IReadOnlyList<string> levels)
    {
        var members = new SortedDictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < levels.Count; i++)
        {
            if (!members.TryGetValue(levels[i], out var rows))
            {
                members.Add(levels[i], rows = []);
            }
            rows.Add(i);
        }
        var groups = new List<Subgroup>(members.Count);
        foreach (var (level, rows) in members)
        {
            groups.Add(new Subgroup(level, rows, Select(estimates, rows), Select(variances, rows)));
        }
        return groups;
    }

    /// <summary>Every pair, in order.</summary>
    public static IEnumerable<(int A, int B)> Pairs(int count) =>
        from a in Enumerable.Range(0, count)
        from b in Enumerable.Range(a + 1, count - a - 1)
        select (a, b);

    private static double[] Select(ReadOnlySpan<double> values, List<int> rows)
    {
        var picked = new double[rows.Count];
        for (var i = 0; i < picked.Length; i++)
        {
            picked[i] = values[rows[i]];
        }
        return picked;
    }
}
