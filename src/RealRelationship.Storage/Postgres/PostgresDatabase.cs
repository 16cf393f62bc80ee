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
    private const string BeginSnapshotSql = $"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {PostgresBatch.SetTenantSql}";
    // The history that a server writes, and its start: transaction numbers mean the same only in one.
    private const string ServerSql = $"({PostgresTimeline.Sql}) || '/' || extract(epoch FROM pg_postmaster_start_time())";

    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_startupTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_startupRetryDelay = TimeSpan.FromMilliseconds(250);

    private readonly PostgresDataSources _sources;
    private readonly PostgresTimeline _timeline = new();
    private readonly TimeSpan _commitTimeout;
    private NpgsqlConnection? _listener;

    public PostgresDatabase(IOptions<StorageOptions> options)
    {
        SidecarBasePath = Path.GetFullPath(options.Value.Path);
        _sources = new(options.Value, _timeline);
        _commitTimeout = options.Value.WriteTimeout;
    }

    public override string Name => _sources.Name;

    public override string SidecarBasePath { get; }

    public override long? FreeBytes => null;

    public override bool ReopensWriterAfterErrors => true;

    /// <remarks>It leads to a standby, or to a primary that was replaced.</remarks>
    public override bool MayBeStale(DbConnection connection) =>
        connection.ExecuteScalar<long>($"SELECT {PostgresTimeline.Sql}") is var timeline && (timeline == 0 || !_timeline.Observe(timeline));

    public override bool HasReplica => _sources.HasReplica;

    /// <remarks>Any pooled connection may be lost, and a new one afterwards.</remarks>
    public override async Task<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(_sources.Reading, read, cancellationToken);
        }
        catch (PostgresConnectionLostException)
        {
            return await ReadAsync(_sources.UnpooledReading, read, cancellationToken);
        }
    }

    public override Task<T> ReadPrimaryAsync<T>(Func<DbConnection, T> read, CancellationToken cancellationToken) =>
        ReadAsync(_sources.Primary, read, cancellationToken);

    public override Task<T> ReadReplicaAsync<T>(Func<DbConnection, T> read, CancellationToken cancellationToken) =>
        ReadAsync(_sources.Replica, read, cancellationToken);

    private Task<T> ReadAsync<T>(PostgresSource servers, Func<DbConnection, T> read, CancellationToken cancellationToken) =>
        servers.RunAsync(async server =>
        {
            NpgsqlConnection? connection = null;
            try
            {
                connection = await server.OpenConnectionAsync(cancellationToken);
                await BeginTenantReadAsync(connection, cancellationToken);
                return read(connection);
            }
            catch (Exception error) when (ClassifyError(error, connection) == StorageErrorKind.Transient)
            {
                throw new PostgresConnectionLostException(error.Message, error);
            }
            finally
            {
                connection?.Dispose();
            }
        });

    // The setting ends with the transaction, and the transaction when the connection returns to the pool, as a pooler in transaction mode requires.
    private static async Task<NpgsqlConnection> BeginTenantReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            new CommandDefinition(BeginSnapshotSql, new { site = TenantScope.Current }, cancellationToken: cancellationToken));
        return connection;
    }

    public override DbConnection OpenWriter() => RequireSupportedVersion(_sources.Writing.Open());

    internal override SqlBatch CreateBatch(DbConnection connection) => new PostgresBatch((NpgsqlConnection)connection, _commitTimeout);

    public override DbConnection OpenMigrationConnection() => OpenConnection(_sources.Owner);

    public override DbConnection OpenSnapshot()
    {
        var connection = OpenConnection(_sources.Snapshots);
        connection.Execute(BeginSnapshotSql, new { site = TenantScope.Current });
        if (HasSchema(connection))
        {
            return connection;
        }

        connection.Dispose();
        throw new StoragePreconditionException($"There is no store at {Name}.");
    }

    private NpgsqlConnection OpenConnection(PostgresSource source)
    {
        try
        {
            return RequireSupportedVersion(source.Open());
        }
        catch (Exception error) when (ClassifyError(error) != StorageErrorKind.None)
        {
            throw new StoragePreconditionException($"PostgreSQL at {Name} cannot be used as a store: {error.Message}", error);
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
                await using var connection = await _sources.Owner.OpenAsync(cancellationToken);
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
    /// of a service that was cut off in the middle; one for statements would cancel a commit.
    /// </remarks>
    internal override TransactionId? BeginTransaction(DbConnection writer)
    {
        var (id, timeline, server) = writer.QuerySingle<(string, long, string)>(
            $"""
            BEGIN ISOLATION LEVEL READ COMMITTED;
            SET LOCAL lock_timeout = '5s';
            SET LOCAL idle_in_transaction_session_timeout = '5s';
            SET LOCAL statement_timeout = 0;
            SELECT pg_current_xact_id()::text, {PostgresTimeline.Sql}, {ServerSql} FROM revision FOR UPDATE;
            SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') IN ('off', 'local');
            """);
        return _timeline.Observe(timeline) ? new(id, server)
            : throw new NpgsqlException(
                $"PostgreSQL at {writer.DataSource} is on timeline {timeline}, but timeline {_timeline.Highest} was seen: it is not the primary any more. "
                    + "After a move to another server on purpose, restart the service.");
    }

    public override void BeginMigration(DbConnection owner) =>
        owner.Execute("BEGIN; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(hashtext('realrelationship schema'))");

    public override StorageErrorKind ClassifyError(Exception error, DbConnection? connection = null) => PostgresErrors.Classify(error, connection);

    /// <remarks>An error ends the transaction; one that ends the connection, or none at all, leaves open whether it had committed.</remarks>
    internal override bool MayHaveCommitted(Exception error) => error is not PostgresException { InvariantSeverity: "ERROR" };

    internal override CommitOutcome GetCommitOutcome(DbConnection writer, TransactionId transaction)
    {
        try
        {
            var (status, server) = writer.QuerySingle<(string?, string)>(
                $"SELECT pg_xact_status(@Id::xid8), {ServerSql}", new { transaction.Id });
            return status switch
            {
                "committed" => server == transaction.Server ? CommitOutcome.Committed : CommitOutcome.Unknown,
                "in progress" => CommitOutcome.InProgress,
                _ => CommitOutcome.NotCommitted,
            };
        }
        catch (PostgresException future) when (future.SqlState == PostgresErrorCodes.InvalidParameterValue)
        {
            return CommitOutcome.NotCommitted;
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
    private async Task ListenAsync(PostgresSource direct, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_listener is { } listener)
        {
            await listener.WaitAsync(timeout, cancellationToken);
            return;
        }

        _listener = await direct.OpenAsync(cancellationToken);
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

    [GeneratedRegex(@"\b(INTEGER|REAL|BLOB|TEXT)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SqliteTypeName();

    [GeneratedRegex(@"\) STRICT(, WITHOUT ROWID)?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SqliteTableOption();
}
