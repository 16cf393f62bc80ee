namespace RealRelationshipApi.Sessions.Reports;

/// <summary>Therapists of a site, compared by the scores of their patients. Shown only to the site.</summary>
/// <param name="MinPatients">Therapists with fewer patients are not shown.</param>
/// <param name="Confidence">Confidence level of the intervals.</param>
/// <param name="Series">The relationship first, then outcomes.</param>
internal sealed record TherapistsResponse(int MinPatients, double Confidence, IReadOnlyList<TherapistSeries> Series);

/// <summary>What a therapist's patients are compared by: the mean of their scores, the last score, or the last score adjusted for the first.</summary>
internal enum TherapistStatistic { Mean, Last, LastAdjustedForFirst }

/// <summary>The random-intercept model of one series: patients within therapists, in the unit of the score.</summary>
internal sealed record TherapistSeries
{
    public required ReportedSeries Series { get; init; }

    public required TherapistStatistic Statistic { get; init; }

    /// <summary>Number of patients in the model.</summary>
    public required long Patients { get; init; }

    /// <summary>Number of patients left out because their therapist is unknown.</summary>
    public required long PatientsWithoutTherapist { get; init; }

    /// <summary>Number of patients left out because no treatment has a first and a last score.</summary>
    public required long PatientsWithOneScore { get; init; }

    /// <summary>Number of therapists in the model.</summary>
    public required long Therapists { get; init; }

    /// <summary>Number of these with too few patients to be shown.</summary>
    public required long TherapistsBelowMinimum { get; init; }

    /// <summary>Why there is no comparison: tooFewTherapists (fewer than two to show) or noVariance. Null if there is one.</summary>
    public required string? SuppressedBecause { get; init; }

    /// <summary>Mean of therapists.</summary>
    public required double? Mean { get; init; }

    /// <summary>Variance between therapists.</summary>
    public required double? BetweenVariance { get; init; }

    /// <summary>Variance between patients of the same therapist.</summary>
    public required double? WithinVariance { get; init; }

    /// <summary>Share of the variance that lies between therapists, from 0 to 1.</summary>
    public required double? IntraclassCorrelation { get; init; }

    /// <summary>Points of the last score per point of the first; null without that adjustment.</summary>
    public required double? Slope { get; init; }

    /// <summary>The best first.</summary>
    public required IReadOnlyList<TherapistEffectResponse> Effects { get; init; }
}

/// <param name="Therapist">Pseudonym, as in <c>GET /sessions</c>.</param>
/// <param name="Patients">Number of patients.</param>
/// <param name="Observed">Mean of the patients, adjusted to the site's mean first score where there is an adjustment.</param>
/// <param name="Estimate">The same shrunken towards the mean of therapists.</param>
/// <param name="StandardError">Standard error of the estimate.</param>
/// <param name="Lower">Confidence limit of the estimate.</param>
/// <param name="Upper">Confidence limit of the estimate.</param>
/// <param name="Weight">Weight of the therapist's own patients in the estimate, from 0 to 1; the rest is that of the mean of therapists.</param>
internal sealed record TherapistEffectResponse(string Therapist, long Patients, double Observed, double Estimate, double StandardError, double Lower,
    double Upper, double Weight);
