using System.Text.Json.Serialization;

namespace RealRelationshipApi.Analyses.Pool;

/// <summary>Variation of effects beyond sampling error. I² is in percent.</summary>
internal sealed record HeterogeneityResponse
{
    /// <summary>Cochran's Q, the weighted sum of squares with common-effect weights.</summary>
    public required double Q { get; init; }

    /// <summary>Its degrees of freedom.</summary>
    public required int Df { get; init; }

    /// <summary>p-value of Q under homogeneity; null without degrees of freedom.</summary>
    public required double? P { get; init; }

    /// <summary>Variance of true effects on the scale of analysis; if effects are nested, between and within samples together.</summary>
    public required double? Tau2 { get; init; }

    /// <summary>Standard error of tau².</summary>
    public required double? Tau2StandardError { get; init; }

    /// <summary>Lower confidence limit of tau² (Q-profile).</summary>
    public required double? Tau2Lower { get; init; }

    /// <summary>Upper confidence limit of tau² (Q-profile).</summary>
    public required double? Tau2Upper { get; init; }

    /// <summary>Standard deviation of true effects.</summary>
    public required double? Tau { get; init; }

    /// <summary>Percentage of the variance of observed effects that is not sampling error.</summary>
    public required double? I2 { get; init; }

    /// <summary>Lower confidence limit of I².</summary>
    public required double? I2Lower { get; init; }

    /// <summary>Upper confidence limit of I².</summary>
    public required double? I2Upper { get; init; }

    /// <summary>Variance of observed effects divided by the sampling variance.</summary>
    public required double? H2 { get; init; }

    /// <summary>Lower confidence limit of H².</summary>
    public required double? H2Lower { get; init; }

    /// <summary>Upper confidence limit of H².</summary>
    public required double? H2Upper { get; init; }

    /// <summary>Proportion of true effects above a threshold; null for the common-effect model and for a single effect.</summary>
    public required ProbabilityAboveResponse? ProbabilityAbove { get; init; }

    // Members of models with effects nested in samples; null in other models, and if the likelihood identifies only the sum of the variances (see the ranges).

    /// <summary>Variance between studies; present if studies have random effects, as the following, and identified.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StudyVariance { get; init; }

    /// <summary>Lower limit of its profile-likelihood interval.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StudyLower { get; init; }

    /// <summary>Upper limit of its profile-likelihood interval.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StudyUpper { get; init; }

    /// <summary>Part of I² between studies, in percent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? I2Study { get; init; }

    /// <summary>Range of the variance between studies if the likelihood does not identify it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RangeResponse? StudyRange { get; init; }

    /// <summary>Variance between samples, of one study where studies have random effects; null unless effects are nested, as the following, and if only the
    /// sum of the variances is identified.</summary>
    public double? BetweenVariance { get; init; }

    /// <summary>Lower limit of its profile-likelihood interval.</summary>
    public double? BetweenLower { get; init; }

    /// <summary>Upper limit of its profile-likelihood interval.</summary>
    public double? BetweenUpper { get; init; }

    /// <summary>Variance between the effects of a sample.</summary>
    public double? WithinVariance { get; init; }

    /// <summary>Lower limit of its profile-likelihood interval.</summary>
    public double? WithinLower { get; init; }

    /// <summary>Upper limit of its profile-likelihood interval.</summary>
    public double? WithinUpper { get; init; }

    /// <summary>Part of I² between samples, in percent.</summary>
    public double? I2Between { get; init; }

    /// <summary>Part of I² within samples, in percent.</summary>
    public double? I2Within { get; init; }

    /// <summary>Range of tau² if the likelihood does not identify it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RangeResponse? Tau2Range { get; init; }

    /// <summary>Range of the variance between samples if the likelihood does not identify it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RangeResponse? BetweenRange { get; init; }

    /// <summary>Range of the variance within samples if the likelihood does not identify it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RangeResponse? WithinRange { get; init; }
}

/// <summary>Proportion of true effects above a threshold.</summary>
/// <param name="Threshold">A correlation, or a value of the raw scale.</param>
/// <param name="P">Probability that the true effect of a new study is above the threshold.</param>
/// <param name="Lower">Lower confidence limit of the proportion; null if tau² is treated as known (<c>intervalNotAvailable</c>).</param>
/// <param name="Upper">Upper confidence limit of the proportion.</param>
internal sealed record ProbabilityAboveResponse(double Threshold, double P, double? Lower, double? Upper);
