namespace RealRelationship.Statistics.Agreement;

/// <summary>A coefficient of agreement with its confidence interval.</summary>
/// <param name="Value">The coefficient, at most 1.</param>
/// <param name="Lower">Lower limit; null where the interval is not defined.</param>
/// <param name="Upper">Upper limit, at most 1; null where the interval is not defined.</param>
public sealed record AgreementCoefficient(double Value, double? Lower, double? Upper);
