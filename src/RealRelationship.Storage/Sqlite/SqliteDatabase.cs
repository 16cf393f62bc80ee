using System.Data.Common;

using Dapper;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

using RealRelationship.Storage.Writing;

using SQLitePCL;

namespace RealRelationship.Storage.Sqlite;

/// <summary>The embedded engine: one file, one write connection, any number of read-only connections.</summary>
internal sealed class SqliteDatabase(IOptions<StorageOptions> options) : Database
{
    private const int WriterCacheKibibytes = 32 * 1024;
    private static readonly Version s_minVersion = new(3, 51, 3);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(100);

    private readonly string _path = System.IO.Path.GetFullPath(options.Value.Path);
    private readonly TimeSpan _readTimeout = TimeSpan.FromSeconds(options.Value.ReadTimeoutSeconds);
    private long? _dataVersion;
    private SqliteConnection? _watcher;
    private WalCheckpointer? _checkpointer;
    private OpenFiles? _files;

    // Disables memory statistics, which take a lock for each allocation. Possible only before SQLite is first used;
    // a later call fails without harm.
    static SqliteDatabase()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    public override string Name => _path;

    public override string SidecarBasePath => _path;

    public override long? FreeBytes => new DriveInfo(System.IO.Path.GetDirectoryName(_path)!).AvailableFreeSpace;

    public override long? WalBytes => new FileInfo(_path + "-wal") is { Exists: true } log ? log.Length : 0;

    private string ReaderConnectionString =>
        new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadOnly, DefaultTimeout = 10 }.ToString();

    public override bool IsDisplaced => Volatile.Read(ref _files) is { } files && OpenFiles.At(_path) is var found
        && (files.Store != found.Store || (files.Wal is not null && files.Wal != found.Wal));

    public override void ThrowIfDisplaced()
    {
        if (IsDisplaced)
        {
            throw new StoreDisplacedException($"{_path} or its write-ahead log was removed or replaced while the service had it open. Put it back, or stop the "
                + "service and restore a backup.");
        }
    }

    public override async Task<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken cancellationToken)
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
                // Once more, on a new connection.
            }
        }

        await using var freshConnection = await OpenReaderAsync(cancellationToken);
        return read(freshConnection);
    }

    private async Task<DbConnection> OpenReaderAsync(CancellationToken cancellationToken)
    {
        ThrowIfDisplaced();
        var connection = new InterruptibleConnection(ReaderConnectionString, _readTimeout, cancellationToken);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    /// <summary>Opens the file for writing and creates it if absent. WAL with <c>synchronous=FULL</c>; both settings are read back.</summary>
    public override DbConnection OpenWriter()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(_path)!);
        PrivateFiles.Restrict(_path, _path + "-wal", _path + "-shm");
        ThrowIfWalCorrupted();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false, DefaultTimeout = 10 }.ToString());
        try
        {
            connection.Open();
            RequireSafeSqliteVersion(connection);
            SetPragma(connection, "PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal");
            SetPragma(connection, "PRAGMA synchronous = FULL", "PRAGMA synchronous", "2");
            SetPragma(connection, "PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1");
            SetPragma(connection, "PRAGMA secure_delete = ON", "PRAGMA secure_delete", "1");
            // Keeps the statement journal of savepoints in memory: a temporary file per transaction is slow and would hold a site's data.
            SetPragma(connection, "PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2");
            SetPragma(connection, $"PRAGMA cache_size = -{WriterCacheKibibytes}", "PRAGMA cache_size", $"-{WriterCacheKibibytes}");
            _checkpointer = new WalCheckpointer(_path, connection, (error, where) => ClassifyError(error, where));
            Volatile.Write(ref _files, OpenFiles.At(_path));
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw new StoragePreconditionException($"{_path} cannot be used as a store: {error.Message}", error);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    internal override SqlBatch CreateBatch(DbConnection connection) => new SqliteBatch((SqliteConnection)connection);

    public override DbConnection OpenSnapshot()
    {
        if (!File.Exists(_path))
        {
            throw new StoragePreconditionException($"There is no store at {_path}.");
        }

        var connection =
            new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 10 }.ToString());
        try
        {
            connection.Open();
            // Only a read-write connection checkpoints and deletes the log when it closes last.
            connection.Execute("PRAGMA query_only = ON");
            // The snapshot starts with the first read (sqlite.org/isolation.html).
            connection.Execute("BEGIN; SELECT count(*) FROM sqlite_master");
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw new StoragePreconditionException($"{_path} cannot be read as a store: {error.Message}", error);
        }
    }

    public override bool HasSchema(DbConnection connection) =>
        connection.ExecuteScalar<long>("SELECT count(*) FROM sqlite_master WHERE name = 'migration'") > 0;

    public override IEnumerable<string> CheckIntegrity(DbConnection connection)
    {
        if (WalCorruption.Find(_path) is { } damage)
        {
            yield return damage;
        }

        foreach (var fault in connection.Query<string>("PRAGMA integrity_check").Where(fault => fault != "ok").Distinct(StringComparer.Ordinal))
        {
            yield return $"SQLite finds: {fault}.";
        }

        foreach (var (table, parent,
            rows) in connection.Query<(string Table, string Parent, long Rows)>(
                "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2"))
        {
            yield return $"{rows} rows of {table} belong to rows of {parent} that are not there.";
        }
    }

    public override string? FilePath => _path;

    public override bool MigratesOnStartup => true;

    public override bool TryCopyToFile(string file)
    {
        using var connection =
            new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 10 }.ToString());
        connection.Open();
        connection.Execute("VACUUM INTO @file", new { file });
        return true;
    }

    /// <summary>Checks that no other connection has the file open; changes nothing.</summary>
    /// <exception cref="StoragePreconditionException">The file is in use.</exception>
    // Every open connection to a file in WAL mode holds a shared lock, which conflicts with the exclusive lock requested here
    // (sqlite.org/wal.html, "Use of WAL Without Shared-Memory").
    public static void ThrowIfInUse(string path) => RunExclusively(path, "PRAGMA locking_mode = EXCLUSIVE; SELECT count(*) FROM sqlite_master");

    /// <summary>Checkpoints the write-ahead log and removes it, so that the store is a single file.</summary>
    /// <exception cref="StoragePreconditionException">The file is in use.</exception>
    public static void CheckpointIntoSingleFile(string path) => RunExclusively(path, "PRAGMA journal_mode = DELETE");

    private static void RunExclusively(string path, string statement)
    {
        using var connection =
            new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            connection.Open();
            connection.Execute(statement);
        }
        catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            throw new StoragePreconditionException($"{path} is in use: stop the service first.", error);
        }
    }

    public override string TranslateSchema(string statement) => statement;

    internal override TransactionId? BeginTransaction(DbConnection writer)
    {
        _checkpointer?.ThrowIfCorrupted();
        writer.Execute("BEGIN IMMEDIATE");
        // SQLite opens the log with the first transaction.
        if (_files is { Wal: null } files)
        {
            Volatile.Write(ref _files, files with { Wal = OpenFiles.At(_path).Wal });
        }

        ThrowIfDisplaced();
        return null;
    }

    public override void BeginMigration(DbConnection owner) => owner.Execute("BEGIN IMMEDIATE");

    // sqlite.org/rescode.html. errno separates a full or read-only disk, which is temporary,
    // from an I/O error after which the content of the disk is unknown.
    public override StorageErrorKind ClassifyError(Exception error, DbConnection? connection = null) => error switch
    {
        StorageCorruptionException => StorageErrorKind.Corrupted,
        StoreDisplacedException => StorageErrorKind.Displaced,
        SqliteException sqlite => sqlite.SqliteErrorCode switch
        {
            raw.SQLITE_CONSTRAINT => StorageErrorKind.Constraint,
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => StorageErrorKind.Transient,
            raw.SQLITE_FULL or raw.SQLITE_READONLY => StorageErrorKind.NotWritable,
            raw.SQLITE_INTERRUPT => StorageErrorKind.Interrupted,
            raw.SQLITE_IOERR when IsFullOrReadOnlyDisk(connection) => StorageErrorKind.NotWritable,
            raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => StorageErrorKind.Corrupted,
            _ => StorageErrorKind.Other,
        },
        DbException => StorageErrorKind.Other,
        _ => StorageErrorKind.None,
    };

    public override void SchedulePurge() => _checkpointer?.SchedulePurge();

    public override void AfterCommit(DbConnection writer) => _checkpointer?.AfterCommit(writer);

    public override void BeforeClose(DbConnection writer) => _checkpointer?.BeforeClose(writer);

    /// <remarks><c>PRAGMA data_version</c> changes when another connection has committed (sqlite.org/pragma.html).</remarks>
    public override async Task WaitForChangeAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        if (_watcher is null)
        {
            _watcher =
                new SqliteConnection(
                    new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 10 }.ToString());
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

    public override void CloseIdleReaderConnections()
    {
        using var reader = new SqliteConnection(ReaderConnectionString);
        SqliteConnection.ClearPool(reader);
    }

    protected override void Dispose(bool disposing)
    {
        _watcher?.Dispose();
        CloseIdleReaderConnections();
        base.Dispose(disposing);
    }

    private static bool IsFullOrReadOnlyDisk(DbConnection? connection) =>
        connection is SqliteConnection { Handle: { } handle }
            && SystemError.Of(handle) is SystemError.NoSpace or SystemError.ReadOnly or SystemError.QuotaExceeded;

    // Checked before SQLite opens the file, because SQLite would continue from the first invalid frame.
    private void ThrowIfWalCorrupted()
    {
        if (_checkpointer is null && WalCorruption.Find(_path) is { } damage)
        {
            throw new StorageCorruptionException(damage);
        }
    }

    // Before 3.51.3 a rare race between a checkpoint and a writer could corrupt a WAL database (sqlite.org/wal.html).
    private static void RequireSafeSqliteVersion(SqliteConnection connection)
    {
        if (Version.Parse(connection.ServerVersion) < s_minVersion)
        {
            throw new StoragePreconditionException($"SQLite {connection.ServerVersion} is too old: {s_minVersion} or newer is needed.");
        }
    }

    private static void SetPragma(SqliteConnection connection, string setting, string readBack, string expected)
    {
        connection.Execute(setting);
        var answer = connection.ExecuteScalar<string>(readBack);
        if (answer != expected)
        {
            throw new StoragePreconditionException($"The file does not keep what it is told: after '{setting}' it answers '{answer}', not '{expected}'.");
        }
    }

    /// <summary>The files that the writer has open.</summary>
    private sealed record OpenFiles(FileIdentity? Store, FileIdentity? Wal)
    {
        public static OpenFiles At(string path) => new(FileIdentity.Of(path), FileIdentity.Of(path + "-wal"));
    }
}
