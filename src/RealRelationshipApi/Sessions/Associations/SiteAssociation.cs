using RealRelationship.Statistics.StageOne;

namespace RealRelationshipApi.Sessions.StageOne;

/// <summary>One association that a site's own sessions give.</summary>
/// <param name="Cell">Between what.</param>
/// <param name="Level">The cell's, or betweenTherapist of a cell between clients.</param>
/// <param name="Basis">observedMeans, latent, raw, detrended or partial.</param>
/// <param name="R">The correlation; null where there are too few people, or no variance.</param>
/// <param name="Lower">Confidence bound on r.</param>
/// <param name="Upper">Confidence bound on r.</param>
/// <param name="Z">Fisher z; null for a latent correlation, which has no standard error on that scale.</param>
/// <param name="StandardError">Of z.</param>
/// <param name="Df">Degrees of freedom.</param>
/// <param name="P">Two-sided, of no correlation.</param>
/// <param name="Patients">Whose scores take part.</param>
/// <param name="Therapists">Their therapists; those of unknown ones count as one.</param>
/// <param name="Sessions">Pairs of scores.</param>
/// <param name="Window">When the relationship is taken for treatment outcome; null for other outcomes.</param>
internal sealed record SiteAssociation(Cell Cell, string Level, string Basis, double? R, double? Lower, double? Upper, double? Z, double? StandardError, double? Df, double? P,
    long Patients, long Therapists, long Sessions, OutcomeWindow? Window)
{
    public const string Raw = "raw";
    public const string Detrended = "detrended";
    public const string Latent = "latent";
    public const string ObservedMeans = "observedMeans";
    public const string Partial = "partial";

    /// <summary>What the correlation of a cell is of, at the cell's own level.</summary>
    public static string BasisOf(Cell cell) => cell switch
    {
        { Alliance: not null } or { OutcomeType: Cell.TreatmentOutcome } => Partial,
        { Level: Cell.WithinClient } => Detrended,
        _ => ObservedMeans,
    };

    /// <summary>What is partialled out.</summary>
    public IReadOnlyList<string> AdjustedFor => AdjustmentsOf(Cell, Basis);

    /// <summary>What is partialled out of the correlation of a cell.</summary>
    public static IReadOnlyList<string> AdjustmentsOf(Cell cell, string basis) =>
    [
        .. cell.Level == Cell.WithinClient && basis != Raw ? ["sessionNumber"] : Array.Empty<string>(),
        .. cell.OutcomeType == Cell.TreatmentOutcome ? ["preScore"] : Array.Empty<string>(),
        .. cell.Alliance is { } alliance && basis != Raw ? [alliance.Instrument] : Array.Empty<string>(),
    ];

    public static SiteAssociation Of(CellSums sums, string level, string basis, StageOneCorrelation? found, OutcomeWindow window)
    {
        var (patients, therapists) = level == Cell.BetweenTherapist ? (sums.PatientsOfKnownTherapists, sums.KnownTherapists) : (sums.Patients, sums.Therapists);
        return new(sums.Cell, level, basis, found?.R, found?.Lower, found?.Upper, found?.Z, found?.StandardError, found?.DegreesOfFreedom, found?.P,
            patients, therapists, sums.Sessions, sums.Cell.OutcomeType == Cell.TreatmentOutcome ? window : null);
    }
}
