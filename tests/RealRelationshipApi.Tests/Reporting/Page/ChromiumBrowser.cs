using Microsoft.Playwright;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Page;

/// <summary>The Chromium of this machine.</summary>
internal static class ChromiumBrowser
{
    private static readonly string? s_program = new[] { "chromium", "chromium-browser", "google-chrome" }.FirstOrDefault(ExternalPrograms.IsInstalled);

    public static bool IsInstalled => s_program is not null;

    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) =>
        playwright.Chromium.LaunchAsync(new() { ExecutablePath = ExternalPrograms.FindPath(s_program!), Args = ["--no-sandbox"] });
}

/// <summary>A running Chromium, and the accessibility rules of axe-core.</summary>
internal sealed class BrowserWithAxe : IAsyncDisposable
{
    private readonly IPlaywright _playwright;

    private BrowserWithAxe(IPlaywright playwright, IBrowser browser, string axe) => (_playwright, Browser, Axe) = (playwright, browser, axe);

    public IBrowser Browser { get; }

    /// <summary>The script of axe-core.</summary>
    public string Axe { get; }

    /// <summary>Null if Chromium or npm is not installed.</summary>
    public static async Task<BrowserWithAxe?> LaunchAsync()
    {
        if (!ChromiumBrowser.IsInstalled || !ExternalPrograms.IsInstalled("npm"))
        {
            return null;
        }

        using var tools = new TemporaryFolder();
        foreach (var file in new[] { "package.json", "package-lock.json" })
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Reporting", "Page", file), Path.Combine(tools.Path, file));
        }

        var (code, output) = await ExternalPrograms.RunAsync(tools.Path, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        Assert.True(code == 0, output);
        var axe = await File.ReadAllTextAsync(Path.Combine(tools.Path, "node_modules", "axe-core", "axe.min.js"));
        var playwright = await Playwright.CreateAsync();
        return new(playwright, await ChromiumBrowser.LaunchAsync(playwright), axe);
    }

    /// <summary>What axe finds on a page, with all details open.</summary>
    public async Task<string[]> FindViolationsAsync(IPage page)
    {
        await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(d => d.open = true)");
        await page.EvaluateAsync(Axe);
        return await page.EvaluateAsync<string[]>(
            "async () => (await axe.run()).violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => `${v.id}: ${v.nodes.map(n => "
                + "n.html).join(' | ')}`)");
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}
