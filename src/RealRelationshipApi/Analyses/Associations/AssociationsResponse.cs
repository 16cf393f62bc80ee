using RealRelationship.Statistics.SessionCorrelations;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Associations;

/// <summary>Associations of a site's own sessions, shown only to the site and without suppression.</summary>
/// <param name="Associations">One item per pair of series, level and basis.</param>
/// <param name="Counts">Numbers of stored scores, including all versions.</param>
/// <param name="Excluded">Numbers of excluded scores, each counted for the first reason that applies.</param>
/// <param name="Data">Provenance of the results.</param>
/// <param name="Warnings">Caveats.</param>
internal sealed record AssociationsResponse(IReadOnlyList<AssociationResponse> Associations, ScoreCounts Counts, IReadOnlyList<ExcludedScores> Excluded,
    AssociationsProvenanceResponse Data, IReadOnlyList<Warning> Warnings);

/// <param name="Stored">Used and excluded ones.</param>
/// <param name="Used">Scores that take part in at least one association.</param>
/// <param name="Excluded">All others.</param>
internal sealed record ScoreCounts(long Stored, long Used, long Excluded);

/// <param name="Reason">retracted, superseded, wrongStatus, itemsAsUndeclared, notOutcome, formChanged, noSession, noRelationship, noOutcome, noPreScore,
/// xAfterPost, outsideWindow, oneSession or oneClient.</param>
/// <param name="Count">Number of scores.</param>
internal sealed record ExcludedScores(string Reason, long Count);

/// <param name="Revision">Evidence revision of the pooled results that the site is compared with.</param>
/// <param name="Window">Relationship scores used for treatment outcome.</param>
/// <param name="Confidence">Confidence level of the intervals.</param>
/// <param name="Release">Number of the site's last release; null before the first.</param>
/// <param name="ReleasedAt">When that release was made.</param>
/// <param name="Version">Software version.</param>
internal sealed record AssociationsProvenanceResponse(long Revision, OutcomeWindow Window, double Confidence, long? Release, DateTimeOffset? ReleasedAt,
    string Version);

/// <summary>Which scores a correlation of stage 1 is computed from.</summary>
internal enum AssociationBasis
{
    /// <summary>Observed means over sessions.</summary>
    ObservedMeans,

    /// <summary>True means, estimated from the observed ones.</summary>
    Latent,

    /// <summary>Sessions within clients, including a common trend.</summary>
    Raw,

    /// <summary>Sessions within clients, with the session number partialled out.</summary>
    Detrended,

    /// <summary>With the first outcome score or the alliance partialled out.</summary>
    Partial,
}

/// <summary>Whether something was partialled out.</summary>
internal enum AssociationStatistic { R, PartialR }

/// <summary>An association of a site within clients, between clients of the same therapist, or between therapists.</summary>
internal sealed record AssociationResponse
{
    /// <summary>Type of outcome.</summary>
    public required OutcomeType OutcomeType { get; init; }

    /// <summary>Who rated the real relationship.</summary>
    public required Rater RelationshipRater { get; init; }

    /// <summary>Who rated the outcome.</summary>
    public required Rater OutcomeRater { get; init; }

    /// <summary>Code of the relationship instrument.</summary>
    public required string RelationshipInstrument { get; init; }

    /// <summary>total or a subscale.</summary>
    public required string RelationshipScale { get; init; }

    /// <summary>Code of the outcome instrument.</summary>
    public required string OutcomeInstrument { get; init; }

    /// <inheritdoc cref="RelationshipScale"/>
    public required string OutcomeScale { get; init; }

    /// <summary>Level of the association.</summary>
    public required EffectLevel Level { get; init; }

    /// <summary><c>r</c>, or <c>partialR</c> if something was partialled out.</summary>
    public required AssociationStatistic Statistic { get; init; }

    /// <summary>sessionNumber, preScore, or the code of the alliance instrument.</summary>
    public required IReadOnlyList<string> AdjustedFor { get; init; }

    /// <summary>The correlation; null if there are too few persons or no variance, and with <c>outsideRange</c>.</summary>
    public required double? R { get; init; }

    /// <summary>True if the estimate of a latent correlation is beyond ±1: <c>r</c> is null, and the interval is limited to ±1.</summary>
    public required bool OutsideRange { get; init; }

    /// <summary>Percentage of bootstrap replicates of a latent correlation beyond ±1; null for others and without an interval.</summary>
    public required double? ReplicatesOutsideRange { get; init; }

    /// <summary>Confidence limit of r; null for a latent correlation if its bootstrap fails or if it has more than 100,000 patients.</summary>
    public required double? Lower { get; init; }

    /// <inheritdoc cref="Lower"/>
    public required double? Upper { get; init; }

    /// <summary>Fisher z; null for latent correlations.</summary>
    public required double? Z { get; init; }

    /// <summary>Standard error of z.</summary>
    public required double? StandardError { get; init; }

    /// <summary>Degrees of freedom of the test; null without one.</summary>
    public required double? Df { get; init; }

    /// <summary>Two-sided p-value of the test of no correlation.</summary>
    public required double? P { get; init; }

    /// <summary>Number of patients.</summary>
    public required long Patients { get; init; }

    /// <summary>Number of their therapists.</summary>
    public required long Therapists { get; init; }

    /// <summary>Number of sessions.</summary>
    public required long Sessions { get; init; }

    /// <summary>Relationship scores used; null for outcome types other than treatment outcome.</summary>
    public required OutcomeWindow? Window { get; init; }

    /// <summary>Scores that the correlation is computed from.</summary>
    public required AssociationBasis Basis { get; init; }

    /// <summary>Position relative to the prediction interval pooled from others with the same outcome type, raters, level and adjustment;
    /// null if there is none.</summary>
    public required Standing? Standing { get; init; }

    /// <summary>Difference of the association from the pooled effect, on Fisher z; null without a standing, as the following.</summary>
    public required double? StandingDifference { get; init; }

    /// <summary>Difference that an ordinary clinic with this standard error rarely exceeds, positive, on Fisher z.</summary>
    public required double? StandingLimit { get; init; }

    /// <summary>Number of samples in that pool.</summary>
    public required long? StandingSites { get; init; }

    /// <summary>Lower limit of the pooled prediction interval, as r.</summary>
    public required double? StandingPredictionLower { get; init; }

    /// <summary>Upper limit of the pooled prediction interval, as r.</summary>
    public required double? StandingPredictionUpper { get; init; }

    /// <summary>Whether it was part of the last release, which others can see.</summary>
    public required bool Released { get; init; }

    /// <summary>Why it is not released: tooFewPatients, tooFewTherapists, tooFewNew, notEstimable, or dominated (by one patient or therapist); or
    /// basisNotReleased, windowNotReleased or cellNotReleased for those that never are. Null if released.</summary>
    public required string? SuppressedBecause { get; init; }
}
