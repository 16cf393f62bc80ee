namespace RealRelationship.Statistics;

/// <summary>A predicted value of a regression.</summary>
/// <param name="Mean">Mean of the true effects at the given values of the moderators, with its interval.</param>
/// <param name="Prediction">Where the true effect of a new study with these values is expected; null for the common-effect model, without degrees of
/// freedom, and where variances are not identified.</param>
public sealed record RegressionPrediction(Coefficient Mean, Prediction? Prediction);
