using System.Diagnostics;

namespace RealRelationshipApi.Tests.Support;

/// <summary>Programs of this machine that some tests ask for a second opinion. Where one is missing, its tests are skipped; in CI none may be.</summary>
internal static class ExternalPrograms
{
    public static bool IsInstalled(string name) => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, name)));

    public static string FindPath(string name) => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, name)).First(File.Exists);

    /// <summary>Skips the test, with the reason, unless the program is there.</summary>
    public static void SkipUnlessInstalled(string name, bool isInstalled) =>
        Assert.SkipUnless(isInstalled || Environment.GetEnvironmentVariable("CI") is not null, $"{name} is not installed on this machine");

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, WorkingDirectory = folder, RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));
        return (process.ExitCode, await output + await error);
    }
}
