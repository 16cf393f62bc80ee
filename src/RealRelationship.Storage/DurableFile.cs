using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RealRelationship.Storage;

/// <summary>Atomic, durable file writes.</summary>
public static class DurableFile
{
    /// <summary>Writes to a temporary name, syncs, and renames.</summary>
    /// <param name="path">The file to create.</param>
    /// <param name="write">Writes the content to the path that it gets.</param>
    /// <exception cref="StoragePreconditionException">The file exists.</exception>
    public static void Write(string path, Action<string> write)
    {
        RequireNewFile(path);
        var unfinished = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.unfinished";
        try
        {
            write(unfinished);
            Flush(unfinished);
            File.Move(unfinished, path, overwrite: false);
            FlushDirectory(path);
        }
        finally
        {
            File.Delete(unfinished);
            File.Delete(unfinished + "-journal");
        }
    }

    /// <summary>Replaces the content of a file, or creates it: a temporary name, a sync, and a rename.</summary>
    public static void Replace(string path, string content)
    {
        var unfinished = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.unfinished";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllText(unfinished, content);
            PrivateFiles.Restrict(unfinished);
            Flush(unfinished);
            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Checks that a file can be created.</summary>
    /// <exception cref="StoragePreconditionException">The file exists, or its directory does not.</exception>
    public static void RequireNewFile(string path)
    {
        if (File.Exists(path))
        {
            throw new StoragePreconditionException($"{path} exists already, and nothing is written over.");
        }

        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
        {
            throw new StoragePreconditionException($"There is no folder {Path.GetDirectoryName(Path.GetFullPath(path))}.");
        }
    }

    /// <summary>Syncs the content of a file.</summary>
    public static void Flush(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Syncs the directory of a file: a synced file can still lose its name (fsync(2)).</summary>
    public static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var folder = Open(Path.GetDirectoryName(Path.GetFullPath(path))!, 0);
        if (folder < 0 || Sync(folder) != 0)
        {
            throw new IOException($"The folder of {path} could not be synced (errno {Marshal.GetLastPInvokeError()}).");
        }

        _ = Close(folder);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int file);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int file);
}
