using System.Globalization;

namespace RealRelationshipApi.Http.Csv;

/// <summary>Format of a CSV file, depending on the program that will open it.</summary>
/// <param name="WithByteOrderMark">Whether the file starts with a byte order mark.</param>
/// <param name="ForSpreadsheet">Whether text that a spreadsheet would interpret as a formula is prefixed with an apostrophe.</param>
internal readonly record struct CsvFormat(bool WithByteOrderMark = false, bool ForSpreadsheet = false)
{
    private static readonly QueryParameter s_bom = new("bom", QueryParameterType.Boolean,
        "Whether to start with a byte order mark, which some spreadsheets need.")
    { Default = "false" };

    private static readonly QueryParameter s_spreadsheet = new("spreadsheet", QueryParameterType.Boolean,
        "Whether to prefix text that a spreadsheet would interpret as a formula (`=`, `+`, `-`, `@`, tab) with an apostrophe. Such a file cannot be submitted.")
    { Default = "false" };

    /// <summary>The query parameters of an operation that returns CSV.</summary>
    public static IReadOnlyList<QueryParameter> Parameters { get; } = [s_bom, s_spreadsheet];

    /// <summary>Reads <see cref="Parameters"/>.</summary>
    public static CsvFormat From(QueryReader query) => new(query.Boolean(s_bom.Name) ?? false, query.Boolean(s_spreadsheet.Name) ?? false);

    /// <summary>Formats a cell. Numbers are not prefixed.</summary>
    public string? Format(string? cell) => ForSpreadsheet && cell is ['=' or '+' or '-' or '@' or '\t' or '\r', ..]
        && !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? $"'{cell}" : cell;
}
