using System.Buffers;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

using Dapper;

using RealRelationship.Storage.Migrations;

namespace RealRelationship.Storage.Backup;

/// <summary>Exports the whole store as NDJSON: a header, one line per row of each table,
/// and a footer with the number of rows and the hash of all lines.</summary>
/// <remarks>
/// <code>
/// {"export":"realrelationship","format":1,"schema":2,"log":8,"evidence":8}
/// {"table":"change","row":{"number":1, …, "digest":"base64"}}
/// …
/// {"end":{"rows":31,"sha256":"…"}}
/// </code>
/// Numbers round-trip to the same bits.
/// </remarks>
public sealed class StoreExporter(Database database, Migrator migrator)
{
    /// <summary>Start of the first line, by which an export is distinguished from a file of studies.</summary>
    internal const string HeaderPrefix = "{\"export\":\"realrelationship\"";

    internal const int FormatVersion = 1;

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Gives every line, without its end, from one snapshot; each is good until the next.</summary>
    /// <returns>How many rows there were.</returns>
    public long Write(Action<ReadOnlyMemory<byte>> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using var snapshot = database.OpenSnapshot();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var lines = new NdjsonWriter(line =>
        {
            hash.AppendData(line.Span);
            hash.AppendData("\n"u8);
            write(line);
        });
        var plan = Migrator.Plan(database, snapshot);
        lines.Write(json => WriteHeader(json, plan.CurrentNumber, snapshot));
        var rows = 0L;
        foreach (var table in migrator.TablesAt(plan.CurrentNumber))
        {
            foreach (var row in table.ReadRows(snapshot))
            {
                lines.Write(json => WriteRow(json, table, row));
                rows++;
            }
        }

        var sum = Convert.ToHexStringLower(hash.GetHashAndReset());
        lines.Write(json => WriteEnd(json, rows, sum));
        return rows;
    }

    private static void WriteHeader(Utf8JsonWriter json, long schema, DbConnection snapshot)
    {
        var (log, evidence) = snapshot.QuerySingle<(long, long)>("SELECT log, evidence FROM revision");
        json.WriteStartObject();
        json.WriteString("export", "realrelationship");
        json.WriteNumber("format", FormatVersion);
        json.WriteNumber("schema", schema);
        json.WriteNumber("log", log);
        json.WriteNumber("evidence", evidence);
        json.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter json, TableSchema table, object?[] row)
    {
        json.WriteStartObject();
        json.WriteString("table", table.Name);
        json.WriteStartObject("row");
        for (var i = 0; i < row.Length; i++)
        {
            json.WritePropertyName(table.Columns[i].Name);
            WriteValue(json, row[i]);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case long number: json.WriteNumberValue(number); break;
            case double number: json.WriteNumberValue(number); break;
            case string text: json.WriteStringValue(text); break;
            case byte[] bytes: json.WriteBase64StringValue(bytes); break;
            default: throw new NotSupportedException($"No column holds a {value.GetType().Name}.");
        }
    }

    private static void WriteEnd(Utf8JsonWriter json, long rows, string sum)
    {
        json.WriteStartObject();
        json.WriteStartObject("end");
        json.WriteNumber("rows", rows);
        json.WriteString("sha256", sum);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private sealed class NdjsonWriter(Action<ReadOnlyMemory<byte>> write)
    {
        private readonly ArrayBufferWriter<byte> _line = new();

        public void Write(Action<Utf8JsonWriter> fill)
        {
            _line.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(_line, s_json))
            {
                fill(json);
            }

            write(_line.WrittenMemory);
        }
    }
}
