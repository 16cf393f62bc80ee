using System.Globalization;
using System.Xml.Linq;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.News;

/// <summary><c>/meta/news.atom</c> against RFC 4287.</summary>
public sealed class NewsFeedTests(NewsTests.Walk walk) : IClassFixture<NewsTests.Walk>
{
    private static readonly XNamespace s_atom = "http://www.w3.org/2005/Atom";

    [Fact]
    public async Task The_feed_is_valid_Atom()
    {
        var answer = (await walk.Service.Get("/meta/news.atom")).ShouldBe(200);
        Assert.Equal("application/atom+xml", answer.MediaType);
        var feed = XDocument.Parse(answer.Text).Root!;
        Assert.Equal(s_atom + "feed", feed.Name);
        // RFC 4287, 4.1.1 and 4.1.2: exactly one of each; an author of the feed stands for its entries.
        ShouldHaveOneOfEach(feed, "id", "title", "updated");
        Assert.NotEmpty(Assert.Single(feed.Elements(s_atom + "author")).Element(s_atom + "name")!.Value);
        Assert.Single(Links(feed, "self"));
        var entries = feed.Elements(s_atom + "entry").ToList();
        Assert.Equal(7, entries.Count);
        foreach (var entry in entries)
        {
            ShouldHaveOneOfEach(entry, "id", "title", "updated", "summary");
            Assert.Single(Links(entry, "alternate"));
        }

        string[] ids = [Value(feed, "id"), .. entries.Select(entry => Value(entry, "id"))];
        Assert.Equal(ids.Length, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(ids, id => Assert.Matches("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id));
        Assert.All(feed.Descendants(s_atom + "updated"), updated => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", updated.Value));
        Assert.Equal(Value(entries[0], "updated"), Value(feed, "updated"));
        Assert.All(feed.Descendants(s_atom + "link"), link => Assert.True(Uri.TryCreate(link.Attribute("href")!.Value, UriKind.Absolute, out _)));
    }

    [Fact]
    public async Task Entries_are_the_news_and_link_to_the_page_at_their_revision()
    {
        var news = (await walk.Service.Get("/meta/news?country=IT")).ShouldBe(200);
        var entry = Assert.Single(XDocument.Parse((await walk.Service.Get("/meta/news.atom?country=IT")).ShouldBe(200).Text).Root!.Elements(s_atom + "entry"));
        Assert.Equal(news.String("news/0/sentence"), Value(entry, "summary"));
        Assert.Equal(Instant(news.String("news/0/recordedAt")), Instant(Value(entry, "updated")));
        var page = Links(entry, "alternate").Single().Attribute("href")!.Value;
        Assert.EndsWith("/?country=IT&asOf=9", page, StringComparison.Ordinal);
        Assert.Contains("Revision 9", Value(entry, "title"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_and_instants_are_the_same_at_another_address_and_after_another_study()
    {
        using var folder = new TemporaryFolder();
        string[] Stable(ServiceResponse feed) => [.. XDocument.Parse(feed.ShouldBe(200).Text).Root!.Elements(s_atom + "entry")
            .Select(entry => $"{Value(entry, "id")} {Value(entry, "updated")} {Value(entry, "summary")}")];
        string[] first;
        string id;
        await using (var service = await Service.StartInAsync(folder))
        {
            await service.SubmitStudy(TestData.Study("a"));
            await service.SubmitStudy(TestData.Study("b"));
            var feed = await service.Get("/meta/news.atom");
            (first, id) = (Stable(feed), Value(XDocument.Parse(feed.Text).Root!, "id"));
            Assert.Equal(2, first.Length);
        }

        await using (var moved = await Service.StartInAsync(folder, "Development", ("Public__BaseUrl", "https://evidence.example/meta-analysis")))
        {
            await moved.SubmitStudy(TestData.Study("c"));
            var feed = await moved.Get("/meta/news.atom?limit=2");
            var root = XDocument.Parse(feed.Text).Root!;
            Assert.Equal(id, Value(root, "id"));
            Assert.Equal(first[0], Stable(feed)[1]);
            Assert.Equal("https://evidence.example/meta-analysis/meta/news.atom?limit=2", Links(root, "self").Single().Attribute("href")!.Value);
            var next = Links(root, "next").Single().Attribute("href")!.Value;
            Assert.StartsWith("https://evidence.example/meta-analysis/meta/news.atom?limit=2&cursor=", next, StringComparison.Ordinal);
            Assert.Equal(first[1], Assert.Single(Stable(await moved.Get(next["https://evidence.example/meta-analysis".Length..]))));
        }
    }

    [Fact]
    public async Task Licence_DOI_and_curators_are_those_of_about_and_an_empty_store_has_a_valid_feed()
    {
        await using var service = await Service.StartAsync();
        var about = (await service.Get("/about")).ShouldBe(200);
        (await service.Put("/about", about.Json.With("curators", new System.Text.Json.Nodes.JsonArray("Meyer, Ada", "Ito & Sons <Ltd>"))
            .With("licence", "CC-BY-4.0").With("doi", "10.5281/zenodo.1234567"), ("If-Match", about.ETag!))).ShouldBe(200);
        var feed = XDocument.Parse((await service.Get("/meta/news.atom")).ShouldBe(200).Text).Root!;
        ShouldHaveOneOfEach(feed, "id", "title", "updated", "rights");
        Assert.Equal(["Meyer, Ada", "Ito & Sons <Ltd>"], feed.Elements(s_atom + "author").Select(author => Value(author, "name")));
        Assert.Equal("CC-BY-4.0", Value(feed, "rights"));
        Assert.Equal("https://doi.org/10.5281/zenodo.1234567", Links(feed, "related").Single().Attribute("href")!.Value);
        Assert.Empty(feed.Elements(s_atom + "entry"));
    }

    private static void ShouldHaveOneOfEach(XElement element, params string[] names) =>
        Assert.All(names, name => Assert.NotEmpty(Assert.Single(element.Elements(s_atom + name)).Value));

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static string Value(XElement element, string name) => element.Element(s_atom + name)!.Value;

    private static IEnumerable<XElement> Links(XElement element, string relation) =>
        element.Elements(s_atom + "link").Where(link => link.Attribute("rel")!.Value == relation);
}
