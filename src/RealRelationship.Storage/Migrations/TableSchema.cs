using System.Buffers.Binary;
using System.Data;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;

using Dapper;

using Microsoft.Data.Sqlite;

namespace RealRelationship.Storage.Migrations;

/// <summary>A table as created by the migrations. Read from an empty store, so that no table is forgotten in a copy.</summary>
/// <param name="Name">Name on both engines.</param>
/// <param name="Columns">Column names and SQLite types.</param>
/// <param name="Key">Columns of the primary key, by which rows are ordered.</param>
/// <param name="IsSeeded">Whether an empty store has rows in it, which a copy replaces.</param>
internal sealed record TableSchema(string Name, IReadOnlyList<ColumnSchema> Columns, IReadOnlyList<string> Key, bool IsSeeded)
{
    public string ColumnNames => JoinQuoted(Columns.Select(c => c.Name));

    public string SelectSql => $"SELECT {ColumnNames} FROM {Name} ORDER BY {JoinQuoted(Key)}";

    public string CountSql => $"SELECT count(*) FROM {Name}";

    public string InsertSql => $"INSERT INTO {Name} ({ColumnNames}) VALUES ({string.Join(", ", Columns.Select((_, i) => $"@p{i}"))})" + (IsSeeded
        ? $" ON CONFLICT ({JoinQuoted(Key)}) DO UPDATE SET {string.Join(", ", Columns.Select(c => $"\"{c.Name}\" = excluded.\"{c.Name}\""))}"
        : "");

    /// <summary>The tables of an empty store, each after those that it references.</summary>
    public static IReadOnlyList<TableSchema> ReadAll(SqliteConnection empty)
    {
        var waiting =
            empty.Query<string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migration' ORDER BY name")
                .ToList();
        var parents = waiting.ToDictionary(name => name,
            name => empty.Query<string>("SELECT \"table\" FROM pragma_foreign_key_list(@name)", new { name }).Where(parent => parent != name).ToList());
        var tables = new List<TableSchema>();
        while (waiting.Find(name => !parents[name].Exists(waiting.Contains)) is { } next)
        {
            waiting.Remove(next);
            tables.Add(ReadSchema(empty, next));
        }

        return waiting.Count == 0 ? tables
            : throw new InvalidOperationException($"These tables refer to each other in a circle: {string.Join(", ", waiting)}.");
    }

    /// <summary>Streams the rows in key order.</summary>
    public IEnumerable<object?[]> ReadRows(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = SelectSql;
        using var reader = command.ExecuteReader(CommandBehavior.SequentialAccess);
        while (reader.Read())
        {
            var row = new object?[Columns.Count];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            }

            yield return row;
        }
    }

    /// <summary>Number of rows, and SHA-256 over all of them.</summary>
    public TableDigest ComputeDigest(DbConnection connection)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rows = 0L;
        foreach (var row in ReadRows(connection))
        {
            rows++;
            foreach (var value in row)
            {
                AddValue(hash, value);
            }
        }

        return new(rows, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static TableSchema ReadSchema(SqliteConnection empty, string name)
    {
        var columns = empty.Query<(string Name, string Type, long Key)>("SELECT name, type, pk FROM pragma_table_info(@name) ORDER BY cid", new { name })
            .ToList();
        return new(name, [.. columns.Select(c => new ColumnSchema(c.Name, c.Type))], [.. columns.Where(c => c.Key > 0).OrderBy(c => c.Key).Select(c => c.Name)],
            empty.ExecuteScalar<long>($"SELECT count(*) FROM {name}") > 0);
    }

    private static void AddValue(IncrementalHash hash, object? value)
    {
        var bytes = value switch
        {
            null => [],
            long number => BitConverter.GetBytes(number),
            double number => BitConverter.GetBytes(number + 0.0),
            string text => Encoding.UTF8.GetBytes(text),
            byte[] blob => blob,
            _ => throw new NotSupportedException($"No column holds a {value.GetType().Name}."),
        };
        Span<byte> head = stackalloc byte[1 + sizeof(int)];
        head[0] = (byte)(value is null ? 'n' : value is long ? 'i' : value is double ? 'd' : value is string ? 't' : 'b');
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
        hash.AppendData(head);
        hash.AppendData(bytes);
    }

    private static string JoinQuoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"\"{name}\""));
}

internal sealed record ColumnSchema(string Name, string Type);

internal sealed record TableDigest(long Rows, string Fingerprint);
