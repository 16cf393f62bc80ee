using RealRelationship.Statistics;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>Represents a site's release as a study with one sample and one effect per released association.</summary>
internal static class ReleasedStudy
{
    public static StudyRecord Of(SiteRelease release) => Of(release,
    [
        .. release.Content.Effects.Select(e => Effect(release, e) with
        {
            Stored = new StoredEffect(e.Yi, e.Vi, FisherZ.ToCorrelation(e.Yi), e.Patients, Converted: false, Approximate: false, SignReversed: false,
                "stage 1, frozen at its release"),
        }),
        // Without numbers; counted, so that answers which leave them out stay the same.
        .. release.Withdrawn.Select(e => Effect(release, e) with { Stored = StoredEffect.NoNumbers, IsWithdrawn = true }),
    ]);

    /// <summary>Associations that are not released, each as a study with one effect without numbers. Names that only the site knows are left out.</summary>
    public static IEnumerable<(StudyRecord Study, string Reason)> SuppressedCells(SiteRelease release) => release.Content.Suppressed
        .Select(s => (Cell: OwnNames.Hide(AssociationKey.Parse(s.Cell)), s.Reason)).Distinct()
        .Select(s => (Of(release, [Effect(release, s.Cell, SiteAssociation.GetBasis(s.Cell)) with { Stored = StoredEffect.NoNumbers }]),
            s.Reason));

    private static StudyRecord Of(SiteRelease release, IReadOnlyList<EffectRecord> effects) => new()
    {
        Key = release.Content.Site,
        Citation = new Citation
        {
            Authors = release.Content.Site, Year = release.RecordedAt.Year,
            Title = $"Session measurements of a site, release {release.Number}"
        },
        Kind = StudyKind.SiteSummary,
        Published = false,
        Effects = effects,
        Status = StudyStatus.Accepted,
        Version = release.Number,
        Revision = release.Evidence,
        RecordedAt = release.RecordedAt,
        IsReleased = true,
        Tenant = release.Tenant,
    };

    private static EffectRecord Effect(SiteRelease release, ReleasedEffect effect) =>
        Effect(release, AssociationKey.Parse(effect.Cell) with { Level = effect.Level }, effect.Basis);

    private static EffectRecord Effect(SiteRelease release, AssociationKey cell, string basis) => new()
    {
        Key = string.Join('.', cell.OutcomeType, cell.Relationship.Instrument, cell.Relationship.Rater, cell.Outcome.Instrument, cell.Outcome.Scale,
            cell.Outcome.Rater, cell.Level),
        Sample = release.Content.Site,
        Statistic = new Statistic { Type = StatisticType.Effect },
        OutcomeType = EnumNames<OutcomeType>.Parse(cell.OutcomeType),
        RelationshipRater = EnumNames<Rater>.Parse(cell.Relationship.Rater),
        OutcomeRater = EnumNames<Rater>.Parse(cell.Outcome.Rater),
        RelationshipMeasure = cell.Relationship.Instrument,
        RelationshipScale = cell.Relationship.Scale,
        OutcomeMeasure = cell.Outcome.Instrument,
        OutcomeDirection = OutcomeDirection.HigherIsBetter,
        Level = EnumNames<EffectLevel>.Parse(cell.Level),
        Timing = Timing(cell, release.Content.Window),
        AdjustedFor = SiteAssociation.GetAdjustments(cell, basis),
    };

    private static EffectTiming? Timing(AssociationKey cell, string window) =>
        cell.OutcomeType != AssociationKey.TreatmentOutcome ? EffectTiming.Concurrent : window == EnumNames<OutcomeWindow>.Of(OutcomeWindow.AllMean) ? null
            : EffectTiming.Early;
}
