using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Page;

/// <summary>A portal with the manual's own lines in its page, on another origin than the service, in a real Chromium.</summary>
public sealed class EmbeddingTests : IAsyncLifetime
{
    private const string ServiceOfManual = "https://relationship.example";
    private const string Placeholder = "…";

    private readonly List<string> _consoleErrors = [];
    private WebApplication _portal = null!;
    private string _origin = "";
    private string _page = "";

    public async ValueTask InitializeAsync()
    {
        ExternalPrograms.SkipUnlessInstalled("Chromium", ChromiumBrowser.IsInstalled);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _portal = builder.Build();
        _portal.Run(context =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            return context.Response.WriteAsync(_page);
        });
        await _portal.StartAsync();
        _origin = _portal.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
    }

    public async ValueTask DisposeAsync()
    {
        if (_portal is not null)
        {
            await _portal.DisposeAsync();
        }
    }

    [SlowFact("It starts a browser with pages of two origins.")]
    public async Task A_portal_with_an_allowed_origin_shows_plot_and_numbers()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Cors__AllowedOrigins", _origin));
        var (picture, words) = await OpenPortalAsync(service);
        Assert.True(picture > 300, $"the picture is {picture} wide");
        Assert.Equal("r = 0.37 [0.29, 0.45], 16 studies", words);
        Assert.Empty(_consoleErrors);
    }

    [SlowTheory("It starts a browser with pages of two origins.")]
    [InlineData("https://portal.example")]
    [InlineData(null)]
    public async Task A_portal_with_another_origin_shows_the_plot_but_reads_no_numbers(string? named)
    {
        await using var service =
            await Service.StartAsync([("Demo__Load", "true"), .. named is null ? Array.Empty<(string, string)>() : [("Cors__AllowedOrigins", named)]]);
        var (picture, words) = await OpenPortalAsync(service);
        Assert.True(picture > 300, $"the picture is {picture} wide");
        Assert.Equal(Placeholder, words);
        Assert.Contains(_consoleErrors, c => c.Contains("CORS", StringComparison.Ordinal) && c.Contains(_origin, StringComparison.Ordinal));
    }

    [SlowFact("It starts a browser with pages of two origins.")]
    public async Task A_portal_with_an_allowed_origin_can_read_but_not_write()
    {
        await using var service = await Service.StartAsync(("Cors__AllowedOrigins", _origin));
        await OpenPortalAsync(service, async page =>
        {
            var outcome = await page.EvaluateAsync<string>("""
                async address => {
                  const request = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' };
                  try { return `${(await fetch(`${address}/studies`, request)).status}`; }
                  catch (error) { return error.name; }
                }
                """, AddressOf(service));
            Assert.Equal("TypeError", outcome);
        });
    }

    [SlowFact("It starts a browser with pages of two origins.")]
    public async Task A_portal_with_an_allowed_origin_embeds_calculates_and_links()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Access__PublicRead", "true"), ("Cors__AllowedOrigins", _origin),
            ("Embed__AllowedOrigins", _origin));
        await OpenPortalAsync(service, async page =>
        {
            var address = AddressOf(service);
            await page.SetContentAsync($$"""
                <!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>A portal</title>
                <h1>The portal of a clinic</h1>
                <p><a id="source" href="{{address}}/"><img id="badge" src="{{address}}/badge.svg" alt="The estimate"></a></p>
                <iframe id="embed" src="{{address}}/embed?outcomeType=sessionOutcome" title="The real relationship" width="720" height="520"></iframe>
                <p>Our own two studies: <b id="own">…</b></p>
                """, new() { WaitUntil = WaitUntilState.NetworkIdle });
            var frame = page.FrameLocator("#embed");
            Assert.Contains("r = .37, 95% CI [.16, .55]", await frame.Locator(".estimate").InnerTextAsync(), StringComparison.Ordinal);
            Assert.True(await frame.Locator("img").EvaluateAsync<int>("image => image.naturalWidth") > 300);
            Assert.True(await page.Locator("#badge").EvaluateAsync<int>("image => image.naturalWidth") > 150);

            var own = await page.EvaluateAsync<string>("""
                async address => {
                  const post = async (path, body) => await (await fetch(address + path,
                    { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).json();
                  const z = await post('/meta/convert?select=r', { type: 't', value: 3, df: 58 });
                  const { correlation: c } = await post('/meta/pool?select=correlation.r', { effects: [{ r: z.r, n: 60 }, { r: .3, n: 80 }] });
                  document.getElementById('own').textContent = `r = ${c.r.toFixed(2)}`;
                  return Object.keys(z).join() + Object.keys(c).join();
                }
                """, address);
            Assert.Equal("rr", own);
            Assert.Equal("r = 0.33", await page.Locator("#own").InnerTextAsync());
            await page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "Reporting", "Page", "embed.png"), FullPage = true });
            await page.Locator("#source").ClickAsync();
            await page.WaitForURLAsync($"{address}/");
            Assert.Contains("/meta/news.atom", await page.Locator("link[rel=alternate]").GetAttributeAsync("href"), StringComparison.Ordinal);
        });
        Assert.Empty(_consoleErrors);
    }

    [SlowFact("It starts a browser with pages of two origins.")]
    public async Task A_portal_with_another_origin_cannot_frame_the_estimate()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Access__PublicRead", "true"),
            ("Embed__AllowedOrigins", "https://portal.example"));
        await OpenPortalAsync(service, async page =>
        {
            await page.SetContentAsync($"<iframe id=\"embed\" src=\"{AddressOf(service)}/embed\"></iframe>", new() { WaitUntil = WaitUntilState.NetworkIdle });
            Assert.Equal(0, await page.FrameLocator("#embed").Locator(".estimate").CountAsync());
        });
        Assert.Contains(_consoleErrors, error => error.Contains("frame-ancestors", StringComparison.Ordinal));
    }

    private static string AddressOf(Service service) => service.Client.BaseAddress!.ToString().TrimEnd('/');

    // The lines of the manual, with the address of this service.
    private static string Example(Service service)
    {
        var block = ManualFiles.Read("Portals").Split("```html\n")[1].Split("```")[0];
        Assert.Contains(ServiceOfManual, block, StringComparison.Ordinal);
        return block.Replace(ServiceOfManual, AddressOf(service), StringComparison.Ordinal);
    }

    /// <returns>Width of the image, and the text next to it once the page has loaded.</returns>
    private async Task<(int Picture, string Words)> OpenPortalAsync(Service service, Func<IPage, Task>? then = null)
    {
        Assert.NotEqual(_origin, AddressOf(service));
        _page = $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><link rel=\"icon\" href=\"data:,\"><title>A portal</title>{Example(service)}";
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await ChromiumBrowser.LaunchAsync(playwright);
        var page = await browser.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _consoleErrors.Add(message.Text);
            }
        };
        page.PageError += (_, error) => _consoleErrors.Add(error);
        await page.GotoAsync(_origin, new() { WaitUntil = WaitUntilState.NetworkIdle });
        await page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "Reporting", "Page", "portal.png") });
        if (then is not null)
        {
            await then(page);
        }

        return then is null ? (await page.EvaluateAsync<int>("() => document.querySelector('img').naturalWidth"), await page.Locator("#pool").InnerTextAsync())
            : (0, "");
    }
}
