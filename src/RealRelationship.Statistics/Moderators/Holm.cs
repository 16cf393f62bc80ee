namespace RealRelationship.Statistics;

/// <summary>Holm's step-down adjustment of p-values; Holm 1979, Scandinavian Journal of Statistics 6.</summary>
internal static class Holm
{
    /// <summary>The adjusted p-values in the order of those given: max over smaller ones of (m − rank)·p, not above 1.</summary>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        var (adjusted, worst) = (new double[pValues.Count], 0.0);
        foreach (var (rank, i) in Enumerable.Range(0, adjusted.Length).OrderBy(i => pValues[i]).Index())
        {
            worst = Math.Max(worst, Math.Min(1, (adjusted.Length - rank) * pValues[i]));
            adjusted[i] = worst;
        }
        return adjusted;
    }
}
