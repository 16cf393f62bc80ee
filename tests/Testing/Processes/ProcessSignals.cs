using System.Diagnostics;
using System.Globalization;

namespace RealRelationship.Testing.Processes;

/// <summary>Signals to processes that were not started by this one, such as those of a database server.</summary>
internal static class ProcessSignals
{
    /// <summary>Sends a signal, such as <c>STOP</c>. Processes that have ended are skipped.</summary>
    public static async Task SendAsync(string signal, params IReadOnlyList<int> processes)
    {
        if (processes.Count > 0)
        {
            using var kill = Process.Start(new ProcessStartInfo("kill", ["-s", signal, .. processes.Select(id => $"{id}")])
            {
                UseShellExecute = false, RedirectStandardError = true,
            })!;
            await kill.WaitForExitAsync();
        }
    }

    /// <summary>Stops a process first, so that it starts no further ones, and then all processes that it has started.</summary>
    /// <returns>All of them, the first one last.</returns>
    public static async Task<IReadOnlyList<int>> FreezeTreeAsync(int process)
    {
        await SendAsync("STOP", process);
        int[] tree = [.. Children(process), process];
        await SendAsync("STOP", tree);
        return tree;
    }

    /// <summary>kill −9 of a process and of all that it has started; returns when they are gone.</summary>
    public static async Task KillTreeAsync(int process)
    {
        var tree = await FreezeTreeAsync(process);
        await SendAsync("KILL", tree);
        while (tree.Any(IsAlive))
        {
            await Task.Delay(10);
        }
    }

    /// <summary>Whether a process runs; one that its parent has not reaped yet does not.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static IEnumerable<int> Children(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(id => int.Parse(id, CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return [];
        }
    }
}
