using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace RealRelationshipApi.Tests.Support;

/// <summary>An SVG picture that the service drew, as a reader of its parts finds it.</summary>
internal sealed class SvgDocument
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    private readonly XElement _root;

    private SvgDocument(XElement root) => _root = root;

    public static SvgDocument FromResponse(ServiceResponse answer)
    {
        answer.ShouldBe(200);
        Assert.Equal("image/svg+xml", answer.MediaType);
        return new(XDocument.Parse(Encoding.UTF8.GetString(answer.Bytes)).Root!);
    }

    public string Title => _root.Element(s_svg + "title")!.Value;

    public string Description => _root.Element(s_svg + "desc")!.Value;

    public string? Attribute(string name) => _root.Attribute(name)?.Value;

    public double Width => Number(_root, "width");

    public double Height => Number(_root, "height");

    /// <summary>Every text, in the order in which it is drawn.</summary>
    public IReadOnlyList<string> TextLines => [.. ElementsNamed("text").Select(t => t.Value)];

    public string JoinedText => string.Join('\n', TextLines);

    /// <summary>Shapes of a style.</summary>
    public int CountByClass(string element, string style) => ElementsNamed(element).Count(e => e.Attribute("class")?.Value == style);

    public IEnumerable<XElement> ElementsNamed(string element) => _root.Descendants(s_svg + element);

    /// <summary>Every element, whatever its namespace.</summary>
    public IEnumerable<string> ElementNames => _root.DescendantsAndSelf().Select(e => e.Name.LocalName).Distinct();

    public static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
