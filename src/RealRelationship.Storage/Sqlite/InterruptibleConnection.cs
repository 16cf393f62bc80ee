using Microsoft.Data.Sqlite;

using SQLitePCL;

namespace RealRelationship.Storage.Sqlite;

/// <summary>
/// A read connection whose statements see one state of the store, from the first of them on, and are interrupted on cancellation or timeout.
/// </summary>
/// <remarks>The async methods of Microsoft.Data.Sqlite run synchronously and ignore the token;
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
        // Commands of this connection join the transaction, and closing ends it.
        BeginTransaction(deferred: true);
    }

    /// <summary>The timeout restarts with each statement: a paged read may take longer in total.</summary>
    public override SqliteCommand CreateCommand()
    {
        _deadline?.CancelAfter(timeout);
        return base.CreateCommand();
    }

    public override void Close()
    {
        // Waits for a pending interruption: afterwards the pooled handle may serve another reader.
        _interruption.Dispose();
        _deadline?.Dispose();
        _deadline = null;
        base.Close();
    }
}
