using System.Collections.Frozen;

using RealRelationshipApi.Http;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>Some hundreds of studies that follow each other: immutable columns, one row an effect, in the order of study key and place in the study.</summary>
internal sealed class EvidencePart
{
    /// <summary>Few enough to be copied for one study, enough to be gone through fast; and no column is a large object.</summary>
    private const int MostRows = 4_096;

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

    private static readonly IReadOnlyDictionary<string, ModeratorValue> s_noModerators = FrozenDictionary<string, ModeratorValue>.Empty;

    private readonly FrozenDictionary<string, CodedColumn> _columns;
    private readonly IReadOnlyDictionary<string, ModeratorValue>[] _moderators;
    private readonly CodedColumn _summarisedBy; // the tenant whose sessions an effect summarises

    private EvidencePart(IReadOnlyList<Row> rows)
    {
        Released = Column(rows, r => r.Study.IsReleased);
        Ids = Column(rows, r => $"{r.Study.Key}/{r.Effect.Key}");
        Studies = Column(rows, r => r.Study.Key);
        Samples = Column(rows, r => r.Effect.Sample);
        Estimates = Column(rows, r => r.Effect.Stored!.Yi);
        Variances = Column(rows, r => r.Effect.Stored!.Vi);
        Participants = Column(rows, r => (double?)r.Effect.Stored!.N);
        RelationshipReliabilities = Column(rows, r => r.Effect.RelationshipReliability);
        OutcomeReliabilities = Column(rows, r => r.Effect.OutcomeReliability);
        Citations = Column(rows, r => r.Study.Citation);
        Years = Column(rows, r => r.Study.Citation.Year);
        Status = CodedColumn.From(rows.Select(r => EnumNames<StudyStatus>.Of(r.Study.Status)));
        _summarisedBy = CodedColumn.From(rows.Select(r => r.Study.Kind == StudyKind.SiteSummary ? r.Study.Tenant : null));
        _columns = s_fields.ToFrozenDictionary(f => f.Name, f => CodedColumn.From(rows.Select(f.Read)));
        _moderators = Column(rows, r => r.Effect.Moderators.Count > 0 ? r.Effect.Moderators : s_noModerators);
        FreeModerators = Names(_moderators);
    }

    // Stretches of parts, one after the other.
    private EvidencePart(IReadOnlyList<(EvidencePart Part, Range Rows)> stretches)
    {
        Released = Column(stretches, p => p.Released);
        Ids = Column(stretches, p => p.Ids);
        Studies = Column(stretches, p => p.Studies);
        Samples = Column(stretches, p => p.Samples);
        Estimates = Column(stretches, p => p.Estimates);
        Variances = Column(stretches, p => p.Variances);
        Participants = Column(stretches, p => p.Participants);
        RelationshipReliabilities = Column(stretches, p => p.RelationshipReliabilities);
        OutcomeReliabilities = Column(stretches, p => p.OutcomeReliabilities);
        Citations = Column(stretches, p => p.Citations);
        Years = Column(stretches, p => p.Years);
        Status = Coded(stretches, p => p.Status);
        _summarisedBy = Coded(stretches, p => p._summarisedBy);
        _columns = s_fields.ToFrozenDictionary(f => f.Name, f => Coded(stretches, p => p.Texts(f.Name)));
        _moderators = Column(stretches, p => p._moderators);
        FreeModerators = Names(_moderators);
    }

    /// <summary>The stored fields by which effects can be broken down.</summary>
    public static IReadOnlyList<string> ModeratorFields { get; } = [.. s_fields.Select(f => f.Name), Year];

    /// <summary>The names of free moderators that some effect has, in their order.</summary>
    public string[] FreeModerators { get; }

    public int Count => Ids.Length;

    /// <summary>Whether an effect is one of a site's sessions.</summary>
    public bool[] Released { get; }

    public string[] Ids { get; }

    public string[] Studies { get; }

    public string[] Samples { get; }

    public double[] Estimates { get; }

    public double[] Variances { get; }

    public double?[] Participants { get; }

    public double?[] RelationshipReliabilities { get; }

    public double?[] OutcomeReliabilities { get; }

    public Citation[] Citations { get; }

    public long[] Years { get; }

    public CodedColumn Status { get; }

    /// <summary>Studies as parts, each of as many as it has room for.</summary>
    /// <param name="studies">In the order of their keys; published pooled results are passed over.</param>
    public static IEnumerable<EvidencePart> Of(IEnumerable<StudyRecord> studies)
    {
        var rows = new List<Row>();
        foreach (var study in studies.Where(s => s.Kind != StudyKind.Reference))
        {
            rows.AddRange(study.Effects.Select(effect => new Row(study, effect)));
            if (rows.Count >= MostRows / 2)
            {
                yield return new(rows);
                rows = [];
            }
        }

        if (rows.Count > 0)
        {
            yield return new(rows);
        }
    }

    /// <summary>The part with the later versions of some studies in the place of the earlier ones.</summary>
    /// <param name="changed">In the order of their keys.</param>
    /// <returns>None where no row is left, several where one would have too many.</returns>
    public IEnumerable<EvidencePart> With(IEnumerable<StudyRecord> changed)
    {
        var stretches = new List<(EvidencePart Part, Range Rows)>();
        var from = 0;
        foreach (var study in changed)
        {
            var to = RowOf(study.Key, from);
            stretches.Add((this, from..to));
            stretches.AddRange(Of([study]).Select(part => (part, ..part.Count)));
            from = to;
            while (from < Count && Studies[from] == study.Key)
            {
                from++;
            }
        }

        return Packed([.. stretches, (this, from..Count)]);
    }

    /// <summary>What a tenant's own clinics contributed.</summary>
    public IEnumerable<string> StudiesOf(string tenant) => Enumerable.Range(0, Count).Where(row => _summarisedBy[row] == tenant).Select(row => Studies[row]);

    /// <summary>The texts of a stored field.</summary>
    public CodedColumn Texts(string field) => _columns[field];

    /// <summary>The values of a moderator, row by row; of one without a field of its own, those of the free moderator.</summary>
    public Func<int, ModeratorValue?> Moderator(string name)
    {
        if (name == Year)
        {
            return row => ModeratorValue.Of((double)Years[row]);
        }

        if (_columns.TryGetValue(name, out var column))
        {
            return row => column[row] is { } text ? ModeratorValue.Of(text) : null;
        }

        var free = name[Evidence.FreeModerator.Length..];
        return row => _moderators[row].TryGetValue(free, out var value) ? value : null;
    }

    // The first row from there on of a study, or of those after it.
    private int RowOf(string study, int from)
    {
        var to = Count;
        while (from < to)
        {
            var middle = (from + to) / 2;
            (from, to) = string.CompareOrdinal(Studies[middle], study) < 0 ? (middle + 1, to) : (from, middle);
        }

        return from;
    }

    private static IEnumerable<EvidencePart> Packed(IEnumerable<(EvidencePart Part, Range Rows)> stretches)
    {
        var (packed, count) = (new List<(EvidencePart, Range)>(), 0);
        foreach (var (part, rows) in stretches)
        {
            var length = rows.End.Value - rows.Start.Value;
            if (count > 0 && count + length > MostRows)
            {
                yield return new(packed);
                (packed, count) = ([], 0);
            }

            packed.Add((part, rows));
            count += length;
        }

        if (count > 0)
        {
            yield return new(packed);
        }
    }

    private static T[] Column<T>(IReadOnlyList<Row> rows, Func<Row, T> read) => [.. rows.Select(read)];

    private static T[] Column<T>(IReadOnlyList<(EvidencePart Part, Range Rows)> stretches, Func<EvidencePart, T[]> column)
    {
        var all = new List<T>();
        foreach (var (part, rows) in stretches)
        {
            all.AddRange(column(part).AsSpan(rows));
        }

        return [.. all];
    }

    private static CodedColumn Coded(IReadOnlyList<(EvidencePart Part, Range Rows)> stretches, Func<EvidencePart, CodedColumn> column) =>
        CodedColumn.Joined(stretches.Select(stretch => (column(stretch.Part), stretch.Rows)));

    private static string[] Names(IReadOnlyDictionary<string, ModeratorValue>[] moderators) =>
        [.. moderators.Where(m => m.Count > 0).SelectMany(m => m.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static string Flag(bool value) => value ? "true" : "false";

    private static string? Name<T>(T? value) where T : struct, Enum => value is { } known ? EnumNames<T>.Of(known) : null;

    private sealed record Row(StudyRecord Study, EffectRecord Effect)
    {
        public bool IsAdjusted => Effect.AdjustedFor.Count > 0 || Effect.Statistic.Type is StatisticType.PartialR or StatisticType.SemiPartialR;
    }
}
