using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;

using ExcelDataReader;
using ExcelDataReader.Exceptions;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Spreadsheets;

/// <summary>Reads a sheet of an XLSX workbook (ECMA-376). Formulas are read as the values that the workbook stores beside them.</summary>
internal static class XlsxSheetReader
{
    /// <summary>Maximum number of cells, empty ones included.</summary>
    public const int MaxCells = 1_000_000;

    private const string NotXlsx = "notXlsx";
    private static readonly byte[] s_zip = [0x50, 0x4B, 0x03, 0x04];
    private static readonly byte[] s_compoundFile = [0xD0, 0xCF, 0x11, 0xE0];

    // The parser asks for windows-1252, the encoding of older formats, before it reads.
    static XlsxSheetReader() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static bool IsZip(ReadOnlySpan<byte> body) => body.StartsWith(s_zip);

    /// <param name="body">The file.</param>
    /// <param name="sheetName">Name of the sheet; null for the first visible one.</param>
    public static (Sheet? Sheet, Problem? Problem) Read(ReadOnlyMemory<byte> body, string? sheetName)
    {
        if (!IsZip(body.Span))
        {
            return Refuse(NotXlsx, body.Span.StartsWith(s_compoundFile)
                ? "is an .xls workbook, or protected by a password: save it as .xlsx without one" : "is not an XLSX workbook");
        }

        try
        {
            using var stream = new MemoryStream(body.ToArray(), writable: false);
            using (var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true))
            {
                if (ZipArchiveLimits.FindExcess(archive) is { } excess)
                {
                    return (null, new(ProblemKind.ContentTooLarge, $"The workbook {excess}."));
                }

                if (archive.GetEntry("xl/workbook.xml") is null)
                {
                    return Refuse(NotXlsx, archive.GetEntry("xl/workbook.bin") is not null ? "is an .xlsb workbook: save it as .xlsx"
                        : "is a zip file, but not an XLSX workbook: save it as .xlsx");
                }
            }

            stream.Position = 0;
            using var reader = ExcelReaderFactory.CreateOpenXmlReader(stream, new ExcelReaderConfiguration { LeaveOpen = true });
            return Read(reader, stream, sheetName);
        }
        catch (Exception error) when (error is InvalidDataException or XmlException or ExcelReaderException or FormatException or OverflowException
            or ArgumentException or KeyNotFoundException or InvalidOperationException or NullReferenceException or IndexOutOfRangeException
            or NotSupportedException)
        {
            // The parser has no exception of its own for a workbook that breaks the standard.
            return Refuse(NotXlsx, "is a damaged workbook: open it in a spreadsheet program and save it again");
        }
    }

    private static (Sheet? Sheet, Problem? Problem) Read(IExcelDataReader reader, Stream stream, string? sheetName)
    {
        var names = new List<string>();
        (Sheet? Sheet, Problem? Problem)? read = null;
        do
        {
            var isVisible = reader.VisibleState == "visible";
            if (isVisible)
            {
                names.Add(reader.Name);
            }

            if (read is null && (sheetName is null ? isVisible : reader.Name == sheetName))
            {
                read = ReadSheet(reader, FormulaCells.Of(stream, reader.Name));
            }
        }
        while (reader.NextResult());

        return read switch
        {
            null => (null, Problem.Invalid([new("?sheet", ErrorCodes.NotAValue, $"is no sheet of the workbook; it has {string.Join(", ", names)}")])),
            { Sheet: { } sheet } when sheetName is null && names.Count > 1 => (sheet with
            {
                Warnings =
                [
                    .. sheet.Warnings, new("otherSheets", $"The sheet '{names[0]}' was read. The workbook also has {NameList.Of([.. names.Skip(1)])}; "
                        + "sheet=NAME reads another."),
                ],
            }, null),
            var (sheet, problem) => (sheet, problem),
        };
    }

    private static (Sheet? Sheet, Problem? Problem) ReadSheet(IExcelDataReader reader, FormulaCells formulas)
    {
        var merged = reader.MergeCells ?? [];
        if (merged.Length > 0)
        {
            return Refuse("mergedCells", $"has merged cells ({NameList.Of([.. merged.Select(NameOf)])}): unmerge them, so that each column has one header and "
                + "each row its own values");
        }

        var (heads, rows, cells, line) = ((string[]?)null, new List<SheetRow>(), 0L, 0L);
        while (reader.Read())
        {
            line++;
            cells += reader.FieldCount;
            if (cells > MaxCells)
            {
                return (null, new(ProblemKind.ContentTooLarge,
                    $"The sheet has more than {MaxCells:N0} cells up to row {line}: delete empty rows and columns."));
            }

            if (reader.FieldCount > Sheet.MaxColumns)
            {
                return Refuse(NotXlsx, $"has {reader.FieldCount} columns, and {Sheet.MaxColumns} are the most");
            }

            SheetCell[] values = [.. Enumerable.Range(0, reader.FieldCount).Select(i => CellOf(reader, formulas, line, i))];
            if (values.All(value => value.IsEmpty))
            {
                continue;
            }

            if (heads is null)
            {
                heads = [.. values.Take(Array.FindLastIndex(values, value => !value.IsEmpty) + 1).Select(value => value.Text?.Trim() ?? "")];
            }
            else
            {
                rows.Add(ToRow(line, values, heads.Length));
            }
        }

        return (new Sheet(heads ?? [], rows, "row") { Warnings = formulas.Warnings }, null);
    }

    private static SheetRow ToRow(long line, SheetCell[] values, int columns)
    {
        var last = Array.FindLastIndex(values, value => !value.IsEmpty) + 1;
        (string, string)? fault = last > columns ? (ErrorCodes.BadRow, $"has {last} cells where the header has {columns}") : null;
        var cells = new SheetCell[columns];
        Array.Copy(values, cells, Math.Min(columns, values.Length));
        return new(line, cells, fault);
    }

    private static SheetCell CellOf(IExcelDataReader reader, FormulaCells formulas, long line, int column) => formulas.ErrorOf(line, column) switch
    {
        "#N/A" => new("#N/A"),
        { } error => new(error, SheetCellKind.Error),
        _ => reader.GetValue(column) switch
        {
            null => formulas.IsWithoutValue(line, column) ? new("=", SheetCellKind.Formula) : default,
            double number => new(number.ToString("R", CultureInfo.InvariantCulture), SheetCellKind.Number),
            int number => new(number.ToString(CultureInfo.InvariantCulture), SheetCellKind.Number),
            bool flag => new(flag ? "true" : "false"),
            DateTime date => new(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), SheetCellKind.Date),
            TimeSpan time => new(time.ToString(), SheetCellKind.Date),
            var other => new(Convert.ToString(other, CultureInfo.InvariantCulture)),
        },
    };

    private static string NameOf(CellRange range) => $"{FormulaCells.ColumnName(range.FromColumn)}{range.FromRow + 1}:"
        + $"{FormulaCells.ColumnName(range.ToColumn)}{range.ToRow + 1}";

    private static (Sheet?, Problem?) Refuse(string code, string detail) => (null, Problem.Malformed(new FieldError("#", code, detail)));
}
