using System.Security.Cryptography;

using Dapper;

using Microsoft.Data.Sqlite;

namespace Benchmarks.Load.Baseline;

/// <summary>An empty store with the same tables and indexes, into which rows go by prepared statements, with the same hashes and the same durability.</summary>
internal sealed class BaselineStore : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly ChangeLogHashes _hashes = new();
    private readonly PreparedInsert _change;
    private readonly PreparedInsert _subject;
    private readonly PreparedInsert _version;
    private readonly PreparedInsert _effect;
    private readonly PreparedInsert _current;
    private readonly PreparedInsert _measure;
    private byte[] _chain;
    private ChangeRow? _last;

    /// <param name="path">Where there is none yet.</param>
    /// <param name="model">A store of the service.</param>
    /// <param name="chain">What the first change follows.</param>
    public BaselineStore(string path, string model, byte[] chain)
    {
        _chain = chain;
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();
        _connection.Execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cache_size = -32768");
        CopySchema(model);
        _change = new(_connection, "change", ChangeRow.Columns);
        _subject = new(_connection, "change_subject", SubjectRow.Columns);
        _version = new(_connection, "study_version", VersionRow.Columns);
        _effect = new(_connection, "study_effect", EffectRow.Columns);
        _current = new(_connection, "current_effect", CurrentRow.Columns);
        _measure = new(_connection, "measure_version", MeasureRow.Columns);
    }

    public void Begin() => _connection.Execute("BEGIN IMMEDIATE");

    public void Insert(StoredStudyRows study)
    {
        var version = study.Version;
        var row = _hashes.RowHash(version, study.Effects);
        Append(study.Change, study.Subject, row);
        _version.Run(version.StudyKey, version.Version, version.Tenant, version.Evidence, version.RecordedAt, version.Status, version.Content,
            version.ContentHash, row, version.Moved, version.ChangedBy, version.Actor, version.Reason);
        foreach (var e in study.Effects)
        {
            _effect.Run(e.StudyKey, e.Version, e.Position, e.EffectKey, e.Yi, e.Vi, e.N, e.Converted, e.Approximate, e.Turned, e.Formula);
        }

        foreach (var c in study.Current)
        {
            _current.Run(c.Identity, c.StudyKey, c.EffectKey, c.Sample, c.N, c.Country, c.Year);
        }
    }

    /// <summary>An encrypted measure, without the sums that the service updates for it.</summary>
    public void Insert(StoredMeasureRows measure)
    {
        var m = measure.Measure;
        Append(measure.Change, measure.Subject, m.ContentHash);
        _measure.Run(m.Tenant, m.Measure, m.Version, m.Withdraws, m.Patient, m.Log, m.RecordedAt, m.ContentHash, m.Sealed);
    }

    /// <summary>Writes the head of the log; what was inserted is on the disk when this returns.</summary>
    public void Commit()
    {
        _connection.Execute("UPDATE revision SET log = @Number, evidence = @Evidence, recorded_at = @RecordedAt, chain = @chain, seal = @seal",
            new { _last!.Number, _last.Evidence, _last.RecordedAt, chain = _chain, seal = _hashes.Seal(_last, _chain) });
        _connection.Execute("COMMIT");
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _change, _subject, _version, _effect, _current, _measure })
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private void Append(ChangeRow change, SubjectRow subject, byte[] contentHash)
    {
        var salted = subject with { Salt = RandomNumberGenerator.GetBytes(subject.Salt.Length) };
        var digest = _hashes.Digest(change, salted, contentHash);
        (_chain, _last) = (_hashes.Chain(_chain, change, digest), change);
        _change.Run(change.Number, change.Evidence, change.Moves, change.RecordedAt, change.Tenant, change.Kind, digest, _chain);
        _subject.Run(salted.Number, salted.Subject, salted.Version, contentHash, salted.Salt);
    }

    private void CopySchema(string model)
    {
        using var source = new SqliteConnection($"Data Source={model};Mode=ReadOnly;Pooling=False");
        // Tables before their indexes.
        foreach (var statement in source.Query<string>("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC"))
        {
            _connection.Execute(statement);
        }

        _connection.Execute("INSERT INTO revision (id, log, evidence) VALUES (1, 0, 0)");
    }
}
