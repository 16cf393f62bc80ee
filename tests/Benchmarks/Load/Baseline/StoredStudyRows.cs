using Dapper;

using Microsoft.Data.Sqlite;

namespace Benchmarks.Load.Baseline;

/// <summary>The rows that the service wrote for one study, in the tables of their names.</summary>
internal sealed record StoredStudyRows(ChangeRow Change, SubjectRow Subject, VersionRow Version, IReadOnlyList<EffectRow> Effects,
    IReadOnlyList<CurrentRow> Current)
{
    static StoredStudyRows() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <summary>Every study whose key begins so, in the order in which they were written.</summary>
    public static IReadOnlyList<StoredStudyRows> Read(string path, string prefix)
    {
        using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        connection.Open();
        var pattern = prefix + "-*";
        var changes = connection.Query<ChangeRow>($"SELECT {ChangeRow.Columns} FROM change").ToDictionary(change => change.Number);
        var versions = connection.Query<VersionRow>($"SELECT {VersionRow.Columns} FROM study_version WHERE study_key GLOB @pattern", new { pattern })
            .ToDictionary(version => version.StudyKey, StringComparer.Ordinal);
        var effects = connection.Query<EffectRow>($"SELECT {EffectRow.Columns} FROM study_effect WHERE study_key GLOB @pattern", new { pattern })
            .ToLookup(effect => effect.StudyKey, StringComparer.Ordinal);
        var current = connection.Query<CurrentRow>($"SELECT {CurrentRow.Columns} FROM current_effect WHERE study_key GLOB @pattern", new { pattern })
            .ToLookup(effect => effect.StudyKey, StringComparer.Ordinal);
        var subjects = connection.Query<SubjectRow>($"SELECT {SubjectRow.Columns} FROM change_subject WHERE subject GLOB @pattern ORDER BY number",
            new { pattern });
        return [
            .. subjects.Select(
                subject =>
                    new StoredStudyRows(changes[subject.Number], subject, versions[subject.Subject], [.. effects[subject.Subject]],
                        [.. current[subject.Subject]]))];
    }
}

internal sealed record ChangeRow(long Number, long Evidence, long Moves, string RecordedAt, string Tenant, string Kind, byte[] Digest, byte[] Chain)
{
    public const string Columns = "number, evidence, moves, recorded_at, tenant, kind, digest, chain";
}

internal sealed record SubjectRow(long Number, string Subject, long Version, byte[] ContentHash, byte[] Salt)
{
    public const string Columns = "number, subject, version, content_hash, salt";
}

internal sealed record VersionRow(string StudyKey, long Version, string Tenant, long Evidence, string RecordedAt, string Status, string Content,
    string ContentHash, byte[] RowHash, long Moved, string? ChangedBy, string? Actor, string? Reason)
{
    public const string Columns =
        "study_key, version, tenant, evidence, recorded_at, status, content, content_hash, row_hash, moved, changed_by, actor, reason";
}

internal sealed record EffectRow(string StudyKey, long Version, long Position, string EffectKey, double? Yi, double? Vi, long? N, long Converted,
    long Approximate, long Turned, string? Formula)
{
    public const string Columns = "study_key, version, position, effect_key, yi, vi, n, converted, approximate, turned, formula";
}

internal sealed record CurrentRow(string Identity, string StudyKey, string EffectKey, string Sample, long? N, string? Country, long Year)
{
    public const string Columns = "identity, study_key, effect_key, sample, n, country, year";
}
