using RealRelationshipApi.Sessions.Ingest;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions.Identifiers;

/// <summary>
/// Finds the measure that a message is a version of, by all identifiers of its resource:
/// <code>
/// 1  no identifier is known                           a new measure, by the first one
/// 2  its main identifier, or the own key of another    that measure
/// 3  another identifier of a measure                   that measure, if both have the same patient, instrument, scale, rater and time; otherwise the
///                                                      identifier is shared by several measures, as that of an order or a case, and names none
/// 4  several measures                                  one measure, if all of them have the same of those; otherwise a conflict
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
        if (alternatives.Count == 0 && identifiers.TargetsOf(measure.Root).Count == 0)
        {
            return new(WithOriginal(measure));
        }

        List<Named> all = [.. alternatives.Prepend(measure).DistinctBy(m => m.Root).Select(m => Find(m, measure.Root))];
        var shared = new List<(Pseudonym, Pseudonym)>();
        if (MainOf(all) is { } first && IsOfAnother(first, all))
        {
            shared.Add((first.Identifier, first.Target));
            all.Remove(first);
        }

        var main = MainOf(all);
        var found = all.FindAll(n => n.Targets.Count == 1);
        var certain = found.FindAll(n => n == main || n.Target == n.Identifier).DistinctBy(n => n.Target).ToList();
        // What withdraws a certain measure says nothing about others.
        var others = measure.Withdraws && certain.Count > 0 ? [] : found.FindAll(n => !certain.Exists(c => c.Target == n.Target));
        var same = others.FindAll(Agrees);
        shared.AddRange(others.Except(same).Select(n => (n.Identifier, n.Target)));
        List<Named> targets = [.. certain.Concat(same).DistinctBy(n => n.Target)];
        var live = targets.FindAll(n => !IsWithdrawn(n));
        var kept = targets.Count > 0 ? targets.MaxBy(HighestVersion) : all.Find(n => n.Targets.Count == 0);
        return kept is null ? MeasureIdentity.OfShared
            : live.Count > 1 && (measure.Withdraws || !live.TrueForAll(Agrees)) ? MeasureIdentity.OfSeveral
            : new(WithOriginal(kept.Measure.Under(kept.Targets.Count > 0 ? kept.Target : kept.Identifier)))
            {
                Identifiers = [.. all.Where(n => n.Targets.Count == 0).Select(n => n.Identifier)],
                Shared = shared,
                Merged = [.. targets.Where(n => n != kept).Select(n => n.Measure.Under(n.Target))],
            };
    }

    // Among several measures, an identifier names none.
    private static Named? MainOf(List<Named> all) => all.Find(n => n.Targets.Count < MeasureIdentifiers.MaxTargets);

    private Named Find(SessionMeasure measure, Pseudonym main)
    {
        var targets = identifiers.TargetsOf(measure.Root);
        if (targets is [var target] && target != measure.Root && target != main
            && versions.KeysOf(measure.Under(target)).Select(versions.ReadHighest).FirstOrDefault()?.Content.SourceSystem is { } system
            && system != measure.Content.SourceSystem)
        {
            // The source system of a message that names none is that of its measure; one that is named has its own measures.
            return measure.InSystem?.Invoke(system) is { } moved ? new(measure.Root, moved, targets) : new(measure.Root, measure, Own());
        }

        return new(measure.Root, measure, targets.Count > 0 ? targets : Own());

        IReadOnlyList<Pseudonym> Own() => versions.KeysOf(measure).Count > 0 ? [measure.Root] : [];
    }

    // Whether the measure of the main identifier has other identifiers, none of which the message has, and the message has new ones: two resources have the
    // main one, unless a correction replaced the others. An id alone may be another one in each message.
    private bool IsOfAnother(Named main, List<Named> all)
    {
        if (main.Measure.Withdraws || main.Measure.Response is not null || main.Targets.Count == 0 || all.Count(n => n.Targets.Contains(main.Target)) > 1
            || versions.ReadHighest(main.Target) is not { } stored || IsSame(main.Measure, stored))
        {
            return false;
        }

        return all.Exists(n => n.Targets.Count == 0 && (!n.Measure.IsById || !IsOfSameForm(main.Measure, stored)))
            && (main.Target != main.Identifier || identifiers.HasOthers(main.Target, stored.Patient));
    }

    // The response that an Observation repeats may be stored by another identifier than the one it refers to.
    private SessionMeasure WithOriginal(SessionMeasure measure) =>
        measure.Copied is { } copied && identifiers.TargetsOf(copied.Root) is [var target] ? measure.CopyOf(target) : measure;

    private bool Agrees(Named named) => named.Measure.Withdraws || versions.KeysOf(named.Measure.Under(named.Target)).Select(versions.ReadHighest)
        .OfType<MeasureVersion>().ToList() is var stored && (stored.Count == 0 || stored.Exists(s => IsSame(named.Measure, s)));

    private bool IsSame(SessionMeasure measure, MeasureVersion stored) =>
        links.PersonOf(measure.Patient!.Value) == links.PersonOf(stored.Patient) && measure.Content.OccurredAt == stored.Content.OccurredAt
            && (measure.Response is not null || IsOfSameForm(measure, stored));

    private static bool IsOfSameForm(SessionMeasure measure, MeasureVersion stored) =>
        (measure.Content.Instrument, measure.Content.Scale, measure.Content.Rater) == (stored.Content.Instrument, stored.Content.Scale, stored.Content.Rater);

    private bool IsWithdrawn(Named named) => versions.KeysOf(named.Measure.Under(named.Target)).All(key => versions.Of(key)[^1].Withdraws == 1);

    private long HighestVersion(Named named) => versions.KeysOf(named.Measure.Under(named.Target)).Select(key => versions.Of(key)[^1])
        .Where(row => row.Withdraws == 0).Select(row => row.Version).DefaultIfEmpty(0).Max();

    /// <summary>A message under one of its identifiers, and the measures that this one is known for.</summary>
    private sealed record Named(Pseudonym Identifier, SessionMeasure Measure, IReadOnlyList<Pseudonym> Targets)
    {
        public Pseudonym Target => Targets[0];
    }
}

/// <summary>The measure that a message is a version of.</summary>
/// <param name="Measure">The message under the key of that measure; null if its identifiers do not tell which one it is.</param>
internal sealed record MeasureIdentity(SessionMeasure? Measure)
{
    /// <summary>All identifiers of the message are shared by several measures.</summary>
    public static readonly MeasureIdentity OfShared = new((SessionMeasure?)null);

    /// <summary>The identifiers of the message belong to measures that are not the same.</summary>
    public static readonly MeasureIdentity OfSeveral = new((SessionMeasure?)null);

    /// <summary>The identifiers that were not known yet.</summary>
    public IReadOnlyList<Pseudonym> Identifiers { get; init; } = [];

    /// <summary>Identifiers that another measure, the target, has too.</summary>
    public IReadOnlyList<(Pseudonym Identifier, Pseudonym Target)> Shared { get; init; } = [];

    /// <summary>Measures under other keys that turned out to be the same.</summary>
    public IReadOnlyList<SessionMeasure> Merged { get; init; } = [];
}
