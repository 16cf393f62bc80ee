using System.Data;
using System.Security.Cryptography;
using System.Text.Json;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies;

/// <summary>Queries studies. The state at a revision is the latest version of each study up to it.</summary>
internal static class StudyQueries
{
    private const string VersionsSql = """
        SELECT v.study_key AS Key, v.version, v.tenant, v.evidence, v.recorded_at AS RecordedAt, v.status, v.content,
          v.content_hash AS ContentHash, v.row_hash AS RowHash, v.moved, v.changed_by AS ChangedBy, v.actor, v.reason,
          v.kind, v.year, v.search
        FROM study_version v
        """;

    // What pending, rejected and returned versions contain is not in the evidence: `moved` is 0.
    private const string UpToSql = "v.moved = 1 AND v.evidence <= @revision";

    private const string LatestUpToSql = $"{UpToSql} AND NOT EXISTS ({LaterUpToSql} {Subquery.OfEachRow})";

    /// <summary>The same for a query of all studies, which a join answers sooner.</summary>
    internal const string AllLatestUpToSql = $"{UpToSql} AND NOT EXISTS ({LaterUpToSql})";

    private const string LaterUpToSql = """
        SELECT 1 FROM study_version later
          WHERE later.study_key = v.study_key AND later.version > v.version AND later.moved = 1 AND later.evidence <= @revision
        """;

    private const string LatestSql =
        "NOT EXISTS (SELECT 1 FROM study_version later WHERE later.study_key = v.study_key AND later.version = v.version + 1)";

    // SQLite loops over the left side of CROSS JOIN first (sqlite.org/optoverview.html#crossjoin): a condition is evaluated per version,
    // not per effect.
    private const string EffectsSql = """
        SELECT e.study_key AS Key, e.version, e.position, e.effect_key AS EffectKey, e.yi, e.vi, e.n, e.converted, e.approximate, e.turned, e.formula
        FROM study_version v CROSS JOIN study_effect e
        """;

    private const long MaxRevision = long.MaxValue;

    // The kinds of evidence changes that concern studies.
    private static readonly string[] s_studyChangeKinds =
        [.. new[] { ChangeKind.Submitted, ChangeKind.Replaced, ChangeKind.Retracted, ChangeKind.Reviewed }.Select(k => k.ToString().ToLowerInvariant())];

    /// <summary>The latest version of a study, whoever may see it; null for an unknown key.</summary>
    public static StudyRecord? Latest(IDbConnection connection, string key) =>
        Read(connection, $"v.study_key = @key AND {LatestSql}", new { key }).SingleOrDefault();

    /// <summary>The latest version of a study that a caller may see; null if there is none.</summary>
    public static StudyRecord? Find(IDbConnection connection, string key, StudyViewer viewer) =>
        Read(connection, $"v.study_key = @key AND {StudyViewer.LatestVisibleSql}", new { key, viewer = viewer.Tenant, seesAll = viewer.SeesAllParameter })
            .SingleOrDefault();

    /// <summary>Whether any version of a study was accepted.</summary>
    public static bool WasAccepted(IDbConnection connection, string key) => connection.ExecuteScalar<long>(
        "SELECT count(*) FROM study_version WHERE study_key = @key AND status = 'accepted'", new { key }) > 0;

    /// <summary>All versions of a study that a caller may see, oldest first, with their authors if the caller may see those.</summary>
    public static IReadOnlyList<StudyRecord> History(IDbConnection connection, string key, StudyViewer viewer) =>
        [.. ReadRows(connection, $"v.study_key = @key AND {StudyViewer.VisibleSql("v")}",
                new { key, viewer = viewer.Tenant, seesAll = viewer.SeesAllParameter }, "")
            .Select(row => viewer.SeesAuthorOf(row.Version) ? ToRecord(row.Version, row.Effects).WithAuthor(row.Version) : ToRecord(row.Version, row.Effects))];

    /// <summary>All versions of a study that moved the evidence, oldest first; empty for an unknown key.</summary>
    public static IReadOnlyList<StudyRecord> EvidenceHistory(IDbConnection connection, string key) =>
        Read(connection, "v.study_key = @key AND v.moved = 1", new { key });

    /// <summary>Versions by key and number, sorted by these.</summary>
    public static IReadOnlyList<StudyRecord> Versions(IDbConnection connection, IReadOnlyList<(string Key, long Version)> positions)
    {
        if (positions.Count == 0)
        {
            return [];
        }

        var parameters = new DynamicParameters();
        foreach (var (i, (key, version)) in positions.Index())
        {
            parameters.Add($"key{i}", key);
            parameters.Add($"version{i}", version);
        }

        return Read(connection, $"(v.study_key, v.version) IN (VALUES {string.Join(", ", positions.Select((_, i) => $"(@key{i}, @version{i})"))})", parameters);
    }

    /// <summary>Current accepted studies that can be pooled, from a key on, sorted by key and read page by page while they are enumerated.</summary>
    public static IEnumerable<StudyRecord> PooledFrom(IDbConnection connection, string key, int pageLength)
    {
        IEnumerable<StudyRecord> first = Accepted("v.study_key = @key", "");
        return first.Concat(ReadPages(key, study => study.Key, after => Accepted("v.study_key > @key", "LIMIT @pageLength", after)))
            .Where(study => study.Kind != StudyKind.Reference);

        List<StudyRecord> Accepted(string condition, string limit, string? after = null) =>
            Read(connection, $"{condition} AND v.status = 'accepted' AND {LatestUpToSql}", new { key = after ?? key, pageLength, revision = MaxRevision },
                limit);
    }

    /// <summary>Accepted versions of studies at an evidence revision, sorted by key.</summary>
    public static IReadOnlyList<StudyRecord> AcceptedAt(IDbConnection connection, IReadOnlyList<string> keys, long revision) =>
        [.. keys.Order(StringComparer.Ordinal).Chunk(PageLength).SelectMany(some =>
        {
            var parameters = new DynamicParameters(new { revision });
            return Read(connection, $"{OneOf(some, parameters)} AND v.status = 'accepted' AND {LatestUpToSql}", parameters);
        })];

    /// <summary>All studies at an evidence revision, including retracted ones, sorted by key and verified against the change log.</summary>
    /// <exception cref="StorageCorruptionException">A version is missing or was altered; the message names it.</exception>
    public static IReadOnlyList<StudyRecord> AsOf(IDbConnection connection, long revision, ChangeLog log) =>
        [.. AsOf(connection, revision, log.ReadEvidenceEntries(connection, 0, revision), log)];

    /// <summary>All studies at an evidence revision, streamed page by page in constant memory.</summary>
    /// <inheritdoc cref="AsOf(IDbConnection, long, ChangeLog)"/>
    /// <param name="connection">Connection to the store.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="entries">The change log of the evidence up to that revision.</param>
    /// <param name="log">Hashes what is stored.</param>
    public static IEnumerable<StudyRecord> AsOf(IDbConnection connection, long revision, IEnumerable<LoggedChange> entries, ChangeLog log)
    {
        return VerifyRows(log, LatestEntries(entries), ReadPages("", row => row.Version.Key,
            after => ReadRows(connection, $"v.study_key > @after AND {LatestUpToSql}", new { after, revision, PageLength }, "LIMIT @PageLength")));
    }

    /// <summary>Studies changed by the given log entries, at a revision, sorted by key and verified against the log.</summary>
    /// <inheritdoc cref="AsOf(IDbConnection, long, ChangeLog)"/>
    /// <param name="connection">Connection to the store.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="entries">The change log of the evidence from another revision up to this one.</param>
    /// <param name="log">Hashes what is stored.</param>
    public static IReadOnlyList<StudyRecord> ChangedStudies(IDbConnection connection, long revision, IEnumerable<LoggedChange> entries, ChangeLog log) =>
        [.. LatestEntries(entries).Chunk(PageLength).SelectMany(some => VerifyRows(log, some, ReadRows(connection, some, revision)))];

    /// <summary>The current evidence revision.</summary>
    public static long CurrentRevision(IDbConnection connection) => connection.ExecuteScalar<long>("SELECT evidence FROM revision");

    /// <summary>The last evidence revision recorded at or before an instant; 0 if there is none.</summary>
    public static long RevisionAt(IDbConnection connection, DateTimeOffset instant) =>
        connection.ExecuteScalar<long>("SELECT coalesce(max(evidence), 0) FROM change WHERE recorded_at <= @instant",
            new { instant = UtcTimestamp.ToText(instant) });

    /// <summary>When an evidence revision was recorded; null for revision 0.</summary>
    public static DateTimeOffset? RecordedAt(IDbConnection connection, long revision) =>
        connection.ExecuteScalar<string?>("SELECT recorded_at FROM change WHERE evidence = @revision AND moves = 1", new { revision }) is { } text
            ? UtcTimestamp.Parse(text) : null;

    /// <summary>Rows of the latest version, whoever may see it.</summary>
    internal static (StudyVersionRow Version, IReadOnlyList<StudyEffectRow> Effects) LatestRows(IDbConnection connection, string key) =>
        ReadRows(connection, $"v.study_key = @key AND {LatestSql}", new { key }, "").Single();

    /// <summary>Rows of the version in the evidence, if that is accepted.</summary>
    internal static (StudyVersionRow Version, IReadOnlyList<StudyEffectRow> Effects)? AcceptedRows(IDbConnection connection, string key) =>
        ReadRows(connection, $"v.study_key = @key AND v.status = 'accepted' AND {LatestUpToSql}", new { key, revision = MaxRevision }, "")
            is [var accepted] ? accepted : null;

    /// <summary>Rows of all versions, sorted by key and version, read page by page.</summary>
    internal static IEnumerable<(StudyVersionRow Version, IReadOnlyList<StudyEffectRow> Effects)> AllRows(IDbConnection connection) =>
        ReadPages((Key: "", Version: 0L), row => (row.Version.Key, row.Version.Version),
            after => ReadRows(connection, "(v.study_key, v.version) > (@Key, @Version)", new { after.Key, after.Version, PageLength }, "LIMIT @PageLength"));

    /// <summary>Rows of the versions in the evidence, including retracted ones, sorted by key, read page by page.</summary>
    internal static IEnumerable<(StudyVersionRow Version, IReadOnlyList<StudyEffectRow> Effects)> EvidenceRows(IDbConnection connection) =>
        ReadPages("", row => row.Version.Key,
            after => ReadRows(connection, $"v.study_key > @after AND {LatestUpToSql}", new { after, revision = MaxRevision, PageLength }, "LIMIT @PageLength"));

    /// <summary>Reads pages, each starting after the last row of the previous one, until one is empty.</summary>
    internal static IEnumerable<T> ReadPages<T, TKey>(TKey start, Func<T, TKey> keyOf, Func<TKey, IReadOnlyList<T>> read)
    {
        for (var page = read(start); page.Count > 0; page = read(keyOf(page[^1])))
        {
            foreach (var row in page)
            {
                yield return row;
            }
        }
    }

    internal const int PageLength = 500;

    private static IOrderedEnumerable<LoggedChange> LatestEntries(IEnumerable<LoggedChange> entries)
    {
        var latest = new Dictionary<string, LoggedChange>(StringComparer.Ordinal);
        foreach (var entry in entries.Where(e => s_studyChangeKinds.Contains(e.Entry.Kind)))
        {
            latest[entry.Subject.Subject] = entry;
        }

        return latest.Values.OrderBy(e => e.Subject.Subject, StringComparer.Ordinal);
    }

    // Both are sorted by key.
    private static IEnumerable<StudyRecord> VerifyRows(ChangeLog log, IEnumerable<LoggedChange> expected,
        IEnumerable<(StudyVersionRow Version, IReadOnlyList<StudyEffectRow> Effects)> rows)
    {
        using var entries = expected.GetEnumerator();
        foreach (var row in rows)
        {
            VerifyRow(log, entries.MoveNext() ? entries.Current : null, row);
            yield return ToRecord(row.Version, row.Effects);
        }

        if (entries.MoveNext())
        {
            VerifyRow(log, entries.Current, null);
        }
    }

    private static void VerifyRow(ChangeLog log, LoggedChange? entry, (StudyVersionRow Version, IReadOnlyList<StudyEffectRow> Effects)? row)
    {
        if (entry is null)
        {
            throw new StorageCorruptionException($"Study '{row!.Value.Version.Key}' is stored, but the log knows nothing of it.");
        }

        if (row is not { } found || found.Version.Key != entry.Subject.Subject || found.Version.Version != entry.Subject.Version
            || !CryptographicOperations.FixedTimeEquals(entry.Subject.ContentHash,
                found.Version.ComputeHash(log.CreateHash(KeyPurposes.StudyVersion), found.Effects)))
        {
            throw new StorageCorruptionException($"Version {entry.Subject.Version} of study '{entry.Subject.Subject}' is not what was written.");
        }
    }

    private static List<StudyRecord> Read(IDbConnection connection, string condition, object parameters, string limit = "") =>
        [.. ReadRows(connection, condition, parameters, limit).Select(row => ToRecord(row.Version, row.Effects))];

    // The engines need different statements to pass a list as one parameter.
    private static List<(StudyVersionRow Version, IReadOnlyList<StudyEffectRow> Effects)> ReadRows(IDbConnection connection, LoggedChange[] entries,
        long revision)
    {
        var parameters = new DynamicParameters(new { revision });
        return ReadRows(connection, $"{OneOf([.. entries.Select(entry => entry.Subject.Subject)], parameters)} AND {LatestUpToSql}", parameters, "");
    }

    private static string OneOf(IReadOnlyList<string> keys, DynamicParameters parameters)
    {
        foreach (var (i, key) in keys.Index())
        {
            parameters.Add($"key{i}", key);
        }

        return $"v.study_key IN ({string.Join(", ", keys.Select((_, i) => $"@key{i}"))})";
    }

    // Reads effects by the same condition as their versions, up to the last one of these.
    private static List<(StudyVersionRow Version, IReadOnlyList<StudyEffectRow> Effects)> ReadRows(IDbConnection connection, string condition,
        object parameters, string limit)
    {
        var rows = connection.Query<StudyVersionRow>($"{VersionsSql} WHERE {condition} ORDER BY v.study_key, v.version {limit}", parameters).ToList();
        if (rows.Count == 0)
        {
            return [];
        }

        // PostgreSQL estimates how many rows lie between two keys, but not between two pairs: without the keys it reads both tables for every page.
        var withLast = new DynamicParameters(parameters);
        withLast.Add("firstKey", rows[0].Key);
        withLast.Add("lastKey", rows[^1].Key);
        withLast.Add("lastVersion", rows[^1].Version);
        var byVersion = connection.Query<StudyEffectRow>($"{EffectsSql} WHERE e.study_key = v.study_key AND e.version = v.version AND {condition} AND "
            + "v.study_key BETWEEN @firstKey AND @lastKey AND (v.study_key, v.version) <= (@lastKey, @lastVersion) "
            + "ORDER BY v.study_key, v.version, e.position", withLast)
            .ToLookup(e => (e.Key, e.Version));
        return rows.ConvertAll(row => (row, (IReadOnlyList<StudyEffectRow>)[.. byVersion[(row.Key, row.Version)]]));
    }

    internal static StudyRecord ToRecord(StudyVersionRow row, IReadOnlyList<StudyEffectRow> effects)
    {
        var study = JsonSerializer.Deserialize<StudyRecord>(row.Content, StrictJson.Options)!;
        var stored = effects.ToDictionary(e => e.Position);
        return study with
        {
            Status = EnumNames<StudyStatus>.Parse(row.Status),
            Version = row.Version,
            Revision = row.Evidence,
            RecordedAt = UtcTimestamp.Parse(row.RecordedAt),
            Tenant = row.Tenant,
            ContentHash = row.ContentHash,
            Effects = [.. study.Effects.Select((effect, i) => effect with { Stored = stored[i].ToStoredEffect(effect) })],
        };
    }
}
