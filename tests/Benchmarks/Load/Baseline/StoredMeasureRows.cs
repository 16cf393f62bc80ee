using Dapper;

using Microsoft.Data.Sqlite;

namespace Benchmarks.Load.Baseline;

/// <summary>The rows that the service wrote for one measure, without patient record and sums.</summary>
internal sealed record StoredMeasureRows(ChangeRow Change, SubjectRow Subject, MeasureRow Measure)
{
    static StoredMeasureRows() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <summary>Where the log ends.</summary>
    public static long LastChangeNumber(string path)
    {
        using var connection = Open(path);
        return connection.ExecuteScalar<long>("SELECT log FROM revision");
    }

    /// <summary>Every measure behind a place in the log, in the order in which they were written.</summary>
    public static IReadOnlyList<StoredMeasureRows> Read(string path, long after)
    {
        using var connection = Open(path);
        var changes = connection.Query<ChangeRow>($"SELECT {ChangeRow.Columns} FROM change WHERE number > @after", new { after })
            .ToDictionary(change => change.Number);
        var subjects = connection.Query<SubjectRow>($"SELECT {SubjectRow.Columns} FROM change_subject WHERE number > @after", new { after })
            .ToDictionary(subject => subject.Number);
        var measures = connection.Query<MeasureRow>($"SELECT {MeasureRow.Columns} FROM measure_version WHERE log > @after ORDER BY log", new { after });
        return [.. measures.Select(measure => new StoredMeasureRows(changes[measure.Log], subjects[measure.Log], measure))];
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        connection.Open();
        return connection;
    }
}

internal sealed record MeasureRow(string Tenant, byte[] Measure, long Version, long Withdraws, byte[]? Patient, long Log, string RecordedAt, byte[] ContentHash,
    byte[] Sealed)
{
    public const string Columns = "tenant, measure, version, withdraws, patient, log, recorded_at, content_hash, sealed";
}
