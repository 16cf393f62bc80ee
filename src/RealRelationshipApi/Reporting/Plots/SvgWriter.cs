using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>The <c>text-anchor</c> of a text.</summary>
internal enum TextAnchor { Start, Middle, End }

/// <summary>Writes an SVG image with title and description for screen readers, light and dark colour schemes, and no script.</summary>
internal sealed class SvgWriter
{
    private const char FirstRightToLeft = '\u0590';

    // Light colours come first and unconditionally, for programs that do not support media queries.
    private const string Style = """
        text{font-family:"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;font-size:13px;fill:#1f2328;font-variant-numeric:tabular-nums}
        .paper{fill:#fff}.title{font-size:17px;font-weight:700}.strong{font-weight:700}.faint,.small{fill:#59636e}.small{font-size:11.5px}
        .rule{stroke:#d1d9e0}.axis{stroke:#59636e}.zero{stroke:#59636e}.guide{stroke:#9a3412;stroke-dasharray:4 4}.whisker{stroke:#1f2328;stroke-width:1.3}
        .mark{fill:#0b5a8a}.point{fill:#0b5a8a;fill-opacity:.75;stroke:#fff;stroke-width:.6}.arrow{fill:#1f2328}
        .pooled{fill:#9a3412;stroke:#9a3412}.level{fill:#0b5a8a;stroke:#0b5a8a}.prediction{stroke:#9a3412;stroke-width:3}
        """ + """
        .open{fill:#fff;stroke:#59636e;stroke-width:1.6}
        .range{stroke:#59636e;stroke-width:1.6}.filled,.hollow{fill:#fff;stroke:#0b5a8a;stroke-width:1.4}.slope{stroke:#6639ba;stroke-width:1.6}
        """ + """
        .funnel{stroke:#9a3412;fill:none}.sequence{stroke:#6639ba;fill:#6639ba;stroke-width:1.8}
        .p10{fill:#c9d1d9}.p05{fill:#dfe4ea}.p01{fill:#f0f3f6}
        @media screen and (prefers-color-scheme:dark){text{fill:#e6edf3}.paper,.open,.filled,.hollow{fill:#0d1117}.faint,.small{fill:#9da7b3}
        """ + """
        .rule{stroke:#3d444d}.axis,.zero,.open,.range{stroke:#9da7b3}
        .guide,.prediction,.funnel{stroke:#ffa657}.whisker{stroke:#e6edf3}.arrow{fill:#e6edf3}.mark,.point{fill:#6cb6ff}.point{stroke:#0d1117}
        """ + """
        .pooled{fill:#ffa657;stroke:#ffa657}.level{fill:#6cb6ff;stroke:#6cb6ff}
        .filled,.hollow{stroke:#6cb6ff}.slope{stroke:#d2a8ff}.sequence{stroke:#d2a8ff;fill:#d2a8ff}.p10{fill:#3d444d}.p05{fill:#2b323b}.p01{fill:#1c222a}}
        """;

    /// <summary>Additional style of plots with cells and judgements. The colours can be told apart with any colour vision (Okabe and Ito 2008).</summary>
    public const string CellStyle = """
        .risk,.cell{stroke:#59636e;stroke-width:.8}.symbol{font-size:15px;font-weight:700}
        .low,.much{fill:#0b5a8a}.some{fill:#f0e442}.high{fill:#b84a00}.unclear{fill:#c9d1d9}.none,.empty{fill:none}.empty{stroke-dasharray:4 4}
        .little{fill:#d6e6f2}.more{fill:#8fbedb}.on-low,.on-high,.on-much{fill:#fff}.on-some,.on-unclear,.on-little,.on-more{fill:#1f2328}
        """;

    private readonly StringBuilder _output = new();
    private readonly XmlWriter _xml;

    public SvgWriter(string title, string description, double width, double height, string? style = null)
    {
        _xml = XmlWriter.Create(_output, new XmlWriterSettings { OmitXmlDeclaration = true, CheckCharacters = true });
        _xml.WriteStartElement("svg", "http://www.w3.org/2000/svg");
        WriteAttributes(("viewBox", $"0 0 {FormatNumber(width)} {FormatNumber(height)}"), ("width", FormatNumber(width)), ("height", FormatNumber(height)),
            ("role", "img"), ("aria-labelledby", "title description"), ("lang", "en"));
        WriteElement("title", title, ("id", "title"));
        WriteElement("desc", description, ("id", "description"));
        WriteElement("style", Style);
        if (style is not null)
        {
            WriteElement("style", style);
        }

        Rectangle(0, 0, width, height, "paper");
    }

    /// <summary>Content security policy of an image opened on its own: only its own style is allowed.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src {HashOf(Style)}";

    /// <summary>The same with <see cref="CellStyle"/>.</summary>
    public static string CellContentSecurityPolicy { get; } = PolicyWith(CellStyle);

    /// <summary>The same with a style of its own.</summary>
    public static string PolicyWith(string style) => $"{ContentSecurityPolicy} {HashOf(style)}";

    private static string HashOf(string style) =>
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style.ReplaceLineEndings("\n"))))}'";

    public void Label(double x, double y, string text, string style = "", TextAnchor anchor = TextAnchor.Start) => WriteElement("text", text,
        ("x", FormatNumber(x)), ("y", FormatNumber(y)), ("class", style),
        ("text-anchor", anchor switch { TextAnchor.Middle => "middle", TextAnchor.End => "end", _ => "" }));

    /// <summary>A vertical label along an axis.</summary>
    public void VerticalLabel(double x, double y, string text, string style) => WriteElement("text", text,
        ("x", FormatNumber(x)), ("y", FormatNumber(y)), ("class", style), ("text-anchor", "middle"),
        ("transform", $"rotate(-90 {FormatNumber(x)} {FormatNumber(y)})"));

    public void Line(double x1, double y1, double x2, double y2, string style) =>
        WriteElement("line", null, ("x1", FormatNumber(x1)), ("y1", FormatNumber(y1)), ("x2", FormatNumber(x2)), ("y2", FormatNumber(y2)), ("class", style));

    public void Rectangle(double x, double y, double width, double height, string style) =>
        WriteElement("rect", null, ("x", FormatNumber(x)), ("y", FormatNumber(y)), ("width", FormatNumber(width)), ("height", FormatNumber(height)),
            ("class", style));

    public void Circle(double x, double y, double radius, string style, string? tooltip = null)
    {
        _xml.WriteStartElement("circle");
        WriteAttributes(("cx", FormatNumber(x)), ("cy", FormatNumber(y)), ("r", FormatNumber(radius)), ("class", style));
        if (tooltip is not null)
        {
            WriteElement("title", tooltip);
        }

        _xml.WriteEndElement();
    }

    public void Polygon(string style, params IEnumerable<(double X, double Y)> corners) =>
        WriteElement("polygon", null, ("points", string.Join(' ', corners.Select(c => $"{FormatNumber(c.X)},{FormatNumber(c.Y)}"))), ("class", style));

    /// <summary>An open line through points.</summary>
    public void Polyline(string style, params IEnumerable<(double X, double Y)> points) =>
        WriteElement("polyline", null, ("points", string.Join(' ', points.Select(p => $"{FormatNumber(p.X)},{FormatNumber(p.Y)}"))), ("class", style));

    public void Diamond(double left, double middle, double right, double y, double half, string style) =>
        Polygon(style, (left, y), (middle, y - half), (right, y), (middle, y + half));

    /// <summary>Clips what is drawn to a rectangle.</summary>
    public void Clip(double x, double y, double width, double height, Action draw)
    {
        _xml.WriteStartElement("clipPath");
        WriteAttributes(("id", "inside"));
        Rectangle(x, y, width, height, "");
        _xml.WriteEndElement();
        _xml.WriteStartElement("g");
        WriteAttributes(("clip-path", "url(#inside)"));
        draw();
        _xml.WriteEndElement();
    }

    /// <summary>Groups elements and gives them a tooltip.</summary>
    public void Group(string tooltip, Action draw)
    {
        _xml.WriteStartElement("g");
        WriteElement("title", tooltip);
        draw();
        _xml.WriteEndElement();
    }

    public string Finish()
    {
        _xml.WriteEndElement();
        _xml.Flush();
        return _output.ToString();
    }

    private void WriteElement(string name, string? content, params (string Name, string Value)[] attributes)
    {
        _xml.WriteStartElement(name);
        WriteAttributes(attributes);
        if (content is not null)
        {
            _xml.WriteString(Isolate(Sanitize(content)));
        }

        _xml.WriteEndElement();
    }

    private void WriteAttributes(params (string Name, string Value)[] attributes)
    {
        foreach (var (name, value) in attributes.Where(a => a.Value.Length > 0))
        {
            _xml.WriteAttributeString(name, value);
        }
    }

    /// <summary>Isolates the parts of a text that are written from right to left, so that the numbers beside a name keep their place.</summary>
    private static string Isolate(string text)
    {
        // Nearly all texts have no letter of such a script.
        if (!text.AsSpan().ContainsAnyInRange(FirstRightToLeft, char.MaxValue))
        {
            return text;
        }

        var runes = text.EnumerateRunes().ToList();
        if (!runes.Exists(IsRightToLeft))
        {
            return text;
        }

        var isolated = new StringBuilder(text.Length + 4);
        for (var i = 0; i < runes.Count; i++)
        {
            if (!IsRightToLeft(runes[i]))
            {
                isolated.Append(runes[i]);
                continue;
            }

            // To the last such letter before a letter of another direction.
            var end = i;
            for (var j = i; j < runes.Count && (IsRightToLeft(runes[j]) || !Rune.IsLetterOrDigit(runes[j])); j++)
            {
                end = IsRightToLeft(runes[j]) ? j : end;
            }

            isolated.Append('\u2068').AppendJoin("", runes[i..(end + 1)]).Append('\u2069');
            i = end;
        }

        return isolated.ToString();
    }

    private static bool IsRightToLeft(Rune rune) => Rune.IsLetter(rune)
        && rune.Value is (>= FirstRightToLeft and <= 0x08FF) or (>= 0xFB1D and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFF) or (>= 0x10800 and <= 0x10FFF)
            or (>= 0x1E800 and <= 0x1EFFF);

    // Replaces characters that XML does not allow, and removes those that change the text direction.
    private static string Sanitize(string text)
    {
        var printable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes().Where(r => r.Value is not ((>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x200E or 0x200F)))
        {
            printable.Append(rune.Value is (< 0x20 and not '\n') or (>= 0x7F and < 0xA0) or 0xFFFE or 0xFFFF ? Rune.ReplacementChar : rune);
        }

        return printable.ToString();
    }

    private static string FormatNumber(double value) => (Math.Round(value, 2) + 0.0).ToString("0.##", CultureInfo.InvariantCulture);
}
