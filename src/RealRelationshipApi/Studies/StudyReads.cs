using System.Data;
using System.Security.Cryptography;
using System.Text.Json;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies;

/// <summary>Reads studies. Current state is a view of the history: of each study the latest version not after a revision.</summary>
public static class StudyReads
{
    private const string Versions = """
        SELECT v.study_key AS Key, v.version, v.tenant, v.evidence, v.recorded_at AS RecordedAt, v.status, v.content, v.content_hash AS ContentHash, v.row_hash AS RowHash
        FROM study_version v
        """;

    private const string LatestUpTo = """
        v.evidence <= @revision AND NOT EXISTS
          (SELECT 1 FROM study_version later WHERE later.study_key = v.study_key AND later.version = v.version + 1 AND later.evidence <= @revision)
        """;

    // SQLite takes the left side of CROSS JOIN first (sqlite.org/optoverview.html#crossjoin): a condition is asked once of a version, not of each of its effects.
    private const string Effects = """
        SELECT e.study_key AS Key, e.version, e.position, e.effect_key AS EffectKey, e.yi, e.vi, e.n, e.converted, e.approximate, e.turned, e.formula
        FROM study_version v CROSS JOIN study_effect e
        """;

    private const long Newest = long.MaxValue;

    // What else moves the evidence is no study.
    private static readonly string[] s_kinds = [.. new[] { ChangeKind.Submitted, ChangeKind.Replaced, ChangeKind.Retracted, ChangeKind.Reviewed }.Select(k => k.ToString().ToLowerInvariant())];

    /// <summary>The current version of a study; null when there never was one.</summary>
    public static StudyRecord? Current(IDbConnection connection, string key) =>
        Read(connection, $"v.study_key = @key AND {LatestUpTo}", new { key, revision = Newest }).SingleOrDefault();

    /// <summary>Every version of a study, the first first; empty when there never was one.</summary>
    public static IReadOnlyList<StudyRecord> History(IDbConnection connection, string key) =>
        Read(connection, "v.study_key = @key", new { key });

    /// <summary>Current studies in the order of their keys, from the one after <paramref name="after"/>; those retracted are left out.</summary>
    public static IReadOnlyList<StudyRecord> List(IDbConnection connection, string after, int limit) =>
        Read(connection, $"v.study_key > @after AND v.status <> 'retracted' AND {LatestUpTo}", new { after, limit, revision = Newest }, "LIMIT @limit");

    /// <summary>Every study as it stood at an evidence revision, retracted ones included, in the order of their keys: just those that the log says, each as it was written.</summary>
    /// <exception cref="StorageCorruptionException">A version is missing, or is not what was written; the message names it.</exception>
    public static IReadOnlyList<StudyRecord> At(IDbConnection connection, long revision, ChangeLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        return [.. At(connection, revision, log.ReadEvidenceEntries(connection, 0, revision), log)];
    }

    /// <summary>The same, some studies at a time while they are gone through: what has been seen need not stay in memory.</summary>
    /// <inheritdoc cref="At(IDbConnection, long, ChangeLog)"/>
    /// <param name="connection">Where to read.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="entries">What the log says of the evidence up to that revision.</param>
    /// <param name="log">Hashes what is stored.</param>
    public static IEnumerable<StudyRecord> At(IDbConnection connection, long revision, IEnumerable<EvidenceLogEntry> entries, ChangeLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        return Checked(log, Latest(entries), Pages("", row => row.Version.Key,
            after => ReadRows(connection, $"v.study_key > @after AND {LatestUpTo}", new { after, revision, PageLength }, "LIMIT @PageLength")));
    }

    /// <summary>The studies that some entries of the log changed, as they stood at a revision, in the order of their keys: each as it was written.</summary>
    /// <inheritdoc cref="At(IDbConnection, long, ChangeLog)"/>
    /// <param name="connection">Where to read.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="entries">What the log says of the evidence from another revision up to this one.</param>
    /// <param name="log">Hashes what is stored.</param>
    public static IReadOnlyList<StudyRecord> Changed(IDbConnection connection, long revision, IEnumerable<EvidenceLogEntry> entries, ChangeLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        return [.. Latest(entries).Chunk(PageLength).SelectMany(some => Checked(log, some, ReadRows(connection, some, revision)))];
    }

    /// <summary>The evidence revision of now.</summary>
    public static long CurrentRevision(IDbConnection connection) => connection.ExecuteScalar<long>("SELECT evidence FROM revision");

    /// <summary>The last evidence revision recorded at or before an instant; 0 when there was none yet.</summary>
    public static long RevisionAt(IDbConnection connection, DateTimeOffset instant) =>
        connection.ExecuteScalar<long>("SELECT coalesce(max(evidence), 0) FROM change WHERE recorded_at <= @instant", new { instant = UtcTimestamp.ToText(instant) });

    /// <summary>When an evidence revision came about; null for revision 0.</summary>
    public static DateTimeOffset? RecordedAt(IDbConnection connection, long revision) =>
        connection.ExecuteScalar<string?>("SELECT recorded_at FROM change WHERE evidence = @revision AND moves = 1", new { revision }) is { } text ? UtcTimestamp.Parse(text) : null;

    /// <summary>The current version as it is stored.</summary>
    internal static (VersionRow Version, IReadOnlyList<EffectRow> Effects) CurrentRows(IDbConnection connection, string key) =>
        ReadRows(connection, $"v.study_key = @key AND {LatestUpTo}", new { key, revision = Newest }, "").Single();

    /// <summary>Every version as it is stored, in the order of keys and versions, some at a time.</summary>
    internal static IEnumerable<(VersionRow Version, IReadOnlyList<EffectRow> Effects)> AllRows(IDbConnection connection) =>
        Pages((Key: "", Version: 0L), row => (row.Version.Key, row.Version.Version),
            after => ReadRows(connection, "(v.study_key, v.version) > (@Key, @Version)", new { after.Key, after.Version, PageLength }, "LIMIT @PageLength"));

    /// <summary>The current version of every study, retracted ones included, in the order of their keys, some at a time.</summary>
    internal static IEnumerable<(VersionRow Version, IReadOnlyList<EffectRow> Effects)> CurrentRows(IDbConnection connection) =>
        Pages("", row => row.Version.Key,
            after => ReadRows(connection, $"v.study_key > @after AND {LatestUpTo}", new { after, revision = Newest, PageLength }, "LIMIT @PageLength"));

    /// <summary>Reads page after page, each after the last row of the one before, until one is empty.</summary>
    internal static IEnumerable<T> Pages<T, TKey>(TKey beginning, Func<T, TKey> keyOf, Func<TKey, IReadOnlyList<T>> read)
    {
        for (var page = read(beginning); page.Count > 0; page = read(keyOf(page[^1])))
        {
            foreach (var row in page)
            {
                yield return row;
            }
        }
    }

    internal const int PageLength = 500;

    private static IOrderedEnumerable<EvidenceLogEntry> Latest(IEnumerable<EvidenceLogEntry> entries)
    {
        var latest = new Dictionary<string, EvidenceLogEntry>(StringComparer.Ordinal);
        foreach (var entry in entries.Where(e => s_kinds.Contains(e.Entry.Kind)))
        {
            latest[entry.Subject.Subject] = entry;
        }

        return latest.Values.OrderBy(e => e.Subject.Subject, StringComparer.Ordinal);
    }

    // Both in the order of keys.
    private static IEnumerable<StudyRecord> Checked(ChangeLog log, IEnumerable<EvidenceLogEntry> expected, IEnumerable<(VersionRow Version, IReadOnlyList<EffectRow> Effects)> rows)
    {
        using var entries = expected.GetEnumerator();
        foreach (var row in rows)
        {
            Check(log, entries.MoveNext() ? entries.Current : null, row);
            yield return Record(row.Version, row.Effects);
        }

        if (entries.MoveNext())
        {
            Check(log, entries.Current, null);
        }
    }

    private static void Check(ChangeLog log, EvidenceLogEntry? entry, (VersionRow Version, IReadOnlyList<EffectRow> Effects)? row)
    {
        if (entry is null)
        {
            throw new StorageCorruptionException($"Study '{row!.Value.Version.Key}' is stored, but the log knows nothing of it.");
        }

        if (row is not { } found || found.Version.Key != entry.Subject.Subject || found.Version.Version != entry.Subject.Version
            || !CryptographicOperations.FixedTimeEquals(entry.Subject.ContentHash, found.Version.Hash(log.CreateHash(VersionRow.Purpose), found.Effects)))
        {
            throw new StorageCorruptionException($"Version {entry.Subject.Version} of study '{entry.Subject.Subject}' is not what was written.");
        }
    }

    private static List<StudyRecord> Read(IDbConnection connection, string condition, object parameters, string limit = "") =>
        [.. ReadRows(connection, condition, parameters, limit).Select(row => Record(row.Version, row.Effects))];

    // A list as one parameter is another statement on each engine.
    private static List<(VersionRow Version, IReadOnlyList<EffectRow> Effects)> ReadRows(IDbConnection connection, EvidenceLogEntry[] entries, long revision)
    {
        var parameters = new DynamicParameters(new { revision });
        foreach (var (i, entry) in entries.Index())
        {
            parameters.Add($"key{i}", entry.Subject.Subject);
        }

        return ReadRows(connection, $"v.study_key IN ({string.Join(", ", entries.Select((_, i) => $"@key{i}"))}) AND {LatestUpTo}", parameters, "");
    }

    // Effects are read under the same condition as their versions, and no further than the last of them.
    private static List<(VersionRow Version, IReadOnlyList<EffectRow> Effects)> ReadRows(IDbConnection connection, string condition, object parameters, string limit)
    {
        var rows = connection.Query<VersionRow>($"{Versions} WHERE {condition} ORDER BY v.study_key, v.version {limit}", parameters).ToList();
        if (rows.Count == 0)
        {
            return [];
        }

        var withLast = new DynamicParameters(parameters);
        withLast.Add("lastKey", rows[^1].Key);
        withLast.Add("lastVersion", rows[^1].Version);
        var byVersion = connection.Query<EffectRow>($"{Effects} WHERE e.study_key = v.study_key AND e.version = v.version AND {condition} AND (v.study_key, v.version) <= (@lastKey, @lastVersion) ORDER BY v.study_key, v.version, e.position", withLast)
            .ToLookup(e => (e.Key, e.Version));
        return rows.ConvertAll(row => (row, (IReadOnlyList<EffectRow>)[.. byVersion[(row.Key, row.Version)]]));
    }

    internal static StudyRecord Record(VersionRow row, IReadOnlyList<EffectRow> effects)
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
            Effects = [.. study.Effects.Select((effect, i) => effect with { Stored = stored[i].ToStored(effect.Statistic) })],
        };
    }
}
