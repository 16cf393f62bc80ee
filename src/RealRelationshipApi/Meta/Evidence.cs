using System.Collections.Frozen;

using RealRelationshipApi.Http;
using RealRelationshipApi.Sessions.Releases;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>All that could be pooled at one evidence revision: immutable columns, one row an effect, in the order of study key and place in the study.</summary>
/// <remarks>Retracted and pending effects stand here too, so that they can be counted as left out. Published pooled results do not: they are never pooled.</remarks>
public sealed class Evidence
{
    /// <summary>Prefix of a free moderator's name.</summary>
    public const string FreeModerator = "moderators.";

    private const string Year = "year";

    private static readonly IReadOnlyList<(string Name, Func<Row, string?> Read)> s_fields =
    [
        ("adjusted", r => Flag(r.IsAdjusted)),
        ("converted", r => Flag(r.Effect.Stored!.Converted)),
        ("outcomeType", r => Name(r.Effect.OutcomeType)),
        ("relationshipRater", r => Name(r.Effect.RelationshipRater)),
        ("outcomeRater", r => Name(r.Effect.OutcomeRater)),
        ("relationshipMeasure", r => r.Effect.RelationshipMeasure.ToLowerInvariant()),
        ("outcomeMeasure", r => r.Effect.OutcomeMeasure.ToLowerInvariant()),
        ("level", r => EnumNames<EffectLevel>.Of(r.Effect.Level)),
        ("design", r => Name(r.Study.Design)),
        ("timing", r => Name(r.Effect.Timing)),
        ("country", r => r.Study.Country),
        ("published", r => Flag(r.Study.Published)),
        ("kind", r => EnumNames<StudyKind>.Of(r.Study.Kind)),
        ("synthetic", r => Flag(r.Study.Synthetic)),
    ];

    private readonly FrozenDictionary<string, CodedColumn> _columns;
    private readonly string?[] _summarisedBy;
    private readonly ModeratorValue?[] _years;
    private readonly IReadOnlyDictionary<string, ModeratorValue>[] _moderators;

    private Evidence(long revision, DateTimeOffset? recordedAt, Row[] rows, IReadOnlyList<StudyRecord> references, Evidence? suppressed)
    {
        Revision = revision;
        RecordedAt = recordedAt;
        References = references;
        Suppressed = suppressed;
        _summarisedBy = Array.ConvertAll(rows, r => r.Study.Kind == StudyKind.SiteSummary ? r.Study.Tenant : null);
        Reasons = Array.ConvertAll(rows, r => r.Reason);
        IsReleased = Array.ConvertAll(rows, r => r.Study.IsReleased);
        Ids = Array.ConvertAll(rows, r => $"{r.Study.Key}/{r.Effect.Key}");
        Studies = Array.ConvertAll(rows, r => r.Study.Key);
        Samples = Array.ConvertAll(rows, r => r.Effect.Sample);
        Estimates = Array.ConvertAll(rows, r => r.Effect.Stored!.Yi);
        Variances = Array.ConvertAll(rows, r => r.Effect.Stored!.Vi);
        Participants = Array.ConvertAll(rows, r => (double?)r.Effect.Stored!.N);
        RelationshipReliabilities = Array.ConvertAll(rows, r => r.Effect.RelationshipReliability);
        OutcomeReliabilities = Array.ConvertAll(rows, r => r.Effect.OutcomeReliability);
        Status = Array.ConvertAll(rows, r => r.Study.Status);
        Citations = Array.ConvertAll(rows, r => r.Study.Citation);
        Years = Array.ConvertAll(Citations, c => c.Year);
        _columns = s_fields.ToFrozenDictionary(f => f.Name, f => CodedColumn.From(rows.Select(f.Read)));
        _years = Array.ConvertAll(Years, y => (ModeratorValue?)ModeratorValue.Of((double)y));
        _moderators = Array.ConvertAll(rows, r => r.Effect.Moderators);
        FreeModerators = _moderators.SelectMany(m => m.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
    }

    /// <summary>The stored fields by which effects can be broken down.</summary>
    public static IReadOnlyList<string> ModeratorFields { get; } = [.. s_fields.Select(f => f.Name), Year];

    public long Revision { get; }

    public DateTimeOffset? RecordedAt { get; }

    /// <summary>Published pooled results to compare with.</summary>
    public IReadOnlyList<StudyRecord> References { get; }

    public IReadOnlyList<string> FreeModerators { get; }

    /// <summary>The cells that sites may not tell yet, as effects without numbers; null where there are none.</summary>
    internal Evidence? Suppressed { get; }

    /// <summary>Why a cell is suppressed; null for effects that have numbers.</summary>
    internal string?[] Reasons { get; }

    /// <summary>Whether an effect is one of a site's sessions.</summary>
    internal bool[] IsReleased { get; }

    internal int Count => Ids.Length;

    internal string[] Ids { get; }

    internal string[] Studies { get; }

    internal string[] Samples { get; }

    internal double[] Estimates { get; }

    internal double[] Variances { get; }

    internal double?[] Participants { get; }

    internal double?[] RelationshipReliabilities { get; }

    internal double?[] OutcomeReliabilities { get; }

    internal StudyStatus[] Status { get; }

    internal long[] Years { get; }

    internal Citation[] Citations { get; }

    public static Evidence From(long revision, DateTimeOffset? recordedAt, IReadOnlyList<StudyRecord> studies, IReadOnlyList<Release> releases)
    {
        ArgumentNullException.ThrowIfNull(studies);
        ArgumentNullException.ThrowIfNull(releases);
        var rows = studies.Where(s => s.Kind != StudyKind.Reference).SelectMany(s => s.Effects.Select(e => new Row(s, e)))
            .Concat(releases.Select(ReleasedStudy.Of).SelectMany(s => s.Effects.Select(e => new Row(s, e))));
        Row[] suppressed = [.. releases.SelectMany(ReleasedStudy.SuppressedOf).Select(s => new Row(s.Study, s.Study.Effects[0], s.Reason))];
        return new(revision, recordedAt, [.. rows], [.. studies.Where(s => s is { Kind: StudyKind.Reference, Status: StudyStatus.Accepted })],
            suppressed.Length == 0 ? null : new(revision, recordedAt, suppressed, [], null));
    }

    /// <summary>A version of a study alone.</summary>
    internal static Evidence Of(StudyRecord version) => new(version.Revision, version.RecordedAt, [.. version.Effects.Select(e => new Row(version, e))], [], null);

    /// <summary>What a tenant's own clinics contributed: its sessions and the summaries that it submitted.</summary>
    internal IReadOnlyList<string> StudiesOf(string tenant) => [.. Enumerable.Range(0, Count).Where(row => _summarisedBy[row] == tenant).Select(row => Studies[row]).Distinct(StringComparer.Ordinal)];

    internal CodedColumn Column(string field) => _columns[field];

    /// <summary>The values of a moderator, row by row; null when no effect has a moderator of that name.</summary>
    internal Func<int, ModeratorValue?>? Moderator(string name)
    {
        if (name == Year)
        {
            return row => _years[row];
        }

        if (_columns.TryGetValue(name, out var column))
        {
            return row => column[row] is { } text ? ModeratorValue.Of(text) : null;
        }

        var free = name.StartsWith(FreeModerator, StringComparison.Ordinal) ? name[FreeModerator.Length..] : null;
        return free is not null && FreeModerators.Contains(free)
            ? row => _moderators[row].TryGetValue(free, out var value) ? value : null
            : null;
    }

    private static string Flag(bool value) => value ? "true" : "false";

    private static string? Name<T>(T? value) where T : struct, Enum => value is { } known ? EnumNames<T>.Of(known) : null;

    private sealed record Row(StudyRecord Study, EffectRecord Effect, string? Reason = null)
    {
        public bool IsAdjusted => Effect.AdjustedFor.Count > 0 || Effect.Statistic.Type is StatisticType.PartialR or StatisticType.SemiPartialR;
    }
}
