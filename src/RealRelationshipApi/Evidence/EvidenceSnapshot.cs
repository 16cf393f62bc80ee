using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>The effects at one evidence revision, sorted by study key and position. Immutable; snapshots share unchanged segments.</summary>
/// <remarks>Includes retracted effects, and pending ones of release 0.1, so that they can be counted as excluded, but not published pooled results.</remarks>
internal sealed class EvidenceSnapshot
{
    /// <summary>Prefix of the names of additional moderators.</summary>
    public const string FreeModeratorPrefix = "moderators.";

    private const int ChunkSize = 500;

    private readonly IReadOnlyList<EvidenceSegment> _studySegments;
    private readonly ReleasedSites _sites;

    private EvidenceSnapshot(long revision, DateTimeOffset? recordedAt, IReadOnlyList<EvidenceSegment> studies, IReadOnlyList<StudyRecord> references,
        IReadOnlyList<RegisteredStudy> registered, ReleasedSites sites)
    {
        (_studySegments, _sites) = (studies, sites);
        Revision = revision;
        RecordedAt = recordedAt;
        References = references;
        Registered = registered;
        Segments = [.. studies, .. sites.Segments];
        Count = Segments.Sum(segment => segment.Count);
        FreeModerators = [.. Segments.SelectMany(segment => segment.FreeModerators).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Fields that can be moderators.</summary>
    public static IReadOnlyList<string> ModeratorFields => EvidenceSegment.ModeratorFields;

    public long Revision { get; }

    public DateTimeOffset? RecordedAt { get; }

    /// <summary>Published pooled results for comparison.</summary>
    public IReadOnlyList<StudyRecord> References { get; }

    /// <summary>Accepted studies without a usable coefficient, sorted by key.</summary>
    public IReadOnlyList<RegisteredStudy> Registered { get; }

    public IReadOnlyList<string> FreeModerators { get; }

    /// <summary>The effects; those released from sites' sessions are last.</summary>
    internal IReadOnlyList<EvidenceSegment> Segments { get; }

    /// <summary>Associations that sites have not released, each as a segment of one effect without numbers.</summary>
    internal IReadOnlyList<(EvidenceSegment Cell, string Reason)> SuppressedCells => _sites.SuppressedCells;

    /// <summary>Releases that are not what was written and take no part; one sentence each.</summary>
    internal IReadOnlyList<string> ReleaseFaults => _sites.Faults;

    internal int Count { get; }

    /// <summary>Whether any effect of a study is real and can be pooled: accepted, not synthetic and no upper bound.</summary>
    internal bool HasRealStudyEffects => _studySegments.Any(segment => segment.HasRealEffects);

    /// <summary>Whether any site has released effects.</summary>
    internal bool HasReleases => _sites.Segments.Count > 0;

    /// <summary>Public name of the site that a tenant has released associations of; null without a release.</summary>
    internal string? SiteOf(string tenant) => _sites.NameOf(tenant);

    /// <summary>Creates the snapshot of a revision.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="recordedAt">When it was recorded.</param>
    /// <param name="studies">Studies in their versions at that revision, sorted by key; enumerated once.</param>
    /// <param name="releases">The latest release of each site, sorted by tenant.</param>
    public static EvidenceSnapshot From(long revision, DateTimeOffset? recordedAt, IEnumerable<StudyRecord> studies, IReadOnlyList<SiteRelease> releases)
    {
        ArgumentNullException.ThrowIfNull(studies);
        ArgumentNullException.ThrowIfNull(releases);
        var (segments, references, registered) = (new List<EvidenceSegment>(), new List<StudyRecord>(), new List<RegisteredStudy>());
        foreach (var some in studies.Chunk(ChunkSize))
        {
            segments.AddRange(EvidenceSegment.Build(some));
            references.AddRange(some.Where(IsReference));
            registered.AddRange(some.Where(IsRegistered).Select(study => new RegisteredStudy(study)));
        }

        return new(revision, recordedAt, segments, references, registered, new(releases));
    }

    /// <summary>Creates a snapshot of a single study version.</summary>
    internal static EvidenceSnapshot FromVersion(StudyRecord version) => From(version.Revision, version.RecordedAt, [version], []);

    /// <summary>Creates the snapshot of a later revision, rebuilding only segments with changed studies.</summary>
    /// <param name="revision">The later revision.</param>
    /// <param name="recordedAt">When it was recorded.</param>
    /// <param name="studies">Changed studies, sorted by key.</param>
    /// <param name="releases">New releases, sorted by tenant.</param>
    internal EvidenceSnapshot With(long revision, DateTimeOffset? recordedAt, IReadOnlyList<StudyRecord> studies, IReadOnlyList<SiteRelease> releases)
    {
        var changed = studies.Select(s => s.Key).ToHashSet(StringComparer.Ordinal);
        return new(revision, recordedAt, WithStudies(studies),
            [.. References.Where(s => !changed.Contains(s.Key)).Concat(studies.Where(IsReference)).OrderBy(s => s.Key, StringComparer.Ordinal)],
            [.. Registered.Where(r => !changed.Contains(r.Study.Key)).Concat(studies.Where(IsRegistered).Select(study => new RegisteredStudy(study)))
                .OrderBy(r => r.Study.Key, StringComparer.Ordinal)],
            _sites.With(releases));
    }

    /// <summary>Whether a moderator exists: a field, or an additional moderator of some effect.</summary>
    internal bool HasModerator(string name) =>
        ModeratorFields.Contains(name)
            || (name.StartsWith(FreeModeratorPrefix, StringComparison.Ordinal) && FreeModerators.Contains(name[FreeModeratorPrefix.Length..]));

    /// <summary>Studies contributed by a tenant: its sessions and submitted summaries.</summary>
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

    // The segment that contains the study or would contain it.
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

    private static bool IsRegistered(StudyRecord study) => study is { Kind: StudyKind.Registered, Status: StudyStatus.Accepted };

    /// <summary>Releases of the sites as segments.</summary>
    private sealed class ReleasedSites(IReadOnlyList<SiteRelease> releases)
    {
        public IReadOnlyList<EvidenceSegment> Segments { get; } =
            [.. EvidenceSegment.Build(releases.Where(release => release.Fault is null).Select(ReleasedStudy.Of))];

        public IReadOnlyList<string> Faults { get; } = [.. releases.Select(release => release.Fault).OfType<string>()];

        public IReadOnlyList<(EvidenceSegment Cell, string Reason)> SuppressedCells { get; } =
            [.. releases.SelectMany(ReleasedStudy.SuppressedCells).Select(cell => (EvidenceSegment.Build([cell.Study]).Single(), cell.Reason))];

        public string? NameOf(string tenant) => releases.FirstOrDefault(release => release.Tenant == tenant && release.Fault is null)?.Content.Site;

        public ReleasedSites With(IReadOnlyList<SiteRelease> later) =>
            later.Count == 0 ? this
                : new(
                    [.. releases.ExceptBy(later.Select(r => r.Tenant), r => r.Tenant, StringComparer.Ordinal).Concat(later)
                        .OrderBy(r => r.Tenant, StringComparer.Ordinal)]);
    }
}
