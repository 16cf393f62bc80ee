using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;

namespace RealRelationshipApi.Tests.Analyses.Spreadsheets;

/// <summary>A workbook of the parts that ECMA-376 requires, to say in a line what a spreadsheet program stores.</summary>
internal sealed class Workbook
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    private readonly List<(string Name, string Rows, string Merged)> _sheets = [];
    private readonly List<(string Name, byte[] Content)> _others = [];

    /// <summary>Adds a sheet of rows of cells: numbers, texts, <see cref="Formula"/>, <see cref="Date"/>, <see cref="Error"/> or null.</summary>
    public Workbook Add(string name, params object?[][] rows) => Add(name, "", rows);

    /// <summary>The same with a range of merged cells.</summary>
    public Workbook Add(string name, string merged, params object?[][] rows)
    {
        var xml = string.Concat(rows.Select((row, i) =>
            $"<row r=\"{i + 1}\">{string.Concat(row.Select((cell, j) => Cell($"{(char)('A' + j)}{i + 1}", cell)))}</row>"));
        _sheets.Add((name, xml, merged.Length == 0 ? "" : $"<mergeCells count=\"1\"><mergeCell ref=\"{merged}\"/></mergeCells>"));
        return this;
    }

    /// <summary>Adds or replaces a part.</summary>
    public Workbook With(string part, byte[] content)
    {
        _others.Add((part, content));
        return this;
    }

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Write(zip, "[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
                + "<Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>");
            Write(zip, "xl/workbook.xml", $"<workbook xmlns=\"{Main}\" xmlns:r=\"{Relationships}\"><sheets>"
                + string.Concat(_sheets.Select((sheet, i) => $"<sheet name=\"{sheet.Name}\" sheetId=\"{i + 1}\" r:id=\"rId{i + 1}\"/>"))
                + "</sheets></workbook>");
            Write(zip, "xl/_rels/workbook.xml.rels", "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
                + string.Concat(_sheets.Select((_, i) =>
                    $"<Relationship Id=\"rId{i + 1}\" Type=\"{Relationships}/worksheet\" Target=\"worksheets/sheet{i + 1}.xml\"/>"))
                + $"<Relationship Id=\"rIdS\" Type=\"{Relationships}/styles\" Target=\"styles.xml\"/></Relationships>");
            // The second format is that of dates.
            Write(zip, "xl/styles.xml", $"<styleSheet xmlns=\"{Main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\" applyNumberFormat=\"1\"/>"
                + "</cellXfs></styleSheet>");
            foreach (var (i, sheet) in _sheets.Index())
            {
                Write(zip, $"xl/worksheets/sheet{i + 1}.xml", $"<worksheet xmlns=\"{Main}\"><sheetData>{sheet.Rows}</sheetData>{sheet.Merged}</worksheet>");
            }

            foreach (var (name, content) in _others)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    public sealed record Formula(double? StoredValue);

    public sealed record Date(int Serial);

    public sealed record Error(string Code);

    private static string Cell(string place, object? cell) => cell switch
    {
        null => "",
        double or int => $"<c r=\"{place}\"><v>{Convert.ToString(cell, CultureInfo.InvariantCulture)}</v></c>",
        Formula { StoredValue: { } value } => $"<c r=\"{place}\"><f>1+1</f><v>{value.ToString("R", CultureInfo.InvariantCulture)}</v></c>",
        Formula => $"<c r=\"{place}\"><f>1+1</f></c>",
        Date date => $"<c r=\"{place}\" s=\"1\"><v>{date.Serial}</v></c>",
        Error error => $"<c r=\"{place}\" t=\"e\"><v>{error.Code}</v></c>",
        _ => $"<c r=\"{place}\" t=\"inlineStr\"><is><t>{WebUtility.HtmlEncode(cell.ToString())}</t></is></c>",
    };

    private void Write(ZipArchive zip, string name, string xml)
    {
        if (_others.Exists(other => other.Name == name))
        {
            return;
        }

        using var entry = zip.CreateEntry(name).Open();
        entry.Write(Encoding.UTF8.GetBytes($"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>{xml}"));
    }
}
