using System.Data;
using System.Text.Json;

using Dapper;

using RealRelationshipApi.Http;
using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Studies;

/// <summary>Reads studies. Current state is a view of the history: of each study the latest version not after a revision.</summary>
public static class StudyReads
{
    private const string Versions = """
        SELECT v.study_key AS Key, v.version, v.tenant, v.evidence, v.recorded_at AS RecordedAt, v.status, v.content, v.content_hash AS ContentHash
        FROM study_version v
        """;

    private const string LatestUpTo = """
        v.evidence <= @revision AND NOT EXISTS
          (SELECT 1 FROM study_version later WHERE later.study_key = v.study_key AND later.version = v.version + 1 AND later.evidence <= @revision)
        """;

    private const string Effects = """
        SELECT e.study_key AS Key, e.version, e.position, e.yi, e.vi, e.n, e.converted, e.approximate, e.turned, e.formula
        FROM study_effect e JOIN study_version v ON v.study_key = e.study_key AND v.version = e.version
        """;

    private const long Latest = long.MaxValue;

    /// <summary>The current version of a study; null when there never was one.</summary>
    public static StudyRecord? Current(IDbConnection connection, string key) =>
        Read(connection, $"v.study_key = @key AND {LatestUpTo}", new { key, revision = Latest }).SingleOrDefault();

    /// <summary>Every version of a study, the first first; empty when there never was one.</summary>
    public static IReadOnlyList<StudyRecord> History(IDbConnection connection, string key) =>
        Read(connection, "v.study_key = @key", new { key });

    /// <summary>Current studies in the order of their keys, from the one after <paramref name="after"/>; those retracted are left out.</summary>
    public static IReadOnlyList<StudyRecord> List(IDbConnection connection, string after, int limit) =>
        Read(connection, $"v.study_key > @after AND v.status <> 'retracted' AND {LatestUpTo}", new { after, limit, revision = Latest }, "LIMIT @limit");

    /// <summary>Every study as it stood at an evidence revision, retracted ones included, in the order of their keys.</summary>
    public static IReadOnlyList<StudyRecord> At(IDbConnection connection, long revision) =>
        Read(connection, LatestUpTo, new { revision });

    /// <summary>The evidence revision of now.</summary>
    public static long CurrentRevision(IDbConnection connection) => connection.ExecuteScalar<long>("SELECT evidence FROM revision");

    /// <summary>The last evidence revision recorded at or before an instant; 0 when there was none yet.</summary>
    public static long RevisionAt(IDbConnection connection, DateTimeOffset instant) =>
        connection.ExecuteScalar<long>("SELECT coalesce(max(evidence), 0) FROM change WHERE recorded_at <= @instant", new { instant = Instant.Text(instant) });

    /// <summary>When an evidence revision came about; null for revision 0.</summary>
    public static DateTimeOffset? RecordedAt(IDbConnection connection, long revision) =>
        connection.ExecuteScalar<string?>("SELECT min(recorded_at) FROM change WHERE evidence = @revision", new { revision }) is { } text ? Instant.Parse(text) : null;

    // Effects are read under the same condition as their versions, and no further than the last of them.
    private static List<StudyRecord> Read(IDbConnection connection, string condition, object parameters, string limit = "")
    {
        var rows = connection.Query<VersionRow>($"{Versions} WHERE {condition} ORDER BY v.study_key, v.version {limit}", parameters).ToList();
        if (rows.Count == 0)
        {
            return [];
        }

        var withLast = new DynamicParameters(parameters);
        withLast.Add("last", rows[^1].Key);
        var byVersion = connection.Query<EffectRow>($"{Effects} WHERE {condition} AND v.study_key <= @last", withLast).ToLookup(e => (e.Key, e.Version));
        return [.. rows.Select(row => Record(row, byVersion[(row.Key, row.Version)]))];
    }

    private static StudyRecord Record(VersionRow row, IEnumerable<EffectRow> effects)
    {
        var study = JsonSerializer.Deserialize<StudyRecord>(row.Content, StrictJson.Options)!;
        var stored = effects.ToDictionary(e => e.Position);
        return study with
        {
            Status = EnumNames<StudyStatus>.Parse(row.Status),
            Version = row.Version,
            Revision = row.Evidence,
            RecordedAt = Instant.Parse(row.RecordedAt),
            Tenant = row.Tenant,
            ContentHash = row.ContentHash,
            Effects = [.. study.Effects.Select((effect, i) => effect with { Stored = stored[i].ToStored(effect.Statistic) })],
        };
    }

    private sealed record VersionRow(string Key, long Version, string Tenant, long Evidence, string RecordedAt, string Status, string Content, string ContentHash);

    private sealed record EffectRow(string Key, long Version, long Position, double? Yi, double? Vi, long? N, long Converted, long Approximate, long Turned, string? Formula)
    {
        public StoredEffect? ToStored(Statistic reported) => Yi is { } yi
            ? new(yi, Vi!.Value, StoredEffect.Correlation(reported, yi, Turned != 0), N, Converted != 0, Approximate != 0, Turned != 0, Formula!)
            : null;
    }
}
