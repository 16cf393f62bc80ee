using System.Globalization;

namespace RealRelationshipApi.Http.Csv;

/// <summary>How a CSV file is written for the program that will open it.</summary>
/// <param name="WithByteOrderMark">Whether the file starts with a byte order mark.</param>
/// <param name="ForSpreadsheet">Whether text that a spreadsheet would take for a formula gets an apostrophe in front.</param>
internal readonly record struct CsvFormat(bool WithByteOrderMark = false, bool ForSpreadsheet = false)
{
    private static readonly QueryParameter s_bom = new("bom", QueryParameterType.Boolean, "Start CSV with a byte order mark, as some spreadsheets want.")
    { Default = "false" };

    private static readonly QueryParameter s_spreadsheet = new("spreadsheet", QueryParameterType.Boolean,
        "Put an apostrophe before text that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab). Such a file cannot be sent back.")
    { Default = "false" };

    /// <summary>The query parameters of an operation that returns CSV.</summary>
    public static IReadOnlyList<QueryParameter> Parameters { get; } = [s_bom, s_spreadsheet];

    /// <summary>Reads <see cref="Parameters"/>.</summary>
    public static CsvFormat From(QueryReader query) => new(query.Boolean(s_bom.Name) ?? false, query.Boolean(s_spreadsheet.Name) ?? false);

    /// <summary>A cell as it is written. Numbers stay numbers.</summary>
    public string? Format(string? cell) => ForSpreadsheet && cell is ['=' or '+' or '-' or '@' or '\t' or '\r', ..]
        && !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? $"'{cell}" : cell;
}
