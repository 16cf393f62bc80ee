using System.Runtime.InteropServices;

using SQLitePCL;

namespace RealRelationship.Storage.Sqlite;

/// <summary>The errno of a connection's last I/O error (errno(3)).</summary>
internal static partial class SystemError
{
    public const int NoSpace = 28;
    public const int ReadOnly = 30;
    public const int QuotaExceeded = 122;

    public static int Of(sqlite3 handle) => SystemErrno(handle.DangerousGetHandle());

    // sqlite.org/c3ref/system_errno.html; not exposed by SQLitePCLRaw.
    [DllImport("e_sqlite3", EntryPoint = "sqlite3_system_errno", CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static extern int SystemErrno(nint database);
}
