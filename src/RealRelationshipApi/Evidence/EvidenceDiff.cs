using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

internal enum EffectChangeKind { Added, Removed, Changed }

/// <summary>An effect that is selected at only one of two revisions, or with different numbers.</summary>
/// <param name="Id">Id of the effect.</param>
/// <param name="Study">Key of its study.</param>
/// <param name="Before">Its row in the earlier selection, or null.</param>
/// <param name="After">Its row in the later selection, or null.</param>
/// <param name="Reason">Why it is not in the later selection, as in <c>excluded</c> or <see cref="Dropped"/>; null if it is.</param>
internal sealed record EffectChange(string Id, string Study, int? Before, int? After, string? Reason)
{
    /// <summary>Reason of an effect that a later version of its study no longer reports.</summary>
    public const string Dropped = "dropped";

    /// <summary>Its study was retracted.</summary>
    public static readonly string Retracted = EnumNames<StudyStatus>.Of(StudyStatus.Retracted);

    public EffectChangeKind Kind => Before is null ? EffectChangeKind.Added : After is null ? EffectChangeKind.Removed : EffectChangeKind.Changed;

    /// <summary>Evidence revision since which the effect has been as in the later selection; 0 until dated.</summary>
    public long Revision { get; init; }

    /// <summary>Whether no version of its own study changed it: it is selected or not because of other studies.</summary>
    public bool FollowsOthers { get; init; }

    /// <summary>When that revision was recorded.</summary>
    public DateTimeOffset RecordedAt { get; init; }
}

/// <summary>The effects that one filter selects at two evidence revisions, and the net difference between the selections.</summary>
/// <remarks>An effect is among the changes exactly if its line in the fingerprint differs, so that equal fingerprints mean no changes.</remarks>
internal sealed class EvidenceDiff
{
    /// <summary>Maximum number of changes, since each costs a fit.</summary>
    public const int MaxChanges = 2_000;

    private readonly FilterRequest _filter;

    private EvidenceDiff(FilterRequest filter, EffectSet from, EffectSet to, IReadOnlyList<EffectChange> all) =>
        (_filter, From, To, Changes) = (filter, from, to, all);

    public EffectSet From { get; }

    public EffectSet To { get; }

    public IReadOnlyList<EffectChange> Changes { get; }

    /// <summary>Compares the effects that a filter selects from two states of the evidence.</summary>
    /// <param name="filter">The filter, the same for both.</param>
    /// <param name="from">The earlier state.</param>
    /// <param name="to">The later state, or the same one.</param>
    public static EvidenceDiff Compare(FilterRequest filter, EvidenceSnapshot from, EvidenceSnapshot to)
    {
        var (before, after) = (EvidenceSelection.Apply(filter, from), EvidenceSelection.Apply(filter, to));
        var rowsBefore = before.Ids.Index().ToDictionary(row => row.Item, row => row.Index);
        var changes = new List<EffectChange>();
        foreach (var (row, id) in after.Ids.Index())
        {
            // Removes effects that are in both selections, so that the removed effects are left.
            int? earlier = rowsBefore.Remove(id, out var found) ? found : null;
            if (earlier is null || !AreEqual(before, earlier.Value, after, row))
            {
                changes.Add(new(id, after.Studies[row], earlier, row, null));
            }
        }
        changes.AddRange(RemovedEffects(filter, before, rowsBefore, to));
        return new(EvidenceSelection.Resolve(filter, to), before, after, changes);
    }

    /// <summary>Studies and sites whose versions have to be read to date the changes. A study of which only the first version is selected later has no other.
    /// </summary>
    public IReadOnlyList<string> StudiesToRead =>
        [.. Changes.Where(change => OnlyVersion(change) is null).Select(change => change.Study).Distinct(StringComparer.Ordinal)];

    /// <summary>Adds to each change its revision, and sorts by revision and id.</summary>
    /// <param name="history">All versions of <see cref="StudiesToRead"/>.</param>
    public EvidenceDiff WithRevisions(IEnumerable<StudyRecord> history)
    {
        var versions = history.Where(v => v.Revision > From.Revision && v.Revision <= To.Revision).OrderByDescending(v => v.Revision)
            .ToLookup(v => v.Key, v => (Version: v, Effects: new Lazy<EffectSet>(() => EvidenceSelection.Apply(_filter, EvidenceSnapshot.FromVersion(v)))));
        var dated = Changes.Select(change => WithRevision(change, versions[change.Study])).ToList();
        return new(_filter, From, To, [.. dated.Select(change => change.Revision > 0 ? change : WithRevisionOfOthers(change, dated))
            .OrderBy(change => change.Revision).ThenBy(change => change.Id, StringComparer.Ordinal)]);
    }

    private EvidenceVersion? OnlyVersion(EffectChange change) =>
        change.After is { } row && To.Versions[row] is { Number: 1, IsReleased: false } only ? only : null;

    // Skips later versions of the study that did not change the effect. An effect of the later selection is as the latest version has it.
    private EffectChange WithRevision(EffectChange change, IEnumerable<(StudyRecord Version, Lazy<EffectSet> Effects)> latestFirst) =>
        OnlyVersion(change) is { } only
            ? only.Revision > From.Revision ? change with { Revision = only.Revision, RecordedAt = only.RecordedAt } : change
        : latestFirst.TakeWhile((version, i) => (i == 0 && change.After is not null) || MatchesLater(change, version.Effects.Value))
            .LastOrDefault().Version is { } since
            ? change with { Revision = since.Revision, RecordedAt = since.RecordedAt } : change;

    // An effect that no version of its own study changed follows those of others: synthetic ones the first real one, a part the total of its sample.
    private EffectChange WithRevisionOfOthers(EffectChange change, List<EffectChange> dated)
    {
        var others = dated.Where(other => other.Revision > 0).ToList();
        var first = others.MinBy(other => (SampleOf(other) != SampleOf(change), other.Revision));
        return change with
        {
            FollowsOthers = true,
            Revision = first?.Revision ?? To.Revision!.Value,
            RecordedAt = first?.RecordedAt ?? To.RecordedAt!.Value,
        };
    }

    private string SampleOf(EffectChange change) => change.After is { } after ? To.Samples[after] : From.Samples[change.Before!.Value];

    private bool MatchesLater(EffectChange change, EffectSet version)
    {
        var row = Array.IndexOf(version.Ids, change.Id);
        return change.After is { } after ? row >= 0 && AreEqual(version, row, To, after) : row < 0;
    }

    private static IEnumerable<EffectChange> RemovedEffects(FilterRequest filter, EffectSet before, Dictionary<string, int> removed, EvidenceSnapshot to)
    {
        if (removed.Count == 0)
        {
            return [];
        }

        var reasons = EvidenceSelection.ExcludedEffects(filter, to).Where(effect => removed.ContainsKey(effect.Id))
            .ToDictionary(effect => effect.Id, effect => effect.Reason, StringComparer.Ordinal);
        return removed.Select(
            effect =>
                new EffectChange(effect.Key, before.Studies[effect.Value], effect.Value, null, reasons.GetValueOrDefault(effect.Key, EffectChange.Dropped)));
    }

    private static bool AreEqual(EffectSet a, int i, EffectSet b, int j) =>
        (a.Samples[i], a.Estimates[i], a.Variances[i], a.Participants[i]) == (b.Samples[j], b.Estimates[j], b.Variances[j], b.Participants[j]);
}
