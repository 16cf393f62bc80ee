using Microsoft.Data.Sqlite;

namespace RealRelationshipApi.Tests.Vocabulary;

/// <summary>Looks into the file behind the service's back.</summary>
internal static class Store
{
    /// <summary>The rows of a query, their columns joined by <c>|</c>.</summary>
    public static List<string> Rows(string path, string query)
    {
        using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(query, connection);
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
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(statement, connection);
        command.ExecuteNonQuery();
    }
}
