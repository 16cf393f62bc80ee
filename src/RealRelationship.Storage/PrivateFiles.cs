using System.Runtime.InteropServices;

namespace RealRelationship.Storage;

/// <summary>Keeps files from other users of the machine: 0600, and 0700 for directories. Windows inherits the rights of the directory.</summary>
public static class PrivateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const uint GroupAndOthers = 0x3F;

    /// <summary>Whatever this process creates from now on belongs to its user alone.</summary>
    public static void RestrictNewFiles()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetUmask(GroupAndOthers);
        }
    }

    /// <summary>Takes the rights of others from a file that an earlier version, or another program, created. Missing files, and files of another user,
    /// stay as they are.</summary>
    public static void Restrict(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (!OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & ~OwnerOnly) != UnixFileMode.None)
            {
                try
                {
                    File.SetUnixFileMode(path, OwnerOnly);
                }
                catch (UnauthorizedAccessException)
                {
                    // The owner decides.
                }
            }
        }
    }

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint SetUmask(uint mask);
}
