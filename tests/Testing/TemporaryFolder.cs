using Microsoft.Data.Sqlite;

using RealRelationship.Testing.Postgres;

namespace RealRelationship.Testing;

/// <summary>A temporary folder, deleted after the test along with the databases of its stores.</summary>
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
