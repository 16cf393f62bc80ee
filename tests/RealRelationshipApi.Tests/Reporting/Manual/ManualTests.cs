using System.Net;
using System.Text.RegularExpressions;

using RealRelationshipApi.Reporting.Manual;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Manual;

/// <summary>The manual as a browser gets it.</summary>
public sealed partial class ManualTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Fact]
    public async Task Contents_and_pages_show_every_file()
    {
        var contents = (await _service.Get("/docs")).ShouldBe(200);
        Assert.Equal("text/html", contents.MediaType);
        var folder = Path.Combine(RepositoryFiles.Root, ManualFiles.Folder);
        string[] files = [.. Directory.EnumerateFiles(folder).Select(Path.GetFileNameWithoutExtension).Order()!];
        Assert.Equal(files, ManualEndpoints.PageNames.Order());
        foreach (var name in files)
        {
            var page = (await _service.Get($"/docs/{name}")).ShouldBe(200).Text;
            var title = ManualFiles.Read(name).Split('\n')[0][2..];
            Assert.Contains($"<h1 id=\"{title.ToLowerInvariant()}\">{title}</h1>", page, StringComparison.Ordinal);
            Assert.Contains($"<a href=\"/docs/{name.ToLowerInvariant()}\">{title}</a>", contents.Text, StringComparison.Ordinal);
            // Every command and every table is there.
            var markdown = ManualFiles.Read(name);
            Assert.Equal(markdown.Split("\n|---").Length, page.Split("<table>").Length);
            Assert.Equal(markdown.Split("\n```").Length / 2, page.Split("<pre tabindex=\"0\">").Length - 1);
        }
    }

    [Fact]
    public async Task Every_link_leads_to_a_page_and_a_heading()
    {
        var tried = 0;
        foreach (var name in ManualEndpoints.PageNames)
        {
            var address = $"/docs/{name.ToLowerInvariant()}";
            foreach (var link in Link().Matches((await _service.Get(address)).ShouldBe(200).Text).Select(m => WebUtility.HtmlDecode(m.Groups["to"].Value)))
            {
                if (link.Contains("://", StringComparison.Ordinal))
                {
                    continue;
                }

                var (path, anchor) = (link.Split('#')[0], link.Split('#').ElementAtOrDefault(1));
                var target = await _service.Get(path.Length == 0 ? address : path, ("Accept", "*/*"));
                Assert.True(target.Status is 200 or 301 or 302, $"{address} leads to {link}: {target.Status}");
                Assert.True(anchor is null || target.Text.Contains($" id=\"{anchor}\"", StringComparison.Ordinal),
                    $"{address} leads to {link}, which has no such heading");
                tried++;
            }
        }

        Assert.True(tried > 100, $"{tried} links are too few");
    }

    [Theory]
    [InlineData("knapp hartung", null)]
    [InlineData("Limits__MaxBodyBytes", "/docs/settings#settings")]
    [InlineData("PREDICTION INTERVAL", "/docs/uncertainty#")]
    [InlineData("verify backup", "/docs/operations#backup-restore-verification")]
    public async Task Search_finds_sections_with_all_words(string query, string? first)
    {
        var found = (await _service.Get($"/docs?q={Uri.EscapeDataString(query)}")).ShouldBe(200).Text.Split("<main")[1];
        if (first is null)
        {
            Assert.Contains("No section has all of: knapp hartung", found, StringComparison.Ordinal);
            return;
        }

        Assert.StartsWith(first, found.Split("<dt><a href=\"")[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Searched_text_is_encoded()
    {
        var page = (await _service.Get("/docs?q=" + Uri.EscapeDataString("\"><script>alert(1)</script>"))).ShouldBe(200).Text;
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_page_names_the_nearest_one()
    {
        Assert.Contains("did you mean /docs/analyses?", (await _service.Get("/docs/analises")).ShouldBe(404).Text, StringComparison.Ordinal);
        Assert.Contains("/docs lists all", (await _service.Get("/docs/xyzzy")).ShouldBe(404).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_query_is_refused() => _ = (await _service.Get($"/docs?q={new string('a', 101)}")).ShouldBeProblem(422, "?q", "tooLong");

    [GeneratedRegex("<a [^>]*href=\"(?<to>[^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
