using Microsoft.Data.Sqlite;

using RealRelationship.Testing.Postgres;

namespace RealRelationship.Testing;

/// <summary>A folder that goes away with the test, and the database that stands in for the store in it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("realrelationship-").FullName;

    public string StorePath => File("store.db");

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    public void Dispose()
    {
        PostgresTestServer.Drop(StorePath);
        SqliteConnection.ClearAllPools();
        Directory.Delete(Path, recursive: true);
    }
}
