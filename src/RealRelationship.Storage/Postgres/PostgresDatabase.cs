using System.Data.Common;
using System.Diagnostics;
using System.Text.RegularExpressions;

using Dapper;

using Microsoft.Extensions.Options;

using Npgsql;

namespace RealRelationshipApi.Storage.Postgres;

/// <summary>PostgreSQL 15 or newer, shared by any number of services; several hosts may be named, and a pooler in transaction mode may stand between.</summary>
/// <remarks>No session state is used: what a transaction needs it sets for itself, so that a pooler may give each transaction another server connection.</remarks>
internal sealed partial class PostgresDatabase : Database
{
    private const string ServiceName = "RealRelationshipApi";
    private const string Channel = "realrelationship";
    private const string NameSite = "SELECT set_config('realrelationship.site', @site, true)";
    private const string OnlyHere = "--postgres ";
    private const int OldestServer = 15;
    private const int WriteSeconds = 10;
    private const int ConnectSeconds = 5;
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_patienceOfStart = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pauseOfStart = TimeSpan.FromMilliseconds(250);

    private readonly NpgsqlDataSource _primary;
    private readonly NpgsqlDataSource _reading;
    private readonly NpgsqlDataSource _newReading;
    private readonly NpgsqlDataSource _replica;
    private readonly NpgsqlDataSource _writing;
    private readonly NpgsqlDataSource _owner;
    private readonly NpgsqlDataSource _snapshots;
    private readonly NpgsqlDataSource? _notifying;
    private NpgsqlConnection? _listener;

    public PostgresDatabase(IOptions<StorageOptions> options)
    {
        var settings = options.Value;
        BesidePath = Path.GetFullPath(settings.Path);
        var ordinary = Settings(settings.ConnectionString!, nameof(settings.ConnectionString));
        ordinary.CommandTimeout = settings.ReadSeconds;
        Name = $"{ordinary.Host}/{ordinary.Database}";
        (_primary, _reading, _replica) = Sources(ordinary);
        _newReading = Sources(new(ordinary.ConnectionString) { Pooling = false }).Reading;
        // A commit that took too long is not cancelled: the server would then answer that it is done, although no standby has it yet.
        _writing = Source(new(ordinary.ConnectionString) { Pooling = false, CommandTimeout = WriteSeconds, CancellationTimeout = -1 });
        _owner = Source(Unhurried(settings.MigrationConnectionString ?? settings.ConnectionString!, nameof(settings.MigrationConnectionString)));
        _snapshots = Source(Unhurried(settings.ConnectionString!, nameof(settings.ConnectionString)));
        if (settings.ReadConnectionString is { Length: > 0 } read)
        {
            var replica = Settings(read, nameof(settings.ReadConnectionString));
            replica.CommandTimeout = settings.ReadSeconds;
            _replica = NpgsqlDataSource.Create(replica);
        }

        if (settings.NotifyConnectionString is { Length: > 0 } notify)
        {
            _notifying = Source(Unhurried(notify, nameof(settings.NotifyConnectionString)));
        }
    }

    public override string Name { get; }

    public override string BesidePath { get; }

    public override long? FreeBytes => null;

    public override bool ReopensAfterFaults => true;

    public override bool MayLag(DbConnection connection) => connection.ExecuteScalar<bool>("SELECT pg_is_in_recovery()");

    public override bool HasReplica => _replica != _reading;

    /// <remarks>Of the connections that were open before, any may be lost.</remarks>
    public override async ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ForSiteAsync(await _reading.OpenConnectionAsync(cancellationToken), cancellationToken);
        }
        catch (Exception error) when (FaultOf(error) == StorageFault.Transient)
        {
            return await OpenNewReaderAsync(cancellationToken);
        }
    }

    public override async ValueTask<DbConnection> OpenNewReaderAsync(CancellationToken cancellationToken) =>
        await ForSiteAsync(await _newReading.OpenConnectionAsync(cancellationToken), cancellationToken);

    // The setting ends with the transaction, and the transaction with the connection's return to the pool, so that a pooler may stand between.
    private static async Task<NpgsqlConnection> ForSiteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteAsync(new CommandDefinition($"BEGIN READ ONLY; {NameSite}", new { site = SiteScope.Current }, cancellationToken: cancellationToken));
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override void ActFor(DbConnection writer, string site) => writer.Send(NameSite, new { site });

    public override async ValueTask<DbConnection> OpenPrimaryAsync(CancellationToken cancellationToken) => await _primary.OpenConnectionAsync(cancellationToken);

    public override async ValueTask<DbConnection> OpenReplicaAsync(CancellationToken cancellationToken) => await _replica.OpenConnectionAsync(cancellationToken);

    public override DbConnection OpenWriter() => new PipelinedConnection(NotTooOld(_writing.OpenConnection()));

    public override DbConnection OpenOwner() => Open(_owner);

    public override DbConnection OpenSnapshot()
    {
        var connection = Open(_snapshots);
        connection.Execute($"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {NameSite}", new { site = SiteScope.Current });
        if (HasSchema(connection))
        {
            return connection;
        }

        connection.Dispose();
        throw new StorageRefusedException($"There is no store at {Name}.");
    }

    private NpgsqlConnection Open(NpgsqlDataSource source)
    {
        try
        {
            return NotTooOld(source.OpenConnection());
        }
        catch (Exception error) when (FaultOf(error) != StorageFault.None)
        {
            throw new StorageRefusedException($"PostgreSQL at {Name} cannot be used as a store: {ReasonOf(error)}", error);
        }
    }

    /// <remarks>Whoever starts the service may have started the server at the same moment.</remarks>
    public override async Task WaitUntilReachableAsync(CancellationToken cancellationToken)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < s_patienceOfStart; await Task.Delay(s_pauseOfStart, cancellationToken))
        {
            try
            {
                await using var connection = await _owner.OpenConnectionAsync(cancellationToken);
                return;
            }
            catch (Exception error) when (FaultOf(error) == StorageFault.Transient)
            {
                // It may be on its way; what keeps it from being used is said by whoever opens it next.
            }
            catch (Exception error) when (FaultOf(error) != StorageFault.None)
            {
                return;
            }
        }
    }

    public override bool HasSchema(DbConnection connection) => connection.ExecuteScalar<bool>("SELECT to_regclass('migration') IS NOT NULL");

    public override IEnumerable<string> Faults(DbConnection connection) => PostgresIntegrity.Faults(connection);

    public override bool IsInUse(DbConnection connection) => connection.ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = @ServiceName AND pid <> pg_backend_pid())", new { ServiceName });

    internal override void Load(DbConnection connection, StoredTable table, IEnumerable<object?[]> rows)
    {
        if (table.IsSeeded)
        {
            base.Load(connection, table, rows);
        }
        else
        {
            PostgresCopy.Load((NpgsqlConnection)connection, table, rows);
        }
    }

    // One schema for both engines: SQLite's five words in PostgreSQL's, and what only PostgreSQL can. Text is compared by its bytes on both.
    public override string Schema(string statement) =>
        SqliteWord().Replace(TableOption().Replace(statement.Replace(OnlyHere, "", StringComparison.Ordinal), ")"), word => word.Value switch
        {
            "INTEGER" => "bigint",
            "REAL" => "double precision",
            "BLOB" => "bytea",
            _ => "text COLLATE \"C\"",
        });

    /// <remarks>
    /// The row of the head is locked first, so that the order of commits is the order of numbers. A service that is cut off
    /// in the middle must not keep the others waiting for that row longer than they have patience.
    /// </remarks>
    public override string? Begin(DbConnection writer) => writer.ExecuteScalar<string>(
        """
        BEGIN ISOLATION LEVEL READ COMMITTED;
        SET LOCAL lock_timeout = '5s';
        SET LOCAL idle_in_transaction_session_timeout = '5s';
        SELECT pg_current_xact_id()::text FROM revision FOR UPDATE;
        SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') IN ('off', 'local');
        """);

    public override void BeginSchemaChange(DbConnection owner) => owner.Execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('realrelationship schema'))");

    public override StorageFault FaultOf(Exception error, DbConnection? connection = null) => PostgresFaults.Of(error, connection);

    /// <remarks>After a failover the number may belong to nobody yet, or to another's transaction: a commit counts only together with what it wrote.</remarks>
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

    public override void Announce(DbConnection writer) => writer.Send($"NOTIFY {Channel}");

    /// <remarks>Without a listening connection, or while it is lost, the time is short enough to be called polling.</remarks>
    public override async Task WaitForChangeAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        var pause = s_pollInterval < longest ? s_pollInterval : longest;
        try
        {
            await (_notifying is null ? Task.Delay(pause, cancellationToken) : ListenAsync(_notifying, pause, cancellationToken));
        }
        catch (Exception error) when (FaultOf(error, _listener) != StorageFault.None)
        {
            _listener?.Dispose();
            _listener = null;
            await Task.Delay(pause, cancellationToken);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _listener?.Dispose();
        foreach (var source in new[] { _primary, _reading, _newReading, _replica, _writing, _owner, _snapshots, _notifying })
        {
            source?.Dispose();
        }

        base.Dispose(disposing);
    }

    // Whoever begins to listen may have missed something, so it asks at once.
    private async Task ListenAsync(NpgsqlDataSource direct, TimeSpan longest, CancellationToken cancellationToken)
    {
        if (_listener is { } listener)
        {
            await listener.WaitAsync(longest, cancellationToken);
            return;
        }

        _listener = await direct.OpenConnectionAsync(cancellationToken);
        await _listener.ExecuteAsync($"LISTEN {Channel}");
    }

    private NpgsqlConnection NotTooOld(NpgsqlConnection connection)
    {
        if (connection.PostgreSqlVersion.Major >= OldestServer)
        {
            return connection;
        }

        var version = connection.PostgreSqlVersion;
        connection.Dispose();
        throw new StorageRefusedException($"PostgreSQL {version} at {Name} is too old: {OldestServer} or newer is needed.");
    }

    /// <exception cref="StorageRefusedException">The text is not a connection string. It is not repeated, since it may hold a password.</exception>
    private static NpgsqlConnectionStringBuilder Settings(string connectionString, string setting)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true };
            settings.ApplicationName ??= ServiceName;
            if (!settings.ShouldSerialize("Timeout"))
            {
                settings.Timeout = ConnectSeconds;
            }

            return settings;
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            throw new StorageRefusedException($"Storage__{setting} is not in Npgsql's form, for example Host=db;Database=realrelationship;Username=realrelationship;Password=…", error);
        }
    }

    // Of several hosts each has a reason of its own.
    private static string ReasonOf(Exception error) =>
        error.InnerException is AggregateException hosts ? string.Join("; ", hosts.InnerExceptions.Select(host => host.Message).Distinct(StringComparer.Ordinal)) : error.Message;

    // For connections of their own, on which a statement takes as long as it takes.
    private static NpgsqlConnectionStringBuilder Unhurried(string connectionString, string setting)
    {
        var settings = Settings(connectionString, setting);
        (settings.Pooling, settings.CommandTimeout) = (false, 0);
        return settings;
    }

    private static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder settings) =>
        IsCluster(settings) ? new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary) : NpgsqlDataSource.Create(settings);

    // Of a cluster: who has everything, who is asked as long as there is one, and who is asked for evidence. They share their connections.
    private static (NpgsqlDataSource Primary, NpgsqlDataSource Reading, NpgsqlDataSource Replica) Sources(NpgsqlConnectionStringBuilder settings)
    {
        if (!IsCluster(settings))
        {
            var only = NpgsqlDataSource.Create(settings);
            return (only, only, only);
        }

        var hosts = new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost();
        return (hosts.WithTargetSession(TargetSessionAttributes.Primary), hosts.WithTargetSession(TargetSessionAttributes.PreferPrimary), hosts.WithTargetSession(TargetSessionAttributes.PreferStandby));
    }

    private static bool IsCluster(NpgsqlConnectionStringBuilder settings) => settings.Host?.Contains(',', StringComparison.Ordinal) == true;

    [GeneratedRegex(@"\b(INTEGER|REAL|BLOB|TEXT)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SqliteWord();

    [GeneratedRegex(@"\) STRICT(, WITHOUT ROWID)?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TableOption();
}
