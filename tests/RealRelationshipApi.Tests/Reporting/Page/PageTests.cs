using Microsoft.Playwright;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Page;

/// <summary>A service with the demonstration data, and a Chromium that looks at it.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private readonly DemoService _demo = new();

    public Service Service => _demo.Service;

    internal BrowserWithAxe? Tools { get; private set; }

    public IBrowser? Browser => Tools?.Browser;

    public async ValueTask InitializeAsync()
    {
        await _demo.InitializeAsync();
        Tools = await BrowserWithAxe.LaunchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Tools is not null)
        {
            await Tools.DisposeAsync();
        }

        await _demo.DisposeAsync();
    }
}

/// <summary>The page as a person meets it, in a real Chromium.</summary>
public sealed partial class PageTests(BrowserFixture browsed) : IClassFixture<BrowserFixture>, IAsyncLifetime
{
    private readonly List<string> _consoleErrors = [];
    private IPage _page = null!;

    public async ValueTask InitializeAsync()
    {
        ExternalPrograms.SkipUnlessInstalled("Chromium with npm", browsed.Browser is not null);
        Assert.NotNull(browsed.Browser);
        var context = await browsed.Browser.NewContextAsync(new() { BaseURL = browsed.Service.Client.BaseAddress!.ToString() });
        context.SetDefaultTimeout(60_000);
        _page = await context.NewPageAsync();
        _page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _consoleErrors.Add(message.Text);
            }
        };
        _page.PageError += (_, error) => _consoleErrors.Add(error);
        _page.Request += (_, request) =>
        {
            // An object URL is of the page itself.
            if (!request.Url.Replace("blob:", "", StringComparison.Ordinal)
                .StartsWith(browsed.Service.Client.BaseAddress!.ToString(), StringComparison.Ordinal))
            {
                _consoleErrors.Add($"asks another host: {request.Url}");
            }
        };
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
        {
            await _page.Context.CloseAsync();
        }
    }

    [Fact]
    public async Task The_page_shows_the_estimate_and_plot_without_console_errors()
    {
        await _page.GotoAsync("/");
        Assert.Equal("r = .37", await _page.Locator(".estimate .r").InnerTextAsync());
        Assert.Contains("synthetic", await _page.Locator(".warnings").First.InnerTextAsync(), StringComparison.Ordinal);
        await _page.WaitForFunctionAsync("() => { const i = document.getElementById('forest'); return i.complete && i.naturalWidth > 0 }");
        Assert.Equal(3, await _page.Locator("h3").CountAsync());
        Assert.Equal(5, await _page.Locator("[aria-label='Certainty by domain'] tbody tr").CountAsync());
        await _page.Locator("img[src^='/meta/coverage.svg']").ScrollIntoViewIfNeededAsync();
        await _page.WaitForFunctionAsync(
            "() => { const i = document.querySelector('img[src^=\"/meta/coverage.svg\"]'); return i.complete && i.naturalWidth > 0 }");
        // The present answer to each statement for practice.
        await _page.WaitForFunctionAsync("() => [...document.querySelectorAll('a.present')].every(a => !a.textContent.startsWith('/meta/'))");
        Assert.Equal(["r = .37, 95% CI [.29, .45], 16 effects, synthetic", "by outcome type: cannot be told",
            "by relationship rater: cannot be told; by outcome rater: cannot be told"], await _page.Locator("a.present").AllInnerTextsAsync());
        Assert.Empty(_consoleErrors);
    }

    [Fact]
    public async Task A_filter_updates_result_and_URL_and_browser_back_works()
    {
        await _page.GotoAsync("/");
        await _page.GetByText("Filter, break down, change the model").ClickAsync();
        await _page.Locator("#question input[name=outcomeType][value=treatmentProgress]").CheckAsync();
        await _page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await _page.WaitForFunctionAsync("() => document.querySelector('.estimate .r').innerText === 'r = .36'");
        Assert.Contains("outcomeType=treatmentProgress", _page.Url, StringComparison.Ordinal);
        Assert.DoesNotContain("yearFrom", _page.Url, StringComparison.Ordinal);
        Assert.Equal("The answer has changed.", await _page.GetByRole(AriaRole.Status).InnerTextAsync());
        var shared = _page.Url;
        await _page.GoBackAsync();
        await _page.WaitForFunctionAsync("() => document.querySelector('.estimate .r').innerText === 'r = .37'");
        await _page.GotoAsync(shared);
        Assert.Equal("r = .36", await _page.Locator(".estimate .r").InnerTextAsync());
        Assert.True(await _page.Locator("#question input[name=outcomeType][value=treatmentProgress]").IsCheckedAsync());
        Assert.Empty(_consoleErrors);
    }

    [SlowFact("It starts a browser and walks through the page.")]
    public async Task A_study_of_the_reader_is_shown_beside_the_evidence()
    {
        await _page.GotoAsync("/?outcomeType=treatmentProgress");
        await _page.GetByLabel("My r").FillAsync("0.1");
        await _page.GetByLabel("My n").FillAsync("500");
        await _page.GetByRole(AriaRole.Button, new() { Name = "Add my study" }).ClickAsync();
        await _page.Locator("#hypothetical").WaitForAsync();
        Assert.Contains("Without it: r = .36", await _page.Locator("#hypothetical").InnerTextAsync(), StringComparison.Ordinal);
        Assert.EndsWith("/?outcomeType=treatmentProgress&add=0.1%3A500", _page.Url, StringComparison.Ordinal);
        Assert.Equal("0.1", await _page.GetByLabel("My r").InputValueAsync());
        Assert.NotEqual("r = .36", await _page.Locator(".estimate .r").InnerTextAsync());
        Assert.Empty(await browsed.Tools!.FindViolationsAsync(_page));
        await _page.GetByRole(AriaRole.Link, new() { Name = "Back to the evidence alone" }).ClickAsync();
        Assert.Equal("r = .36", await _page.Locator(".estimate .r").InnerTextAsync());
        Assert.Empty(_consoleErrors);
    }

    [Fact]
    public async Task A_long_computation_shows_progress()
    {
        await _page.GotoAsync("/");
        var held = new TaskCompletionSource();
        await _page.RouteAsync("**/?*", async route =>
        {
            await held.Task;
            await route.ContinueAsync();
        });
        await _page.GetByText("Filter, break down, change the model").ClickAsync();
        await _page.Locator("select[name=test]").SelectOptionAsync("z");
        await _page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await _page.Locator("progress[aria-label='Computing…']").WaitForAsync();
        Assert.Equal("true", await _page.Locator("#answer").GetAttributeAsync("aria-busy"));
        held.SetResult();
        await _page.Locator("progress").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Null(await _page.Locator("#answer").GetAttributeAsync("aria-busy"));
        Assert.Contains("test=z", _page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_selection_is_explained_in_text()
    {
        await _page.GotoAsync("/?yearFrom=2050");
        Assert.Contains("No effect is left", await _page.Locator("#answer").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(_consoleErrors);
    }

    [Fact]
    public async Task A_rejected_query_is_explained_beside_its_field()
    {
        await _page.GotoAsync("/?confidence=0.9");
        await _page.EvaluateAsync("() => show('/?confidence=7', true)");
        Assert.Contains("confidence", await _page.GetByRole(AriaRole.Status).InnerTextAsync(), StringComparison.Ordinal);
        Assert.EndsWith("?confidence=0.9", _page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_lead_to_the_plot_and_to_Swagger_UI()
    {
        await _page.GotoAsync("/");
        await _page.GetByRole(AriaRole.Link, new() { Name = "Forest plot" }).ClickAsync();
        Assert.EndsWith("/meta/forest.svg", _page.Url, StringComparison.Ordinal);
        Assert.Contains("forest plot", await _page.Locator("svg > text").First.TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal("rgb(11, 90, 138)", await _page.Locator("svg rect.mark").First.EvaluateAsync<string>("e => getComputedStyle(e).fill"));
        await _page.GoBackAsync();
        await _page.GetByRole(AriaRole.Link, new() { Name = "Try every operation" }).ClickAsync();
        await _page.Locator(".swagger-ui .info").First.WaitForAsync();
    }

    [SlowTheory("It starts a browser and walks through the page.")]
    [InlineData("forest", "rect.mark", Media.Screen, ColorScheme.Light, "rgb(11, 90, 138)")]
    [InlineData("forest", "rect.mark", Media.Screen, ColorScheme.Dark, "rgb(108, 182, 255)")]
    [InlineData("forest", "rect.mark", Media.Print, ColorScheme.Dark, "rgb(11, 90, 138)")]
    [InlineData("funnel", "circle.point", Media.Screen, ColorScheme.Dark, "rgb(108, 182, 255)")]
    [InlineData("cumulative", "text", Media.Print, ColorScheme.Dark, "rgb(31, 35, 40)")]
    public async Task Plots_follow_the_color_scheme_on_screen_and_are_light_in_print(string name, string mark, Media media, ColorScheme scheme, string colour)
    {
        await _page.EmulateMediaAsync(new() { Media = media, ColorScheme = scheme });
        await _page.GotoAsync($"/meta/{name}.svg");
        Assert.Equal(colour, await _page.Locator($"svg {mark}").First.EvaluateAsync<string>("e => getComputedStyle(e).fill"));
        Assert.Empty(_consoleErrors);
    }

    /// <summary>Measured as the browser draws them: no text leaves the picture, and none runs into another.</summary>
    [SlowTheory("It starts a browser and walks through the page.")]
    [InlineData("/meta/forest.svg")]
    [InlineData("/meta/forest.svg?by=outcomeType&sort=year")]
    [InlineData("/meta/funnel.svg")]
    [InlineData("/meta/cumulative.svg")]
    public async Task Texts_of_plots_do_not_overlap(string address)
    {
        await _page.GotoAsync(address);
        var overlaps = await _page.EvaluateAsync<string[]>("""
            () => {
              const box = document.documentElement.getBoundingClientRect();
              const texts = [...document.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
              const leaves = b => b.left < box.left || b.right > box.right || b.top < box.top || b.bottom > box.bottom;
              const found = texts.filter(([, b]) => leaves(b)).map(([t]) => `${t} leaves`);
              // The upper and lower ends of a line's box are empty.
              texts.forEach(([t, a], i) => texts.slice(i + 1).forEach(([u, b]) => {
                if (a.left < b.right && b.left < a.right && a.top + 3 < b.bottom - 3 && b.top + 3 < a.bottom - 3) found.push(`${t} / ${u}`);
              }));
              return found;
            }
            """);
        Assert.Empty(overlaps);
    }

    [Fact]
    public async Task Everything_can_be_reached_by_keyboard()
    {
        await _page.GotoAsync("/");
        await _page.Keyboard.PressAsync("Tab");
        Assert.Equal("To the estimate", await _page.EvaluateAsync<string>("() => document.activeElement.innerText"));
        await _page.Keyboard.PressAsync("Enter");
        Assert.EndsWith("#main", _page.Url, StringComparison.Ordinal);
        await _page.GetByText("Filter, break down, change the model").FocusAsync();
        await _page.Keyboard.PressAsync("Enter");
        await _page.Keyboard.PressAsync("Tab");
        await _page.Keyboard.PressAsync("Space");
        Assert.True(await _page.Locator("input[name=outcomeType]").First.IsCheckedAsync());
    }

    [SlowTheory("It starts a browser and walks through the page.")]
    [InlineData("/", ColorScheme.Light)]
    [InlineData("/", ColorScheme.Dark)]
    [InlineData("/?outcomeType=sessionOutcome&by=year&by=country", ColorScheme.Light)]
    [InlineData("/?yearFrom=2050", ColorScheme.Light)]
    [InlineData("/docs", ColorScheme.Dark)]
    [InlineData("/docs?q=prediction", ColorScheme.Light)]
    [InlineData("/docs/analyses", ColorScheme.Light)]
    [InlineData("/docs/settings", ColorScheme.Dark)]
    public async Task Axe_finds_nothing_serious(string address, ColorScheme scheme)
    {
        await _page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await _page.GotoAsync(address);
        Assert.Empty(await browsed.Tools!.FindViolationsAsync(_page));
    }

    [SlowFact("It starts a browser and walks through the page.")]
    public async Task A_table_pasted_from_a_spreadsheet_is_pooled_and_drawn()
    {
        await _page.GotoAsync("/");
        await _page.GetByText("Pool a table of your own").ClickAsync();
        await _page.GetByLabel("Table", new() { Exact = true })
            .FillAsync("Author(s)\tYear\tr\tN\nLee\t2019\t0,31\t84\nRoe\t2021\t0,45\t60\nKim\t2022\t0,2\t90\n");
        await _page.GetByRole(AriaRole.Button, new() { Name = "Pool these effects" }).ClickAsync();
        await _page.WaitForFunctionAsync("() => document.querySelector('#paste-result img')?.naturalWidth > 0");
        Assert.Contains("r = .31", await _page.Locator("#paste-result .pasted").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("citation.year", await _page.Locator("#paste-result table").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(await browsed.Tools!.FindViolationsAsync(_page));
        Assert.Empty(_consoleErrors);

        await _page.GetByLabel("Table", new() { Exact = true }).FillAsync("Study\tr\tN\nLee\tmany\t84\n");
        await _page.GetByRole(AriaRole.Button, new() { Name = "Pool these effects" }).ClickAsync();
        await _page.GetByText("line 2, column r: must be a number").WaitForAsync();
    }

    [SlowFact("It starts a browser and walks through the page.")]
    public async Task The_form_works_without_JavaScript()
    {
        await using var context =
            await browsed.Browser!.NewContextAsync(new() { BaseURL = browsed.Service.Client.BaseAddress!.ToString(), JavaScriptEnabled = false });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/?outcomeType=treatmentProgress");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        Assert.Equal("r = .36", await page.Locator(".estimate .r").InnerTextAsync());
        Assert.DoesNotContain("yearFrom", page.Url, StringComparison.Ordinal);
        await page.GetByLabel("My r").FillAsync("0.1");
        await page.GetByLabel("My n").FillAsync("500");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add my study" }).ClickAsync();
        Assert.Contains("Without it: r = .36", await page.Locator("#hypothetical").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_has_machine_readable_dataset_metadata()
    {
        await _page.GotoAsync("/");
        var type = await _page.EvaluateAsync<string>("() => { const d = "
            + "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent); return `${d['@context']} ${d['@type']} "
            + "${d.distribution.length} ${d.url}` }");
        Assert.Equal($"https://schema.org Dataset 2 {browsed.Service.Client.BaseAddress}?asOf={await browsed.Service.EvidenceRevision()}", type);
    }
}
