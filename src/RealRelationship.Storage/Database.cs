using System.Data.Common;

using Microsoft.Extensions.Options;

using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Postgres;
using RealRelationship.Storage.Sqlite;
using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage;

/// <summary>The database behind the service, SQLite or PostgreSQL: connections, and the few operations in which the engines differ.</summary>
/// <remarks>All other SQL runs unchanged on both.</remarks>
public abstract class Database : IDisposable
{
    /// <summary>Creates the engine named in the settings; opens no connection yet.</summary>
    /// <exception cref="StoragePreconditionException">The settings are invalid.</exception>
    public static Database Open(IOptions<StorageOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return options.Value.Provider == StorageProvider.Postgres ? new PostgresDatabase(options) : new SqliteDatabase(options);
        }
        catch (OptionsValidationException invalid)
        {
            throw new StoragePreconditionException(string.Join(' ', invalid.Failures), invalid);
        }
    }

    /// <summary>Identifies the store in messages; contains no secrets.</summary>
    public abstract string Name { get; }

    /// <summary>Full path to which a suffix is added for files kept beside the store (<c>.imports</c>, <c>.erasures</c>, <c>.head</c>,
    /// <c>.development-key</c>): the SQLite file itself, or <c>Storage__Path</c> with PostgreSQL.</summary>
    public abstract string SidecarBasePath { get; }

    /// <summary>Reads current data; all statements of a read see the same state of the store. A read whose connection is lost is repeated once on a new one,
    /// possibly to another server.</summary>
    /// <param name="read">Reads from the connection. It may run twice, and must not keep the connection.</param>
    /// <param name="cancellationToken">Interrupts the read, as does the read timeout.</param>
    public abstract Task<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken cancellationToken);

    /// <summary>Reads from a server that has every acknowledged write, or fails; other reads may be stale while there is no primary.</summary>
    public virtual Task<T> ReadPrimaryAsync<T>(Func<DbConnection, T> read, CancellationToken cancellationToken) => ReadAsync(read, cancellationToken);

    /// <summary>Reads pooled evidence, which may be slightly stale.</summary>
    public virtual Task<T> ReadReplicaAsync<T>(Func<DbConnection, T> read, CancellationToken cancellationToken) => ReadAsync(read, cancellationToken);

    /// <summary>Whether a read connection leads to a replica that may be stale.</summary>
    public virtual bool MayBeStale(DbConnection connection) => false;

    /// <summary>Whether pooled evidence is read from a replica.</summary>
    public virtual bool HasReplica => false;

    /// <summary>Opens the write connection; data are durable when a commit returns.</summary>
    /// <exception cref="StoragePreconditionException">This service cannot use the store.</exception>
    public abstract DbConnection OpenWriter();

    /// <summary>Creates a queue of statements for a connection that may write.</summary>
    internal abstract SqlBatch CreateBatch(DbConnection connection);

    /// <summary>Waits briefly for a server that may still be starting. Failure shows when a connection is opened.</summary>
    public virtual Task WaitUntilReachableAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Opens a connection that may change the schema.</summary>
    public virtual DbConnection OpenMigrationConnection() => OpenWriter();

    /// <summary>Opens a connection that reads from one snapshot until it is closed, without a timeout.</summary>
    /// <exception cref="StoragePreconditionException">There is no store, or it cannot be read.</exception>
    public abstract DbConnection OpenSnapshot();

    /// <summary>Whether any migration was ever applied.</summary>
    public abstract bool HasSchema(DbConnection connection);

    /// <summary>Runs the engine's own integrity check; one sentence per error.</summary>
    public abstract IEnumerable<string> CheckIntegrity(DbConnection connection);

    /// <summary>The database file; null with a server.</summary>
    public virtual string? FilePath => null;

    /// <summary>Whether the file was removed or replaced since the writer opened it.</summary>
    public virtual bool IsDisplaced => false;

    /// <summary>Throws if <see cref="IsDisplaced"/>.</summary>
    /// <exception cref="StoreDisplacedException">What is committed would be lost.</exception>
    public virtual void ThrowIfDisplaced() { }

    /// <summary>Whether the service migrates the store when it starts; otherwise that takes the command <c>migrate</c>,
    /// so that replicas are updated on purpose.</summary>
    public virtual bool MigratesOnStartup => false;

    /// <summary>Whether a service is known to use the store now.</summary>
    public virtual bool IsInUse(DbConnection connection) => false;

    /// <summary>Writes a consistent copy of the store to a new file; false where only rows can be copied.</summary>
    public virtual bool TryCopyToFile(string file) => false;

    /// <summary>Inserts rows unchanged.</summary>
    internal virtual void BulkInsert(DbConnection connection, TableSchema table, IEnumerable<object?[]> rows)
    {
        using var command = connection.CreateCommand();
        command.CommandText = table.InsertSql;
        var parameters = table.Columns.Select((_, i) =>
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"@p{i}";
            command.Parameters.Add(parameter);
            return parameter;
        }).ToList();
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                parameters[i].Value = row[i] ?? DBNull.Value;
            }

            command.ExecuteNonQuery();
        }
    }

    /// <summary>Translates a migration statement into the dialect of this engine.</summary>
    public abstract string TranslateSchema(string statement);

    /// <summary>Begins a transaction that excludes all other writers.</summary>
    /// <returns>An identifier for <see cref="GetCommitOutcome"/>; null where a commit cannot lose its response.</returns>
    internal abstract TransactionId? BeginTransaction(DbConnection writer);

    /// <summary>Begins a transaction that excludes migrations by other processes.</summary>
    public abstract void BeginMigration(DbConnection connection);

    /// <summary>Classifies a failure; the state of the connection may say more than the exception.</summary>
    public abstract StorageErrorKind ClassifyError(Exception error, DbConnection? connection = null);

    /// <summary>Whether a commit that failed with this error may have succeeded all the same.</summary>
    internal virtual bool MayHaveCommitted(Exception error) => false;

    /// <summary>The state of a transaction with an unconfirmed commit.</summary>
    internal virtual CommitOutcome GetCommitOutcome(DbConnection writer, TransactionId transaction) => CommitOutcome.NotCommitted;

    /// <summary>Whether the writer continues on a new connection after an error: the old one may be lost,
    /// or lead to a server that is no longer the primary.</summary>
    public virtual bool ReopensWriterAfterErrors => false;

    /// <summary>Schedules a checkpoint so that deleted rows leave the files.</summary>
    public virtual void SchedulePurge() { }

    /// <summary>Housekeeping after a commit; called on the writer's thread.</summary>
    public virtual void AfterCommit(DbConnection writer) { }

    /// <summary>Housekeeping after the last write; afterwards no file holds deleted rows.</summary>
    public virtual void BeforeClose(DbConnection writer) { }

    /// <summary>Waits until another process may have changed the store, or until the timeout.</summary>
    public abstract Task WaitForChangeAsync(TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Free bytes on the disk of the store; null if unknown.</summary>
    public abstract long? FreeBytes { get; }

    /// <summary>Bytes in the write-ahead log, where this service checkpoints it.</summary>
    public virtual long? WalBytes => null;

    /// <summary>Closes idle read connections, so that the writer closes last.</summary>
    public virtual void CloseIdleReaderConnections() { }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) { }
}
