using Npgsql;

using RealRelationship.Storage.Migrations;

namespace RealRelationship.Storage.Postgres;

/// <summary>Bulk insert by COPY.</summary>
internal static class PostgresCopy
{
    public static void BulkInsert(NpgsqlConnection connection, TableSchema table, IEnumerable<object?[]> rows)
    {
        using var copy = connection.BeginBinaryImport($"COPY {table.Name} ({table.ColumnNames}) FROM STDIN (FORMAT BINARY)");
        copy.Timeout = TimeSpan.Zero;
        foreach (var row in rows)
        {
            copy.StartRow();
            foreach (var value in row)
            {
                Write(copy, value);
            }
        }

        copy.Complete();
    }

    private static void Write(NpgsqlBinaryImporter copy, object? value)
    {
        switch (value)
        {
            case null: copy.WriteNull(); break;
            case long number: copy.Write(number); break;
            case double number: copy.Write(number); break;
            case string text: copy.Write(text); break;
            case byte[] bytes: copy.Write(bytes); break;
            default: throw new NotSupportedException($"No column holds a {value.GetType().Name}.");
        }
    }
}
