using System.Data.Common;

using Dapper;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace RealRelationshipApi.Storage;

/// <summary>The SQLite file: one connection that writes, any number that only read.</summary>
public sealed class Database : IDisposable
{
    private static readonly Version s_oldestSafe = new(3, 51, 3);

    private readonly string _path;
    private readonly DbDataSource _readers;

    public Database(IOptions<StorageOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _path = System.IO.Path.GetFullPath(options.Value.Path);
        _readers = SqliteFactory.Instance.CreateDataSource(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadOnly,
            DefaultTimeout = 10,
        }.ToString());
    }

    public string Path => _path;

    /// <summary>A read-only connection from the pool, already open.</summary>
    public ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken) => _readers.OpenConnectionAsync(cancellationToken);

    /// <summary>Opens the file for writing, making it if need be, durable when acknowledged: WAL with <c>synchronous=FULL</c>, both read back.</summary>
    /// <exception cref="StorageRefusedException">The library is too old, or the file does not take the settings.</exception>
    public SqliteConnection OpenWriter()
    {
        if (System.IO.Path.GetDirectoryName(_path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false, DefaultTimeout = 10 }.ToString());
        try
        {
            connection.Open();
            RefuseOldLibrary(connection);
            Set(connection, "PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal");
            Set(connection, "PRAGMA synchronous = FULL", "PRAGMA synchronous", "2");
            Set(connection, "PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1");
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

    /// <summary>Closes readers that wait in the pool, so that the writer, closing last, can fold the log back into the file.</summary>
    public void CloseIdleReaders()
    {
        using var reader = new SqliteConnection(_readers.ConnectionString);
        SqliteConnection.ClearPool(reader);
    }

    public void Dispose() => _readers.Dispose();

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

/// <summary>The store cannot be used as it is; the message says what to do.</summary>
public sealed class StorageRefusedException(string message) : Exception(message)
{
    public StorageRefusedException() : this("The store cannot be used.") { }

    public StorageRefusedException(string message, Exception inner) : this(message) => _ = inner;
}

/// <summary>The store cannot take a write now, but the same write may succeed later.</summary>
public sealed class StorageUnavailableException(string message) : Exception(message)
{
    public StorageUnavailableException() : this("The store cannot be written to now.") { }

    public StorageUnavailableException(string message, Exception inner) : this(message) => _ = inner;
}
