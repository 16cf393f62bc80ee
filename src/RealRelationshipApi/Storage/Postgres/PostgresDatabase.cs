using System.Data.Common;
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
    private const int OldestServer = 15;
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(250);

    private readonly NpgsqlDataSource _primary;
    private readonly NpgsqlDataSource _replica;
    private readonly string _ownerString;
    private readonly string _snapshotString;
    private readonly string? _notifyString;
    private NpgsqlConnection? _listener;

    public PostgresDatabase(IOptions<StorageOptions> options)
    {
        var settings = options.Value;
        BesidePath = Path.GetFullPath(settings.Path);
        var ordinary = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { CommandTimeout = settings.ReadSeconds, NoResetOnClose = true, ApplicationName = ServiceName };
        Name = $"{ordinary.Host}/{ordinary.Database}";
        _ownerString = Unhurried(settings.MigrationConnectionString ?? settings.ConnectionString!);
        _snapshotString = Unhurried(settings.ConnectionString!);
        _notifyString = settings.NotifyConnectionString;
        _primary = Source(ordinary, TargetSessionAttributes.Primary);
        _replica = settings.ReadConnectionString is { Length: > 0 } read
            ? NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(read) { CommandTimeout = settings.ReadSeconds, NoResetOnClose = true })
            : Source(ordinary, TargetSessionAttributes.PreferStandby);
    }

    public override string Name { get; }

    public override string BesidePath { get; }

    public override long? FreeBytes => null;

    public override bool ReopensAfterFaults => true;

    public override async ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken) => await _primary.OpenConnectionAsync(cancellationToken);

    public override async ValueTask<DbConnection> OpenReplicaAsync(CancellationToken cancellationToken) => await _replica.OpenConnectionAsync(cancellationToken);

    public override DbConnection OpenWriter()
    {
        var connection = _primary.OpenConnection();
        return connection.PostgreSqlVersion.Major >= OldestServer
            ? connection
            : throw new StorageRefusedException($"PostgreSQL {connection.PostgreSqlVersion} is too old: {OldestServer} or newer is needed.");
    }

    public override DbConnection OpenOwner() => Open(_ownerString);

    public override DbConnection OpenSnapshot()
    {
        var connection = Open(_snapshotString);
        connection.Execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        return HasSchema(connection) ? connection : throw new StorageRefusedException($"There is no store at {Name}.");
    }

    public override bool HasSchema(DbConnection connection) => connection.ExecuteScalar<bool>("SELECT to_regclass('migration') IS NOT NULL");

    // What can be asked without an extension. Every row is read by the other checks, whichever page it is on.
    public override IEnumerable<string> Faults(DbConnection connection)
    {
        foreach (var index in connection.Query<string>(
            """
            SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
            WHERE relnamespace = current_schema()::regnamespace AND NOT (indisvalid AND indisready)
            """))
        {
            yield return $"PostgreSQL does not use index {index}: it is not valid.";
        }

        if (connection.ExecuteScalar<long?>("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()") is { } failures and > 0)
        {
            yield return $"PostgreSQL has met {failures} pages whose checksum was wrong.";
        }

        foreach (var (child, parent, match, columns) in connection.Query<(string Child, string Parent, string Match, string Columns)>(
            """
            SELECT f.conrelid::regclass::text, f.confrelid::regclass::text, string_agg(format('p.%I = c.%I', pa.attname, ca.attname), ' AND '), string_agg(format('c.%I', ca.attname), ', ')
            FROM pg_constraint f CROSS JOIN LATERAL unnest(f.conkey, f.confkey) AS pair (child, parent)
            JOIN pg_attribute ca ON ca.attrelid = f.conrelid AND ca.attnum = pair.child
            JOIN pg_attribute pa ON pa.attrelid = f.confrelid AND pa.attnum = pair.parent
            WHERE f.contype = 'f' AND f.connamespace = current_schema()::regnamespace GROUP BY f.oid, f.conrelid, f.confrelid
            """).ToList())
        {
            if (connection.ExecuteScalar<long>($"SELECT count(*) FROM {child} c WHERE num_nulls({columns}) = 0 AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {match})") is var rows and > 0)
            {
                yield return $"{rows} rows of {child} belong to rows of {parent} that are not there.";
            }
        }
    }

    // One schema for both engines: SQLite's five words in PostgreSQL's. Text is compared by its bytes on both.
    public override string Schema(string statement) =>
        SqliteWord().Replace(TableOption().Replace(statement, ")"), word => word.Value switch
        {
            "INTEGER" => "bigint",
            "REAL" => "double precision",
            "BLOB" => "bytea",
            _ => "text COLLATE \"C\"",
        });

    public override bool IsInUse(DbConnection connection) => connection.ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = @ServiceName AND pid <> pg_backend_pid())", new { ServiceName });

    internal override void Load(DbConnection connection, StoredTable table, IEnumerable<object?[]> rows)
    {
        if (table.IsSeeded)
        {
            base.Load(connection, table, rows);
            return;
        }

        using var copy = ((NpgsqlConnection)connection).BeginBinaryImport($"COPY {table.Name} ({table.ColumnNames}) FROM STDIN (FORMAT BINARY)");
        copy.Timeout = TimeSpan.Zero;
        foreach (var row in rows)
        {
            copy.StartRow();
            foreach (var value in row)
            {
                Write(copy, value);
            }
        }

        copy.Complete();
    }

    private static void Write(NpgsqlBinaryImporter copy, object? value)
    {
        switch (value)
        {
            case null: copy.WriteNull(); break;
            case long number: copy.Write(number); break;
            case double number: copy.Write(number); break;
            case string text: copy.Write(text); break;
            case byte[] bytes: copy.Write(bytes); break;
            default: throw new NotSupportedException($"No column holds a {value.GetType().Name}.");
        }
    }

    /// <remarks>The row of the head is locked first, so that the order of commits is the order of numbers.</remarks>
    public override string? Begin(DbConnection writer) => writer.ExecuteScalar<string>(
        """
        BEGIN ISOLATION LEVEL READ COMMITTED;
        SELECT pg_current_xact_id()::text FROM revision FOR UPDATE;
        SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') IN ('off', 'local');
        """);

    public override void BeginSchemaChange(DbConnection owner) => owner.Execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('realrelationship schema'))");

    // postgresql.org/docs/current/errcodes-appendix.html
    public override StorageFault FaultOf(Exception error, DbConnection? connection = null) => error switch
    {
        StorageDamagedException => StorageFault.Damaged,
        PostgresException server => server.SqlState switch
        {
            ['2', '3', ..] => StorageFault.Constraint,
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable => StorageFault.Transient,
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections => StorageFault.Transient,
            ['0', '8', ..] => StorageFault.Transient,
            PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.ReadOnlySqlTransaction => StorageFault.Unwritable,
            PostgresErrorCodes.QueryCanceled => StorageFault.Interrupted,
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => StorageFault.Damaged,
            _ => StorageFault.Other,
        },
        NpgsqlException { InnerException: TimeoutException } when connection?.State == System.Data.ConnectionState.Open => StorageFault.Interrupted,
        NpgsqlException => StorageFault.Transient,
        DbException => StorageFault.Other,
        InvalidOperationException when connection is { State: not System.Data.ConnectionState.Open } => StorageFault.Transient,
        _ => StorageFault.None,
    };

    public override bool? WasCommitted(DbConnection writer, string transaction) =>
        writer.ExecuteScalar<string?>("SELECT pg_xact_status(@transaction::xid8)", new { transaction }) switch
        {
            "committed" => true,
            "in progress" => null,
            _ => false,
        };

    public override void Announce(DbConnection writer) => writer.Execute($"SELECT pg_notify('{Channel}', '')");

    public override async Task WaitForChangeAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        if (_notifyString is null)
        {
            await Task.Delay(s_pollInterval < longest ? s_pollInterval : longest, cancellationToken);
            return;
        }

        try
        {
            await ListenAsync(longest, cancellationToken);
        }
        catch (NpgsqlException)
        {
            _listener?.Dispose();
            _listener = null;
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        _listener?.Dispose();
        _primary.Dispose();
        _replica.Dispose();
        base.Dispose(disposing);
    }

    private async Task ListenAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        if (_listener is null)
        {
            _listener = new NpgsqlConnection(_notifyString);
            await _listener.OpenAsync(cancellationToken);
            await _listener.ExecuteAsync($"LISTEN {Channel}");
            return;
        }

        await _listener.WaitAsync(longest, cancellationToken);
    }

    private NpgsqlConnection Open(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch (NpgsqlException error)
        {
            connection.Dispose();
            throw new StorageRefusedException($"PostgreSQL at {Name} cannot be used as a store: {error.Message}", error);
        }
    }

    // For work that takes as long as it takes, on the server that may be written to.
    private static string Unhurried(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 0, Pooling = false };
        if (settings.Host?.Contains(',', StringComparison.Ordinal) == true)
        {
            settings.TargetSessionAttributes = "primary";
        }

        return settings.ConnectionString;
    }

    private static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder settings, TargetSessionAttributes target) =>
        settings.Host?.Contains(',', StringComparison.Ordinal) == true
            ? new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost().WithTargetSession(target)
            : NpgsqlDataSource.Create(settings);

    [GeneratedRegex(@"\b(INTEGER|REAL|BLOB|TEXT)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SqliteWord();

    [GeneratedRegex(@"\) STRICT(, WITHOUT ROWID)?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TableOption();
}
