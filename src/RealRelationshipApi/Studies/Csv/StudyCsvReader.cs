using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using CsvHelper;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Studies.Csv;

/// <summary>Reads a table of effects into the JSON of studies, so that a table keeps the same rules as JSON does.</summary>
internal static partial class StudyCsvReader
{
    public static (IReadOnlyList<BatchItem> Items, Problem? Problem) Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var csv = CsvReader.Create(body, new CsvReaderOptions { Separator = ',', TrackLineNumbers = true, MalformedData = CsvMalformedDataHandling.Throw });
            csv.ReadHeader();
            string[] header = [.. csv.Headers];
            var columns = header.Select(ColumnOf).ToList();
            return FaultsOfHeader(header, columns) is { Count: > 0 } faults
                ? ([], Problem.Malformed([.. faults]))
                : ([.. Rows(csv, columns).GroupBy(row => row.Study).Select(ItemOf)], null);
        }
        catch (CsvFormatException error)
        {
            return ([], Problem.Malformed(new FieldError("#", "notCsv", $"line {error.LineNumber}: is not valid CSV: a quote is out of place")));
        }
    }

    private static StudyColumn? ColumnOf(string header) =>
        header.StartsWith(StudyColumns.Moderators, StringComparison.Ordinal)
            ? new StudyColumn(header, CellKind.Text, false, ["moderators", header[StudyColumns.Moderators.Length..]])
            : StudyColumns.All.FirstOrDefault(c => c.Name == header);

    private static List<FieldError> FaultsOfHeader(string[] header, List<StudyColumn?> columns)
    {
        var faults = new List<FieldError>();
        for (var i = 0; i < header.Length; i++)
        {
            if (columns[i] is null && !StudyColumns.Front.Contains(header[i]))
            {
                faults.Add(new($"#/{JsonPointer.Escape(header[i])}", "unknownColumn",
                    $"is not a column that is understood; known are {string.Join(", ", StudyColumns.All.Select(c => c.Name))} and moderators.NAME"));
            }
            else if (Array.IndexOf(header, header[i]) != i)
            {
                faults.Add(new($"#/{JsonPointer.Escape(header[i])}", "duplicateColumn", "stands more than once in the header"));
            }
        }
        if (!Array.Exists(header, h => h == "study"))
        {
            faults.Add(new("#/study", FaultCodes.Required, "is required: it groups the effects of a study"));
        }

        return faults;
    }

    private static IEnumerable<Row> Rows(CsvReader csv, List<StudyColumn?> columns)
    {
        while (csv.Read())
        {
            var row = new Row(csv.LineNumber, new JsonObject(), new JsonObject());
            if (csv.FieldCount != columns.Count)
            {
                row.Faults.Add(new("#", "badRow", $"line {row.Line}: has {csv.FieldCount} cells where the header has {columns.Count}"));
            }

            for (var i = 0; i < Math.Min(csv.FieldCount, columns.Count); i++)
            {
                if (columns[i] is { } column && csv.GetString(i) is { Length: > 0 } cell)
                {
                    Put(column.OfStudy ? row.StudyMembers : row.EffectMembers, column, cell);
                }
            }
            yield return row;
        }
    }

    private static void Put(JsonObject target, StudyColumn column, string cell)
    {
        foreach (var member in column.Path[..^1])
        {
            if (target[member] is not JsonObject inner)
            {
                target[member] = inner = [];
            }

            target = inner;
        }
        target[column.Path[^1]] = NodeOf(column, cell);
    }

    // A cell that is not what its column holds stays a text: JSON's own rules then refuse it with a pointer.
    private static JsonNode? NodeOf(StudyColumn column, string cell) => column.Kind switch
    {
        CellKind.List => new JsonArray([.. cell.Split(StudyColumns.ListSeparator, StringSplitOptions.TrimEntries).Select(name => (JsonNode)name)]),
        CellKind.Flag when cell.ToLowerInvariant() is "true" or "false" => JsonValue.Create(cell.Equals("true", StringComparison.OrdinalIgnoreCase)),
        CellKind.Number when JsonNumber().IsMatch(cell) => JsonNode.Parse(cell),
        CellKind.Text when column.Path[0] == "moderators" && JsonNumber().IsMatch(cell) => JsonNode.Parse(cell),
        _ => JsonValue.Create(cell),
    };

    private static BatchItem ItemOf(IGrouping<string, Row> rows)
    {
        Row[] all = [.. rows];
        var study = all[0].StudyMembers;
        study["effects"] = new JsonArray([.. all.Select(r => (JsonNode)r.EffectMembers)]);
        var faults = all.SelectMany(r => r.Faults).Concat(all.Skip(1).SelectMany(r => Disagreements(study, r))).ToList();
        return new BatchItem(study.Deserialize<JsonElement>(), faults) { Rename = fault => InTable(fault, [.. all.Select(r => r.Line)]) };
    }

    private static IEnumerable<FieldError> Disagreements(JsonObject study, Row row) => StudyColumns.All
        .Where(c => c.OfStudy && !JsonNode.DeepEquals(At(study, c), At(row.StudyMembers, c)))
        .Select(c => new FieldError($"#/{string.Join('/', c.Path)}", "rowsDisagree", $"line {row.Line}, column {c.Name}: differs from the first row of the study"));

    private static JsonNode? At(JsonObject study, StudyColumn column) => column.Path.Aggregate((JsonNode?)study, (node, member) => node?[member]);

    private static FieldError InTable(FieldError fault, long[] lines)
    {
        var match = EffectPointer().Match(fault.Pointer);
        var (line, path) = match.Success ? (lines[int.Parse(match.Groups["index"].Value)], match.Groups["rest"].Value) : (lines[0], fault.Pointer);
        var column = path.TrimStart('#', '/').Replace('/', '.');
        return fault with { Detail = $"line {line}{(column.Length > 0 ? $", column {column}" : "")}: {fault.Detail}" };
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex JsonNumber();

    [GeneratedRegex(@"^#/effects/(?<index>[0-9]+)(?<rest>/.*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EffectPointer();

    private sealed record Row(long Line, JsonObject StudyMembers, JsonObject EffectMembers)
    {
        public List<FieldError> Faults { get; } = [];

        public string Study => StudyMembers["key"]?.ToString() ?? "";
    }
}
