using System.Security.Cryptography;

using Microsoft.Extensions.Options;

using RealRelationshipApi.Storage.Sqlite;

namespace RealRelationshipApi.Storage.Moving;

/// <summary>A folder for one store that is being made: beside the place where it will stand, for its owner only, and gone afterwards.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly string _folder;
    private readonly Lazy<SqliteDatabase> _database;

    /// <param name="place">A file beside which to work; where its folder is not there, the folder for temporary files is used.</param>
    public Scratch(string place)
    {
        var beside = Path.GetDirectoryName(Path.GetFullPath(place))!;
        _folder = Path.Combine(Directory.Exists(beside) ? beside : Path.GetTempPath(), $".realrelationship-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}");
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_folder);
        }
        else
        {
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        _database = new(() => StoreIn(File));
    }

    public string File => Path.Combine(_folder, "store.db");

    /// <summary>The store in <see cref="File"/>.</summary>
    public SqliteDatabase Database => _database.Value;

    public static SqliteDatabase StoreIn(string file) => new(Options.Create(new StorageOptions { Path = file }));

    public void Dispose()
    {
        if (_database.IsValueCreated)
        {
            _database.Value.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
