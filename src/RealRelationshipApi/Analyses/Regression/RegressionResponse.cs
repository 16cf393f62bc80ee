using System.Text.Json.Serialization;

using RealRelationshipApi.Analyses.Moderators;

namespace RealRelationshipApi.Analyses.Regression;

/// <param name="P">p-value of the omnibus test.</param>
/// <param name="Exact">Whether all permutations were enumerated.</param>
/// <param name="Permutations">Number of permutations.</param>
internal sealed record PermutationTestResponse(double P, bool Exact, int Permutations);

/// <param name="F">Test statistic of the data.</param>
/// <param name="P">p-value of the omnibus test.</param>
/// <param name="Replicates">Number of replicates that could be computed.</param>
internal sealed record WildBootstrapResponse(double F, double P, int Replicates);

/// <param name="F">Test statistic.</param>
/// <param name="Df1">Numerator degrees of freedom.</param>
/// <param name="Df2">Denominator degrees of freedom; null if below 1.</param>
/// <param name="P">p-value.</param>
internal sealed record RobustTestResponse(double F, int Df1, double? Df2, double? P);

/// <summary>Response of <c>/meta/regression</c>.</summary>
internal sealed record RegressionResponse : AnalysisResponse
{
    /// <summary>Coefficients, <c>intercept</c> first. A categorical term has one per level after the first in ordinal order, named <c>term:level</c>.</summary>
    public required IReadOnlyList<CoefficientResponse> Coefficients { get; init; }

    /// <summary>Omnibus test of all coefficients but the intercept; null if it cannot be computed.</summary>
    public required OmnibusTestResponse? Test { get; init; }

    /// <summary>Heterogeneity that the terms leave.</summary>
    public required ResidualHeterogeneityResponse Residual { get; init; }

    /// <summary>Percentage of tau² explained by the terms.</summary>
    public required double? R2 { get; init; }

    /// <summary>Percentage of the variance between samples explained by the terms; present if effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? R2Between { get; init; }

    /// <summary>Percentage of the variance within samples explained by the terms; present if effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? R2Within { get; init; }

    /// <summary>Permutation test; present if requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PermutationTestResponse? PermutationTest { get; init; }

    /// <summary>Cluster wild bootstrap test (Joshi, Pustejovsky and Beretvas 2022); present if requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WildBootstrapResponse? WildBootstrap { get; init; }

    /// <summary>Robust omnibus test, approximate Hotelling T² (Tipton and Pustejovsky 2015); present if effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RobustTestResponse? RobustTest { get; init; }
}
