using System.Security.Cryptography;

using Microsoft.Extensions.Options;

using RealRelationship.Storage.Sqlite;

namespace RealRelationship.Storage.Backup;

/// <summary>A temporary directory for a store under construction, next to its final location, readable by its owner only, and deleted afterwards.</summary>
internal sealed class TemporaryStore : IDisposable
{
    private readonly string _folder;
    private readonly Lazy<SqliteDatabase> _database;

    /// <param name="place">A file next to which the directory is created; if its directory does not exist, the system's temporary directory is used.</param>
    public TemporaryStore(string place)
    {
        var beside = Path.GetDirectoryName(Path.GetFullPath(place))!;
        _folder = Path.Combine(Directory.Exists(beside) ? beside : Path.GetTempPath(),
            $".realrelationship-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}");
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_folder);
        }
        else
        {
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        _database = new(() => OpenStore(FilePath));
    }

    public string FilePath => Path.Combine(_folder, "store.db");

    /// <summary>The store in <see cref="FilePath"/>.</summary>
    public SqliteDatabase Database => _database.Value;

    public static SqliteDatabase OpenStore(string file) => new(Options.Create(new StorageOptions { Path = file }));

    public void Dispose()
    {
        if (_database.IsValueCreated)
        {
            _database.Value.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
