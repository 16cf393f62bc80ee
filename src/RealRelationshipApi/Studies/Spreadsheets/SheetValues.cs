using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Spreadsheets;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Studies.Spreadsheets;

/// <summary>Reads the values of cells.</summary>
/// <param name="decimalSign">Point or comma.</param>
/// <param name="isOwnTable">Whether the sheet is an effects table of this service, whose texts are as they were submitted.</param>
internal sealed class SheetValues(char decimalSign, bool isOwnTable)
{
    private static readonly FrozenSet<string> s_missing = new[] { "NA", "N/A", "n/a", "#N/A", "NULL", "null" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> s_missingNumbers = new[] { "NaN", ".", "-", "–", "—" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> s_synonyms = new Dictionary<string, string>
    {
        ["crosssectional"] = "concurrent", ["longitudinal"] = "prospective", ["patient"] = "client", ["self"] = "client", ["selfreport"] = "client",
        ["selfreported"] = "client", ["clinician"] = "therapist", ["counselor"] = "therapist", ["counsellor"] = "therapist", ["independent"] = "observer",
        ["between"] = "betweenclient", ["betweenclients"] = "betweenclient", ["betweenpatient"] = "betweenclient", ["betweenpatients"] = "betweenclient",
        ["betweenperson"] = "betweenclient", ["within"] = "withinclient", ["withinclients"] = "withinclient", ["withinpatient"] = "withinclient",
        ["withinpatients"] = "withinclient", ["withinperson"] = "withinclient", ["betweentherapists"] = "betweentherapist", ["better"] = "higherisbetter",
        ["worse"] = "higherisworse", ["outcome"] = "treatmentoutcome",
        ["progress"] = "treatmentprogress", ["session"] = "sessionoutcome", ["primarystudy"] = "primary", ["pearson"] = "r", ["correlation"] = "r",
        ["zcor"] = "fisherz", ["cohensd"] = "d", ["hedgesg"] = "g", ["smd"] = "g", ["partial"] = "partialr", ["semipartial"] = "semipartialr",
        ["beginning"] = "early", ["middle"] = "mid", ["end"] = "late",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Other names of a value of a choice.</summary>
    public static IEnumerable<string> SynonymsOf(string choice) =>
        s_synonyms.Where(synonym => synonym.Value == SimilarNames.Normalize(choice)).Select(synonym => synonym.Key).Order(StringComparer.Ordinal);

    public static SheetValues For(Sheet sheet, IEnumerable<(int Index, StudyCsvColumn Column)> columns, bool isOwnTable)
    {
        int[] numbers = [.. columns.Where(c => c.Column.Kind == CsvCellType.Number).Select(c => c.Index)];
        var (points, commas) = (false, false);
        foreach (var text in sheet.Rows.SelectMany(row => numbers.Select(i => row[i])).Where(cell => cell.Kind == SheetCellKind.Text)
            .Select(cell => cell.Text).OfType<string>())
        {
            points |= text.Contains('.', StringComparison.Ordinal) && TryParse(text, '.', out _);
            commas |= text.Contains(',', StringComparison.Ordinal) && TryParse(text, ',', out _);
        }

        return new(commas && !points ? ',' : '.', isOwnTable);
    }

    /// <summary>Whether the cell says nothing.</summary>
    public bool IsMissing(SheetCell cell, CsvCellType kind) => cell.Kind is SheetCellKind.Text or SheetCellKind.Error
        && (string.IsNullOrWhiteSpace(cell.Text)
            || (IsMissing(cell.Text.Trim(), kind) && !(isOwnTable && kind is CsvCellType.Text or CsvCellType.Moderator)));

    /// <summary>The value as JSON, or the rule that it breaks.</summary>
    public (JsonNode? Value, string? Rule) Read(SheetCell cell, StudyCsvColumn column) => cell.Kind switch
    {
        SheetCellKind.Formula => (null, "is a formula without a stored value: open and save the workbook in a spreadsheet program"),
        SheetCellKind.Error => (null, $"is the error {cell.Text}"),
        SheetCellKind.Date when column.Name != "coding.date" =>
            (null, $"is a date in the workbook ({cell.Text}): format the column as number or text and enter the value again"),
        SheetCellKind.Number when column.Name == "coding.date" =>
            (null, "is a number in the workbook: format the column as a date, or as text such as 2026-03-01"),
        _ => Read(cell.Text!, SignOf(cell), column),
    };

    /// <summary>A number in the notation of the sheet.</summary>
    public bool TryParse(SheetCell cell, out double number) => TryParse(cell.Text!, SignOf(cell), out number);

    /// <summary>The name of the value of a choice; null if there is none.</summary>
    public static string? FindChoice(string text, IReadOnlyList<string> choices)
    {
        var name = SimilarNames.Normalize(text);
        return Match(name) ?? (s_synonyms.TryGetValue(name, out var other) ? Match(other) : null);

        string? Match(string normalized) => choices.FirstOrDefault(choice => SimilarNames.Normalize(choice) == normalized);
    }

    private static bool IsMissing(string text, CsvCellType kind) => s_missing.Contains(text) || (kind == CsvCellType.Number && s_missingNumbers.Contains(text));

    private char SignOf(SheetCell cell) => cell.Kind == SheetCellKind.Number ? '.' : decimalSign;

    private (JsonNode? Value, string? Rule) Read(string text, char sign, StudyCsvColumn column) => column.Kind switch
    {
        CsvCellType.Number => TryParse(text, sign, out var number) ? (JsonValue.Create(number), null) : (null, NumberRule(text)),
        CsvCellType.Boolean => ReadBoolean(text),
        CsvCellType.Choice => FindChoice(text, column.Choices) is { } choice ? (JsonValue.Create(choice), null)
            : (null, $"must be one of {string.Join(", ", column.Choices)}"),
        CsvCellType.List => (new JsonArray([.. Items(text).Select(name => (JsonNode)name)]), null),
        CsvCellType.NumberList => ReadNumbers(text),
        CsvCellType.Json => ReadJson(text),
        CsvCellType.Moderator => (TryParse(text, sign, out var value) ? JsonValue.Create(value) : JsonValue.Create(text), null),
        _ => (JsonValue.Create(isOwnTable ? text : text.Trim()), null),
    };

    private string NumberRule(string text) => decimalSign == '.' && TryParse(text, ',', out _)
        ? "must be a number; it has a comma before decimals, and other numbers of the sheet a point"
        : $"must be a number, with a {(decimalSign == '.' ? "point" : "comma")} before decimals";

    private static (JsonNode? Value, string? Rule) ReadBoolean(string text) => text.Trim().ToLowerInvariant() switch
    {
        "true" or "yes" or "y" or "t" or "1" => (JsonValue.Create(true), null),
        "false" or "no" or "n" or "f" or "0" => (JsonValue.Create(false), null),
        _ => (null, "must be true or false, or yes or no"),
    };

    private (JsonNode? Value, string? Rule) ReadNumbers(string text)
    {
        var numbers = new JsonArray();
        foreach (var item in Items(text))
        {
            if (!TryParse(item, decimalSign, out var number))
            {
                return (null, $"must be numbers separated by '{StudyCsvColumns.ListSeparator}'");
            }

            numbers.Add(number);
        }

        return (numbers, null);
    }

    private static (JsonNode? Value, string? Rule) ReadJson(string text)
    {
        try
        {
            return (JsonNode.Parse(text), null);
        }
        catch (JsonException)
        {
            return (null, "must be JSON");
        }
    }

    private static string[] Items(string text) => text.Split(StudyCsvColumns.ListSeparator, StringSplitOptions.TrimEntries);

    private static bool TryParse(string text, char decimalSign, out double number)
    {
        number = 0;
        var trimmed = text.Trim().Replace('−', '-');
        if (decimalSign == ',')
        {
            if (trimmed.Contains('.', StringComparison.Ordinal))
            {
                return false;
            }

            trimmed = trimmed.Replace(',', '.');
        }

        return double.TryParse(trimmed, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
    }
}
