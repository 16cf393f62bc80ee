using System.Text;
using System.Text.Unicode;

using CsvHelper;

using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Spreadsheets;

/// <summary>Reads CSV whose separator is a comma, a semicolon or a tab, in UTF-8, in UTF-16 with a byte order mark, or in a named encoding.</summary>
internal static class CsvSheetReader
{
    // Cells take several times the memory of their text.
    private const long MaxCells = 16_000_000;

    private static readonly byte[] s_separatorHint = "sep="u8.ToArray();

    /// <param name="body">The file.</param>
    /// <param name="encoding">Its encoding; null for UTF-8, or UTF-16 with a byte order mark.</param>
    public static (Sheet? Sheet, Problem? Problem) Read(ReadOnlyMemory<byte> body, Encoding? encoding)
    {
        if (XlsxSheetReader.IsZip(body.Span))
        {
            return (null, NotCsv("is a workbook or another zip file, not CSV: send a workbook as " + MediaTypes.Xlsx));
        }

        if (encoding is null && !IsUtf16(body.Span) && body.Span.Contains((byte)0))
        {
            return (null, Problem.Malformed(new FieldError("#", ErrorCodes.NotUnicode, $"line 1: has the byte 0, which no CSV has: {CsvCharsets.EncodingRule}; "
                + "UTF-16 without a byte order mark needs charset=utf-16")));
        }

        try
        {
            using var stream = new MemoryStream(body.ToArray(), writable: false);
            using var csv = CsvReader.Create(stream, new CsvReaderOptions
            {
                TrackLineNumbers = true, MalformedData = CsvMalformedDataHandling.Throw, IncludeValuesInExceptions = false, PoolStrings = true,
                DetectSeparatorHint = body.Span.IndexOf(s_separatorHint) is >= 0 and <= 3, Encoding = encoding,
            });
            csv.ReadHeader();
            return Read(csv);
        }
        catch (CsvFormatException error)
        {
            return (null, NotCsv($"line {error.LineNumber}: is not valid CSV: a quote is out of place"));
        }
    }

    private static bool IsUtf16(ReadOnlySpan<byte> body) =>
        body.StartsWith(Encoding.Unicode.Preamble) || body.StartsWith(Encoding.BigEndianUnicode.Preamble);

    private static (Sheet? Sheet, Problem? Problem) Read(CsvReader csv)
    {
        string[] heads = [.. csv.Headers.Select(head => head.Trim())];
        if (heads.Length > Sheet.MaxColumns)
        {
            return (null, NotCsv($"has {heads.Length} columns, and {Sheet.MaxColumns} are the most"));
        }

        var faults = new SheetFaults("line");
        foreach (var (i, head) in heads.Index().Where(head => head.Item.Contains('\uFFFD', StringComparison.Ordinal)))
        {
            faults.Add(ErrorCodes.NotUnicode, $"{i + 1}", CsvCharsets.EncodingRule, 1);
        }

        var (rows, cells) = (new List<SheetRow>(), 0L);
        while (csv.Read())
        {
            cells += csv.FieldCount;
            if (rows.Count == Sheet.MaxRows || cells > MaxCells)
            {
                return (null, new(ProblemKind.ContentTooLarge, $"A spreadsheet may have {Sheet.MaxRows:N0} rows and {MaxCells:N0} cells at the most."));
            }

            var row = ReadRow(csv, heads, faults);
            if (row.Fault is not null || row.Cells.Any(cell => !cell.IsEmpty))
            {
                rows.Add(row);
            }
        }

        return faults.IsEmpty ? (new Sheet(heads, rows, "line"), null) : (null, Problem.Malformed([.. faults.ToErrors()]));
    }

    private static SheetRow ReadRow(CsvReader csv, string[] heads, SheetFaults faults)
    {
        var line = csv.LineNumber;
        (string, string)? fault = csv.FieldCount == heads.Length ? null
            : (ErrorCodes.BadRow, $"has {csv.FieldCount} cells where the header has {heads.Length}");
        var cells = new SheetCell[Math.Min(csv.FieldCount, heads.Length)];
        for (var i = 0; i < cells.Length; i++)
        {
            var text = csv.GetSpan(i);
            if (!Utf8.IsValid(text))
            {
                faults.Add(ErrorCodes.NotUnicode, heads[i], CsvCharsets.EncodingRule, line);
            }
            else if (!text.IsEmpty)
            {
                cells[i] = new(csv.GetString(i));
            }
        }

        return new(line, cells, fault);
    }

    private static Problem NotCsv(string detail) => Problem.Malformed(new FieldError("#", ErrorCodes.NotCsv, detail));
}
