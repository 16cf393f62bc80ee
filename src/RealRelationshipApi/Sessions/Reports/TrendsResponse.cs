namespace RealRelationshipApi.Sessions.Reports;

/// <summary>Run charts: means of scores by session number. Shown only to the site.</summary>
/// <param name="MinTreatments">Session numbers with fewer treatments do not count for the medians.</param>
/// <param name="Confidence">Confidence level of the intervals.</param>
/// <param name="Series">The relationship first, then outcomes.</param>
internal sealed record TrendsResponse(int MinTreatments, double Confidence, IReadOnlyList<TrendSeries> Series);

/// <param name="Series">The scores.</param>
/// <param name="Median">Centre line of the run chart, the median of the means; null if each is of too few treatments.</param>
/// <param name="Points">By session number. Later sessions are of the treatments that last longer.</param>
internal sealed record TrendSeries(ReportedSeries Series, double? Median, IReadOnlyList<TrendPoint> Points);

/// <param name="SessionNumber">Number of the session in the treatment, from 1; as sent, otherwise by rank in time.</param>
/// <param name="Treatments">Number of treatments with a score.</param>
/// <param name="Mean">Mean in the unit of the score.</param>
/// <param name="StandardDeviation">Between treatments; null with one.</param>
/// <param name="Lower">Confidence limit of the mean by the t distribution; null with one treatment.</param>
/// <param name="Upper">Confidence limit of the mean by the t distribution; null with one treatment.</param>
internal sealed record TrendPoint(long SessionNumber, long Treatments, double Mean, double? StandardDeviation, double? Lower, double? Upper);
