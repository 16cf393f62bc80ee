using System.Diagnostics;
using System.Text.RegularExpressions;

using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

namespace RealRelationshipApi.Tests.Support;

/// <summary>The built executable as an operator runs it, in an environment of its own: Production unless the settings say otherwise.</summary>
internal sealed partial class ServiceExecutable : IAsyncDisposable
{
    public const string PrivacyKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _standardError;

    private ServiceExecutable(Process process)
    {
        _process = process;
        _standardError = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it wrote before it listened.</summary>
    public string StartupOutput { get; private set; } = "";

    /// <summary>Runs a command to its end.</summary>
    public static async Task<ProcessResult> RunAsync(TemporaryFolder folder, string[] arguments, params (string Name, string Value)[] settings)
    {
        await using var executable = Start(folder, arguments, settings);
        var output = executable._process.StandardOutput.ReadToEndAsync();
        return await executable.WaitForExitAsync(await output.WaitAsync(s_timeout));
    }

    /// <summary>Serves on a free port until it is stopped.</summary>
    /// <returns>The service, and its address.</returns>
    public static async Task<(ServiceExecutable Service, Uri Address)> ServeAsync(TemporaryFolder folder, params (string Name, string Value)[] settings)
    {
        var executable = Start(folder, [], [("ASPNETCORE_URLS", "http://127.0.0.1:0"), .. settings]);
        while (await executable._process.StandardOutput.ReadLineAsync().WaitAsync(s_timeout) is { } line)
        {
            executable.StartupOutput += line + '\n';
            if (ListeningLine().Match(line) is { Success: true } match)
            {
                return (executable, new Uri(match.Groups["address"].Value));
            }
        }
        await using (executable)
        {
            throw new InvalidOperationException($"The service did not start: {await executable._standardError}");
        }
    }

    /// <summary>Asks the service to stop, as a container runtime does.</summary>
    public async Task<ProcessResult> StopAsync()
    {
        using (var kill = Process.Start("sh", ["-c", $"kill -TERM {_process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        return await WaitForExitAsync(await _process.StandardOutput.ReadToEndAsync().WaitAsync(s_timeout));
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

    private static ServiceExecutable Start(TemporaryFolder folder, string[] arguments, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(Program).Assembly.Location, .. arguments])
        {
            UseShellExecute = false,
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(
            n => n.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || n.StartsWith("DOTNET_ENV", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["Storage__Path"] = folder.StorePath;
        if (arguments.Length > 0 && !File.Exists(folder.StorePath + ".development-key"))
        {
            start.Environment["Privacy__Key"] = PrivacyKey;
        }

        foreach (var (name, value) in PostgresTestServer.IsDefaultEngine ? [.. PostgresTestServer.StorageSettings(folder.StorePath), .. settings] : settings)
        {
            start.Environment[name] = value;
        }

        return new ServiceExecutable(Process.Start(start)!);
    }

    private async Task<ProcessResult> WaitForExitAsync(string output)
    {
        await _process.WaitForExitAsync().WaitAsync(s_timeout);
        return new ProcessResult(_process.ExitCode, output, await _standardError);
    }

    [GeneratedRegex("Now listening on: (?<address>https?://[0-9.:]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ListeningLine();
}

/// <summary>A process that has ended.</summary>
internal sealed record ProcessResult(int ExitCode, string StandardOutput, string StandardError)
{
    public string Text => StandardOutput + StandardError;

    public ProcessResult ShouldExitWith(int code)
    {
        Assert.True(code == ExitCode, $"should exit with {code}, but did with {ExitCode}: {Text}");
        return this;
    }
}
