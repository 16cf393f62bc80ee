namespace RealRelationship.Statistics;

/// <summary>One effect on the scale of Fisher's z, ready to be pooled.</summary>
/// <param name="Estimate">yi.</param>
/// <param name="Variance">vi, its sampling variance, positive.</param>
/// <param name="SampleSize">Size of the sample; null when the statistic does not carry it (it is never derived from the variance).</param>
/// <param name="Converted">True when the effect was not reported as a correlation (or on its scale) but as another statistic.</param>
/// <param name="Approximate">True when the variance is an approximation beyond the usual large-sample one.</param>
/// <param name="Formula">The formula, variance included, in plain text.</param>
public sealed record FisherZEffect(double Estimate, double Variance, double? SampleSize, bool Converted, bool Approximate, string Formula)
{
    /// <summary>The effect as a correlation: tanh of <see cref="Estimate"/>.</summary>
    public double Correlation => Math.Tanh(Estimate);

    /// <summary>The difference of two groups that was reported, as it was; null where no groups were.</summary>
    public GroupDifference? Difference { get; init; }

    /// <summary>Stable codes of what the reader should know: <c>assumesEqualGroups</c> (only the size of both groups together is known),
    /// <c>designUnknown</c> (taken as a correlation or slope; two groups would have another variance), <c>asymmetricInterval</c> (the variance is that of the
    /// wider half), <c>varianceLowerBound</c> (sessions of one client depend on each other in ways that the variance does not know),
    /// <c>sessionsUnknown</c> (the variance counts clients),
    /// <c>varianceContradictsN</c> (a reported interval is that of another sample size), <c>emptyCell</c> (½ was added to every cell of a 2×2 table).</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>The standardised difference of two groups.</summary>
/// <param name="D">Cohen's d.</param>
/// <param name="G">Hedges' g: d J.</param>
/// <param name="Variance">Of d: 1/n1 + 1/n2 + d²/(2(n1 + n2)).</param>
public sealed record GroupDifference(double D, double G, double Variance);

/// <summary>What an odds ratio compares.</summary>
public enum OddsRatioComparison
{
    /// <summary>Two groups.</summary>
    Groups,
    /// <summary>One standard deviation more of a continuous predictor.</summary>
    PerStandardDeviation,
}
