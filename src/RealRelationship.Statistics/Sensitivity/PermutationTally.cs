namespace RealRelationship.Statistics;

/// <summary>Counts permutations whose statistics are at least as large as the data's own.</summary>
/// <param name="thresholds">The smallest statistics that are the data's own but for rounding.</param>
internal sealed class PermutationTally(double[] thresholds)
{
    private readonly int[] _extreme = new int[thresholds.Length];

    public int Count { get; private set; }

    public double Share(int statistic) => (double)_extreme[statistic] / Count;

    public void Add(ReadOnlySpan<double> statistics)
    {
        Count++;
        for (var s = 0; s < thresholds.Length; s++)
        {
            _extreme[s] += statistics[s] >= thresholds[s] ? 1 : 0;
        }
    }

    /// <summary>Counts the data's own.</summary>
    public void AddObserved() => Add(thresholds);
}
