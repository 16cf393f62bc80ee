using System.Data.Common;

using Dapper;

using Microsoft.Data.Sqlite;

namespace RealRelationship.Storage.Sqlite;

/// <summary>Folds the write-ahead log back into the file when it is long, and shortens it when it grew large.</summary>
/// <remarks>
/// <code>
/// writer   ── commit ── commit ── commit ── commit ── rest ── commit: the log begins anew
///                └── most of it, on a thread beside ──┘
/// </code>
/// SQLite would do it inside a COMMIT, for which callers wait, and would keep an I/O error to itself. Copying and its sync of the file run beside the writer;
/// but what is written meanwhile keeps the log from beginning anew (sqlite.org/wal.html, "Avoiding Excessively Large WAL Files"),
/// so that the writer itself folds that little.
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

    /// <param name="path">The file.</param>
    /// <param name="writer">Its only writer, whose thread calls everything here.</param>
    /// <param name="classifyError">What a failure on a connection means.</param>
    public WalCheckpointer(string path, SqliteConnection writer, Func<SqliteException, SqliteConnection, StorageErrorKind> classifyError)
    {
        (_connectionString, _walPath, _walSize, _classifyError) = (writer.ConnectionString, path + "-wal", new(writer), classifyError);
    }

    /// <summary>Sees to it that what was deleted leaves the log, too.</summary>
    public void SchedulePurge() => _purgeScheduled = true;

    /// <summary>Refuses to go on after a folding beside the writer met a broken disk.</summary>
    /// <exception cref="StorageCorruptionException">It met one.</exception>
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
            // Deleted bytes are overwritten with zeros in the file; in the log they stand until it is cut. A reader may hold it: then after the next commit.
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

    /// <summary>Folds all of it, so that the store is one file: the last connection to close, which would do it, may be a reader, which may not.</summary>
    /// <inheritdoc cref="ThrowIfCorrupted"/>
    public void BeforeClose(DbConnection writer) => TryTruncate(writer);

    // Two cannot fold at the same time.
    private bool TryTruncate(DbConnection writer)
    {
        _background?.Wait();
        ThrowIfCorrupted();
        return writer.ExecuteScalar<long>(TruncateCheckpoint) == 0;
    }

    /// <returns>What is broken. What else goes wrong, the writer meets again when it folds the rest.</returns>
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
