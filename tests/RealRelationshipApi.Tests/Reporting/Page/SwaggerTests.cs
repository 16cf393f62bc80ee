using System.Text.RegularExpressions;

using Microsoft.Playwright;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Reporting.Page;

/// <summary>Swagger UI as an integrator meets it, in a real Chromium.</summary>
public sealed class SwaggerTests(BrowsedService browsed) : IClassFixture<BrowsedService>, IAsyncLifetime
{
    private readonly List<string> _complaints = [];
    private IPage _page = null!;

    public async ValueTask InitializeAsync()
    {
        Programs.Need("Chromium with npm", browsed.Browser is not null);
        Assert.NotNull(browsed.Browser);
        var context = await browsed.Browser.NewContextAsync(new() { BaseURL = browsed.Service.Http.BaseAddress!.ToString(), ViewportSize = new() { Width = 1200, Height = 1600 } });
        context.SetDefaultTimeout(60_000);
        _page = await context.NewPageAsync();
        _page.PageError += (_, error) => _complaints.Add(error);
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
        {
            await _page.Context.CloseAsync();
        }
    }

    [Fact]
    public async Task Operations_stand_in_groups_and_either_way_of_coming_in_can_be_chosen()
    {
        await _page.GotoAsync("/swagger/index.html");
        await _page.Locator(".opblock-tag").First.WaitForAsync();
        Assert.Equal(["Submit", "Analyse", "Look", "Operate"], await _page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('.opblock-tag')].map(t => t.dataset.tag)"));
        await KeepAsync("groups");
        await _page.Locator("button.authorize").First.ClickAsync();
        var dialog = await _page.Locator(".dialog-ux").InnerTextAsync();
        Assert.Contains("X-API-Key", dialog, StringComparison.Ordinal);
        Assert.Contains("bearer", dialog, StringComparison.Ordinal);
        await KeepAsync("authorise");
        Assert.Empty(_complaints);
    }

    [Theory]
    [InlineData("forest", "Look")]
    [InlineData("funnel", "Look")]
    [InlineData("cumulative", "Look")]
    public async Task Pictures_are_shown(string operation, string group)
    {
        await _page.GotoAsync($"/swagger/index.html#/{group}/{operation}");
        await _page.Locator($"#operations-{group}-{operation} button.execute").ClickAsync();
        var picture = _page.Locator($"#operations-{group}-{operation} .live-responses-table img");
        await picture.WaitForAsync();
        await _page.WaitForFunctionAsync("() => { const i = document.querySelector('.live-responses-table img'); return i.complete && i.naturalWidth > 0 }");
        Assert.Matches(new Regex("[A-Za-z]{5}", RegexOptions.None, TimeSpan.FromSeconds(1)), await picture.GetAttributeAsync("alt") ?? "");
        await picture.ScrollIntoViewIfNeededAsync();
        await KeepAsync(operation);
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task An_answer_of_a_real_run_is_shown_before_anything_is_pressed()
    {
        await _page.GotoAsync("/swagger/index.html#/Analyse/pool");
        var example = _page.Locator("#operations-Analyse-pool .responses-table .highlight-code").First;
        await example.WaitForAsync();
        Assert.Contains("0.37209308", await example.InnerTextAsync(), StringComparison.Ordinal);
        await example.ScrollIntoViewIfNeededAsync();
        await KeepAsync("pool");
        Assert.Empty(_complaints);
    }

    // For whoever wants to look too.
    private Task KeepAsync(string name) => _page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "Reporting", "Page", $"swagger-{name}.png") });
}
