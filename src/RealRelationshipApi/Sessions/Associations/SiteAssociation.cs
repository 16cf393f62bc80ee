using RealRelationship.Statistics.SessionCorrelations;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>One association of a site's own sessions.</summary>
/// <param name="Key">Between what.</param>
/// <param name="Level">The cell's, or betweenTherapist of a cell between clients.</param>
/// <param name="Basis">observedMeans, latent, raw, detrended or partial.</param>
/// <param name="R">The correlation; null where there are too few people, or no variance.</param>
/// <param name="Lower">Confidence bound on r.</param>
/// <param name="Upper">Confidence bound on r.</param>
/// <param name="Z">Fisher z; null for a latent correlation, which has no standard error on that scale.</param>
/// <param name="StandardError">Of z.</param>
/// <param name="Df">Degrees of freedom.</param>
/// <param name="P">Two-sided, of no correlation.</param>
/// <param name="Patients">Patients included.</param>
/// <param name="Therapists">Their therapists; those of unknown ones count as one.</param>
/// <param name="Sessions">Pairs of scores.</param>
/// <param name="Window">When the relationship is taken for treatment outcome; null for other outcomes.</param>
internal sealed record SiteAssociation(AssociationKey Key, string Level, string Basis, double? R, double? Lower, double? Upper, double? Z,
    double? StandardError, double? Df, double? P,
    long Patients, long Therapists, long Sessions, OutcomeWindow? Window)
{
    public const string Raw = "raw";
    public const string Detrended = "detrended";
    public const string Latent = "latent";
    public const string ObservedMeans = "observedMeans";
    public const string Partial = "partial";

    /// <summary>What the correlation of a cell is of, at the cell's own level.</summary>
    public static string GetBasis(AssociationKey cell) => cell switch
    {
        { Alliance: not null } or { OutcomeType: AssociationKey.TreatmentOutcome } => Partial,
        { Level: AssociationKey.WithinClient } => Detrended,
        _ => ObservedMeans,
    };

    /// <summary>What is partialled out.</summary>
    public IReadOnlyList<string> AdjustedFor => GetAdjustments(Key, Basis);

    /// <summary>What is partialled out of the correlation of a cell.</summary>
    public static IReadOnlyList<string> GetAdjustments(AssociationKey cell, string basis) =>
    [
        .. cell.Level == AssociationKey.WithinClient && basis != Raw ? ["sessionNumber"] : Array.Empty<string>(),
        .. cell.OutcomeType == AssociationKey.TreatmentOutcome ? ["preScore"] : Array.Empty<string>(),
        .. cell.Alliance is { } alliance && basis != Raw ? [alliance.Instrument] : Array.Empty<string>(),
    ];

    public static SiteAssociation From(AssociationSums sums, string level, string basis, SessionCorrelation? found, OutcomeWindow window)
    {
        var (patients, therapists) = level == AssociationKey.BetweenTherapist ? (sums.PatientsOfKnownTherapists, sums.KnownTherapists)
            : (sums.Patients, sums.Therapists);
        return new(sums.Association, level, basis, found?.R, found?.Lower, found?.Upper, found?.Z, found?.StandardError, found?.DegreesOfFreedom, found?.PValue,
            patients, therapists, sums.Sessions, sums.Association.OutcomeType == AssociationKey.TreatmentOutcome ? window : null);
    }
}
