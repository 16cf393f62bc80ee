using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>All that could be pooled at one evidence revision, in the order of study key and place in the study: immutable,
/// and what a later revision leaves as it was, both share.</summary>
/// <remarks>Retracted and pending effects stand here too, so that they can be counted as left out. Published pooled results do not:
/// they are never pooled.</remarks>
internal sealed class EvidenceSnapshot
{
    /// <summary>Prefix of a free moderator's name.</summary>
    public const string FreeModeratorPrefix = "moderators.";

    private const int ChunkSize = 500;

    private readonly IReadOnlyList<EvidenceSegment> _studySegments;
    private readonly ReleasedSites _sites;

    private EvidenceSnapshot(long revision, DateTimeOffset? recordedAt, IReadOnlyList<EvidenceSegment> studies, IReadOnlyList<StudyRecord> references,
        ReleasedSites sites)
    {
        (_studySegments, _sites) = (studies, sites);
        Revision = revision;
        RecordedAt = recordedAt;
        References = references;
        Segments = [.. studies, .. sites.Segments];
        Count = Segments.Sum(segment => segment.Count);
        FreeModerators = [.. Segments.SelectMany(segment => segment.FreeModerators).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>The stored fields by which effects can be broken down.</summary>
    public static IReadOnlyList<string> ModeratorFields => EvidenceSegment.ModeratorFields;

    public long Revision { get; }

    public DateTimeOffset? RecordedAt { get; }

    /// <summary>Published pooled results to compare with.</summary>
    public IReadOnlyList<StudyRecord> References { get; }

    public IReadOnlyList<string> FreeModerators { get; }

    /// <summary>The effects, those of sites' sessions last.</summary>
    internal IReadOnlyList<EvidenceSegment> Segments { get; }

    /// <summary>The cells that sites may not tell yet, each as a part of one effect without numbers.</summary>
    internal IReadOnlyList<(EvidenceSegment Cell, string Reason)> SuppressedCells => _sites.SuppressedCells;

    internal int Count { get; }

    /// <summary>The evidence of a revision.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="recordedAt">When it came about.</param>
    /// <param name="studies">Each in its version of then, in the order of their keys; they are gone through once.</param>
    /// <param name="releases">The latest of each site, in the order of tenants.</param>
    public static EvidenceSnapshot From(long revision, DateTimeOffset? recordedAt, IEnumerable<StudyRecord> studies, IReadOnlyList<SiteRelease> releases)
    {
        ArgumentNullException.ThrowIfNull(studies);
        ArgumentNullException.ThrowIfNull(releases);
        var (segments, references) = (new List<EvidenceSegment>(), new List<StudyRecord>());
        foreach (var some in studies.Chunk(ChunkSize))
        {
            segments.AddRange(EvidenceSegment.Build(some));
            references.AddRange(some.Where(IsReference));
        }

        return new(revision, recordedAt, segments, references, new(releases));
    }

    /// <summary>A version of a study alone.</summary>
    internal static EvidenceSnapshot FromVersion(StudyRecord version) => From(version.Revision, version.RecordedAt, [version], []);

    /// <summary>The evidence of a later revision: only the parts are made anew in which a study changed.</summary>
    /// <param name="revision">The later revision.</param>
    /// <param name="recordedAt">When it came about.</param>
    /// <param name="studies">Those that changed, in the order of their keys.</param>
    /// <param name="releases">Those of the sites that released, in the order of tenants.</param>
    internal EvidenceSnapshot With(long revision, DateTimeOffset? recordedAt, IReadOnlyList<StudyRecord> studies, IReadOnlyList<SiteRelease> releases)
    {
        var changed = studies.Select(s => s.Key).ToHashSet(StringComparer.Ordinal);
        return new(revision, recordedAt, WithStudies(studies),
            [.. References.Where(s => !changed.Contains(s.Key)).Concat(studies.Where(IsReference)).OrderBy(s => s.Key, StringComparer.Ordinal)],
            _sites.With(releases));
    }

    /// <summary>Whether effects can be broken down by a moderator: a stored field, or a free one that some effect has.</summary>
    internal bool HasModerator(string name) =>
        ModeratorFields.Contains(name)
            || (name.StartsWith(FreeModeratorPrefix, StringComparison.Ordinal) && FreeModerators.Contains(name[FreeModeratorPrefix.Length..]));

    /// <summary>What a tenant's own clinics contributed: its sessions and the summaries that it submitted.</summary>
    internal IReadOnlyList<string> StudiesOf(string tenant) => [.. Segments.SelectMany(segment => segment.StudiesOf(tenant)).Distinct(StringComparer.Ordinal)];

    private IReadOnlyList<EvidenceSegment> WithStudies(IReadOnlyList<StudyRecord> changed)
    {
        if (_studySegments.Count == 0)
        {
            return [.. EvidenceSegment.Build(changed)];
        }

        var byPlace = changed.ToLookup(study => SegmentIndexOf(study.Key));
        return [.. _studySegments.SelectMany((segment, place) => byPlace.Contains(place) ? segment.With(byPlace[place]) : [segment])];
    }

    // The last part that begins before a study, or with it: there it stands, or would stand.
    private int SegmentIndexOf(string study)
    {
        var (from, to) = (0, _studySegments.Count - 1);
        while (from < to)
        {
            var middle = (from + to + 1) / 2;
            (from, to) = string.CompareOrdinal(_studySegments[middle].Studies[0], study) <= 0 ? (middle, to) : (from, middle - 1);
        }

        return from;
    }

    private static bool IsReference(StudyRecord study) => study is { Kind: StudyKind.Reference, Status: StudyStatus.Accepted };

    /// <summary>What sites released.</summary>
    private sealed class ReleasedSites(IReadOnlyList<SiteRelease> releases)
    {
        public IReadOnlyList<EvidenceSegment> Segments { get; } = [.. EvidenceSegment.Build(releases.Select(ReleasedStudy.Of))];

        public IReadOnlyList<(EvidenceSegment Cell, string Reason)> SuppressedCells { get; } =
            [.. releases.SelectMany(ReleasedStudy.SuppressedCells).Select(cell => (EvidenceSegment.Build([cell.Study]).Single(), cell.Reason))];

        public ReleasedSites With(IReadOnlyList<SiteRelease> later) =>
            later.Count == 0 ? this
                : new(
                    [.. releases.ExceptBy(later.Select(r => r.Tenant), r => r.Tenant, StringComparer.Ordinal).Concat(later)
                        .OrderBy(r => r.Tenant, StringComparer.Ordinal)]);
    }
}
