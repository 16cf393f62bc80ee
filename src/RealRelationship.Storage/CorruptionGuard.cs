namespace RealRelationship.Storage;

/// <summary>Ends the service when what is on disk can no longer be trusted: going on could acknowledge what is not there.</summary>
public sealed class CorruptionGuard : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    private string? _reason;

    /// <summary>Why; null as long as all is well.</summary>
    public string? Reason => _reason;

    /// <summary>Cancelled when the service must end.</summary>
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
