using RealRelationshipApi.Sessions.Ingest;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions.Identifiers;

/// <summary>
/// Finds the measure that a message is a version of, by all identifiers of its resource:
/// <code>
/// 1  no identifier is known                          a new measure, by the first one
/// 2  its main identifier, or the own key of another   that measure
/// 3  another identifier of a measure                  that measure, if both have the same patient, instrument, scale, rater and time; otherwise the
///                                                     identifier belongs to several measures, as that of an order or a case
/// 4  several measures                                 one measure, if all of them have the same of those; otherwise a conflict
/// </code>
/// </summary>
internal sealed class MeasureResolver(MeasureVersions versions, MeasureIdentifiers identifiers, KeyLinks links)
{
    /// <summary>Enqueues the queries of a measure for <see cref="Resolve"/>.</summary>
    public void Prefetch(SessionMeasure measure)
    {
        identifiers.Prefetch(measure.Root);
        if (measure.Copied is { } copied)
        {
            identifiers.Prefetch(copied.Root);
        }
    }

    /// <param name="measure">The message under its main identifier.</param>
    /// <param name="alternatives">The message under its other identifiers.</param>
    public MeasureIdentity Resolve(SessionMeasure measure, IReadOnlyList<SessionMeasure> alternatives)
    {
        List<Named> all = [.. alternatives.Prepend(measure).DistinctBy(m => m.Root).Select(m => new Named(m, TargetsOf(m)))];
        var found = all.FindAll(n => n.Targets.Count == 1);
        var certain = found.FindAll(n => n == all[0] || n.Target == n.Measure.Root).DistinctBy(n => n.Target).ToList();
        // What withdraws a certain measure says nothing about others.
        var others = measure.Withdraws && certain.Count > 0 ? [] : found.FindAll(n => !certain.Exists(c => c.Target == n.Target));
        var same = others.FindAll(Agrees);
        List<Named> targets = [.. certain.Concat(same).DistinctBy(n => n.Target)];
        var live = targets.FindAll(n => !IsWithdrawn(n));
        if (live.Count > 1 && (measure.Withdraws || !live.TrueForAll(Agrees)))
        {
            return MeasureIdentity.Conflict;
        }

        var kept = targets.Count > 0 ? targets.MaxBy(HighestVersion) : all.Find(n => n.Targets.Count == 0);
        if (kept is null)
        {
            return MeasureIdentity.Conflict;
        }

        var stored = Resolved(kept.Measure.Under(kept.Targets.Count > 0 ? kept.Target : kept.Measure.Root));
        return new(stored)
        {
            Identifiers = [.. all.Where(n => (n.Targets.Count == 0 || (others.Contains(n) && !same.Contains(n)))
                && n.Measure.Content.SourceSystem == stored.Content.SourceSystem).Select(n => n.Measure.Root)],
            Merged = [.. targets.Where(n => n != kept).Select(n => n.Measure.Under(n.Target))],
        };
    }

    private IReadOnlyList<Pseudonym> TargetsOf(SessionMeasure measure) => identifiers.TargetsOf(measure.Root) is { Count: > 0 } targets ? targets
        : versions.KeysOf(measure).Count > 0 ? [measure.Root] : [];

    // The response that an Observation repeats may be stored by another identifier than the one it refers to.
    private SessionMeasure Resolved(SessionMeasure measure) =>
        measure.Copied is { } copied && identifiers.TargetsOf(copied.Root) is [var target] ? measure.CopyOf(target) : measure;

    private bool Agrees(Named named) => named.Measure.Withdraws || versions.KeysOf(named.Measure.Under(named.Target)).Select(versions.ReadHighest)
        .OfType<MeasureVersion>().ToList() is var stored && (stored.Count == 0 || stored.Exists(s => IsSame(named.Measure, s)));

    private bool IsSame(SessionMeasure measure, MeasureVersion stored) =>
        links.PersonOf(measure.Patient!.Value) == links.PersonOf(stored.Patient) && measure.Content.OccurredAt == stored.Content.OccurredAt
            && (measure.Response is not null || (measure.Content.Instrument, measure.Content.Scale, measure.Content.Rater)
                == (stored.Content.Instrument, stored.Content.Scale, stored.Content.Rater));

    private bool IsWithdrawn(Named named) => versions.KeysOf(named.Measure.Under(named.Target)).All(key => versions.Of(key)[^1].Withdraws == 1);

    private long HighestVersion(Named named) => versions.KeysOf(named.Measure.Under(named.Target)).Select(key => versions.Of(key)[^1])
        .Where(row => row.Withdraws == 0).Select(row => row.Version).DefaultIfEmpty(0).Max();

    /// <summary>A message under one of its identifiers, and the measures that this one is known for.</summary>
    private sealed record Named(SessionMeasure Measure, IReadOnlyList<Pseudonym> Targets)
    {
        public Pseudonym Target => Targets[0];
    }
}

/// <summary>The measure that a message is a version of.</summary>
/// <param name="Measure">The message under the key of that measure; null if its identifiers belong to several measures.</param>
internal sealed record MeasureIdentity(SessionMeasure? Measure)
{
    public static readonly MeasureIdentity Conflict = new((SessionMeasure?)null);

    /// <summary>The identifiers that were not known for it yet.</summary>
    public IReadOnlyList<Pseudonym> Identifiers { get; init; } = [];

    /// <summary>Measures under other keys that turned out to be the same.</summary>
    public IReadOnlyList<SessionMeasure> Merged { get; init; } = [];
}
