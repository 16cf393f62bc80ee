using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Page;

/// <summary>News of many effects, which are loaded after the page.</summary>
public sealed partial class PageTests
{
    [Fact]
    public async Task News_of_many_effects_follow_the_estimate()
    {
        await using var service = await Service.StartAsync();
        (await service.Post("/studies/batch", new JsonArray([.. Enumerable.Range(0, 501)
            .Select(i => TestData.Study($"study-{i}", TestData.Effect(0.2 + (0.001 * (i % 300)))))]))).ShouldBe(201);
        Assert.Equal(500, (await service.Get("/meta/pool?exclude=study-0")).At("used")!.GetValue<int>());

        // At the limit they are part of the page.
        var inline = (await service.Get("/?exclude=study-0")).ShouldBe(200).Text;
        Assert.Contains("<ul class=\"news\">", inline, StringComparison.Ordinal);
        Assert.DoesNotContain("later-news", inline, StringComparison.Ordinal);
        var deferred = (await service.Get("/")).ShouldBe(200).Text;
        Assert.DoesNotContain("<ul class=\"news\">", deferred, StringComparison.Ordinal);

        var news = (await service.Get("/meta/news?test=z&limit=5")).At("news")!.AsArray();
        Assert.Equal(5, news.Count);
        await _page.GotoAsync(service.Client.BaseAddress + "?test=z");
        await _page.Locator("ul.news").WaitForAsync();
        Assert.Equal(news.Select(item => $"Revision {item!["revision"]}, {((string)item["recordedAt"]!)[..10]}: {item["sentence"]}"),
            await _page.Locator("ul.news li").AllInnerTextsAsync());
        Assert.Empty(await browsed.Tools!.FindViolationsAsync(_page));
        await _page.Locator("ul.news a").Last.ClickAsync();
        await _page.WaitForURLAsync($"{service.Client.BaseAddress}?test=z&asOf=497");
        Assert.Contains("497 effects", await _page.Locator("#answer").InnerTextAsync(), StringComparison.Ordinal);
    }
}
