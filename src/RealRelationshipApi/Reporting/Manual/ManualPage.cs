using System.Text;

using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

using RealRelationshipApi.Reporting.Page;

namespace RealRelationshipApi.Reporting.Manual;

/// <summary>A page of the manual, of a Markdown file in <c>Docs</c>.</summary>
internal sealed class ManualPage
{
    private static readonly MarkdownPipeline s_pipeline =
        new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).DisableHtml().Build();

    /// <summary>Reads a page.</summary>
    /// <param name="name">Name of its file, without extension.</param>
    /// <param name="markdown">Its text, which begins with a heading and a sentence that says what it is for.</param>
    public ManualPage(string name, string markdown)
    {
        Name = name;
        var document = Markdown.Parse(markdown, s_pipeline);
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            Resolve(link);
        }

        Title = TextOf(document.OfType<HeadingBlock>().First().Inline);
        Purpose = TextOf(document.OfType<ParagraphBlock>().First().Inline);
        Sections = [.. SectionsOf(document)];
        // Wide tables and commands are scrolled on their own, also by keyboard.
        Content = new Html(document.ToHtml(s_pipeline).Replace("<table>", "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table>",
            StringComparison.Ordinal).Replace("</table>", "</table></div>", StringComparison.Ordinal).Replace("<pre>", "<pre tabindex=\"0\">",
            StringComparison.Ordinal));
    }

    /// <summary>Name of the file, without extension.</summary>
    public string Name { get; }

    /// <summary>The path of the page.</summary>
    public string Address => AddressOf(Name);

    /// <summary>The first heading.</summary>
    public string Title { get; }

    /// <summary>The first paragraph.</summary>
    public string Purpose { get; }

    /// <summary>The sections, in order.</summary>
    public IReadOnlyList<ManualSection> Sections { get; }

    /// <summary>The page as HTML.</summary>
    public Html Content { get; }

    private static string AddressOf(string name) => $"/docs/{name.ToLowerInvariant()}";

    // A link to another page leads to its address; one to a file of the source is its name, as the service has no such file.
    private static void Resolve(LinkInline link)
    {
        var target = link.Url ?? "";
        if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith('#'))
        {
            return;
        }

        var (path, anchor) = target.Split('#') is [var only] ? (only, "") : (target.Split('#')[0], "#" + target.Split('#')[1]);
        if (path.EndsWith("openapi.json", StringComparison.Ordinal))
        {
            link.Url = "/openapi/v1.json";
        }
        else if (!path.Contains('/') && path.EndsWith(".md", StringComparison.Ordinal))
        {
            link.Url = AddressOf(path[..^3]) + anchor;
        }
        else
        {
            var source = path.Replace("../", "", StringComparison.Ordinal);
            var label = TextOf(link);
            link.ReplaceBy(label == source ? new CodeInline(source) : new LiteralInline($"{label} ({source} in the source)"));
        }
    }

    private IEnumerable<ManualSection> SectionsOf(MarkdownDocument document)
    {
        var (heading, anchor, text) = (Title, "", new StringBuilder());
        foreach (var block in document.Skip(1))
        {
            if (block is HeadingBlock next)
            {
                yield return new(this, heading, anchor, text.ToString().Trim());
                (heading, anchor) = (TextOf(next.Inline), next.GetAttributes().Id ?? "");
                text.Clear();
                continue;
            }

            foreach (var part in block is LeafBlock leaf ? [leaf] : block.Descendants<LeafBlock>())
            {
                _ = text.Append(part is CodeBlock code ? code.Lines.ToString().ReplaceLineEndings(" ") : TextOf(part.Inline)).Append(' ');
            }
        }

        yield return new(this, heading, anchor, text.ToString().Trim());
    }

    private static string TextOf(ContainerInline? inlines) => string.Concat((inlines?.Descendants() ?? []).Select(inline => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline => " ",
        _ => "",
    }));
}
