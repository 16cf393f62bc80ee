using System.Text.RegularExpressions;

using Microsoft.Playwright;

using RealRelationship.Testing;

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
        Assert.Equal(["Analyse", "Submit", "Look", "Operate"],
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

    [SlowTheory("It waits for Swagger UI to render the contract.")]
    [InlineData("drawEvidenceForestPlot", "Analyse")]
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

    [SlowTheory("It waits for Swagger UI to render the contract.")]
    [InlineData("Pool effects", "Analyse", "poolEvidence")]
    [InlineData("Draw a forest plot", "Analyse", "drawEvidenceForestPlot")]
    [InlineData("Submit a study", "Submit", "submitStudy")]
    [InlineData("Submit session scores", "Submit", "submitSessions")]
    public async Task Links_above_the_groups_open_what_most_people_come_for(string text, string group, string operation)
    {
        await _page.GotoAsync("about:blank");
        await _page.GotoAsync("/swagger/index.html");
        await _page.Locator("#quick-links").GetByText(text).ClickAsync();
        var block = _page.Locator($"#operations-{group}-{operation}");
        await block.Locator("button.execute").WaitForAsync();
        Assert.True(await block.EvaluateAsync<bool>("block => { const { top } = block.getBoundingClientRect(); return top >= -5 && top < innerHeight; }"));
        Assert.Equal(1, await _page.Locator(".opblock-tag-section.is-open").CountAsync());
        await SaveScreenshotAsync($"link-{operation}");
        Assert.Empty(swagger.ConsoleErrors);
    }

    [Theory]
    [InlineData("Analyse", "poolEvidence", "poolEffects", "drawEvidenceForestPlot")]
    [InlineData("Submit", "submitStudy", "submitStudies", "replaceStudy")]
    public async Task Operations_of_a_group_are_in_the_order_of_use(string group, params string[] operations)
    {
        await ExpandGroupAsync(group);
        var shown = await _page.EvaluateAsync<string[]>(
            "group => [...document.querySelectorAll(`[id^=operations-${group}-]`)].map(block => block.id.split('-')[2])", group);
        Assert.Equal(operations, shown.Take(operations.Length));
    }

    private async Task ExpandGroupAsync(string group)
    {
        var heading = _page.Locator($"#operations-tag-{group}");
        if (await heading.GetAttributeAsync("data-is-open") != "true")
        {
            await heading.ClickAsync();
        }

        await _page.Locator($"[id^=operations-{group}-]").First.WaitForAsync();
    }

    private async Task<ILocator> ExpandAsync(string operation, string group)
    {
        await ExpandGroupAsync(group);
        var block = _page.Locator($"#operations-{group}-{operation}");
        if (!(await block.GetAttributeAsync("class") ?? "").Contains("is-open", StringComparison.Ordinal))
        {
            await block.Locator(".opblock-summary-control").ClickAsync();
        }

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
