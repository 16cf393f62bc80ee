using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Spreadsheets;

internal enum SheetCellKind
{
    Text,

    /// <summary>A number of a workbook, in invariant notation.</summary>
    Number,

    /// <summary>A date of a workbook, as <c>2026-03-01</c>.</summary>
    Date,

    /// <summary>An error of a workbook, such as <c>#DIV/0!</c>.</summary>
    Error,

    /// <summary>A formula whose value is not stored.</summary>
    Formula,
}

/// <summary>A cell. Text is null or empty for an empty one.</summary>
internal readonly record struct SheetCell(string? Text, SheetCellKind Kind = SheetCellKind.Text)
{
    public bool IsEmpty => string.IsNullOrEmpty(Text);
}

/// <summary>A row below the header.</summary>
/// <param name="Line">Line of the file or row of the workbook, from 1.</param>
/// <param name="Cells">One cell per header, unless the row has fewer.</param>
/// <param name="Fault">Code and rule that the row as a whole breaks; null if it can be read.</param>
internal sealed record SheetRow(long Line, IReadOnlyList<SheetCell> Cells, (string Code, string Rule)? Fault = null)
{
    /// <summary>The cell of a column; empty if the row is shorter.</summary>
    public SheetCell this[int column] => column < Cells.Count ? Cells[column] : default;
}

/// <summary>A table with headers, from CSV or a workbook. Rows without any value are left out.</summary>
/// <param name="Heads">Headers as written.</param>
/// <param name="Rows">The rows.</param>
/// <param name="LineName">What a place in it is called: line or row.</param>
internal sealed record Sheet(IReadOnlyList<string> Heads, IReadOnlyList<SheetRow> Rows, string LineName)
{
    /// <summary>Maximum number of columns.</summary>
    public const int MaxColumns = 1_000;

    /// <summary>Maximum number of rows.</summary>
    public const int MaxRows = 200_000;

    public IReadOnlyList<Warning> Warnings { get; init; } = [];
}
