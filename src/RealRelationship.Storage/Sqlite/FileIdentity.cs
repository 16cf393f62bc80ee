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

    private static readonly Lazy<bool> s_hasStat = new(HasStat);

    /// <summary>The identity of a file; null if there is none. The same for all files where the system does not tell: on Windows, where an open file
    /// cannot be removed, and with a libc older than glibc 2.33.</summary>
    public static FileIdentity? Of(string path)
    {
        if (!OperatingSystem.IsLinux() || !s_hasStat.Value)
        {
            return File.Exists(path) ? default(FileIdentity) : null;
        }

        Span<byte> stat = stackalloc byte[StatBytes];
        return Stat(path, ref MemoryMarshal.GetReference(stat)) != 0 ? null
            : new(BinaryPrimitives.ReadUInt64LittleEndian(stat), BinaryPrimitives.ReadUInt64LittleEndian(stat[InodeOffset..]));
    }

    private static bool HasStat()
    {
        try
        {
            Span<byte> stat = stackalloc byte[StatBytes];
            return Stat("/", ref MemoryMarshal.GetReference(stat)) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "stat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat([MarshalAs(UnmanagedType.LPUTF8Str)] string path, ref byte stat);
}
