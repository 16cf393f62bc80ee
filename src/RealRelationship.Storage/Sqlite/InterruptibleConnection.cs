using Microsoft.Data.Sqlite;

using SQLitePCL;

namespace RealRelationship.Storage.Sqlite;

/// <summary>A reader whose running statement ends when nobody waits for it any more, or when it takes too long.</summary>
/// <remarks>Microsoft.Data.Sqlite is synchronous under its asynchronous names and looks at no token;
/// <c>sqlite3_interrupt</c> may be called from any thread.</remarks>
internal sealed class InterruptibleConnection(string connectionString, TimeSpan timeout, CancellationToken cancellation) : SqliteConnection(connectionString)
{
    private CancellationTokenSource? _deadline;
    private CancellationTokenRegistration _interruption;

    public override void Open()
    {
        base.Open();
        var handle = Handle!;
        _deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _interruption = _deadline.Token.UnsafeRegister(static state => raw.sqlite3_interrupt((sqlite3)state!), handle);
        _deadline.CancelAfter(timeout);
    }

    /// <summary>Each statement has the whole time: what is read some rows at a time may take longer as a whole.</summary>
    public override SqliteCommand CreateCommand()
    {
        _deadline?.CancelAfter(timeout);
        return base.CreateCommand();
    }

    public override void Close()
    {
        // Waits for an interruption that is under way: afterwards the handle may belong to another reader.
        _interruption.Dispose();
        _deadline?.Dispose();
        base.Close();
    }
}
