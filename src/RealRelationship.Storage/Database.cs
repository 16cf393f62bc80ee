using System.Data.Common;

using Microsoft.Extensions.Options;

using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Postgres;
using RealRelationship.Storage.Sqlite;

namespace RealRelationship.Storage;

/// <summary>The store behind the service, SQLite or PostgreSQL: connections, and the few things in which the two truly differ.</summary>
/// <remarks>All other SQL is the same text on both.</remarks>
public abstract class Database : IDisposable
{
    /// <summary>The engine that the settings name; opens no connection yet.</summary>
    /// <exception cref="StoragePreconditionException">The settings are not valid.</exception>
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

    /// <summary>Which store this is, for messages; without secrets.</summary>
    public abstract string Name { get; }

    /// <summary>Full path to which a suffix is added for files kept beside the store (<c>.imports</c>, <c>.erasures</c>, <c>.development-key</c>):
    /// the SQLite file itself, or <c>Storage__Path</c> with PostgreSQL.</summary>
    public abstract string SidecarBasePath { get; }

    /// <summary>A connection for reading what is current, already open. It is interrupted when the token is cancelled,
    /// or after the time that one reading may take.</summary>
    public abstract ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken);

    /// <summary>A connection for reading that nobody has used before.</summary>
    public virtual ValueTask<DbConnection> OpenUnpooledReaderAsync(CancellationToken cancellationToken) => OpenReaderAsync(cancellationToken);

    /// <summary>A connection that knows everything that was acknowledged, or none; one for reading may lag behind while there is nobody to write to.</summary>
    public virtual ValueTask<DbConnection> OpenPrimaryAsync(CancellationToken cancellationToken) => OpenReaderAsync(cancellationToken);

    /// <summary>Whether a connection for reading leads to a copy that may lag behind.</summary>
    public virtual bool MayBeStale(DbConnection connection) => false;

    /// <summary>Whether pooled evidence is read from a server of its own.</summary>
    public virtual bool HasReplica => false;

    /// <summary>A connection for reading pooled evidence, which may lag a little behind.</summary>
    public virtual ValueTask<DbConnection> OpenReplicaAsync(CancellationToken cancellationToken) => OpenReaderAsync(cancellationToken);

    /// <summary>The connection of the writer: durable when a commit returns.</summary>
    /// <exception cref="StoragePreconditionException">The store is not one that this service can use.</exception>
    public abstract DbConnection OpenWriter();

    /// <summary>Waits a while for a server that may be starting. Whether it came is seen by whoever opens a connection next.</summary>
    public virtual Task WaitUntilReachableAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A connection that may change the schema.</summary>
    public virtual DbConnection OpenMigrationConnection() => OpenWriter();

    /// <summary>A connection on which everything is read as it was at one moment, however long that takes; the moment ends with it.</summary>
    /// <exception cref="StoragePreconditionException">There is no store, or it cannot be read.</exception>
    public abstract DbConnection OpenSnapshot();

    /// <summary>Whether a schema step was ever applied.</summary>
    public abstract bool HasSchema(DbConnection connection);

    /// <summary>What the engine itself finds wrong, each fault in a sentence.</summary>
    public abstract IEnumerable<string> CheckIntegrity(DbConnection connection);

    /// <summary>The file that is the store; null where a server keeps it.</summary>
    public virtual string? FilePath => null;

    /// <summary>Whether the service brings a store up to date by itself; otherwise that is asked for by a command,
    /// so that replicas are updated on purpose.</summary>
    public virtual bool MigratesOnStartup => false;

    /// <summary>Whether a service is seen to use the store at this moment.</summary>
    public virtual bool IsInUse(DbConnection connection) => false;

    /// <summary>Writes a copy of the store, as it is at one moment, to a file that is not there yet; false where only the rows can be copied.</summary>
    public virtual bool TryCopyToFile(string file) => false;

    /// <summary>Stores rows as they are.</summary>
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

    /// <summary>A statement of a schema step in the words of this engine.</summary>
    public abstract string TranslateSchema(string statement);

    /// <summary>Opens a transaction in which nobody else writes.</summary>
    /// <returns>A name by which the engine can be asked later what became of the transaction; null where it cannot.</returns>
    public abstract string? BeginTransaction(DbConnection writer);

    /// <summary>From here on, until the writer's transaction ends, site data of one tenant only, where the engine looks after that.</summary>
    public virtual void SetTenant(DbConnection connection, string site) { }

    /// <summary>Opens a transaction in which no other process changes the schema.</summary>
    public abstract void BeginMigration(DbConnection connection);

    /// <summary>What a failure means for what comes next; the connection it happened on may know more than the exception tells.</summary>
    public abstract StorageErrorKind ClassifyError(Exception error, DbConnection? connection = null);

    /// <summary>What became of a transaction whose commit was not heard of; null while it is still running.</summary>
    public virtual bool? WasCommitted(DbConnection writer, string transaction) => false;

    /// <summary>Tells other processes, within the transaction, that the evidence moves.</summary>
    public virtual void NotifyEvidenceChanged(DbConnection writer) { }

    /// <summary>Whether the writer goes on with a new connection after a fault: the old one may be lost,
    /// or lead to a server that is no primary any more.</summary>
    public virtual bool ReopensWriterAfterErrors => false;

    /// <summary>Asks that the bytes of what was deleted leave the files with the next housekeeping, on the writer's thread.</summary>
    public virtual void SchedulePurge() { }

    /// <summary>Housekeeping after a commit, on the writer's thread.</summary>
    public virtual void AfterCommit(DbConnection writer) { }

    /// <summary>Housekeeping when nothing more will be written; what was deleted is in no file any more.</summary>
    public virtual void BeforeClose(DbConnection writer) { }

    /// <summary>Waits until another process may have changed the store, or the time is over.</summary>
    public abstract Task WaitForChangeAsync(TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Bytes that can still be stored; null where the engine does not tell.</summary>
    public abstract long? FreeBytes { get; }

    /// <summary>Length of the write-ahead log, where it is the service that folds it back.</summary>
    public virtual long? WalBytes => null;

    /// <summary>Closes idle connections, so that the writer closes last.</summary>
    public virtual void CloseIdleReaderConnections() { }

    /// <summary>Reads what is current, and once more when the connection turns out to be lost, as all are after a restart of the server.</summary>
    public async Task<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(read);
        await using (var connection = await OpenReaderAsync(cancellationToken))
        {
            try
            {
                return read(connection);
            }
            catch (Exception error) when (ClassifyError(error, connection) == StorageErrorKind.Transient)
            {
                // The other connections that were open before are lost too.
            }
        }

        await using var freshConnection = await OpenUnpooledReaderAsync(cancellationToken);
        return read(freshConnection);
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) { }
}
