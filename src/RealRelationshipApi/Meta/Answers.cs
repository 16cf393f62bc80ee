using System.Text.Json.Serialization;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>The answer of <c>/meta/pool</c>.</summary>
public sealed record PoolAnswer
{
    public required PooledAnswer Pooled { get; init; }

    /// <summary>The pooled effect as a correlation; null with measure raw.</summary>
    public required CorrelationAnswer? Correlation { get; init; }

    /// <summary>The pooled effect as a standardised mean difference; null with measure raw.</summary>
    public required CohensDAnswer? CohensD { get; init; }

    public required HeterogeneityAnswer Heterogeneity { get; init; }

    public required CountsAnswer Counts { get; init; }

    public required ModelAnswer Model { get; init; }

    /// <summary>Two one-sided tests against the margin that was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EquivalenceAnswer? Equivalence { get; init; }

    /// <summary>The Hunter–Schmidt analysis that was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ArtifactsAnswer? Artifacts { get; init; }

    /// <summary>One row an effect, or a sample where effects were aggregated.</summary>
    public required IReadOnlyList<StudyRow> Studies { get; init; }

    /// <summary>How many effects there were before any was left out.</summary>
    public required int Given { get; init; }

    /// <summary>How many effects entered; given − used = the sum of what was excluded.</summary>
    public required int Used { get; init; }

    public required DataAnswer Data { get; init; }

    public required IReadOnlyList<Exclusion> Excluded { get; init; }

    public IReadOnlyList<SuppressedCell> Suppressed { get; init; } = [];

    public required IReadOnlyList<Warning> Warnings { get; init; }
}

/// <summary>The pooled effect on the scale of analysis.</summary>
/// <param name="Scale">fisherZ or raw.</param>
/// <param name="Effect">The estimate.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Statistic">Estimate by standard error.</param>
/// <param name="StatisticName">z or t.</param>
/// <param name="Df">Degrees of freedom of t; null for z.</param>
/// <param name="P">Two-sided p-value of no effect.</param>
/// <param name="Lower">Lower end of the confidence interval.</param>
/// <param name="Upper">Upper end of the confidence interval.</param>
/// <param name="PredictionLower">Lower end of the prediction interval; null for the common-effect model and for one effect.</param>
/// <param name="PredictionUpper">Upper end of the prediction interval.</param>
public sealed record PooledAnswer(string Scale, double Effect, double? StandardError, double? Statistic, string StatisticName, double? Df, double? P,
    double? Lower, double? Upper, double? PredictionLower, double? PredictionUpper)
{
    /// <summary>Lower end of the interval for the mean of a new sample, where effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SamplePredictionLower { get; init; }

    /// <summary>Upper end of the interval for the mean of a new sample, where effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SamplePredictionUpper { get; init; }
}

/// <summary>The pooled effect as r. <c>R</c> is the median of the distribution of true correlations, <c>Mean</c> its mean.</summary>
public sealed record CorrelationAnswer(double R, double? Lower, double? Upper, double? PredictionLower, double? PredictionUpper, double? Mean);

/// <summary>The pooled effect as Cohen's d = 2r/√(1 − r²).</summary>
public sealed record CohensDAnswer(double? D, double? Lower, double? Upper);

/// <summary>How much effects differ beyond sampling error. I² is in percent.</summary>
public sealed record HeterogeneityAnswer
{
    public required double Q { get; init; }

    public required int Df { get; init; }

    public required double? P { get; init; }

    public required double? Tau2 { get; init; }

    public required double? Tau2StandardError { get; init; }

    public required double? Tau2Lower { get; init; }

    public required double? Tau2Upper { get; init; }

    public required double? Tau { get; init; }

    public required double? I2 { get; init; }

    public required double? I2Lower { get; init; }

    public required double? I2Upper { get; init; }

    public required double? H2 { get; init; }

    public required double? H2Lower { get; init; }

    public required double? H2Upper { get; init; }

    /// <summary>How many true effects lie above a threshold; null for the common-effect model and for one effect.</summary>
    public required ProbabilityAnswer? ProbabilityAbove { get; init; }

    // The parts of a model with effects nested in samples; null in the models that have none.

    public double? BetweenVariance { get; init; }

    public double? BetweenLower { get; init; }

    public double? BetweenUpper { get; init; }

    public double? WithinVariance { get; init; }

    public double? WithinLower { get; init; }

    public double? WithinUpper { get; init; }

    public double? I2Between { get; init; }

    public double? I2Within { get; init; }
}

/// <summary>The share of true effects above a threshold: a correlation, or a value of the raw scale.</summary>
public sealed record ProbabilityAnswer(double Threshold, double P);

/// <param name="Effects">Effects that entered.</param>
/// <param name="Samples">Samples they come from.</param>
/// <param name="Studies">Studies they come from.</param>
/// <param name="Participants">Over samples, the largest number of participants known of each.</param>
/// <param name="ParticipantsUnknown">Samples of which no number is known.</param>
public sealed record CountsAnswer(int Effects, int Samples, int Studies, double Participants, int ParticipantsUnknown);

/// <summary>The model that was fitted, with nothing left open.</summary>
public sealed record ModelAnswer
{
    public required Measure Measure { get; init; }

    public required Dependence Dependence { get; init; }

    /// <summary>Null where effects are independent.</summary>
    public required double? Rho { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AggregationChoice? Aggregation { get; init; }

    public required Estimator Estimator { get; init; }

    public required Test Test { get; init; }

    public required Robust Robust { get; init; }

    public required double Confidence { get; init; }

    public required DefinitionsAnswer Definitions { get; init; }

    public double? LogLikelihood { get; init; }

    /// <summary>Steps that the estimator of tau² took to converge to machine precision.</summary>
    public int? Iterations { get; init; }

    public bool? Converged { get; init; }
}

/// <summary>Which definition each number follows.</summary>
/// <param name="I2">tau2Based (Higgins and Thompson's typical variance), or qBased for the common-effect model.</param>
/// <param name="Prediction">The distribution of the prediction interval: normal, tKMinusP tSatterthwaite, tKMinusPMinus1 or tSamplesMinusPMinus1; null where there is none.</param>
/// <param name="BackTransform">tanh of the pooled Fisher z is the median correlation; null with measure raw.</param>
public sealed record DefinitionsAnswer(string I2, string? Prediction, string? BackTransform);

/// <summary>Hunter and Schmidt's analysis of r (Schmidt and Hunter 2015): how much of the observed variance is artefact.</summary>
/// <param name="Method">bareBones or reliability.</param>
/// <param name="Effects">Effects that entered; dependent ones count once a sample.</param>
/// <param name="LeftOut">Effects without number of participants, or without both reliabilities.</param>
/// <param name="MeanR">Mean correlation, weighted by n (reliability: by n times the squared attenuation, and corrected).</param>
/// <param name="ObservedVariance">Variance of the correlations, weighted likewise.</param>
/// <param name="ErrorVariance">What sampling error explains of it.</param>
/// <param name="ResidualVariance">What is left.</param>
/// <param name="StandardError">Of the mean.</param>
/// <param name="CredibilityLower">Lower end of the 80 % credibility interval.</param>
/// <param name="CredibilityUpper">Upper end of the 80 % credibility interval.</param>
/// <param name="PercentOfVariance">Percent of the observed variance that artefacts explain.</param>
public sealed record ArtifactsAnswer(Artifacts Method, int Effects, int LeftOut, double MeanR, double ObservedVariance, double ErrorVariance, double ResidualVariance,
    double StandardError, double CredibilityLower, double CredibilityUpper, double? PercentOfVariance);

public sealed record EquivalenceAnswer(double Margin, double P, bool Equivalent);

/// <summary>One effect, or one sample's composite, as it entered. <c>Lower</c> and <c>Upper</c> are on r, or on the raw scale.</summary>
public sealed record StudyRow(string Id, string Study, string Sample, double Effect, double StandardError, double? R, double Lower, double Upper, double? N, double Weight);

/// <summary>What the answer rests on.</summary>
/// <param name="Revision">Evidence revision; null for effects of the body.</param>
/// <param name="AsOf">When that revision came about.</param>
/// <param name="Fingerprint">SHA-256 over the effects that entered.</param>
/// <param name="Version">Version of the software.</param>
public sealed record DataAnswer(long? Revision, DateTimeOffset? AsOf, string Fingerprint, string Version);

/// <summary>A cell of session data whose number is withheld.</summary>
public sealed record SuppressedCell(string Cell, string Reason);

/// <summary>The answer of <c>/meta/moderators</c>.</summary>
public sealed record ModeratorsAnswer
{
    public required IReadOnlyList<ModeratorAnswer> Moderators { get; init; }

    public required CountsAnswer Counts { get; init; }

    public required ModelAnswer Model { get; init; }

    public required int Given { get; init; }

    public required int Used { get; init; }

    public required DataAnswer Data { get; init; }

    public required IReadOnlyList<Exclusion> Excluded { get; init; }

    public IReadOnlyList<SuppressedCell> Suppressed { get; init; } = [];

    public required IReadOnlyList<Warning> Warnings { get; init; }
}

/// <summary>What a moderator makes of the effect.</summary>
public sealed record ModeratorAnswer
{
    public required string Name { get; init; }

    /// <summary>categorical or continuous.</summary>
    public required string Kind { get; init; }

    /// <summary>In ordinal order; empty for a continuous moderator.</summary>
    public required IReadOnlyList<LevelAnswer> Levels { get; init; }

    public required IReadOnlyList<CoefficientAnswer> Coefficients { get; init; }

    /// <summary>The omnibus test of the moderator; null where it cannot be made.</summary>
    public required OmnibusAnswer? Test { get; init; }

    public required ResidualAnswer Residual { get; init; }

    /// <summary>Percent of tau² that the moderator accounts for.</summary>
    public required double? R2 { get; init; }

    public required IReadOnlyList<ContrastAnswer> Contrasts { get; init; }

    /// <summary>The largest difference on Fisher z that any contrast needs to be found with 80 % power; for a continuous moderator, per standard deviation.</summary>
    public required double? MinimumDetectableDifference { get; init; }

    /// <summary>differ, equivalent or cannotTell.</summary>
    public required string Verdict { get; init; }

    /// <summary>Whether levels that differ still do so inside the margin.</summary>
    public required bool WithinMargin { get; init; }

    /// <summary>Differences inside ± this margin count as none.</summary>
    public required double EquivalenceMargin { get; init; }

    /// <summary>Where effects are nested and the moderator varies inside samples: its coefficients inside samples, free of whatever differs between them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WithinSampleAnswer? WithinSample { get; init; }
}

/// <summary>The comparison inside samples.</summary>
/// <param name="Coefficients">Of the deviations from the sample's mean.</param>
/// <param name="Samples">Samples in which the moderator varies.</param>
/// <param name="Effects">Their effects.</param>
public sealed record WithinSampleAnswer(IReadOnlyList<CoefficientAnswer> Coefficients, int Samples, int Effects);

public sealed record LevelAnswer(string Level, CountsAnswer Counts, PooledAnswer Pooled, CorrelationAnswer? Correlation, HeterogeneityAnswer Heterogeneity);

public sealed record CoefficientAnswer(string Name, double Estimate, double? StandardError, double? Statistic, double? Df, double? P, double? Lower, double? Upper);

/// <param name="Statistic">QM is chi-square, F is F distributed.</param>
/// <param name="Name">QM or F.</param>
/// <param name="Df1">Numerator degrees of freedom.</param>
/// <param name="Df2">Denominator degrees of freedom; null for QM.</param>
/// <param name="P">p-value.</param>
public sealed record OmnibusAnswer(double Statistic, string Name, int Df1, double? Df2, double P);

public sealed record ResidualAnswer(double Q, int Df, double? P, double? Tau2, double? I2);

/// <summary>The difference a − b of two levels on the scale of analysis; <c>PAdjusted</c> is Holm's.</summary>
public sealed record ContrastAnswer(string A, string B, double Difference, double? StandardError, double? Lower, double? Upper, double? P, double? PAdjusted,
    double? MinimumDetectableDifference);

/// <param name="P">p-value of the omnibus.</param>
/// <param name="Exact">Whether every permutation was taken.</param>
/// <param name="Permutations">How many were taken.</param>
public sealed record PermutationAnswer(double P, bool Exact, int Permutations);

/// <param name="F">The statistic of the sample itself.</param>
/// <param name="P">p-value of the omnibus.</param>
/// <param name="Replicates">How many replicates could be computed.</param>
public sealed record BootstrapAnswer(double F, double P, int Replicates);

/// <param name="F">The statistic.</param>
/// <param name="Df1">Numerator degrees of freedom.</param>
/// <param name="Df2">Denominator degrees of freedom; null below 1.</param>
/// <param name="P">p-value.</param>
public sealed record RobustTestAnswer(double F, int Df1, double? Df2, double? P);

/// <summary>The answer of <c>/meta/regression</c>.</summary>
public sealed record RegressionAnswer
{
    /// <summary><c>intercept</c> first; a categorical term gives one row per level after its first in ordinal order, named <c>term:level</c>.</summary>
    public required IReadOnlyList<CoefficientAnswer> Coefficients { get; init; }

    /// <summary>The omnibus test of all coefficients but the intercept; null where it cannot be made.</summary>
    public required OmnibusAnswer? Test { get; init; }

    public required ResidualAnswer Residual { get; init; }

    /// <summary>Percent of tau² that the terms account for.</summary>
    public required double? R2 { get; init; }

    /// <summary>The same of the variance between samples, where effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? R2Between { get; init; }

    /// <summary>The same of the variance inside samples, where effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? R2Within { get; init; }

    /// <summary>The permutation test that was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PermutationAnswer? PermutationTest { get; init; }

    /// <summary>The cluster wild bootstrap that was asked for (Joshi, Pustejovsky and Beretvas 2022).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BootstrapAnswer? WildBootstrap { get; init; }

    /// <summary>The robust omnibus test, where effects are nested: approximate Hotelling T² (Tipton and Pustejovsky 2015).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RobustTestAnswer? RobustTest { get; init; }

    public required CountsAnswer Counts { get; init; }

    public required ModelAnswer Model { get; init; }

    public required int Given { get; init; }

    public required int Used { get; init; }

    public required DataAnswer Data { get; init; }

    public required IReadOnlyList<Exclusion> Excluded { get; init; }

    public IReadOnlyList<SuppressedCell> Suppressed { get; init; } = [];

    public required IReadOnlyList<Warning> Warnings { get; init; }
}
