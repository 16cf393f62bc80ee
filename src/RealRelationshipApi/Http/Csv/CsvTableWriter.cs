using CsvHelper;

namespace RealRelationshipApi.Http.Csv;

/// <summary>Writes tables as CSV (RFC 4180, UTF-8, lines end with LF). The first row is the header; null is an empty cell.</summary>
internal static class CsvTableWriter
{
    public static async Task WriteAsync(Stream stream, IEnumerable<IEnumerable<string?>> rows, bool withByteOrderMark, CancellationToken cancellationToken)
    {
        await using var csv = CreateWriter(stream, withByteOrderMark);
        foreach (var row in rows)
        {
            WriteCells(csv, row);
            await csv.EndRecordAsync(cancellationToken);
        }
    }

    public static byte[] ToBytes(IEnumerable<IEnumerable<string?>> rows, bool withByteOrderMark = false)
    {
        using var stream = new MemoryStream();
        using (var csv = CreateWriter(stream, withByteOrderMark))
        {
            foreach (var row in rows)
            {
                WriteCells(csv, row);
                csv.EndRecord();
            }
        }

        return stream.ToArray();
    }

    private static CsvWriter CreateWriter(Stream stream, bool withByteOrderMark) =>
        CsvWriter.Create(stream, new CsvWriterOptions { WriteByteOrderMark = withByteOrderMark, NewLine = "\n" }, leaveOpen: true);

    private static void WriteCells(CsvWriter csv, IEnumerable<string?> cells)
    {
        foreach (var cell in cells)
        {
            csv.WriteField(cell);
        }
    }
}
