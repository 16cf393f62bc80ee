using RealRelationshipApi.Sessions.Releases;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>All that could be pooled at one evidence revision, in the order of study key and place in the study: immutable, and what a later revision leaves as it was, both share.</summary>
/// <remarks>Retracted and pending effects stand here too, so that they can be counted as left out. Published pooled results do not: they are never pooled.</remarks>
public sealed class Evidence
{
    /// <summary>Prefix of a free moderator's name.</summary>
    public const string FreeModerator = "moderators.";

    private const int AtATime = 500;

    private readonly IReadOnlyList<EvidencePart> _studies;
    private readonly Sites _sites;

    private Evidence(long revision, DateTimeOffset? recordedAt, IReadOnlyList<EvidencePart> studies, IReadOnlyList<StudyRecord> references, Sites sites)
    {
        (_studies, _sites) = (studies, sites);
        Revision = revision;
        RecordedAt = recordedAt;
        References = references;
        Parts = [.. studies, .. sites.Parts];
        Count = Parts.Sum(part => part.Count);
        FreeModerators = [.. Parts.SelectMany(part => part.FreeModerators).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>The stored fields by which effects can be broken down.</summary>
    public static IReadOnlyList<string> ModeratorFields => EvidencePart.ModeratorFields;

    public long Revision { get; }

    public DateTimeOffset? RecordedAt { get; }

    /// <summary>Published pooled results to compare with.</summary>
    public IReadOnlyList<StudyRecord> References { get; }

    public IReadOnlyList<string> FreeModerators { get; }

    /// <summary>The effects, those of sites' sessions last.</summary>
    internal IReadOnlyList<EvidencePart> Parts { get; }

    /// <summary>The cells that sites may not tell yet, each as a part of one effect without numbers.</summary>
    internal IReadOnlyList<(EvidencePart Cell, string Reason)> Suppressed => _sites.Suppressed;

    internal int Count { get; }

    /// <summary>The evidence of a revision.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="recordedAt">When it came about.</param>
    /// <param name="studies">Each in its version of then, in the order of their keys; they are gone through once.</param>
    /// <param name="releases">The latest of each site, in the order of tenants.</param>
    public static Evidence From(long revision, DateTimeOffset? recordedAt, IEnumerable<StudyRecord> studies, IReadOnlyList<Release> releases)
    {
        ArgumentNullException.ThrowIfNull(studies);
        ArgumentNullException.ThrowIfNull(releases);
        var (parts, references) = (new List<EvidencePart>(), new List<StudyRecord>());
        foreach (var some in studies.Chunk(AtATime))
        {
            parts.AddRange(EvidencePart.Of(some));
            references.AddRange(some.Where(IsReference));
        }

        return new(revision, recordedAt, parts, references, new(releases));
    }

    /// <summary>A version of a study alone.</summary>
    internal static Evidence Of(StudyRecord version) => From(version.Revision, version.RecordedAt, [version], []);

    /// <summary>The evidence of a later revision: only the parts are made anew in which a study changed.</summary>
    /// <param name="revision">The later revision.</param>
    /// <param name="recordedAt">When it came about.</param>
    /// <param name="studies">Those that changed, in the order of their keys.</param>
    /// <param name="releases">Those of the sites that released, in the order of tenants.</param>
    internal Evidence With(long revision, DateTimeOffset? recordedAt, IReadOnlyList<StudyRecord> studies, IReadOnlyList<Release> releases)
    {
        var changed = studies.Select(s => s.Key).ToHashSet(StringComparer.Ordinal);
        return new(revision, recordedAt, WithStudies(studies),
            [.. References.Where(s => !changed.Contains(s.Key)).Concat(studies.Where(IsReference)).OrderBy(s => s.Key, StringComparer.Ordinal)], _sites.With(releases));
    }

    /// <summary>Whether effects can be broken down by a moderator: a stored field, or a free one that some effect has.</summary>
    internal bool HasModerator(string name) =>
        ModeratorFields.Contains(name) || (name.StartsWith(FreeModerator, StringComparison.Ordinal) && FreeModerators.Contains(name[FreeModerator.Length..]));

    /// <summary>What a tenant's own clinics contributed: its sessions and the summaries that it submitted.</summary>
    internal IReadOnlyList<string> StudiesOf(string tenant) => [.. Parts.SelectMany(part => part.StudiesOf(tenant)).Distinct(StringComparer.Ordinal)];

    private IReadOnlyList<EvidencePart> WithStudies(IReadOnlyList<StudyRecord> changed)
    {
        if (_studies.Count == 0)
        {
            return [.. EvidencePart.Of(changed)];
        }

        var byPlace = changed.ToLookup(study => PlaceOf(study.Key));
        return [.. _studies.SelectMany((part, place) => byPlace.Contains(place) ? part.With(byPlace[place]) : [part])];
    }

    // The last part that begins before a study, or with it: there it stands, or would stand.
    private int PlaceOf(string study)
    {
        var (from, to) = (0, _studies.Count - 1);
        while (from < to)
        {
            var middle = (from + to + 1) / 2;
            (from, to) = string.CompareOrdinal(_studies[middle].Studies[0], study) <= 0 ? (middle, to) : (from, middle - 1);
        }

        return from;
    }

    private static bool IsReference(StudyRecord study) => study is { Kind: StudyKind.Reference, Status: StudyStatus.Accepted };

    /// <summary>What sites released.</summary>
    private sealed class Sites(IReadOnlyList<Release> releases)
    {
        public IReadOnlyList<EvidencePart> Parts { get; } = [.. EvidencePart.Of(releases.Select(ReleasedStudy.Of))];

        public IReadOnlyList<(EvidencePart Cell, string Reason)> Suppressed { get; } =
            [.. releases.SelectMany(ReleasedStudy.SuppressedOf).Select(cell => (EvidencePart.Of([cell.Study]).Single(), cell.Reason))];

        public Sites With(IReadOnlyList<Release> later) =>
            later.Count == 0 ? this : new([.. releases.ExceptBy(later.Select(r => r.Tenant), r => r.Tenant, StringComparer.Ordinal).Concat(later).OrderBy(r => r.Tenant, StringComparer.Ordinal)]);
    }
}
