using System.Text.Json.Serialization;

namespace RealRelationshipApi.Studies.Contracts;

/// <summary>A statistic as its source reports it; which members it needs depends on <c>type</c>.</summary>
internal sealed record Statistic
{
    public required StatisticType Type { get; init; }

    /// <summary>The coefficient itself: r, z, d, t, F, χ², p or the odds ratio.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Value { get; init; }

    /// <summary>Participants, whole, at least 4.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? N { get; init; }

    /// <summary>Participants of the first group (d, g).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? N1 { get; init; }

    /// <summary>Participants of the second group (d, g).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? N2 { get; init; }

    /// <summary>Degrees of freedom (t).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Df { get; init; }

    /// <summary>Numerator degrees of freedom (f): 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Df1 { get; init; }

    /// <summary>Denominator degrees of freedom (f).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Df2 { get; init; }

    /// <summary>1 or −1: which way an unsigned statistic points (f, chi2, p).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Sign { get; init; }

    /// <summary>How many covariates were partialled out (partialR, semiPartialR).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Covariates { get; init; }

    /// <summary>R² of the full model, in [0, 1) (semiPartialR).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RSquared { get; init; }

    /// <summary>Standard error on Fisher z, in place of n (fisherZ).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Se { get; init; }

    /// <summary>1 or 2 (p).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Tails { get; init; }

    /// <summary>What the odds ratio contrasts: two groups, or one standard deviation (oddsRatio).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OddsRatioContrast? Contrast { get; init; }

    /// <summary>Lower end of the confidence interval (oddsRatio, pooled).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Lower { get; init; }

    /// <summary>Upper end of the confidence interval (oddsRatio, pooled).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Upper { get; init; }

    /// <summary>Confidence of the interval, in (0.5, 1); 0.95 when absent (oddsRatio, pooled).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Confidence { get; init; }

    /// <summary>The effect on Fisher z (effect).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Yi { get; init; }

    /// <summary>Its sampling variance (effect).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Vi { get; init; }

    /// <summary>The published pooled correlation (pooled).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? R { get; init; }

    /// <summary>How many effects the published result pools (pooled, range).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? K { get; init; }

    /// <summary>The smallest correlation of a published range (range).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? From { get; init; }

    /// <summary>The largest correlation of a published range (range).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? To { get; init; }
}

internal enum StatisticType
{
    R, PartialR, SemiPartialR, Spearman, FisherZ, D, G, T, F, Chi2, P, OddsRatio, Effect,

    /// <summary>A published pooled result; only for kind <c>reference</c>.</summary>
    Pooled,

    /// <summary>A published range of results; only for kind <c>reference</c>.</summary>
    Range,

    /// <summary>Always refused: a weight from a joint regression can have the other sign than r.</summary>
    Beta,
}

internal enum OddsRatioContrast { Groups, PerSd }
