using System.Collections.Concurrent;

using Npgsql;

namespace RealRelationship.Testing.Postgres;

/// <summary>The PostgreSQL of the tests. A store there is a database that is named after the folder of the test, and goes away with it.</summary>
public static class PostgresTestServer
{
    /// <summary>Npgsql's connection string to a server on which these tests may make databases.</summary>
    public const string ConnectionVariable = "REALRELATIONSHIP_TEST_POSTGRES";

    /// <summary>Engine of all tests: <c>Sqlite</c> (default) or <c>Postgres</c>.</summary>
    public const string EngineVariable = "REALRELATIONSHIP_TEST_ENGINE";

    private static readonly ConcurrentDictionary<string, Lazy<string>> s_databases = new(StringComparer.Ordinal);

    public static bool IsAvailable => ConnectionString.Length > 0;

    public static bool IsDefaultEngine =>
        IsAvailable && string.Equals(Environment.GetEnvironmentVariable(EngineVariable), "Postgres", StringComparison.OrdinalIgnoreCase);

    public static bool IsSqliteDefaultEngine => !IsDefaultEngine;

    public static bool HasBinaries => IsAvailable && PostgresBinaries.Folder is not null;

    public static bool HasPgBouncer => HasBinaries && PostgresBinaries.PgBouncer is not null;

    private static string ConnectionString => Environment.GetEnvironmentVariable(ConnectionVariable) ?? "";

    /// <summary>Settings of a service whose store replaces the file at a path.</summary>
    public static (string Name, string Value)[] StorageSettings(string storePath) =>
        [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", ConnectionStringFor(storePath))];

    /// <summary>Connection string of the database that replaces the file at a path; it is created on first use.</summary>
    public static string ConnectionStringFor(string storePath) => ConnectionStringFor(storePath, "template0");

    /// <summary>The same as a role that may create tables and has no other privileges, and so is subject to row-level security.</summary>
    public static string OwnerConnectionStringFor(string storePath)
    {
        const string Owner = "realrelationship_test_owner";
        var superuser = ConnectionStringFor(storePath);
        Execute(superuser, $"DO $$ BEGIN CREATE ROLE {Owner} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$; "
            + $"GRANT ALL ON SCHEMA public TO {Owner}");
        return new NpgsqlConnectionStringBuilder(superuser) { Username = Owner }.ToString();
    }

    /// <summary>Creates a database from a template, which must have no connections.</summary>
    public static void Copy(string storePath, string copyPath) => ConnectionStringFor(copyPath, DatabaseName(storePath));

    /// <summary>Drops the database that replaces the file at a path, with its connections.</summary>
    public static void Drop(string storePath)
    {
        var name = DatabaseName(storePath);
        if (s_databases.TryRemove(name, out _))
        {
            Execute(ConnectionString, $"DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
        }
    }

    /// <summary>Swaps two databases, terminating their connections.</summary>
    public static void SwapDatabases(string storePath, string otherPath)
    {
        var (one, other) = (DatabaseName(storePath), DatabaseName(otherPath));
        foreach (var statement in new[]
        {
            $"ALTER DATABASE \"{one}\" ALLOW_CONNECTIONS false",
            $"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{one}'",
            $"ALTER DATABASE \"{one}\" RENAME TO \"{one} before\"",
            $"ALTER DATABASE \"{other}\" RENAME TO \"{one}\"",
            $"ALTER DATABASE \"{one} before\" RENAME TO \"{other}\"",
        })
        {
            Execute(ConnectionString, statement);
        }
    }

    public static void Execute(string connectionString, string statement)
    {
        using var connection = Open(connectionString);
        using var command = new NpgsqlCommand(statement, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>The rows of a query, their columns joined by <c>|</c>.</summary>
    public static IReadOnlyList<string> Query(string connectionString, string query)
    {
        using var connection = Open(connectionString);
        return RealRelationship.Testing.RawStore.Query(connection, query);
    }

    /// <summary>A connection of its own, outside any pool.</summary>
    public static NpgsqlConnection Open(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>The member that says whether a requirement is met, and how to meet it.</summary>
    internal static (string Member, string Reason) SkipUnlessMet(PostgresRequirement need) => need switch
    {
        PostgresRequirement.Binaries => (nameof(HasBinaries),
            $"It stops and starts a PostgreSQL of its own: install the server's programs, and set {ConnectionVariable}."),
        PostgresRequirement.PgBouncer => (nameof(HasPgBouncer), $"It needs pgbouncer: install it, and set {ConnectionVariable}."),
        _ => (nameof(IsAvailable),
            $"It needs PostgreSQL: set {ConnectionVariable} to a server on which databases may be made, for example Host=localhost;Username=postgres."),
    };

    private static string ConnectionStringFor(string storePath, string template) => s_databases.GetOrAdd(DatabaseName(storePath), name => new(() =>
    {
        Execute(ConnectionString, $"CREATE DATABASE \"{name}\" TEMPLATE \"{template}\"");
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ToString();
    })).Value;

    private static string DatabaseName(string storePath) => Path.GetFileName(Path.GetDirectoryName(storePath))!;
}
