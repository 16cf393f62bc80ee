using System.Data.Common;

using Dapper;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

using SQLitePCL;

namespace RealRelationshipApi.Storage.Sqlite;

/// <summary>The embedded store: one file, one connection that writes, any number that only read.</summary>
internal sealed class SqliteDatabase(IOptions<StorageOptions> options) : Database
{
    private const int WriterCacheKibibytes = 32 * 1024;
    private static readonly Version s_oldestSafe = new(3, 51, 3);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(100);

    private readonly string _path = System.IO.Path.GetFullPath(options.Value.Path);
    private readonly TimeSpan _longestRead = TimeSpan.FromSeconds(options.Value.ReadSeconds);
    private long? _dataVersion;
    private SqliteConnection? _watcher;
    private LogFolding? _folding;

    // Nobody asks how much memory SQLite holds, and counting it takes a lock around each piece. Only before its first use can that be said; later it is refused and does no harm.
    static SqliteDatabase()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    public override string Name => _path;

    public override string BesidePath => _path;

    public override long? FreeBytes => new DriveInfo(System.IO.Path.GetDirectoryName(_path)!).AvailableFreeSpace;

    public override long? LogBytes => new FileInfo(_path + "-wal") is { Exists: true } log ? log.Length : 0;

    private string ReaderString => new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadOnly, DefaultTimeout = 10 }.ToString();

    public override async ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken)
    {
        var connection = new InterruptibleConnection(ReaderString, _longestRead, cancellationToken);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    /// <summary>Opens the file for writing, making it if need be, durable when acknowledged: WAL with <c>synchronous=FULL</c>, both read back.</summary>
    public override DbConnection OpenWriter()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(_path)!);
        RefuseDamagedLog();
        var connection = new StatementKeepingConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false, DefaultTimeout = 10 }.ToString());
        try
        {
            connection.Open();
            RefuseOldLibrary(connection);
            Set(connection, "PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal");
            Set(connection, "PRAGMA synchronous = FULL", "PRAGMA synchronous", "2");
            Set(connection, "PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1");
            Set(connection, "PRAGMA secure_delete = ON", "PRAGMA secure_delete", "1");
            // What a savepoint needs to go back stays in memory: a file for each transaction cost more than the transaction, and would hold a site's data.
            Set(connection, "PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2");
            Set(connection, $"PRAGMA cache_size = -{WriterCacheKibibytes}", "PRAGMA cache_size", $"-{WriterCacheKibibytes}");
            _folding = new LogFolding(_path, connection, (error, where) => FaultOf(error, where));
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw new StorageRefusedException($"{_path} cannot be used as a store: {error.Message}", error);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public override DbConnection OpenSnapshot()
    {
        if (!File.Exists(_path))
        {
            throw new StorageRefusedException($"There is no store at {_path}.");
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 10 }.ToString());
        try
        {
            connection.Open();
            // Only a connection that might write folds the log back and takes it away when it is the last to close.
            connection.Execute("PRAGMA query_only = ON");
            // The moment is that of the first reading (sqlite.org/isolation.html).
            connection.Execute("BEGIN; SELECT count(*) FROM sqlite_master");
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw new StorageRefusedException($"{_path} cannot be read as a store: {error.Message}", error);
        }
    }

    public override bool HasSchema(DbConnection connection) => connection.ExecuteScalar<long>("SELECT count(*) FROM sqlite_master WHERE name = 'migration'") > 0;

    public override IEnumerable<string> Faults(DbConnection connection)
    {
        if (LogDamage.Find(_path) is { } damage)
        {
            yield return damage;
        }

        foreach (var fault in connection.Query<string>("PRAGMA integrity_check").Where(fault => fault != "ok").Distinct(StringComparer.Ordinal))
        {
            yield return $"SQLite finds: {fault}.";
        }

        foreach (var (table, parent, rows) in connection.Query<(string Table, string Parent, long Rows)>("SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2"))
        {
            yield return $"{rows} rows of {table} belong to rows of {parent} that are not there.";
        }
    }

    public override string? FilePath => _path;

    public override bool IsUpgradedUnasked => true;

    public override bool TryCopyTo(string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 10 }.ToString());
        connection.Open();
        connection.Execute("VACUUM INTO @file", new { file });
        return true;
    }

    /// <summary>Refuses a file that somebody uses; changes nothing of it.</summary>
    /// <exception cref="StorageRefusedException">Somebody uses it.</exception>
    // Every open connection of a file in WAL mode holds a shared lock on it, which one that wants the file alone cannot get past
    // (sqlite.org/wal.html, "Use of WAL Without Shared-Memory").
    public static void RefuseIfInUse(string path) => Alone(path, "PRAGMA locking_mode = EXCLUSIVE; SELECT count(*) FROM sqlite_master");

    /// <summary>Folds the log of a file back into it, so that the file is all there is.</summary>
    /// <exception cref="StorageRefusedException">Somebody uses it.</exception>
    public static void MakeOneFile(string path) => Alone(path, "PRAGMA journal_mode = DELETE");

    private static void Alone(string path, string statement)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            connection.Open();
            connection.Execute(statement);
        }
        catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            throw new StorageRefusedException($"{path} is in use: stop the service first.", error);
        }
    }

    public override string Schema(string statement) => statement;

    public override string? Begin(DbConnection writer)
    {
        _folding?.RefuseAfterDamage();
        writer.Execute("BEGIN IMMEDIATE");
        return null;
    }

    public override void BeginSchemaChange(DbConnection owner) => owner.Execute("BEGIN IMMEDIATE");

    // sqlite.org/rescode.html. The operating system's own word decides whether an I/O error is a full or read-only disk,
    // which passes, or one after which nobody knows what is on it.
    public override StorageFault FaultOf(Exception error, DbConnection? connection = null) => error switch
    {
        StorageDamagedException => StorageFault.Damaged,
        SqliteException sqlite => sqlite.SqliteErrorCode switch
        {
            raw.SQLITE_CONSTRAINT => StorageFault.Constraint,
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => StorageFault.Transient,
            raw.SQLITE_FULL or raw.SQLITE_READONLY => StorageFault.Unwritable,
            raw.SQLITE_INTERRUPT => StorageFault.Interrupted,
            raw.SQLITE_IOERR when IsPassing(connection) => StorageFault.Unwritable,
            raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => StorageFault.Damaged,
            _ => StorageFault.Other,
        },
        DbException => StorageFault.Other,
        _ => StorageFault.None,
    };

    public override void ForgetWhatWasDeleted() => _folding?.ForgetWhatWasDeleted();

    public override void AfterCommit(DbConnection writer) => _folding?.AfterCommit(writer);

    public override void BeforeClosing(DbConnection writer) => _folding?.BeforeClosing(writer);

    /// <remarks><c>PRAGMA data_version</c> changes when another connection has committed (sqlite.org/pragma.html).</remarks>
    public override async Task WaitForChangeAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        if (_watcher is null)
        {
            _watcher = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 10 }.ToString());
            await _watcher.OpenAsync(cancellationToken);
        }

        for (var waited = TimeSpan.Zero; waited < longest; waited += s_pollInterval)
        {
            var version = _watcher.ExecuteScalar<long>("PRAGMA data_version");
            if (version != _dataVersion)
            {
                _dataVersion = version;
                return;
            }

            await Task.Delay(s_pollInterval, cancellationToken);
        }
    }

    public override void CloseIdleReaders()
    {
        using var reader = new SqliteConnection(ReaderString);
        SqliteConnection.ClearPool(reader);
    }

    protected override void Dispose(bool disposing)
    {
        _watcher?.Dispose();
        CloseIdleReaders();
        base.Dispose(disposing);
    }

    private static bool IsPassing(DbConnection? connection) =>
        connection is SqliteConnection { Handle: { } handle } && SystemError.Of(handle) is SystemError.NoSpace or SystemError.ReadOnly or SystemError.QuotaExceeded;

    // Before SQLite sees it, which would go on from where the damage is.
    private void RefuseDamagedLog()
    {
        if (_folding is null && LogDamage.Find(_path) is { } damage)
        {
            throw new StorageDamagedException(damage);
        }
    }

    // Before 3.51.3 a rare race between a checkpoint and a writer could corrupt a WAL database (sqlite.org/wal.html).
    private static void RefuseOldLibrary(SqliteConnection connection)
    {
        if (Version.Parse(connection.ServerVersion) < s_oldestSafe)
        {
            throw new StorageRefusedException($"SQLite {connection.ServerVersion} is too old: {s_oldestSafe} or newer is needed.");
        }
    }

    private static void Set(SqliteConnection connection, string setting, string readBack, string expected)
    {
        connection.Execute(setting);
        var answer = connection.ExecuteScalar<string>(readBack);
        if (answer != expected)
        {
            throw new StorageRefusedException($"The file does not keep what it is told: after '{setting}' it answers '{answer}', not '{expected}'.");
        }
    }
}
