using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

using Npgsql;

using RealRelationship.Storage.Migrations;
using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

namespace RealRelationshipApi.Tests.Support;

/// <summary>A store with the tables of the latest schema and no rows, for each engine. New stores of tests are copies of it, because making sixty tables takes
/// longer than many tests do. Tests of migrations and processes start without one.</summary>
internal static class SchemaTemplate
{
    // Dropped with the process.
    private static readonly Lazy<TemporaryFolder> s_template = new(Create);

    /// <summary>Makes the store of a service, unless there is one or the service has another.</summary>
    /// <param name="storePath">Path of the store file, or of the one that a database replaces.</param>
    /// <param name="settings">Settings of the service.</param>
    public static void CopyTo(string storePath, IReadOnlyList<(string Name, string Value)> settings)
    {
        if (PostgresTestServer.IsDefaultEngine)
        {
            PostgresTestServer.Copy(s_template.Value.StorePath, storePath);
        }
        else if (!File.Exists(storePath) && !settings.Any(setting => setting.Name is "Storage__Provider" or "Storage__Path"))
        {
            File.Copy(s_template.Value.StorePath, storePath);
        }
    }

    private static TemporaryFolder Create()
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        using (var services = StorageServiceProvider.Build(folder))
        {
            services.GetRequiredService<Migrator>().Apply(mayChangeStore: true);
        }

        // A database with connections cannot be copied, and a file without its log only when they are closed.
        NpgsqlConnection.ClearAllPools();
        SqliteConnection.ClearAllPools();
        return folder;
    }
}
