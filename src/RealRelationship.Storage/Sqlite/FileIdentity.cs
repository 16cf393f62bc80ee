using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RealRelationship.Storage.Sqlite;

/// <summary>Device and inode of a file, by which one that was replaced under its name is recognised.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    // struct stat begins with device and inode on every 64-bit Unix that .NET runs on, and is shorter than this.
    private const int StatBytes = 512;
    private const int InodeOffset = 8;

    /// <summary>The identity of a file; null if there is none, or if the system does not tell. On Windows an open file cannot be removed.</summary>
    public static FileIdentity? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.Exists(path) ? default(FileIdentity) : null;
        }

        var stat = new byte[StatBytes];
        return Stat(path, stat) != 0 ? null
            : new(BinaryPrimitives.ReadUInt64LittleEndian(stat), BinaryPrimitives.ReadUInt64LittleEndian(stat.AsSpan(InodeOffset)));
    }

    [DllImport("libc", EntryPoint = "stat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat([MarshalAs(UnmanagedType.LPUTF8Str)] string path, byte[] stat);
}
