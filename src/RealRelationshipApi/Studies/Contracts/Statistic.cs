using System.Text.Json.Serialization;

namespace RealRelationshipApi.Studies.Contracts;

/// <summary>A statistic as reported in its source. The required members depend on <c>type</c>.</summary>
internal sealed record Statistic
{
    /// <summary>Type of statistic.</summary>
    public required StatisticType Type { get; init; }

    /// <summary>Value of the statistic: r, z, d, t, F, χ², p, the odds ratio, or Kendall's τ.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Value { get; init; }

    /// <summary>Number of participants, at least 4.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? N { get; init; }

    /// <summary>Number of participants in the first group (d, g, means, and t, f, p of two groups).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? N1 { get; init; }

    /// <summary>Number of participants in the second group (d, g, means, and t, f, p of two groups).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? N2 { get; init; }

    /// <summary>Degrees of freedom (t, and r, partialR of level withinClient).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Df { get; init; }

    /// <summary>Numerator degrees of freedom, always 1 (f).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Df1 { get; init; }

    /// <summary>Denominator degrees of freedom (f).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Df2 { get; init; }

    /// <summary>Direction of an unsigned statistic: 1 or −1 (f, chi2, p).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Sign { get; init; }

    /// <summary>Number of covariates partialled out (partialR, semiPartialR).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Covariates { get; init; }

    /// <summary>R² of the full model, in [0, 1) (semiPartialR).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RSquared { get; init; }

    /// <summary>Standard error of Fisher z, instead of n (fisherZ).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Se { get; init; }

    /// <summary>Number of tails of the test: 1 or 2 (p).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Tails { get; init; }

    /// <summary>Contrast of the odds ratio: two groups, or an increase of one standard deviation (oddsRatio).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OddsRatioContrast? Contrast { get; init; }

    /// <summary>Lower confidence limit (oddsRatio, pooled; optional with r, partialR, spearman, kendall, fisherZ, d, g).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Lower { get; init; }

    /// <summary>Upper confidence limit (oddsRatio, pooled; optional with r, partialR, spearman, kendall, fisherZ, d, g).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Upper { get; init; }

    /// <summary>Confidence level of the interval, in (0.5, 1); default 0.95.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Confidence { get; init; }

    /// <summary>Number of variables that are a dichotomized continuous variable (r, d, g, t, f, chi2, p, counts, means). With <c>proportions</c> the effect is
    /// the biserial or tetrachoric correlation of the continuous variables. Counts and means need no proportions: <c>both</c> is the tetrachoric
    /// correlation of counts; <c>one</c> are groups (means), or the columns of counts, of which the rows are groups that are no dichotomized variable.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dichotomized? Dichotomized { get; init; }

    /// <summary>Proportion in the upper part of each dichotomized variable, in (0, 1); with <c>both</c> that of the groups first. Optional with n1 and n2 if
    /// <c>dichotomized</c> is <c>one</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Proportions { get; init; }

    /// <summary>Effect as Fisher z (effect).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Yi { get; init; }

    /// <summary>Sampling variance of <c>yi</c> (effect).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Vi { get; init; }

    /// <summary>Published pooled correlation (pooled).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? R { get; init; }

    /// <summary>Number of effects behind the published result (pooled, range).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? K { get; init; }

    /// <summary>Smallest correlation of a published range (range).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? From { get; init; }

    /// <summary>Largest correlation of a published range (range).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? To { get; init; }

    /// <summary>Count of participants who are low in the first variable (row) and low in the second (column) of a 2×2 table (counts).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? A { get; init; }

    /// <summary>Count of participants who are low in the first variable and high in the second (counts).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? B { get; init; }

    /// <summary>Count of participants who are high in the first variable and low in the second (counts).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? C { get; init; }

    /// <summary>Count of participants who are high in both variables (counts).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? D { get; init; }

    /// <summary>Mean of the first group; the effect is positive where it is the larger one (means).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Mean1 { get; init; }

    /// <summary>Standard deviation of the first group, not the standard error of its mean (means).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Sd1 { get; init; }

    /// <summary>Mean of the second group (means).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Mean2 { get; init; }

    /// <summary>Standard deviation of the second group, not the standard error of its mean (means).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Sd2 { get; init; }
}

internal enum StatisticType
{
    R, PartialR, SemiPartialR, Spearman, FisherZ, D, G, T, F, Chi2, P, OddsRatio, Effect,

    /// <summary>A published pooled result; only for kind <c>reference</c>.</summary>
    Pooled,

    /// <summary>A published range of results; only for kind <c>reference</c>.</summary>
    Range,

    /// <summary>Always rejected, as a regression weight can have the opposite sign of r.</summary>
    Beta,

    /// <summary>Kendall's τ of two continuous variables.</summary>
    Kendall,

    /// <summary>The four counts of a 2×2 table.</summary>
    Counts,

    /// <summary>Means and standard deviations of two groups.</summary>
    Means,
}

internal enum OddsRatioContrast { Groups, PerSd }

internal enum Dichotomized { One, Both }
