using System.Diagnostics;

namespace Faults.Support;

/// <summary>A file system of a few megabytes in memory (tmpfs), which can be filled, emptied again, and made read-only.</summary>
internal sealed class TmpfsDisk : IDisposable
{
    private const int BlockBytes = 4096;

    private TmpfsDisk(string folder) => Folder = folder;

    public string Folder { get; }

    private string BallastFile => Path.Combine(Folder, "ballast");

    /// <summary>Mounts one on an empty folder; null where that is not permitted.</summary>
    public static TmpfsDisk? TryMount(string folder, int megabytes) =>
        Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder) ? new(folder) : null;

    /// <summary>Leaves no more than a little room.</summary>
    public void Fill(long freeBytes)
    {
        using var file = File.Create(BallastFile);
        var block = new byte[BlockBytes];
        try
        {
            for (var left = new DriveInfo(Folder).AvailableFreeSpace - freeBytes; left > 0; left -= BlockBytes)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void FreeSpace() => File.Delete(BallastFile);

    public void MakeReadOnly() => Run("mount", "-o", "remount,ro", Folder);

    public void MakeWritable() => Run("mount", "-o", "remount,rw", Folder);

    public void Dispose() => Run("umount", "-l", Folder);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
