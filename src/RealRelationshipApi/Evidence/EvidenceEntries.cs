using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>When effects first became evidence, and as what: by id for effects, by sample for composites.</summary>
/// <remarks>The history of studies in several versions is followed under the filter of the selection; the others entered with their only version.</remarks>
internal sealed class EvidenceEntries
{
    private readonly Dictionary<string, FirstEntry> _byEffect = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FirstEntry> _bySample = new(StringComparer.Ordinal);

    private readonly HashSet<string> _selected;

    private EvidenceEntries(HashSet<string> selected)
    {
        _selected = selected;
    }

    /// <summary>Studies and sites of which earlier versions have to be read: those that are selected no longer, as retracted, may have been so.</summary>
    public static IReadOnlyList<string> StudiesWithHistory(EvidenceSnapshot evidence) =>
    [
        .. evidence.Segments.SelectMany(segment => segment.Studies.Zip(segment.Versions)).Where(row => row.Second.Number > 1).Select(row => row.First)
            .Concat(evidence.Registered.Where(registered => registered.Study.Version > 1).Select(registered => registered.Study.Key))
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Number of versions of <see cref="StudiesWithHistory"/>.</summary>
    public static long CountVersions(EvidenceSnapshot evidence) =>
        evidence.Segments.SelectMany(segment => segment.Studies.Zip(segment.Versions)).Where(row => row.Second.Number > 1)
            .DistinctBy(row => row.First, StringComparer.Ordinal).Sum(row => row.Second.Number)
        + evidence.Registered.Where(registered => registered.Study.Version > 1).Sum(registered => registered.Study.Version);

    /// <summary>The first entries of selected effects.</summary>
    /// <param name="effects">The selection.</param>
    /// <param name="filter">Its filter, with <c>synthetic</c> resolved.</param>
    /// <param name="history">All versions of <see cref="StudiesWithHistory"/>, those after the revision of the selection included.</param>
    public static EvidenceEntries Of(EffectSet effects, FilterRequest filter, IEnumerable<StudyRecord> history)
    {
        var entries = new EvidenceEntries([.. effects.Ids]);
        var versions = history.Where(version => version.Revision <= effects.Revision).OrderBy(version => version.Revision).ToList();
        var followed = versions.Select(version => version.Key).ToHashSet(StringComparer.Ordinal);
        // One at a time: the first state of a sample is that of its first revision.
        var states = versions.ConvertAll(version => (version.Revision, Rows: AllRows(EvidenceSelection.Apply(filter, EvidenceSnapshot.FromVersion(version)))));
        states.AddRange(AllRows(effects).Where(row => row.Row < effects.Versions.Length && !followed.Contains(effects.Studies[row.Row]))
            .GroupBy(row => effects.Versions[row.Row].Revision).Select(revision => (revision.Key, revision.ToList())));
        foreach (var (_, rows) in states.OrderBy(state => state.Revision))
        {
            entries.Add(rows);
        }

        return entries;
    }

    /// <summary>The first entry of an effect; null if it is not stored.</summary>
    public FirstEntry? OfEffect(string id) => _byEffect.GetValueOrDefault(id);

    /// <summary>The first entry of any effect of a sample, with all that came with it; null if none is stored.</summary>
    public FirstEntry? OfSample(string sample) => _bySample.GetValueOrDefault(sample);

    /// <summary>The first entries of samples of which no effect is selected any more.</summary>
    public IEnumerable<(string Sample, FirstEntry First)> Gone(EffectSet effects)
    {
        var samples = effects.Samples.ToHashSet(StringComparer.Ordinal);
        return _bySample.Where(entry => !samples.Contains(entry.Key)).Select(entry => (entry.Key, entry.Value));
    }

    /// <summary>The version with which an effect entered: the first of its sample, whatever its key was then, but its own if the effects of then are still
    /// beside it; null if it is not stored.</summary>
    public EvidenceVersion? EntryOf(string id, string sample)
    {
        var (effect, first) = (OfEffect(id), OfSample(sample));
        return effect is null || first is null ? (effect ?? first)?.Version
            : effect.Version.Revision <= first.Version.Revision || first.Effects.All(e => _selected.Contains(e.Set.Ids[e.Row])) ? effect.Version
            : first.Version;
    }

    private static List<(EffectSet Set, int Row)> AllRows(EffectSet set) => [.. Enumerable.Range(0, set.Count).Select(row => (set, row))];

    private void Add(IReadOnlyList<(EffectSet Set, int Row)> rows)
    {
        foreach (var (set, row) in rows)
        {
            _byEffect.TryAdd(set.Ids[row], new(set.Versions[row], [(set, row)]));
        }

        foreach (var sample in rows.GroupBy(r => r.Set.Samples[r.Row], StringComparer.Ordinal))
        {
            var (set, row) = sample.First();
            var entry = new FirstEntry(set.Versions[row], [.. sample]);
            if (!_bySample.TryAdd(sample.Key, entry) && _bySample[sample.Key] is var first && first.Version.Revision == entry.Version.Revision)
            {
                _bySample[sample.Key] = first with { Effects = [.. first.Effects, .. entry.Effects] };
            }
        }
    }
}

/// <summary>The state of an effect or of a sample when it first was evidence.</summary>
/// <param name="Version">The version that brought it.</param>
/// <param name="Effects">Its effects in that version.</param>
internal sealed record FirstEntry(EvidenceVersion Version, IReadOnlyList<(EffectSet Set, int Row)> Effects);
