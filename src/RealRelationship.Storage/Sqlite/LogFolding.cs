using System.Data.Common;

using Dapper;

using Microsoft.Data.Sqlite;

namespace RealRelationshipApi.Storage.Sqlite;

/// <summary>Folds the write-ahead log back into the file when it is long, and shortens it when it grew large.</summary>
/// <remarks>
/// <code>
/// writer   ── commit ── commit ── commit ── commit ── rest ── commit: the log begins anew
///                └── most of it, on a thread beside ──┘
/// </code>
/// SQLite would do it inside a COMMIT, for which callers wait, and would keep an I/O error to itself. Copying and its sync of the file run beside the writer; but
/// what is written meanwhile keeps the log from beginning anew (sqlite.org/wal.html, "Avoiding Excessively Large WAL Files"), so that the writer itself folds that little.
/// </remarks>
internal sealed class LogFolding
{
    private const long LargestLogBytes = 64L * 1024 * 1024;
    private const int FoldedFrames = 4_000;
    private const string Fold = "PRAGMA wal_checkpoint(PASSIVE)";
    private const string Cut = "PRAGMA wal_checkpoint(TRUNCATE)";

    private readonly string _connectionString;
    private readonly string _log;
    private readonly LogLength _length;
    private readonly Func<SqliteException, SqliteConnection, StorageFault> _faultOf;
    private Task<string?>? _beside;
    private int _foldedFrames;
    private bool _mustForget;

    /// <param name="path">The file.</param>
    /// <param name="writer">Its only writer, whose thread calls everything here.</param>
    /// <param name="faultOf">What a failure on a connection means.</param>
    public LogFolding(string path, SqliteConnection writer, Func<SqliteException, SqliteConnection, StorageFault> faultOf)
    {
        (_connectionString, _log, _length, _faultOf) = (writer.ConnectionString, path + "-wal", new(writer), faultOf);
    }

    /// <summary>Sees to it that what was deleted leaves the log, too.</summary>
    public void ForgetWhatWasDeleted() => _mustForget = true;

    /// <summary>Refuses to go on after a folding beside the writer met a broken disk.</summary>
    /// <exception cref="StorageDamagedException">It met one.</exception>
    public void RefuseAfterDamage()
    {
        if (_beside is { IsCompleted: true, Result: { } damage })
        {
            throw new StorageDamagedException(damage);
        }
    }

    /// <inheritdoc cref="RefuseAfterDamage"/>
    public void AfterCommit(DbConnection writer)
    {
        RefuseAfterDamage();
        if (_length.Frames < _foldedFrames)
        {
            _foldedFrames = 0;
        }

        if (_mustForget)
        {
            // Deleted bytes are overwritten with zeros in the file; in the log they stand until it is cut. A reader may hold it: then after the next commit.
            _mustForget = !TryCut(writer);
        }
        else if (new FileInfo(_log) is { Exists: true, Length: > LargestLogBytes })
        {
            TryCut(writer);
        }
        else if (_beside is { IsCompleted: true })
        {
            _beside = null;
            writer.Execute(Fold);
            _foldedFrames = _length.Frames;
        }
        else if (_beside is null && _length.Frames >= _foldedFrames + FoldedFrames)
        {
            _beside = Task.Factory.StartNew(FoldBeside, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>Folds all of it, so that the store is one file: the last connection to close, which would do it, may be a reader, which may not.</summary>
    /// <inheritdoc cref="RefuseAfterDamage"/>
    public void BeforeClosing(DbConnection writer) => TryCut(writer);

    // Two cannot fold at the same time.
    private bool TryCut(DbConnection writer)
    {
        _beside?.Wait();
        RefuseAfterDamage();
        return writer.ExecuteScalar<long>(Cut) == 0;
    }

    /// <returns>What is broken. What else goes wrong, the writer meets again when it folds the rest.</returns>
    private string? FoldBeside()
    {
        using var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            connection.Execute(Fold);
            return null;
        }
        catch (SqliteException error)
        {
            return _faultOf(error, connection) == StorageFault.Damaged ? error.Message : null;
        }
    }
}
