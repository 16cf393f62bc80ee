using System.Runtime.InteropServices;

using Microsoft.Data.Sqlite;

namespace RealRelationship.Storage.Sqlite;

/// <summary>Pages in the write-ahead log, as reported by the commit hook, which replaces SQLite's automatic checkpoints.</summary>
internal sealed partial class WalSize
{
    // Referenced here because native code holds only the function pointer.
    private readonly WalHookCallback _callback;

    public WalSize(SqliteConnection connection)
    {
        _callback = (_, _, _, frames) =>
        {
            Frames = frames;
            return 0;
        };
        WalHook(connection.Handle!.DangerousGetHandle(), _callback, 0);
    }

    public int Frames { get; private set; }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int WalHookCallback(nint state, nint database, nint name, int frames);

    // sqlite.org/c3ref/wal_hook.html; not exposed by SQLitePCLRaw.
    [DllImport("e_sqlite3", EntryPoint = "sqlite3_wal_hook", CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static extern nint WalHook(nint database, WalHookCallback callback, nint state);
}
