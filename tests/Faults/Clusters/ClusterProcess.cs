using System.Diagnostics;

namespace Faults.Clusters;

/// <summary>Starts programs of a cluster as the user postgres.</summary>
internal static class ClusterProcess
{
    /// <summary>Starts a program; its process is the program's own, so that it can be sent signals.</summary>
    public static Process Start(string program, string log, params string[] arguments)
    {
        // The shell and setpriv replace themselves by the program.
        const string Script = "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1";
        string[] asPostgres = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] : [];
        return Process.Start(new ProcessStartInfo("sh", ["-c", Script, "sh", log, .. asPostgres, program, .. arguments])
        {
            UseShellExecute = false, WorkingDirectory = "/",
        })!;
    }
}
