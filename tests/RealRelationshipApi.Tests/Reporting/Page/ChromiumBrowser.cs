using Microsoft.Playwright;

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
