using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Migrations;

namespace RealRelationship.Storage.Backup;

/// <summary>Loads an export, line by line, into a new store of the schema version of the export.</summary>
internal sealed class StoreExportReader(string file, Migrator migrator)
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _line;

    /// <exception cref="StoragePreconditionException">The export is of a newer version.</exception>
    /// <exception cref="StorageCorruptionException">The file was edited or truncated; the message names the line.</exception>
    public void ReadInto(Database target, PrivacyKey privacy, TimeProvider clock)
    {
        using var reader = new StreamReader(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        var schema = ReadHeader(ReadLine(reader));
        new Migrator(target, privacy, clock, []).Apply(mayChangeStore: true, schema);
        using var connection = target.OpenMigrationConnection();
        target.BeginTransaction(connection);
        Load(reader, target, connection, migrator.TablesAt(schema));
        using var commit = connection.CreateCommand();
        commit.CommandText = "COMMIT";
        commit.ExecuteNonQuery();
    }

    private long ReadHeader(JsonElement header)
    {
        if (!header.TryGetProperty("format", out var format) || format.GetInt32() != StoreExporter.FormatVersion
            || header.GetProperty("schema").GetInt64() > Migrator.LatestNumber)
        {
            throw new StoragePreconditionException($"{file} was exported by a newer version, of a format or schema that this one does not know.");
        }

        return header.GetProperty("schema").GetInt64();
    }

    private void Load(StreamReader reader, Database target, System.Data.Common.DbConnection connection, IReadOnlyList<TableSchema> tables)
    {
        var rows = 0L;
        var line = ReadLine(reader);
        foreach (var table in tables)
        {
            target.BulkInsert(connection, table, OfTable(table));
        }

        if (!line.TryGetProperty("end", out var end))
        {
            throw Corrupted("is of a table that is unknown or out of order");
        }

        if (end.GetProperty("rows").GetInt64() != rows || reader.ReadLine() is not null)
        {
            throw Corrupted($"says {end.GetProperty("rows").GetInt64()} rows, but there were {rows}, or it is not the last");
        }

        IEnumerable<object?[]> OfTable(TableSchema table)
        {
            while (line.TryGetProperty("table", out var name) && name.ValueEquals(table.Name))
            {
                yield return ReadValues(table, line.GetProperty("row"));
                rows++;
                line = ReadLine(reader);
            }
        }
    }

    private JsonElement ReadLine(StreamReader reader)
    {
        var text = reader.ReadLine();
        _line++;
        if (text is null)
        {
            throw new StorageCorruptionException($"{file} ends after line {_line - 1}, before its last line: it was cut off.");
        }

        var line = Parse(text);
        if (line.TryGetProperty("end", out var end) && end.TryGetProperty("sha256", out var sum)
            && !sum.ValueEquals(Convert.ToHexStringLower(_hash.GetCurrentHash())))
        {
            throw new StorageCorruptionException($"{file} was edited: its lines do not hash to what its last line says.");
        }

        _hash.AppendData(Encoding.UTF8.GetBytes(text));
        _hash.AppendData("\n"u8);
        return line;
    }

    private JsonElement Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw Corrupted("is no JSON object");
        }
        catch (JsonException error)
        {
            throw Corrupted($"is no JSON: {error.Message}", error);
        }
    }

    private object?[] ReadValues(TableSchema table, JsonElement row)
    {
        try
        {
            return row.EnumerateObject().Count() == table.Columns.Count ? [.. table.Columns.Select(column => ReadValue(column, row.GetProperty(column.Name)))]
                : throw Corrupted($"has not the columns of {table.Name}");
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Corrupted($"is no row of {table.Name}: {error.Message}", error);
        }
    }

    private static object? ReadValue(ColumnSchema column, JsonElement value) => (value.ValueKind, column.Type) switch
    {
        (JsonValueKind.Null, _) => null,
        (_, "INTEGER") => value.GetInt64(),
        (_, "REAL") => value.GetDouble(),
        (_, "BLOB") => value.GetBytesFromBase64(),
        _ => value.GetString(),
    };

    private StorageCorruptionException Corrupted(string what, Exception? inner = null) => new($"Line {_line} of {file} {what}.", inner);
}
