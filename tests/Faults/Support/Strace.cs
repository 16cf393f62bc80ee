using System.Diagnostics;

using RealRelationship.Testing;

namespace Faults.Support;

/// <summary>strace(1), which records the system calls of the service and can inject errors.</summary>
internal static class Strace
{
    private const int MaxStringBytes = 4 * 1024 * 1024;

    // Room for the ends of all threads.
    private const int MaxTailBytes = 64 * 1024;

    /// <summary>Why it cannot be used here; null when it can.</summary>
    public static async Task<string?> UnavailableReasonAsync()
    {
        try
        {
            using var process =
                Process.Start(new ProcessStartInfo("strace", ["-f", "-o", "/dev/null", "true"]) { UseShellExecute = false, RedirectStandardError = true })!;
            var said = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? null : $"strace may not trace here: {said.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "strace is not installed";
        }
    }

    /// <summary>Runs a program and records its file and socket operations completely.</summary>
    public static IReadOnlyList<string> RecordingCommand(string file) =>
        ["strace", "-f", "-D", "--seccomp-bpf", "-y", "-xx", "-s", $"{MaxStringBytes}", "-e",
            "trace=openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename,sendto,sendmsg", "-o", file];

    /// <summary>Waits until the end of the process is recorded, and with it every call before.</summary>
    /// <exception cref="TimeoutException">It was not recorded in a minute.</exception>
    public static Task WaitForEndAsync(string file, int processId) =>
        // strace pads process ids of fewer than five digits.
        Wait.UntilAsync(async () => (await ReadTailAsync(file)).Contains($"\n{processId,-5} +++ ", StringComparison.Ordinal));

    private static async Task<string> ReadTailAsync(string file)
    {
        await using var stream = File.OpenRead(file);
        stream.Position = Math.Max(0, stream.Length - MaxTailBytes);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    /// <summary>From now on lets calls of a running service fail that touch one of the files, until it is disposed of.</summary>
    /// <param name="processId">The service.</param>
    /// <param name="calls">Which calls.</param>
    /// <param name="error">The error they end with, as errno(3) names it.</param>
    /// <param name="files">Only those.</param>
    public static async Task<IAsyncDisposable> InjectErrorsAsync(int processId, string calls, string error, params string[] files)
    {
        var start = new ProcessStartInfo("strace",
            ["-f", "-p", $"{processId}", "-e", $"trace={calls}", "-e", $"inject={calls}:error={error}", .. files.SelectMany(f => new[] { "-P", f }), "-o",
                "/dev/null"])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            // "Process 1 attached with 30 threads"
            if (line.Contains("attached", StringComparison.Ordinal))
            {
                return new AttachedTracer(process);
            }
        }

        throw new InvalidOperationException($"strace could not attach to process {processId}.");
    }

    private sealed class AttachedTracer(Process process) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            using (process)
            {
                if (!process.HasExited)
                {
                    using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
                    await kill.WaitForExitAsync();
                }

                await process.StandardError.ReadToEndAsync();
                await process.WaitForExitAsync();
            }
        }
    }
}
