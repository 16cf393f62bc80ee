using CsvHelper;

namespace RealRelationshipApi.Http.Csv;

/// <summary>Writes tables as CSV (RFC 4180, UTF-8, lines end with LF). The first row is the header; null is an empty cell.</summary>
internal static class CsvTableWriter
{
    public static async Task WriteAsync(Stream stream, IEnumerable<IEnumerable<string?>> rows, CsvFormat format, CancellationToken cancellationToken)
    {
        await using var csv = CreateWriter(stream, format);
        foreach (var row in rows)
        {
            WriteCells(csv, row, format);
            await csv.EndRecordAsync(cancellationToken);
        }
    }

    public static byte[] ToBytes(IEnumerable<IEnumerable<string?>> rows, CsvFormat format = default)
    {
        using var stream = new MemoryStream();
        using (var csv = CreateWriter(stream, format))
        {
            foreach (var row in rows)
            {
                WriteCells(csv, row, format);
                csv.EndRecord();
            }
        }

        return stream.ToArray();
    }

    private static CsvWriter CreateWriter(Stream stream, CsvFormat format) =>
        CsvWriter.Create(stream, new CsvWriterOptions { WriteByteOrderMark = format.WithByteOrderMark, NewLine = "\n" }, leaveOpen: true);

    private static void WriteCells(CsvWriter csv, IEnumerable<string?> cells, CsvFormat format)
    {
        foreach (var cell in cells)
        {
            csv.WriteField(format.Format(cell));
        }
    }
}
