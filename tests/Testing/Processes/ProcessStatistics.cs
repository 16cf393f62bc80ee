using System.Globalization;

namespace RealRelationship.Testing.Processes;

/// <summary>Statistics of a process (proc(5)).</summary>
internal static class ProcessStatistics
{
    private const double TicksPerSecond = 100; // USER_HZ, which is the same on every Linux that .NET runs on
    private const int UserTime = 11;           // fields 14 and 15, counted after the name in parentheses
    private const int SystemTime = 12;

    public static double CpuMilliseconds(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Number(fields[UserTime]) + Number(fields[SystemTime])) * 1e3 / TicksPerSecond;
    }

    /// <summary>Memory that is in the machine now.</summary>
    public static double ResidentMegabytes(int process) => Status(process, "VmRSS:");

    /// <summary>The most that ever was.</summary>
    public static double PeakMegabytes(int process) => Status(process, "VmHWM:");

    /// <summary>Open files and sockets.</summary>
    public static int Handles(int process) => Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count();

    private static double Status(int process, string name) =>
        Number(
            string.Concat(File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith(name, StringComparison.Ordinal)).Where(char.IsAsciiDigit)))
            / 1024;

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
