namespace RealRelationship.Statistics;

/// <summary>A size that was tried.</summary>
/// <param name="Size">Participants of one study, or number of studies.</param>
/// <param name="Achieved">The power, or the expected width.</param>
public sealed record PlannedStep(long Size, double Achieved);

/// <summary>The result of <see cref="StudyPlanning"/>.</summary>
/// <param name="Size">Participants of one study, or number of studies, to about a thousandth; null if no size reaches the goal.</param>
/// <param name="Achieved">The power or expected width at <paramref name="Size"/>, or at the largest size that was tried.</param>
/// <param name="Limit">The power or expected width with a study without sampling error; of numbers of studies null, or that of the most studies if they do not
/// suffice.</param>
/// <param name="Steps">The sizes that were tried, in ascending order.</param>
public sealed record PlannedSize(long? Size, double Achieved, double? Limit, IReadOnlyList<PlannedStep> Steps);
