using System.Data.Common;

using Microsoft.Data.Sqlite;

namespace RealRelationshipApi.Tests.Vocabulary;

/// <summary>Looks into the store behind the service's back: the file at a path, or the database that stands in for it.</summary>
internal static class Store
{
    /// <summary>The rows of a query, their columns joined by <c>|</c>.</summary>
    public static List<string> Rows(string path, string query)
    {
        using var connection = Open(path, "ReadOnly");
        return Rows(connection, query);
    }

    public static List<string> Rows(DbConnection connection, string query)
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

    /// <summary>Edits the file past the constraints that it sets itself.</summary>
    public static void Tamper(string path, string statements) => Execute(path, $"PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; {statements}");

    public static void Execute(string path, string statement)
    {
        using var connection = Open(path, "ReadWriteCreate");
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    /// <summary>What a file holds while the service has it open.</summary>
    public static byte[] Bytes(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The rows of a query on a file, whichever engine holds the stores of this run.</summary>
    public static List<string> RowsOfFile(string path, string query)
    {
        using var connection = OpenFile(path, "ReadOnly");
        return Rows(connection, query);
    }

    public static void ExecuteOnFile(string path, string statement)
    {
        using var connection = OpenFile(path, "ReadWriteCreate");
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    private static DbConnection Open(string path, string mode) =>
        PostgresServer.HoldsAllStores ? PostgresServer.Open(PostgresServer.Store(path)) : OpenFile(path, mode);

    private static SqliteConnection OpenFile(string path, string mode)
    {
        var connection = new SqliteConnection($"Data Source={path};Mode={mode};Pooling=False");
        connection.Open();
        return connection;
    }
}
