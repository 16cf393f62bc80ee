using System.Text.RegularExpressions;

using Microsoft.Playwright;

using RealRelationshipApi.Tests.Reporting.Page;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http.OpenApi;

/// <summary>Swagger UI as an integrator meets it, in a real Chromium.</summary>
public sealed class SwaggerUiTests(BrowserFixture browsed) : IClassFixture<BrowserFixture>, IAsyncLifetime
{
    private readonly List<string> _consoleErrors = [];
    private IPage _page = null!;

    public async ValueTask InitializeAsync()
    {
        ExternalPrograms.SkipUnlessInstalled("Chromium with npm", browsed.Browser is not null);
        Assert.NotNull(browsed.Browser);
        var context =
            await browsed.Browser.NewContextAsync(
                new() { BaseURL = browsed.Service.Client.BaseAddress!.ToString(), ViewportSize = new() { Width = 1200, Height = 1600 } });
        context.SetDefaultTimeout(60_000);
        _page = await context.NewPageAsync();
        _page.PageError += (_, error) => _consoleErrors.Add(error);
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
        {
            await _page.Context.CloseAsync();
        }
    }

    [Fact]
    public async Task Operations_are_grouped_and_both_authentication_schemes_can_be_chosen()
    {
        await _page.GotoAsync("/swagger/index.html");
        await _page.Locator(".opblock-tag").First.WaitForAsync();
        Assert.Equal(["Submit", "Analyse", "Look", "Operate"],
            await _page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('.opblock-tag')].map(t => t.dataset.tag)"));
        await SaveScreenshotAsync("groups");
        await _page.Locator("button.authorize").First.ClickAsync();
        var dialog = await _page.Locator(".dialog-ux").InnerTextAsync();
        Assert.Contains("X-API-Key", dialog, StringComparison.Ordinal);
        Assert.Contains("bearer", dialog, StringComparison.Ordinal);
        await SaveScreenshotAsync("authorise");
        Assert.Empty(_consoleErrors);
    }

    [Theory]
    [InlineData("drawEvidenceForestPlot", "Look")]
    [InlineData("drawEvidenceFunnelPlot", "Look")]
    [InlineData("drawEvidenceCumulativePlot", "Look")]
    public async Task Plots_are_displayed(string operation, string group)
    {
        await _page.GotoAsync($"/swagger/index.html#/{group}/{operation}");
        await _page.Locator($"#operations-{group}-{operation} button.execute").ClickAsync();
        var picture = _page.Locator($"#operations-{group}-{operation} .live-responses-table img");
        await picture.WaitForAsync();
        await _page.WaitForFunctionAsync("() => { const i = document.querySelector('.live-responses-table img'); return i.complete && i.naturalWidth > 0 }");
        Assert.Matches(new Regex("[A-Za-z]{5}", RegexOptions.None, TimeSpan.FromSeconds(1)), await picture.GetAttributeAsync("alt") ?? "");
        await picture.ScrollIntoViewIfNeededAsync();
        await SaveScreenshotAsync(operation);
        Assert.Empty(_consoleErrors);
    }

    [Fact]
    public async Task An_example_response_is_shown_before_execution()
    {
        await _page.GotoAsync("/swagger/index.html#/Analyse/poolEvidence");
        var example = _page.Locator("#operations-Analyse-poolEvidence .responses-table .highlight-code").First;
        await example.WaitForAsync();
        Assert.Contains("0.37209308", await example.InnerTextAsync(), StringComparison.Ordinal);
        await example.ScrollIntoViewIfNeededAsync();
        await SaveScreenshotAsync("pool");
        Assert.Empty(_consoleErrors);
    }

    // For whoever wants to look too.
    private Task SaveScreenshotAsync(string name) =>
        _page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "Reporting", "Page", $"swagger-{name}.png") });
}
