using RealRelationship.Statistics.SessionCorrelations;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>One association of a site's own sessions.</summary>
/// <param name="Key">The cell.</param>
/// <param name="Level">Level of the cell, or betweenTherapist for a cell between clients.</param>
/// <param name="Basis">observedMeans, latent, raw, detrended or partial.</param>
/// <param name="R">The correlation; null if there are too few persons or no variance.</param>
/// <param name="Lower">Lower confidence limit of r.</param>
/// <param name="Upper">Upper confidence limit of r.</param>
/// <param name="Z">Fisher z; null for a latent correlation, which has no standard error on that scale.</param>
/// <param name="StandardError">Standard error of z.</param>
/// <param name="Df">Degrees of freedom.</param>
/// <param name="P">Two-sided p-value of the test of no correlation.</param>
/// <param name="Patients">Number of patients included.</param>
/// <param name="Therapists">Number of their therapists; all unknown ones count as one.</param>
/// <param name="Sessions">Number of pairs of scores.</param>
/// <param name="Window">Relationship scores used for treatment outcome; null for other outcome types.</param>
internal sealed record SiteAssociation(AssociationKey Key, string Level, string Basis, double? R, double? Lower, double? Upper, double? Z,
    double? StandardError, double? Df, double? P,
    long Patients, long Therapists, long Sessions, OutcomeWindow? Window)
{
    /// <summary>True where the estimate of a latent correlation lies beyond ±1, and <see cref="R"/> is null for that.</summary>
    public bool OutsideRange { get; init; }

    /// <summary>Percent of the replicates of a latent correlation that lie beyond ±1; null without an interval.</summary>
    public double? ReplicatesOutsideRange { get; init; }

    public const string Raw = "raw";
    public const string Detrended = "detrended";
    public const string Latent = "latent";
    public const string ObservedMeans = "observedMeans";
    public const string Partial = "partial";

    /// <summary>Basis of the correlation at the level of the cell.</summary>
    public static string GetBasis(AssociationKey cell) => cell switch
    {
        { Alliance: not null } or { OutcomeType: AssociationKey.TreatmentOutcome } => Partial,
        { Level: AssociationKey.WithinClient } => Detrended,
        _ => ObservedMeans,
    };

    /// <summary>Variables that are partialled out.</summary>
    public IReadOnlyList<string> AdjustedFor => GetAdjustments(Key, Basis);

    /// <summary>Variables that are partialled out of the correlation of a cell.</summary>
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
