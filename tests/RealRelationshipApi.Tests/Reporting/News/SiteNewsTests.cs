using System.Text.Json.Nodes;
using System.Xml.Linq;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.News;

/// <summary>News of what sites release and withdraw, as readers get them.</summary>
public sealed class SiteNewsTests
{
    private static readonly XNamespace s_atom = "http://www.w3.org/2005/Atom";

    [Fact]
    public async Task A_release_and_its_withdrawal_are_news_that_name_neither_tenant_nor_patient()
    {
        await using var service = await Service.StartAsync();
        await service.SubmitStudy(TestData.Study("published"));
        await service.SubmitStudy(TestData.Study("second", TestData.Effect(0.4, 90)));
        await service.PostSessions([.. Enumerable.Range(0, 11).Select(Session)]);
        var released = await service.EvidenceRevision();
        Assert.Equal(3, released);

        var news = await NewsAsync(service, "?source=all&level=betweenClient");
        Assert.Equal([3, 2, 1], news.Select(item => item.At("revision")!.GetValue<long>()));
        var pool = (await service.Get($"/meta/pool?source=all&level=betweenClient&asOf={released}")).ShouldBe(200);
        Assert.Equal(3, pool.Number("counts/effects"));
        Assert.Matches(@"^The site site:[a-z0-9-]+ released associations from its sessions \(1 association changed\); the estimate stays at r = \.35, "
            + @"and its 95% CI moved from \[−\.55, \.88\] to \[\.03, \.60\]; it now rests on 3 effects of 3 studies", Sentence(news[0]));
        Assert.Equal(pool.Number("pooled/effect"), news[0].At("after/pooled/effect")!.GetValue<double>());
        Assert.Equal(pool.At("correlation")!.ToJsonString(), news[0].At("after/correlation")!.ToJsonString());

        // All levels together, and sessions alone: the first estimate of that question.
        Assert.Contains("gave the first estimate", Sentence((await NewsAsync(service, "?source=sessions&level=betweenClient"))[0]), StringComparison.Ordinal);
        // Studies alone know nothing of it.
        Assert.Equal([2, 1], (await NewsAsync(service, "")).Select(item => item.At("revision")!.GetValue<long>()));
        Assert.Equal("released", (await service.Get("/meta/revisions")).ShouldBe(200).String("revisions/0/change"));

        var feed = await service.Get("/meta/news.atom?source=all&level=betweenClient");
        var entries = XDocument.Parse(feed.ShouldBe(200).Text).Root!.Elements(s_atom + "entry").ToList();
        Assert.Equal(news.Select(Sentence), entries.Select(entry => entry.Element(s_atom + "summary")!.Value));
        Assert.DoesNotContain("\"ehr\"", feed.Text, StringComparison.Ordinal);

        // Ten are left of the eleven of the release.
        (await service.Post("/erasures", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = "p3" })).ShouldBe(200);
        // What is left is released again, which is nothing.
        Assert.Equal(["released", "withdrawn", "released"], (await service.Get("/meta/revisions")).ShouldBe(200).At("revisions")!.AsArray().Take(3)
            .Select(row => row.At("change")!.GetValue<string>()));
        var after = await NewsAsync(service, "?source=all&level=betweenClient");
        Assert.StartsWith("A site withdrew released associations, which also leave the estimates at earlier revisions; the estimate stays at r = .35, ",
            Sentence(after[0]), StringComparison.Ordinal);
        // The release is no news any more, and nothing of its numbers is left.
        Assert.Equal([4, 2, 1], after.Select(item => item.At("revision")!.GetValue<long>()));
        Assert.Equal(news.Skip(1).Select(item => item.ToJsonString()), after.Skip(1).Select(item => item.ToJsonString()));
        Assert.DoesNotContain("site:", string.Concat(after.Select(item => item.ToJsonString())), StringComparison.Ordinal);
        var later = await service.Get("/meta/news.atom?source=all&level=betweenClient", ("If-None-Match", feed.ETag!));
        Assert.Equal(after.Select(Sentence), XDocument.Parse(later.ShouldBe(200).Text).Root!.Elements(s_atom + "entry")
            .Select(entry => entry.Element(s_atom + "summary")!.Value));
        Assert.Equal([2, 1], (await NewsAsync(service, "")).Select(item => item.At("revision")!.GetValue<long>()));
    }

    /// <summary>A page of news that was read before a withdrawal is not served after it.</summary>
    [Fact]
    public async Task News_of_earlier_revisions_change_with_a_withdrawal()
    {
        await using var service = await Service.StartAsync();
        await service.SubmitStudy(TestData.Study("published"));
        await service.PostSessions([.. Enumerable.Range(0, 11).Select(Session)]);
        await service.SubmitStudy(TestData.Study("third", TestData.Effect(0.2, 100)));
        const string question = "/meta/news?source=all&level=betweenClient&asOf=3";
        var before = (await service.Get(question)).ShouldBe(200);
        Assert.Equal(3, before.At("news/0/after/counts/effects")!.GetValue<int>());
        (await service.Post("/erasures", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = "p3" })).ShouldBe(200);
        var after = (await service.Get(question, ("If-None-Match", before.ETag!))).ShouldBe(200);
        Assert.Equal(2, after.At("news/0/after/counts/effects")!.GetValue<int>());
        Assert.Contains("it now rests on 2 effects of 2 studies", after.String("news/0/sentence"), StringComparison.Ordinal);
    }

    private static async Task<JsonNode[]> NewsAsync(Service service, string query) =>
        [.. (await service.Get($"/meta/news{query}")).ShouldBe(200).At("news")!.AsArray().Select(item => item!)];

    private static string Sentence(JsonNode item) => item.At("sentence")!.GetValue<string>();

    private static JsonObject Session(int i) => SessionTestData.RelationshipAndOutcome($"p{i}", $"t{i % 3}", 1, SessionTestData.Level(i),
        3 * SessionTestData.Digit(i + 1));
}
