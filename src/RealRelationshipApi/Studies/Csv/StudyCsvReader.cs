using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using CsvHelper;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Studies.Csv;

/// <summary>Converts a table of effects to the JSON of studies, so that the same rules apply.</summary>
internal static partial class StudyCsvReader
{
    public static (IReadOnlyList<BatchItem> Items, Problem? Problem) Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var csv = CsvReader.Create(body,
                new CsvReaderOptions { Separator = ',', TrackLineNumbers = true, MalformedData = CsvMalformedDataHandling.Throw });
            csv.ReadHeader();
            string[] header = [.. csv.Headers];
            var columns = header.Select(ColumnOf).ToList();
            return CheckHeader(header, columns) is { Count: > 0 } errors
                ? ([], Problem.Malformed([.. errors]))
                : ([.. ReadRows(csv, columns).GroupBy(row => row.StudyKey).Select(ToBatchItem)], null);
        }
        catch (CsvFormatException error)
        {
            return ([], Problem.Malformed(new FieldError("#", ErrorCodes.NotCsv, $"line {error.LineNumber}: is not valid CSV: a quote is out of place")));
        }
    }

    private static StudyCsvColumn? ColumnOf(string header) =>
        header.StartsWith(StudyCsvColumns.ModeratorPrefix, StringComparison.Ordinal)
            ? new StudyCsvColumn(header, CsvCellType.Text, false, ["moderators", header[StudyCsvColumns.ModeratorPrefix.Length..]])
            : StudyCsvColumns.All.FirstOrDefault(c => c.Name == header);

    private static List<FieldError> CheckHeader(string[] header, List<StudyCsvColumn?> columns)
    {
        var errors = new List<FieldError>();
        for (var i = 0; i < header.Length; i++)
        {
            if (columns[i] is null && !StudyCsvColumns.LeadingColumns.Contains(header[i]) && header[i] != StudyCsvColumns.NotesColumn)
            {
                errors.Add(new($"#/{JsonPointer.Escape(header[i])}", "unknownColumn",
                    $"is not a column that is understood; known are {string.Join(", ", StudyCsvColumns.All.Select(c => c.Name))} and moderators.NAME"));
            }
            else if (Array.IndexOf(header, header[i]) != i)
            {
                errors.Add(new($"#/{JsonPointer.Escape(header[i])}", "duplicateColumn", "stands more than once in the header"));
            }
        }
        if (!Array.Exists(header, h => h == "study"))
        {
            errors.Add(new("#/study", ErrorCodes.Required, "is required: it groups the effects of a study"));
        }

        return errors;
    }

    private static IEnumerable<Row> ReadRows(CsvReader csv, List<StudyCsvColumn?> columns)
    {
        while (csv.Read())
        {
            var row = new Row(csv.LineNumber, new JsonObject(), new JsonObject());
            if (csv.FieldCount != columns.Count)
            {
                row.Errors.Add(new("#", ErrorCodes.BadRow, $"line {row.Line}: has {csv.FieldCount} cells where the header has {columns.Count}"));
            }

            for (var i = 0; i < Math.Min(csv.FieldCount, columns.Count); i++)
            {
                if (columns[i] is { } column && csv.GetString(i) is { Length: > 0 } cell)
                {
                    SetMember(column.IsStudyLevel ? row.StudyMembers : row.EffectMembers, column, cell);
                }
            }
            yield return row;
        }
    }

    private static void SetMember(JsonObject target, StudyCsvColumn column, string cell)
    {
        foreach (var member in column.Path[..^1])
        {
            if (target[member] is not JsonObject inner)
            {
                target[member] = inner = [];
            }

            target = inner;
        }
        target[column.Path[^1]] = ParseCell(column, cell);
    }

    // A cell of the wrong type stays text, which deserialization reports with a pointer.
    private static JsonNode? ParseCell(StudyCsvColumn column, string cell) => column.Kind switch
    {
        CsvCellType.List => new JsonArray([.. cell.Split(StudyCsvColumns.ListSeparator, StringSplitOptions.TrimEntries).Select(name => (JsonNode)name)]),
        CsvCellType.NumberList => new JsonArray([.. cell.Split(StudyCsvColumns.ListSeparator, StringSplitOptions.TrimEntries)
            .Select(number => JsonNumber().IsMatch(number) ? JsonNode.Parse(number) : JsonValue.Create(number))]),
        CsvCellType.Boolean when cell.ToLowerInvariant() is "true" or "false" => JsonValue.Create(cell.Equals("true", StringComparison.OrdinalIgnoreCase)),
        CsvCellType.Number when JsonNumber().IsMatch(cell) => JsonNode.Parse(cell),
        CsvCellType.Text when column.Path[0] == "moderators" && JsonNumber().IsMatch(cell) => JsonNode.Parse(cell),
        CsvCellType.Json when TryParseJson(cell) is { } json => json,
        _ => JsonValue.Create(cell),
    };

    private static JsonNode? TryParseJson(string cell)
    {
        try
        {
            return JsonNode.Parse(cell);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static BatchItem ToBatchItem(IGrouping<string, Row> rows)
    {
        Row[] all = [.. rows];
        var study = all[0].StudyMembers;
        study["effects"] = new JsonArray([.. all.Select(r => (JsonNode)r.EffectMembers)]);
        var errors = all.SelectMany(r => r.Errors).Concat(all.Skip(1).SelectMany(r => FindRowConflicts(study, r))).ToList();
        return new BatchItem(study.Deserialize<JsonElement>(), errors) { MapError = error => WithCellPosition(error, [.. all.Select(r => r.Line)]) };
    }

    private static IEnumerable<FieldError> FindRowConflicts(JsonObject study, Row row) => StudyCsvColumns.All
        .Where(c => c.IsStudyLevel && !JsonNode.DeepEquals(c.ValueIn(study), c.ValueIn(row.StudyMembers)))
        .Select(
            c => new FieldError($"#/{string.Join('/', c.Path)}", "rowsDisagree", $"line {row.Line}, column {c.Name}: differs from the first row of the study"));

    private static FieldError WithCellPosition(FieldError error, long[] lines)
    {
        var match = EffectPointer().Match(error.Pointer);
        var (line, path) = match.Success ? (lines[int.Parse(match.Groups["index"].Value)], match.Groups["rest"].Value) : (lines[0], error.Pointer);
        var column = path.TrimStart('#', '/').Replace('/', '.');
        return error with { Detail = $"line {line}{(column.Length > 0 ? $", column {column}" : "")}: {error.Detail}" };
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex JsonNumber();

    [GeneratedRegex(@"^#/effects/(?<index>[0-9]+)(?<rest>/.*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EffectPointer();

    private sealed record Row(long Line, JsonObject StudyMembers, JsonObject EffectMembers)
    {
        public List<FieldError> Errors { get; } = [];

        public string StudyKey => StudyMembers["key"]?.ToString() ?? "";
    }
}
