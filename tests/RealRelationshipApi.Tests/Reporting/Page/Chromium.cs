using Microsoft.Playwright;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Reporting.Page;

/// <summary>The Chromium of this machine.</summary>
internal static class Chromium
{
    private static readonly string? s_program = new[] { "chromium", "chromium-browser", "google-chrome" }.FirstOrDefault(Programs.Has);

    public static bool IsThere => s_program is not null;

    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new() { ExecutablePath = Programs.PathOf(s_program!), Args = ["--no-sandbox"] });
}
