namespace RealRelationship.Storage;

/// <summary>Stops the service when the store can no longer be trusted: corrupted, or set back to an earlier revision.</summary>
public sealed class CorruptionGuard : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    private string? _reason;

    /// <summary>Why the service stops; null while it runs.</summary>
    public string? Reason => _reason;

    /// <summary>Cancelled when the service must stop.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public void Stop(string reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            _stopping.Cancel();
        }
    }

    public void Dispose() => _stopping.Dispose();
}
