namespace RealRelationship.Statistics;

/// <summary>The same effects under other priors.</summary>
public static class PriorSensitivity
{
    /// <summary>The priors chosen; each of their scales halved and doubled alone, and both together; the other families of the prior of τ at the scale that
    /// is theirs unless set.</summary>
    /// <param name="estimates">The effects yᵢ, independent of each other, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">The priors chosen, and probability of intervals; the defaults of <see cref="BayesianOptions"/> when null.</param>
    /// <returns>One row for each prior; the first is that of the priors chosen.</returns>
    /// <exception cref="ArgumentException">Effects or priors that <see cref="BayesianModelAveraging"/> refuses.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static IReadOnlyList<BayesianAverage> Run(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, BayesianOptions? options = null)
    {
        options ??= new BayesianOptions();
        var priors = Priors(options).ToList();
        var rows = new BayesianAverage[priors.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = BayesianModelAveraging.Fit(estimates, variances, priors[i]);
        }
        return rows;
    }

    private static IEnumerable<BayesianOptions> Priors(BayesianOptions chosen)
    {
        var (sd, scale) = (chosen.PriorMuSd, chosen.PriorTauScale);
        yield return chosen;
        foreach (var (ofMu, ofTau) in new[] { (0.5, 1.0), (2, 1), (1, 0.5), (1, 2), (0.5, 0.5), (2, 2) })
        {
            yield return chosen with { PriorMuSd = ofMu * sd, PriorTauScale = ofTau * scale };
        }
        foreach (var family in Enum.GetValues<TauPrior>().Where(family => family.IsProper() && family != chosen.PriorTau))
        {
            yield return new() { PriorMuMean = chosen.PriorMuMean, PriorMuSd = sd, PriorTau = family, Probability = chosen.Probability };
        }
    }
}
