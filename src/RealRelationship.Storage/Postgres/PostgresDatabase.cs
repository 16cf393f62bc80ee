using System.Data.Common;
using System.Diagnostics;
using System.Text.RegularExpressions;

using Dapper;

using Microsoft.Extensions.Options;

using Npgsql;

using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Postgres;

/// <summary>PostgreSQL 15 or newer, shared by any number of services; supports several hosts and a pooler in transaction mode.</summary>
/// <remarks>Uses no session state: each transaction sets what it needs,
/// so that a pooler may give each transaction another server connection.</remarks>
internal sealed partial class PostgresDatabase : Database
{
    private const string PostgresOnlyPrefix = "--postgres ";
    private const int MinServerVersion = 15;
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_startupTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_startupRetryDelay = TimeSpan.FromMilliseconds(250);

    private readonly PostgresDataSources _sources;
    private NpgsqlConnection? _listener;

    public PostgresDatabase(IOptions<StorageOptions> options)
    {
        SidecarBasePath = Path.GetFullPath(options.Value.Path);
        _sources = new(options.Value);
    }

    public override string Name => _sources.Name;

    public override string SidecarBasePath { get; }

    public override long? FreeBytes => null;

    public override bool ReopensWriterAfterErrors => true;

    public override bool MayBeStale(DbConnection connection) => connection.ExecuteScalar<bool>("SELECT pg_is_in_recovery()");

    public override bool HasReplica => _sources.HasReplica;

    /// <remarks>Any pooled connection may be lost.</remarks>
    public override async ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await BeginTenantReadAsync(await _sources.Reading.OpenConnectionAsync(cancellationToken), cancellationToken);
        }
        catch (Exception error) when (ClassifyError(error) == StorageErrorKind.Transient)
        {
            return await OpenUnpooledReaderAsync(cancellationToken);
        }
    }

    public override async ValueTask<DbConnection> OpenUnpooledReaderAsync(CancellationToken cancellationToken) =>
        await BeginTenantReadAsync(await _sources.UnpooledReading.OpenConnectionAsync(cancellationToken), cancellationToken);

    // The setting ends with the transaction, and the transaction when the connection returns to the pool, as a pooler in transaction mode requires.
    private static async Task<NpgsqlConnection> BeginTenantReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteAsync(
                new CommandDefinition($"BEGIN READ ONLY; {PostgresBatch.SetTenantSql}", new { site = TenantScope.Current },
                    cancellationToken: cancellationToken));
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask<DbConnection> OpenPrimaryAsync(CancellationToken cancellationToken) =>
        await _sources.Primary.OpenConnectionAsync(cancellationToken);

    public override async ValueTask<DbConnection> OpenReplicaAsync(CancellationToken cancellationToken) =>
        await _sources.Replica.OpenConnectionAsync(cancellationToken);

    public override DbConnection OpenWriter() => RequireSupportedVersion(_sources.Writing.OpenConnection());

    internal override SqlBatch CreateBatch(DbConnection connection) => new PostgresBatch((NpgsqlConnection)connection);

    public override DbConnection OpenMigrationConnection() => OpenConnection(_sources.Owner);

    public override DbConnection OpenSnapshot()
    {
        var connection = OpenConnection(_sources.Snapshots);
        connection.Execute($"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {PostgresBatch.SetTenantSql}", new { site = TenantScope.Current });
        if (HasSchema(connection))
        {
            return connection;
        }

        connection.Dispose();
        throw new StoragePreconditionException($"There is no store at {Name}.");
    }

    private NpgsqlConnection OpenConnection(NpgsqlDataSource source)
    {
        try
        {
            return RequireSupportedVersion(source.OpenConnection());
        }
        catch (Exception error) when (ClassifyError(error) != StorageErrorKind.None)
        {
            throw new StoragePreconditionException($"PostgreSQL at {Name} cannot be used as a store: {DescribeError(error)}", error);
        }
    }

    /// <remarks>The server may have been started together with the service.</remarks>
    public override async Task WaitUntilReachableAsync(CancellationToken cancellationToken)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < s_startupTimeout; await Task.Delay(s_startupRetryDelay,
            cancellationToken))
        {
            try
            {
                await using var connection = await _sources.Owner.OpenConnectionAsync(cancellationToken);
                return;
            }
            catch (Exception error) when (ClassifyError(error) == StorageErrorKind.Transient)
            {
                // It may still be starting; opening a connection afterwards reports why it cannot be used.
            }
            catch (Exception error) when (ClassifyError(error) != StorageErrorKind.None)
            {
                return;
            }
        }
    }

    public override bool HasSchema(DbConnection connection) => connection.ExecuteScalar<bool>("SELECT to_regclass('migration') IS NOT NULL");

    public override IEnumerable<string> CheckIntegrity(DbConnection connection) => PostgresIntegrity.Check(connection);

    public override bool IsInUse(DbConnection connection) => connection.ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = @ServiceName AND pid <> pg_backend_pid())",
        new { PostgresDataSources.ServiceName });

    internal override void BulkInsert(DbConnection connection, TableSchema table, IEnumerable<object?[]> rows)
    {
        if (table.IsSeeded)
        {
            base.BulkInsert(connection, table, rows);
        }
        else
        {
            PostgresCopy.BulkInsert((NpgsqlConnection)connection, table, rows);
        }
    }

    // One schema for both engines: SQLite's type names and table options are translated. Text is compared by bytes on both.
    public override string TranslateSchema(string statement) =>
        SqliteTypeName()
            .Replace(SqliteTableOption().Replace(statement.Replace(PostgresOnlyPrefix, "", StringComparison.Ordinal), ")"), word => word.Value switch
        {
            "INTEGER" => "bigint",
            "REAL" => "double precision",
            "BLOB" => "bytea",
            _ => "text COLLATE \"C\"",
        });

    /// <remarks>
    /// Locks the row of the head first, so that commits are in the order of their numbers. The timeouts release the lock
    /// of a service that was cut off in the middle.
    /// </remarks>
    public override string? BeginTransaction(DbConnection writer) => writer.ExecuteScalar<string>(
        """
        BEGIN ISOLATION LEVEL READ COMMITTED;
        SET LOCAL lock_timeout = '5s';
        SET LOCAL idle_in_transaction_session_timeout = '5s';
        SELECT pg_current_xact_id()::text FROM revision FOR UPDATE;
        SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') IN ('off', 'local');
        """);

    public override void BeginMigration(DbConnection owner) => owner.Execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('realrelationship schema'))");

    public override StorageErrorKind ClassifyError(Exception error, DbConnection? connection = null) => PostgresErrors.Classify(error, connection);

    /// <remarks>After a failover the id may be unused or another transaction's: a commit counts only together with the log entry that it wrote.</remarks>
    public override bool? WasCommitted(DbConnection writer, string transaction)
    {
        try
        {
            return writer.ExecuteScalar<string?>("SELECT pg_xact_status(@transaction::xid8)", new { transaction }) switch
            {
                "committed" => true,
                "in progress" => null,
                _ => false,
            };
        }
        catch (PostgresException future) when (future.SqlState == PostgresErrorCodes.InvalidParameterValue)
        {
            return false;
        }
    }

    /// <remarks>Polls while there is no listening connection.</remarks>
    public override async Task WaitForChangeAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        var delay = s_pollInterval < longest ? s_pollInterval : longest;
        try
        {
            await (_sources.Notifying is null ? Task.Delay(delay, cancellationToken) : ListenAsync(_sources.Notifying, delay, cancellationToken));
        }
        catch (Exception error) when (ClassifyError(error, _listener) != StorageErrorKind.None)
        {
            _listener?.Dispose();
            _listener = null;
            await Task.Delay(delay, cancellationToken);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _listener?.Dispose();
        _sources.Dispose();
        base.Dispose(disposing);
    }

    // A notification may have been missed before LISTEN, so that the caller reads at once.
    private async Task ListenAsync(NpgsqlDataSource direct, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_listener is { } listener)
        {
            await listener.WaitAsync(timeout, cancellationToken);
            return;
        }

        _listener = await direct.OpenConnectionAsync(cancellationToken);
        await _listener.ExecuteAsync($"LISTEN {PostgresBatch.Channel}");
    }

    private NpgsqlConnection RequireSupportedVersion(NpgsqlConnection connection)
    {
        if (connection.PostgreSqlVersion.Major >= MinServerVersion)
        {
            return connection;
        }

        var version = connection.PostgreSqlVersion;
        connection.Dispose();
        throw new StoragePreconditionException($"PostgreSQL {version} at {Name} is too old: {MinServerVersion} or newer is needed.");
    }

    // With several hosts each has its own error.
    private static string DescribeError(Exception error) =>
        error.InnerException is AggregateException hosts
            ? string.Join("; ", hosts.InnerExceptions.Select(host => host.Message).Distinct(StringComparer.Ordinal)) : error.Message;

    [GeneratedRegex(@"\b(INTEGER|REAL|BLOB|TEXT)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SqliteTypeName();

    [GeneratedRegex(@"\) STRICT(, WITHOUT ROWID)?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SqliteTableOption();
}
