using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace RealRelationshipApi.Tests.Vocabulary;

/// <summary>An SVG picture that the service drew, as a reader of its parts finds it.</summary>
internal sealed class Picture
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    private readonly XElement _root;

    private Picture(XElement root) => _root = root;

    public static Picture Of(Answer answer)
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
    public IReadOnlyList<string> Texts => [.. All("text").Select(t => t.Value)];

    public string Text => string.Join('\n', Texts);

    /// <summary>Shapes of a style.</summary>
    public int Count(string element, string style) => All(element).Count(e => e.Attribute("class")?.Value == style);

    public IEnumerable<XElement> All(string element) => _root.Descendants(s_svg + element);

    /// <summary>Every element, whatever its namespace.</summary>
    public IEnumerable<string> Elements => _root.DescendantsAndSelf().Select(e => e.Name.LocalName).Distinct();

    public static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
