using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RealRelationship.Testing.Postgres;

/// <summary>Runs the programs of PostgreSQL as the user that Debian made for them, since they do not run as root.</summary>
internal static class PostgresBinaries
{
    /// <summary>Where <c>initdb</c> and <c>pg_ctl</c> of the newest version are; null where they are not installed.</summary>
    public static string? Folder { get; } = FindFolder("pg_ctl",
        [.. Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(f => int.Parse(Path.GetFileName(f))).Select(f => Path.Combine(f, "bin"))
            : []]);

    public static string? PgBouncer { get; } = FindFolder("pgbouncer", ["/usr/sbin"]) is { } folder ? Path.Combine(folder, "pgbouncer") : null;

    /// <summary>A folder that these programs may write to.</summary>
    public static async Task<string> CreateFolderAsync()
    {
        var folder = Directory.CreateTempSubdirectory("realrelationship-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await EnsureSuccessAsync(Process.Start("chown", ["postgres", folder]));
        }

        return folder;
    }

    /// <summary>Writes a configuration that these programs can read as another user, although a service in this process has set the umask.</summary>
    public static void WriteConfiguration(string file, string text)
    {
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    public static Task RunAsync(string program, params string[] arguments) => EnsureSuccessAsync(Start(Path.Combine(Folder!, program), arguments));

    public static Process Start(string program, params string[] arguments) => Environment.IsPrivilegedProcess
        ? Process.Start(
            new ProcessStartInfo("runuser", ["-u", "postgres", "--", program, .. arguments])
            {
                UseShellExecute = false, RedirectStandardOutput = true,
                WorkingDirectory = "/"
            })!
        : Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;

    public static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Id of the process of a running server.</summary>
    public static async Task<int> PostmasterOfAsync(string dataDirectory) =>
        int.Parse((await File.ReadAllLinesAsync(Path.Combine(dataDirectory, "postmaster.pid")))[0], CultureInfo.InvariantCulture);

    private static async Task EnsureSuccessAsync(Process process)
    {
        using (process)
        {
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException(
                    $"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} ended with {process.ExitCode}");
            }
        }
    }

    private static string? FindFolder(string program, IEnumerable<string> beside) =>
        beside.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, program)));
}
