using System.Runtime.InteropServices;

namespace RealRelationship.Storage;

/// <summary>Makes files private to the user of this process: 0600, and 0700 for directories. On Windows the rights of the directory apply.</summary>
public static class PrivateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const uint GroupAndOthers = 0x3F;

    /// <summary>Sets the umask, so that files created from now on are private.</summary>
    public static void RestrictNewFiles()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetUmask(GroupAndOthers);
        }
    }

    /// <summary>Makes an existing file private, such as one of an earlier version. Missing files and files of another user are left unchanged.</summary>
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
                    // The owner is responsible.
                }
            }
        }
    }

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint SetUmask(uint mask);
}
