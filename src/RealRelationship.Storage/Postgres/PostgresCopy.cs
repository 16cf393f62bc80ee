using Dapper;

using Npgsql;

using NpgsqlTypes;

using RealRelationship.Storage.Migrations;

namespace RealRelationship.Storage.Postgres;

/// <summary>Bulk insert by COPY, or by arrays where row-level security applies to this role: COPY FROM does not support it
/// (postgresql.org/docs/current/sql-copy.html).</summary>
internal static class PostgresCopy
{
    private const int RowsPerInsert = 1_000;

    public static void BulkInsert(NpgsqlConnection connection, TableSchema table, IEnumerable<object?[]> rows)
    {
        if (connection.ExecuteScalar<bool>("SELECT row_security_active(@Name)", new { table.Name }))
        {
            InsertArrays(connection, table, rows);
        }
        else
        {
            Copy(connection, table, rows);
        }
    }

    private static void Copy(NpgsqlConnection connection, TableSchema table, IEnumerable<object?[]> rows)
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

    private static void InsertArrays(NpgsqlConnection connection, TableSchema table, IEnumerable<object?[]> rows)
    {
        var parameters = string.Join(", ", table.Columns.Select((_, i) => $"@p{i}"));
        foreach (var some in rows.Chunk(RowsPerInsert))
        {
            using var command = new NpgsqlCommand($"INSERT INTO {table.Name} ({table.ColumnNames}) SELECT * FROM unnest({parameters})", connection);
            for (var i = 0; i < table.Columns.Count; i++)
            {
                command.Parameters.Add(ToArray($"p{i}", table.Columns[i].Type, i, some));
            }

            command.ExecuteNonQuery();
        }
    }

    private static NpgsqlParameter ToArray(string name, string type, int column, object?[][] rows) => type switch
    {
        "INTEGER" => new(name, NpgsqlDbType.Array | NpgsqlDbType.Bigint) { Value = Array.ConvertAll(rows, row => (long?)row[column]) },
        "REAL" => new(name, NpgsqlDbType.Array | NpgsqlDbType.Double) { Value = Array.ConvertAll(rows, row => (double?)row[column]) },
        "BLOB" => new(name, NpgsqlDbType.Array | NpgsqlDbType.Bytea) { Value = Array.ConvertAll(rows, row => (byte[]?)row[column]) },
        _ => new(name, NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = Array.ConvertAll(rows, row => (string?)row[column]) },
    };

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
