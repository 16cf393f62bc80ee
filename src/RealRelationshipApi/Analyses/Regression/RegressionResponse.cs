using System.Text.Json.Serialization;

using RealRelationshipApi.Analyses.Moderators;

namespace RealRelationshipApi.Analyses.Regression;

/// <param name="P">p-value of the omnibus.</param>
/// <param name="Exact">Whether every permutation was taken.</param>
/// <param name="Permutations">How many were taken.</param>
internal sealed record PermutationTestResponse(double P, bool Exact, int Permutations);

/// <param name="F">The statistic of the sample itself.</param>
/// <param name="P">p-value of the omnibus.</param>
/// <param name="Replicates">How many replicates could be computed.</param>
internal sealed record WildBootstrapResponse(double F, double P, int Replicates);

/// <param name="F">The statistic.</param>
/// <param name="Df1">Numerator degrees of freedom.</param>
/// <param name="Df2">Denominator degrees of freedom; null below 1.</param>
/// <param name="P">p-value.</param>
internal sealed record RobustTestResponse(double F, int Df1, double? Df2, double? P);

/// <summary>The answer of <c>/meta/regression</c>.</summary>
internal sealed record RegressionResponse : AnalysisResponse
{
    /// <summary><c>intercept</c> first; a categorical term gives one row per level after its first in ordinal order, named <c>term:level</c>.</summary>
    public required IReadOnlyList<CoefficientResponse> Coefficients { get; init; }

    /// <summary>The omnibus test of all coefficients but the intercept; null where it cannot be made.</summary>
    public required OmnibusTestResponse? Test { get; init; }

    public required ResidualHeterogeneityResponse Residual { get; init; }

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
    public PermutationTestResponse? PermutationTest { get; init; }

    /// <summary>The cluster wild bootstrap that was asked for (Joshi, Pustejovsky and Beretvas 2022).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WildBootstrapResponse? WildBootstrap { get; init; }

    /// <summary>The robust omnibus test, where effects are nested: approximate Hotelling T² (Tipton and Pustejovsky 2015).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RobustTestResponse? RobustTest { get; init; }
}
