using System.Text.Json.Serialization;

using RealRelationshipApi.Analyses.Models;

namespace RealRelationshipApi.Analyses.Pool;

/// <summary>Hunter–Schmidt analysis of r (Schmidt and Hunter 2015): how much of the observed variance is due to artefacts.</summary>
/// <param name="Method">bareBones, reliability, noninteractive or interactive.</param>
/// <param name="Effects">Number of effects included, after aggregating dependent ones by sample.</param>
/// <param name="LeftOut">Number of effects excluded for lack of participants or reliabilities.</param>
/// <param name="MeanR">Mean correlation, weighted by n. With reliability it is corrected and weighted by n times the squared attenuation.</param>
/// <param name="ObservedVariance">Variance of the correlations with the same weights.</param>
/// <param name="ErrorVariance">Variance explained by artefacts.</param>
/// <param name="ResidualVariance">Remaining variance.</param>
/// <param name="StandardError">Standard error of the mean.</param>
/// <param name="CredibilityLower">Lower limit of the 80 % credibility interval.</param>
/// <param name="CredibilityUpper">Upper limit of the 80 % credibility interval.</param>
/// <param name="PercentOfVariance">Percentage of the observed variance explained by artefacts.</param>
internal sealed record HunterSchmidtResponse(ArtifactCorrection Method, int Effects, int LeftOut, double MeanR, double ObservedVariance, double ErrorVariance,
    double ResidualVariance,
    double StandardError, double CredibilityLower, double CredibilityUpper, double? PercentOfVariance)
{
    /// <summary>Variance that differences in reliability alone would give, part of <c>errorVariance</c>; present with distributions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ArtifactVariance { get; init; }

    /// <summary>Square roots of the known reliabilities of the relationship measure; present with distributions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ArtifactDistributionResponse? RelationshipReliability { get; init; }

    /// <summary>The same of the outcome measure.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ArtifactDistributionResponse? OutcomeReliability { get; init; }
}

/// <param name="Known">Number of effects, or composites of samples, with a reliability; with 0 the measure is not corrected.</param>
/// <param name="MeanRoot">Mean of the square roots of the reliabilities.</param>
/// <param name="SdRoot">Their standard deviation.</param>
internal sealed record ArtifactDistributionResponse(int Known, double MeanRoot, double SdRoot);
