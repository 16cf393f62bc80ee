namespace RealRelationship.Statistics;

/// <summary>The comparison inside samples, for a moderator that varies there: the moderator is split into its sample mean and the deviation from it,
/// and the coefficient of the deviation compares effects of the same participants.</summary>
/// <param name="Coefficients">Of the deviations, correlated hierarchical model with CR2: one for a number;
/// for a category one for each level after the first in ordinal order, against the first.</param>
/// <param name="Samples">Samples in which the moderator varies.</param>
/// <param name="Effects">Effects of those samples.</param>
public sealed record WithinSampleContrast(IReadOnlyList<Coefficient> Coefficients, int Samples, int Effects);
