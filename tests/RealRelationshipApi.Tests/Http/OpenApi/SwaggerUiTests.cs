using System.Text.RegularExpressions;

using Microsoft.Playwright;

using RealRelationshipApi.Tests.Reporting.Page;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http.OpenApi;

/// <summary>Swagger UI as an integrator meets it, in a real Chromium. It takes seconds to render the document, so all tests share one page.</summary>
public sealed class SwaggerUiTests(SwaggerUiTests.SwaggerPage swagger) : IClassFixture<SwaggerUiTests.SwaggerPage>
{
    private readonly IPage _page = swagger.RequirePage();

    [Fact]
    public async Task Operations_are_grouped_and_both_authentication_schemes_can_be_chosen()
    {
        Assert.Equal(["Submit", "Analyse", "Look", "Operate"],
            await _page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('.opblock-tag')].map(t => t.dataset.tag)"));
        await SaveScreenshotAsync("groups");
        await _page.Locator("button.authorize").First.ClickAsync();
        var dialog = await _page.Locator(".dialog-ux").InnerTextAsync();
        Assert.Contains("X-API-Key", dialog, StringComparison.Ordinal);
        Assert.Contains("bearer", dialog, StringComparison.Ordinal);
        await SaveScreenshotAsync("authorise");
        await _page.Locator(".dialog-ux .close-modal").ClickAsync();
        Assert.Empty(swagger.ConsoleErrors);
    }

    [Theory]
    [InlineData("drawEvidenceForestPlot", "Look")]
    [InlineData("drawEvidenceFunnelPlot", "Look")]
    [InlineData("drawEvidenceCumulativePlot", "Look")]
    public async Task Plots_are_displayed(string operation, string group)
    {
        var block = await ExpandAsync(operation, group);
        await block.Locator("button.execute").ClickAsync();
        var picture = block.Locator(".live-responses-table img");
        await picture.WaitForAsync();
        await _page.WaitForFunctionAsync("image => image.complete && image.naturalWidth > 0", await picture.ElementHandleAsync());
        Assert.Matches(new Regex("[A-Za-z]{5}", RegexOptions.None, TimeSpan.FromSeconds(1)), await picture.GetAttributeAsync("alt") ?? "");
        await picture.ScrollIntoViewIfNeededAsync();
        await SaveScreenshotAsync(operation);
        Assert.Empty(swagger.ConsoleErrors);
    }

    [Fact]
    public async Task An_example_response_is_shown_before_execution()
    {
        var example = (await ExpandAsync("poolEvidence", "Analyse")).Locator(".responses-table .highlight-code").First;
        await example.WaitForAsync();
        Assert.Contains("0.37209804", await example.InnerTextAsync(), StringComparison.Ordinal);
        await example.ScrollIntoViewIfNeededAsync();
        await SaveScreenshotAsync("pool");
        Assert.Empty(swagger.ConsoleErrors);
    }

    private async Task<ILocator> ExpandAsync(string operation, string group)
    {
        var block = _page.Locator($"#operations-{group}-{operation}");
        await block.Locator(".opblock-summary-control").ClickAsync();
        return block;
    }

    // For visual inspection.
    private Task SaveScreenshotAsync(string name) =>
        _page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "Reporting", "Page", $"swagger-{name}.png") });

    /// <summary>Swagger UI of the demonstration data, loaded once.</summary>
    public sealed class SwaggerPage : IAsyncLifetime
    {
        private readonly BrowserFixture _browser = new();
        private IPage? _page;

        internal List<string> ConsoleErrors { get; } = [];

        public async ValueTask InitializeAsync()
        {
            await _browser.InitializeAsync();
            if (_browser.Browser is null)
            {
                return;
            }

            var context = await _browser.Browser.NewContextAsync(
                new() { BaseURL = _browser.Service.Client.BaseAddress!.ToString(), ViewportSize = new() { Width = 1200, Height = 1600 } });
            context.SetDefaultTimeout(60_000);
            _page = await context.NewPageAsync();
            _page.PageError += (_, error) => ConsoleErrors.Add(error);
            await _page.GotoAsync("/swagger/index.html");
            await _page.Locator(".opblock-tag").First.WaitForAsync();
        }

        /// <summary>The page; the test is skipped where there is no browser.</summary>
        public IPage RequirePage()
        {
            ExternalPrograms.SkipUnlessInstalled("Chromium with npm", _page is not null);
            Assert.NotNull(_page);
            return _page;
        }

        public ValueTask DisposeAsync() => _browser.DisposeAsync();
    }
}
