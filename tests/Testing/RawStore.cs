using System.Data.Common;

using Microsoft.Data.Sqlite;

using RealRelationship.Testing.Postgres;

namespace RealRelationship.Testing;

/// <summary>Direct access to a store, bypassing the service: the file at a path, or the database that replaces it.</summary>
internal static class RawStore
{
    /// <summary>The rows of a query, their columns joined by <c>|</c>.</summary>
    public static List<string> Query(string path, string query)
    {
        using var connection = Open(path, "ReadOnly");
        return Query(connection, query);
    }

    public static List<string> Query(DbConnection connection, string query)
    {
        using var command = connection.CreateCommand();
        command.CommandText = query;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i))));
        }

        return rows;
    }

    /// <summary>Edits a store past its foreign keys, and a file past its checks, too.</summary>
    public static void ExecuteWithoutConstraints(string path, string statements) => Execute(path,
        (PostgresTestServer.IsDefaultEngine ? "SET session_replication_role = replica; " : "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; ")
            + statements);

    public static void Execute(string path, string statement)
    {
        using var connection = Open(path, "ReadWriteCreate");
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    /// <summary>Content of a file that the service has open.</summary>
    public static byte[] ReadOpenFile(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Rows of a query on a file, whichever engine this run uses.</summary>
    public static List<string> QuerySqlite(string path, string query)
    {
        using var connection = OpenSqlite(path, "ReadOnly");
        return Query(connection, query);
    }

    public static void ExecuteSqlite(string path, string statement)
    {
        using var connection = OpenSqlite(path, "ReadWriteCreate");
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    private static DbConnection Open(string path, string mode) =>
        PostgresTestServer.IsDefaultEngine ? PostgresTestServer.Open(PostgresTestServer.ConnectionStringFor(path)) : OpenSqlite(path, mode);

    private static SqliteConnection OpenSqlite(string path, string mode)
    {
        var connection = new SqliteConnection($"Data Source={path};Mode={mode};Pooling=False");
        connection.Open();
        return connection;
    }
}
