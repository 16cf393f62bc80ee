namespace RealRelationship.Statistics;

/// <summary>Predictor of Egger's regression.</summary>
public enum SmallStudyPredictor
{
    /// <summary>√v.</summary>
    StandardError,
    /// <summary>√(1/n), which does not depend on the effect (Pustejovsky and Rodgers 2019, Research Synthesis Methods 10).</summary>
    InverseSquareRootN,
}

/// <summary>A regression of effects on the size of their studies.</summary>
/// <param name="Statistic">t or z of the slope.</param>
/// <param name="DegreesOfFreedom">Of t; null for the normal distribution.</param>
/// <param name="PValue">Two-sided, of the slope.</param>
/// <param name="Limit">The intercept: the effect expected of an infinitely large study.</param>
/// <param name="LimitLower">Lower confidence bound of the limit.</param>
/// <param name="LimitUpper">Upper confidence bound of the limit.</param>
/// <param name="NotEstimableReason">Why there is no test: <c>tooFewEffects</c> (below 3), <c>equalStandardErrors</c>,
/// <c>equalSampleSizes</c> or <c>noResidualVariance</c>
/// (the effects lie on a line); null when there is one.</param>
public sealed record SmallStudyTest(
    double? Statistic, double? DegreesOfFreedom, double? PValue, double? Limit, double? LimitLower, double? LimitUpper, string? NotEstimableReason);

/// <summary>Which of two limits to report (Stanley and Doucouliagos 2014, Research Synthesis Methods 5).</summary>
/// <param name="UsesPeese">True when the precision-effect test finds an effect, so that the limit is PEESE's.</param>
/// <param name="PetPValue">One-sided, of Egger's limit, in the direction of the common-effect mean.</param>
/// <param name="Limit">The limit chosen.</param>
/// <param name="LimitLower">Its lower confidence bound.</param>
/// <param name="LimitUpper">Its upper confidence bound.</param>
/// <param name="NotEstimableReason">As <see cref="SmallStudyTest.NotEstimableReason"/>.</param>
public sealed record PetPeeseDecision(bool UsesPeese, double? PetPValue, double? Limit, double? LimitLower, double? LimitUpper, string? NotEstimableReason);
