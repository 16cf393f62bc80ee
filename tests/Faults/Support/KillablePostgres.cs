using System.Diagnostics;

using Npgsql;

using RealRelationship.Testing.Postgres;
using RealRelationship.Testing.Processes;

namespace Faults.Support;

/// <summary>A PostgreSQL of a scenario's own, with its own settings about durability, which may be killed and started again.</summary>
internal sealed class KillablePostgres : IAsyncDisposable
{
    private static readonly string? s_binFolder = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(f => Path.Combine(f, "bin")).LastOrDefault(f => File.Exists(Path.Combine(f, "initdb")))
        : null;

    private readonly string _folder;
    private readonly int _port = PostgresBinaries.FindFreePort();

    private KillablePostgres(string folder) => _folder = folder;

    public string ConnectionString => $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres;SSL Mode=Disable";

    public (string Name, string Value)[] Settings => [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", ConnectionString)];

    private string DataDirectory => Path.Combine(_folder, "data");

    /// <exception cref="InvalidOperationException">The programs of PostgreSQL are not installed.</exception>
    public static async Task<KillablePostgres> StartNewAsync()
    {
        var server = new KillablePostgres(Directory.CreateTempSubdirectory("faults-postgres-").FullName);
        if (Environment.IsPrivilegedProcess)
        {
            await EnsureSuccessAsync(Process.Start("chown", ["postgres", server._folder]));
        }

        await RunAsync("initdb", "-D", server.DataDirectory, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        await server.StartAsync();
        return server;
    }

    public Task StartAsync() => RunAsync("pg_ctl", "start", "-w", "-D", DataDirectory, "-l", Path.Combine(_folder, "log"),
        "-o", $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300");

    /// <summary>kill −9 of the server and of all that it started, as when its machine is gone.</summary>
    public async Task KillAsync()
    {
        await ProcessSignals.KillTreeAsync(await PostgresBinaries.PostmasterOfAsync(DataDirectory));
        // Without a parent that reaps zombies, their ids seem to be in use still.
        File.Delete(Path.Combine(DataDirectory, "postmaster.pid"));
    }

    /// <summary>Ends every connection with a word, and starts again.</summary>
    public Task RestartAsync() => RunAsync("pg_ctl", "restart", "-w", "-D", DataDirectory, "-m", "fast", "-l", Path.Combine(_folder, "log"));

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await RunAsync("pg_ctl", "stop", "-w", "-D", DataDirectory, "-m", "immediate");
        Directory.Delete(_folder, recursive: true);
    }

    private static Task RunAsync(string program, params string[] arguments)
    {
        var path =
            Path.Combine(s_binFolder ?? throw new InvalidOperationException("Install PostgreSQL's programs: initdb was not found below /usr/lib/postgresql."),
                program);
        return EnsureSuccessAsync(Environment.IsPrivilegedProcess
            ? Process.Start(
                new ProcessStartInfo("runuser", ["-u", "postgres", "--", path, .. arguments])
                {
                    UseShellExecute = false, RedirectStandardOutput = true,
                    WorkingDirectory = "/"
                })!
            : Process.Start(new ProcessStartInfo(path, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!);
    }

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
}
