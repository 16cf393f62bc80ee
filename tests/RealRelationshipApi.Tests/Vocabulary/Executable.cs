using System.Diagnostics;
using System.Text.RegularExpressions;

namespace RealRelationshipApi.Tests.Vocabulary;

/// <summary>The built executable as an operator runs it, in an environment of its own: Production unless the settings say otherwise.</summary>
internal sealed partial class Executable : IAsyncDisposable
{
    public const string PrivacyKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _error;

    private Executable(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<Finished> RunAsync(TemporaryFolder folder, string[] arguments, params (string Name, string Value)[] settings)
    {
        await using var executable = Start(folder, arguments, settings);
        var output = executable._process.StandardOutput.ReadToEndAsync();
        return await executable.EndAsync(await output.WaitAsync(s_patience));
    }

    /// <summary>Serves on a free port until it is stopped.</summary>
    /// <returns>The service, and its address.</returns>
    public static async Task<(Executable Service, Uri Address)> ServeAsync(TemporaryFolder folder, params (string Name, string Value)[] settings)
    {
        var executable = Start(folder, [], [("ASPNETCORE_URLS", "http://127.0.0.1:0"), .. settings]);
        while (await executable._process.StandardOutput.ReadLineAsync().WaitAsync(s_patience) is { } line)
        {
            if (Listening().Match(line) is { Success: true } match)
            {
                return (executable, new Uri(match.Groups["address"].Value));
            }
        }
        await using (executable)
        {
            throw new InvalidOperationException($"The service did not start: {await executable._error}");
        }
    }

    /// <summary>Asks the service to stop, as a container runtime does.</summary>
    public async Task<Finished> StopAsync()
    {
        using (var kill = Process.Start("sh", ["-c", $"kill -TERM {_process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        return await EndAsync(await _process.StandardOutput.ReadToEndAsync().WaitAsync(s_patience));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Executable Start(TemporaryFolder folder, string[] arguments, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(Program).Assembly.Location, .. arguments])
        {
            UseShellExecute = false,
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || n.StartsWith("DOTNET_ENV", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["Storage__Path"] = folder.StorePath;
        if (arguments.Length > 0 && !File.Exists(folder.StorePath + ".development-key"))
        {
            start.Environment["Privacy__Key"] = PrivacyKey;
        }

        foreach (var (name, value) in PostgresServer.HoldsAllStores ? [.. PostgresServer.Settings(folder.StorePath), .. settings] : settings)
        {
            start.Environment[name] = value;
        }

        return new Executable(Process.Start(start)!);
    }

    private async Task<Finished> EndAsync(string output)
    {
        await _process.WaitForExitAsync().WaitAsync(s_patience);
        return new Finished(_process.ExitCode, output, await _error);
    }

    [GeneratedRegex("Now listening on: (?<address>https?://[0-9.:]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}

/// <summary>A process that has ended.</summary>
internal sealed record Finished(int ExitCode, string Output, string Error)
{
    public string Text => Output + Error;

    public Finished ShouldExitWith(int code)
    {
        Assert.True(code == ExitCode, $"should exit with {code}, but did with {ExitCode}: {Text}");
        return this;
    }
}
