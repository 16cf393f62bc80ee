using RealRelationship.Statistics.SessionCorrelations;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Associations;

/// <summary>What a site's own sessions say, for the site alone: nothing is suppressed.</summary>
/// <param name="Associations">Each cell at its level, on each basis.</param>
/// <param name="Excluded">Scores and sessions that take no part, by reason.</param>
/// <param name="Data">What the answer rests on.</param>
/// <param name="Warnings">What a reader should know.</param>
internal sealed record AssociationsResponse(IReadOnlyList<AssociationResponse> Associations, IReadOnlyList<ExcludedScores> Excluded,
    AssociationsProvenanceResponse Data, IReadOnlyList<Warning> Warnings);

/// <param name="Reason">noPair, oneSession, wrongStatus, formChanged, noPreScore, xAfterPost, retracted or erased.</param>
/// <param name="Count">Scores; sessions for noPair; clients for oneSession, noPreScore and xAfterPost; erased patients for erased.</param>
internal sealed record ExcludedScores(string Reason, long Count);

/// <param name="Revision">The evidence revision of the pools that the site is held against.</param>
/// <param name="Window">When the relationship is taken for treatment outcome.</param>
/// <param name="Confidence">Of the intervals.</param>
/// <param name="Release">Number of the site's last release; null before the first.</param>
/// <param name="ReleasedAt">When that was.</param>
/// <param name="Version">Version of the software.</param>
internal sealed record AssociationsProvenanceResponse(long Revision, OutcomeWindow Window, double Confidence, long? Release, DateTimeOffset? ReleasedAt,
    string Version);

/// <summary>What a correlation of stage 1 is of.</summary>
internal enum AssociationBasis
{
    /// <summary>The means of the sessions observed.</summary>
    ObservedMeans,

    /// <summary>The true means of which these are samples.</summary>
    Latent,

    /// <summary>Sessions within clients, a common trend included.</summary>
    Raw,

    /// <summary>Sessions within clients, the session number partialled out.</summary>
    Detrended,

    /// <summary>The first outcome score, or the alliance, partialled out.</summary>
    Partial,
}

/// <summary>Whether something was partialled out.</summary>
internal enum AssociationStatistic { R, PartialR }

/// <summary>One association of a site, never over all sessions in one: within clients, between clients of one therapist, or between therapists.</summary>
internal sealed record AssociationResponse
{
    public required OutcomeType OutcomeType { get; init; }

    public required Rater RelationshipRater { get; init; }

    public required Rater OutcomeRater { get; init; }

    public required string RelationshipInstrument { get; init; }

    /// <summary>total, or a part of the instrument.</summary>
    public required string RelationshipScale { get; init; }

    public required string OutcomeInstrument { get; init; }

    /// <inheritdoc cref="RelationshipScale"/>
    public required string OutcomeScale { get; init; }

    public required EffectLevel Level { get; init; }

    public required AssociationStatistic Statistic { get; init; }

    /// <summary>sessionNumber, preScore, or the code of the alliance's instrument.</summary>
    public required IReadOnlyList<string> AdjustedFor { get; init; }

    /// <summary>Null where there are too few people, or no variance.</summary>
    public required double? R { get; init; }

    /// <summary>On r; null for a latent correlation whose bootstrap fails, or of more than 100,000 patients.</summary>
    public required double? Lower { get; init; }

    /// <inheritdoc cref="Lower"/>
    public required double? Upper { get; init; }

    /// <summary>Fisher z; null for latent correlations.</summary>
    public required double? Z { get; init; }

    /// <summary>Of z.</summary>
    public required double? StandardError { get; init; }

    public required double? Df { get; init; }

    /// <summary>Two-sided, of no correlation.</summary>
    public required double? P { get; init; }

    public required long Patients { get; init; }

    public required long Therapists { get; init; }

    public required long Sessions { get; init; }

    /// <summary>Null for other outcomes than treatment outcome.</summary>
    public required OutcomeWindow? Window { get; init; }

    public required AssociationBasis Basis { get; init; }

    /// <summary>Against the pool of others of the same outcome type, raters, level and adjustment;
    /// null where there is no such pool with a prediction interval.</summary>
    public required Standing? Standing { get; init; }

    /// <summary>Whether others see it, as it was at the last release.</summary>
    public required bool Released { get; init; }

    /// <summary>tooFewPatients, tooFewTherapists, tooFewNew, notEstimable, or basisNotReleased, windowNotReleased, cellNotReleased: what never is;
    /// null where released.</summary>
    public required string? SuppressedBecause { get; init; }
}
