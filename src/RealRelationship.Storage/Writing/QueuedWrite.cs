namespace RealRelationship.Storage.Writing;

/// <summary>A queued item of work and its caller.</summary>
internal abstract class QueuedWrite
{
    public abstract bool IsAbandoned { get; }

    /// <summary>The tenant scope of the caller.</summary>
    public string Tenant { get; } = TenantScope.Current;

    /// <summary>Runs the work; false if it threw and must be rolled back.</summary>
    public abstract bool Run(WriteTransaction transaction, Func<Exception, bool> abortsTransaction);

    public abstract void Complete();

    public abstract void Fail(Exception error);
}

/// <inheritdoc cref="QueuedWrite"/>
internal sealed class QueuedWrite<T>(Func<WriteTransaction, T> work, CancellationToken cancellation) : QueuedWrite
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _value;
    private bool _ran;
    private Exception? _error;

    public Task<T> Result => _result.Task;

    public override bool IsAbandoned => !_ran && cancellation.IsCancellationRequested;

    public override bool Run(WriteTransaction transaction, Func<Exception, bool> abortsTransaction)
    {
        (_ran, _error) = (false, null);
        try
        {
            _value = work(transaction);
            transaction.Flush();
            return _ran = true;
        }
        catch (Exception error) when (!abortsTransaction(error))
        {
            _error = error;
            return false;
        }
    }

    public override void Complete()
    {
        if (_error is not null)
        {
            _result.TrySetException(_error);
        }
        else if (_ran)
        {
            _result.TrySetResult(_value!);
        }
        else
        {
            _result.TrySetCanceled(cancellation);
        }
    }

    public override void Fail(Exception error) => _result.TrySetException(_error ?? error);
}
