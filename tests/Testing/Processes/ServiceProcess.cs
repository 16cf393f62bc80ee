using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace RealRelationship.Testing.Processes;

/// <summary>The built service as a process of its own, in Development without demonstration data, on a free port of this machine.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    public const string PrivacyKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<Uri?> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => OnOutput(line.Data);
        _process.ErrorDataReceived += (_, line) => OnOutput(line.Data);
        _process.Exited += (_, _) => _address.TrySetResult(null);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything it wrote.</summary>
    public IEnumerable<string> Lines => _lines;

    /// <summary>Spawns the service without waiting until it listens.</summary>
    /// <param name="settings">In environment form.</param>
    /// <param name="arguments">A command instead of serving.</param>
    /// <param name="wrapper">A program with its arguments that runs the service under its eyes.</param>
    /// <param name="assembly">Another build of the service than that of this solution.</param>
    public static ServiceProcess Spawn(IEnumerable<(string Name, string Value)> settings, IReadOnlyList<string>? arguments = null,
        IReadOnlyList<string>? wrapper = null,
        string? assembly = null)
    {
        string[] command = [.. wrapper ?? [], "dotnet", "exec", assembly ?? Path.Combine(AppContext.BaseDirectory, "RealRelationshipApi.dll"),
            .. arguments ?? []];
        var start = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        var environment = start.Environment;
        (environment["ASPNETCORE_ENVIRONMENT"], environment["ASPNETCORE_URLS"]) = ("Development", "http://127.0.0.1:0");
        (environment["Demo__Load"], environment["Privacy__Key"], environment["DOTNET_TieredPGO"]) = ("false", PrivacyKey, "0");
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return new ServiceProcess(start);
    }

    /// <summary>Spawns the service on a SQLite file.</summary>
    public static ServiceProcess SpawnOnFile(string path, IReadOnlyList<string>? wrapper = null) => Spawn([("Storage__Path", path)], wrapper: wrapper);

    /// <summary>Spawns the service on a SQLite file and waits until it listens.</summary>
    public static async Task<ServiceProcess> StartOnFileAsync(string path, IReadOnlyList<string>? wrapper = null)
    {
        var service = SpawnOnFile(path, wrapper);
        await service.WaitUntilListeningAsync();
        return service;
    }

    /// <summary>Waits until it listens.</summary>
    /// <exception cref="InvalidOperationException">The process exited before it listened; the message is its output.</exception>
    public async Task<Uri> WaitUntilListeningAsync() =>
        await WaitUntilListeningOrExitedAsync() ?? throw new InvalidOperationException($"The service did not start: {string.Join('\n', _lines)}");

    /// <summary>Waits until it listens, or has ended: then null.</summary>
    public Task<Uri?> WaitUntilListeningOrExitedAsync() => _address.Task.WaitAsync(s_timeout);

    /// <summary>A client of its own with as many connections as it likes.</summary>
    public async Task<HttpClient> CreateClientAsync() =>
        new(new SocketsHttpHandler()) { BaseAddress = await WaitUntilListeningAsync(), Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>kill −9.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, as a container runtime does.</summary>
    public async Task<int> StopAsync()
    {
        using (var kill = Process.Start("sh", ["-c", $"kill -TERM {_process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        return await WaitForExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(s_timeout);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void OnOutput(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        if (ListeningLine().Match(line) is { Success: true } match)
        {
            _address.TrySetResult(new Uri(match.Groups["address"].Value));
        }
    }

    [GeneratedRegex("Now listening on: (?<address>http://[0-9.:]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ListeningLine();
}
