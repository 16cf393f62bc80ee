using System.Collections.Frozen;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>Immutable columns of some hundreds of consecutive studies: one row per effect, sorted by study key and position.</summary>
internal sealed class EvidenceSegment
{
    /// <summary>Small enough to copy for one changed study and to stay off the large object heap, large enough to scan fast.</summary>
    private const int MaxRows = 4_096;

    private const string Year = "year";

    private static readonly IReadOnlyDictionary<string, ModeratorValue> s_noModerators = FrozenDictionary<string, ModeratorValue>.Empty;

    private readonly FrozenDictionary<string, DictionaryColumn> _columns;
    private readonly IReadOnlyDictionary<string, ModeratorValue>[] _moderators;
    private readonly Lazy<bool> _hasRealEffects;
    private readonly DictionaryColumn _summarisedBy; // tenant whose sessions an effect summarises

    private EvidenceSegment(IReadOnlyList<EvidenceRow> rows)
    {
        _hasRealEffects = new(FindRealEffect);
        IsReleased = Column(rows, r => r.Study.IsReleased);
        IsWithdrawn = Column(rows, r => r.Effect.IsWithdrawn);
        IsUpperBound = Column(rows, r => r.Effect.Coding?.Certainty == CodingCertainty.UpperBound);
        Ids = Column(rows, r => $"{r.Study.Key}/{r.Effect.Key}");
        Studies = Column(rows, r => r.Study.Key);
        Samples = Column(rows, r => r.Effect.Sample);
        Estimates = Column(rows, r => r.Effect.Stored!.Yi);
        Variances = Column(rows, r => r.Effect.Stored!.Vi);
        Participants = Column(rows, r => (double?)r.Effect.Stored!.N);
        Notes = Column(rows, r => r.Effect.Stored!.Notes);
        RelationshipReliabilities = Column(rows, r => r.Effect.RelationshipReliability);
        OutcomeReliabilities = Column(rows, r => r.Effect.OutcomeReliability);
        Citations = Column(rows, r => r.Study.Citation);
        Assessments = Column(rows, r => r.Study.RiskOfBias);
        Years = Column(rows, r => r.Study.Citation.Year ?? 0);
        var versions = rows.Select(r => r.Study).DistinctBy(study => study.Key).ToDictionary(study => study.Key, EvidenceVersion.Of, StringComparer.Ordinal);
        Versions = Column(rows, r => versions[r.Study.Key]);
        Status = DictionaryColumn.From(rows.Select(r => EnumNames<StudyStatus>.Of(r.Study.Status)));
        _summarisedBy = DictionaryColumn.From(rows.Select(r => r.Study.Kind == StudyKind.SiteSummary ? r.Study.Tenant : null));
        _columns = FilterTable.Columns.ToFrozenDictionary(f => f.Name, f => DictionaryColumn.From(rows.Select(f.Read)));
        _moderators = Column(rows, r => r.Effect.Moderators.Count > 0 ? r.Effect.Moderators : s_noModerators);
        FreeModerators = ModeratorNames(_moderators);
    }

    // Concatenates row ranges of segments.
    private EvidenceSegment(IReadOnlyList<(EvidenceSegment Part, Range Rows)> slices)
    {
        _hasRealEffects = new(FindRealEffect);
        IsReleased = Column(slices, p => p.IsReleased);
        IsWithdrawn = Column(slices, p => p.IsWithdrawn);
        IsUpperBound = Column(slices, p => p.IsUpperBound);
        Ids = Column(slices, p => p.Ids);
        Studies = Column(slices, p => p.Studies);
        Samples = Column(slices, p => p.Samples);
        Estimates = Column(slices, p => p.Estimates);
        Variances = Column(slices, p => p.Variances);
        Participants = Column(slices, p => p.Participants);
        Notes = Column(slices, p => p.Notes);
        RelationshipReliabilities = Column(slices, p => p.RelationshipReliabilities);
        OutcomeReliabilities = Column(slices, p => p.OutcomeReliabilities);
        Citations = Column(slices, p => p.Citations);
        Assessments = Column(slices, p => p.Assessments);
        Years = Column(slices, p => p.Years);
        Versions = Column(slices, p => p.Versions);
        Status = JoinTextColumns(slices, p => p.Status);
        _summarisedBy = JoinTextColumns(slices, p => p._summarisedBy);
        _columns = FilterTable.Columns.ToFrozenDictionary(f => f.Name, f => JoinTextColumns(slices, p => p.TextColumn(f.Name)));
        _moderators = Column(slices, p => p._moderators);
        FreeModerators = ModeratorNames(_moderators);
    }

    /// <summary>Fields that can be moderators.</summary>
    public static IReadOnlyList<string> ModeratorFields { get; } = [.. FilterTable.Columns.Select(f => f.Name), Year];

    /// <summary>Sorted names of the additional moderators of the effects.</summary>
    public string[] FreeModerators { get; }

    public int Count => Ids.Length;

    /// <summary>Whether any effect is accepted, not synthetic and no upper bound.</summary>
    public bool HasRealEffects => _hasRealEffects.Value;

    /// <summary>Whether an effect was released from a site's sessions.</summary>
    public bool[] IsReleased { get; }

    /// <summary>Whether it was withdrawn since; it has no numbers.</summary>
    public bool[] IsWithdrawn { get; }

    /// <summary>Whether the publication gives no value but a bound.</summary>
    public bool[] IsUpperBound { get; }

    public string[] Ids { get; }

    public string[] Studies { get; }

    public string[] Samples { get; }

    public double[] Estimates { get; }

    public double[] Variances { get; }

    public double?[] Participants { get; }

    /// <inheritdoc cref="StoredEffect.Notes"/>
    public IReadOnlyList<string>[] Notes { get; }

    public double?[] RelationshipReliabilities { get; }

    public double?[] OutcomeReliabilities { get; }

    public Citation[] Citations { get; }

    /// <summary>Risk of bias of each effect's study; null if not assessed.</summary>
    public RiskOfBias?[] Assessments { get; }

    public long[] Years { get; }

    /// <summary>Version of each effect's study.</summary>
    public EvidenceVersion[] Versions { get; }

    public DictionaryColumn Status { get; }

    /// <summary>Builds segments from studies.</summary>
    /// <param name="studies">Studies sorted by key; published pooled results are skipped.</param>
    public static IEnumerable<EvidenceSegment> Build(IEnumerable<StudyRecord> studies)
    {
        var rows = new List<EvidenceRow>();
        foreach (var study in studies.Where(s => s.Kind != StudyKind.Reference))
        {
            rows.AddRange(study.Effects.Select(effect => new EvidenceRow(study, effect)));
            if (rows.Count >= MaxRows / 2)
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

    /// <summary>Replaces studies by later versions.</summary>
    /// <param name="changed">Changed studies, sorted by key.</param>
    /// <returns>No segment if no row is left, several if one would be too large.</returns>
    public IEnumerable<EvidenceSegment> With(IEnumerable<StudyRecord> changed)
    {
        var slices = new List<(EvidenceSegment Part, Range Rows)>();
        var from = 0;
        foreach (var study in changed)
        {
            var to = RowOf(study.Key, from);
            slices.Add((this, from..to));
            slices.AddRange(Build([study]).Select(segment => (segment, ..segment.Count)));
            from = to;
            while (from < Count && Studies[from] == study.Key)
            {
                from++;
            }
        }

        return Pack([.. slices, (this, from..Count)]);
    }

    /// <summary>Studies contributed by the tenant's own sessions or summaries.</summary>
    public IEnumerable<string> StudiesOf(string tenant) => Enumerable.Range(0, Count).Where(row => _summarisedBy[row] == tenant).Select(row => Studies[row]);

    /// <summary>The texts of a stored field.</summary>
    public DictionaryColumn TextColumn(string field) => _columns[field];

    /// <summary>Reader of the values of a moderator by row; names that are not fields refer to additional moderators.</summary>
    public Func<int, ModeratorValue?> ModeratorReader(string name)
    {
        if (name == Year)
        {
            return row => ModeratorValue.Of((double)Years[row]);
        }

        if (_columns.TryGetValue(name, out var column))
        {
            return name == FilterTable.Therapists
                ? row => column[row] is { } number ? ModeratorValue.Parse(number) : null
                : row => column[row] is { } text ? ModeratorValue.Of(text) : null;
        }

        var free = name[EvidenceSnapshot.FreeModeratorPrefix.Length..];
        return row => _moderators[row].TryGetValue(free, out var value) ? value : null;
    }

    private bool FindRealEffect()
    {
        var synthetic = TextColumn("synthetic");
        return Enumerable.Range(0, Count).Any(row => !IsUpperBound[row] && synthetic[row] == "false"
            && Status[row] == EnumNames<StudyStatus>.Of(StudyStatus.Accepted));
    }

    // First row, starting at an index, of the study or of a later one.
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

    private static IEnumerable<EvidenceSegment> Pack(IEnumerable<(EvidenceSegment Part, Range Rows)> slices)
    {
        var (packed, count) = (new List<(EvidenceSegment, Range)>(), 0);
        foreach (var (segment, rows) in slices)
        {
            var length = rows.End.Value - rows.Start.Value;
            if (count > 0 && count + length > MaxRows)
            {
                yield return new(packed);
                (packed, count) = ([], 0);
            }

            packed.Add((segment, rows));
            count += length;
        }

        if (count > 0)
        {
            yield return new(packed);
        }
    }

    private static T[] Column<T>(IReadOnlyList<EvidenceRow> rows, Func<EvidenceRow, T> read) => [.. rows.Select(read)];

    private static T[] Column<T>(IReadOnlyList<(EvidenceSegment Part, Range Rows)> slices, Func<EvidenceSegment, T[]> column)
    {
        var all = new List<T>();
        foreach (var (segment, rows) in slices)
        {
            all.AddRange(column(segment).AsSpan(rows));
        }

        return [.. all];
    }

    private static DictionaryColumn JoinTextColumns(IReadOnlyList<(EvidenceSegment Part, Range Rows)> slices, Func<EvidenceSegment, DictionaryColumn> column) =>
        DictionaryColumn.Concat(slices.Select(slice => (column(slice.Part), slice.Rows)));

    private static string[] ModeratorNames(IReadOnlyDictionary<string, ModeratorValue>[] moderators) =>
        [.. moderators.Where(m => m.Count > 0).SelectMany(m => m.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
