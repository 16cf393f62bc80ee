using System.Data.Common;

using Dapper;

using Microsoft.Data.Sqlite;

namespace RealRelationship.Storage.Sqlite;

/// <summary>Checkpoints the write-ahead log when it is long, and truncates it when it is large.</summary>
/// <remarks>
/// <code>
/// writer   ── commit ── commit ── commit ── commit ── rest ── commit: the log restarts
///                └── most frames, in the background ──┘
/// </code>
/// SQLite would checkpoint inside a COMMIT, while callers wait, and would swallow I/O errors. Copying and syncing run in the background;
/// frames written meanwhile keep the log from restarting (sqlite.org/wal.html, "Avoiding Excessively Large WAL Files"),
/// so that the writer checkpoints those few itself.
/// </remarks>
internal sealed class WalCheckpointer
{
    private const long MaxWalBytes = 64L * 1024 * 1024;
    private const int CheckpointFrames = 4_000;
    private const string PassiveCheckpoint = "PRAGMA wal_checkpoint(PASSIVE)";
    private const string TruncateCheckpoint = "PRAGMA wal_checkpoint(TRUNCATE)";

    private readonly string _connectionString;
    private readonly string _walPath;
    private readonly WalSize _walSize;
    private readonly Func<SqliteException, SqliteConnection, StorageErrorKind> _classifyError;
    private Task<string?>? _background;
    private int _checkpointedFrames;
    private bool _purgeScheduled;

    /// <param name="path">The database file.</param>
    /// <param name="writer">The only write connection; all members are called on its thread.</param>
    /// <param name="classifyError">Classifies a failure on a connection.</param>
    public WalCheckpointer(string path, SqliteConnection writer, Func<SqliteException, SqliteConnection, StorageErrorKind> classifyError)
    {
        (_connectionString, _walPath, _walSize, _classifyError) = (writer.ConnectionString, path + "-wal", new(writer), classifyError);
    }

    /// <summary>Schedules a truncation, so that deleted rows leave the log.</summary>
    public void SchedulePurge() => _purgeScheduled = true;

    /// <summary>Throws if a background checkpoint failed on a broken disk.</summary>
    /// <exception cref="StorageCorruptionException">It did.</exception>
    public void ThrowIfCorrupted()
    {
        if (_background is { IsCompleted: true, Result: { } damage })
        {
            throw new StorageCorruptionException(damage);
        }
    }

    /// <inheritdoc cref="ThrowIfCorrupted"/>
    public void AfterCommit(DbConnection writer)
    {
        ThrowIfCorrupted();
        if (_walSize.Frames < _checkpointedFrames)
        {
            _checkpointedFrames = 0;
        }

        if (_purgeScheduled)
        {
            // secure_delete zeroes deleted rows in the file; the log holds them until it is truncated. A reader may block that: retried after the next commit.
            _purgeScheduled = !TryTruncate(writer);
        }
        else if (new FileInfo(_walPath) is { Exists: true, Length: > MaxWalBytes })
        {
            TryTruncate(writer);
        }
        else if (_background is { IsCompleted: true })
        {
            _background = null;
            writer.Execute(PassiveCheckpoint);
            _checkpointedFrames = _walSize.Frames;
        }
        else if (_background is null && _walSize.Frames >= _checkpointedFrames + CheckpointFrames)
        {
            _background = Task.Factory.StartNew(CheckpointInBackground, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>Checkpoints everything, so that the store is a single file: the last connection to close may be a read-only one, which cannot.</summary>
    /// <inheritdoc cref="ThrowIfCorrupted"/>
    public void BeforeClose(DbConnection writer) => TryTruncate(writer);

    // Two checkpoints cannot run at the same time.
    private bool TryTruncate(DbConnection writer)
    {
        _background?.Wait();
        ThrowIfCorrupted();
        return writer.ExecuteScalar<long>(TruncateCheckpoint) == 0;
    }

    /// <returns>The message of an error that means corruption; the writer's own checkpoint meets any other error again.</returns>
    private string? CheckpointInBackground()
    {
        using var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            connection.Execute(PassiveCheckpoint);
            return null;
        }
        catch (SqliteException error)
        {
            return _classifyError(error, connection) == StorageErrorKind.Corrupted ? error.Message : null;
        }
    }
}
