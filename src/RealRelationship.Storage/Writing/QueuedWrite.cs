namespace RealRelationship.Storage.Writing;

/// <summary>A queued item of work and its caller.</summary>
internal abstract class QueuedWrite : IClaimingWrite
{
    public abstract bool IsAbandoned { get; }

    /// <summary>The tenant scope of the caller.</summary>
    public string Tenant { get; } = TenantScope.Current;

    /// <summary>Runs the work; false if it threw and must be rolled back.</summary>
    public abstract bool Run(WriteTransaction transaction, Func<Exception, bool> abortsTransaction);

    public abstract string? ClaimKey { get; }

    public abstract void Claim(WriteTransaction transaction);

    public abstract bool TryWrite(WriteTransaction transaction);

    public abstract void Release(WriteTransaction transaction);

    /// <summary>Runs the work; an error of it, or of anything queued before, is thrown.</summary>
    public abstract void Write(WriteTransaction transaction);

    public abstract void Complete();

    public abstract void Fail(Exception error);
}

/// <inheritdoc cref="QueuedWrite"/>
internal sealed class QueuedWrite<T>(ClaimingWrite<T> write, CancellationToken cancellation) : QueuedWrite
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ran;
    private Exception? _error;

    public Task<T> Result => _result.Task;

    public override bool IsAbandoned => !_ran && cancellation.IsCancellationRequested;

    public override string? ClaimKey => write.ClaimKey;

    public override bool Run(WriteTransaction transaction, Func<Exception, bool> abortsTransaction)
    {
        (_ran, _error) = (false, null);
        try
        {
            write.Write(transaction);
            transaction.Flush();
            return _ran = true;
        }
        catch (Exception error) when (!abortsTransaction(error))
        {
            _error = error;
            return false;
        }
    }

    public override void Claim(WriteTransaction transaction)
    {
        (_ran, _error) = (false, null);
        transaction.SetTenant(Tenant);
        write.Claim(transaction);
    }

    public override bool TryWrite(WriteTransaction transaction)
    {
        transaction.SetTenant(Tenant);
        return _ran = write.TryWrite(transaction);
    }

    public override void Release(WriteTransaction transaction)
    {
        transaction.SetTenant(Tenant);
        write.Release(transaction);
    }

    public override void Write(WriteTransaction transaction)
    {
        (_ran, _error) = (false, null);
        if (IsAbandoned)
        {
            return;
        }

        transaction.SetTenant(Tenant);
        write.Write(transaction);
        _ran = true;
    }

    public override void Complete()
    {
        if (_error is not null)
        {
            _result.TrySetException(_error);
        }
        else if (_ran)
        {
            _result.TrySetResult(write.Result!);
        }
        else
        {
            _result.TrySetCanceled(cancellation);
        }
    }

    public override void Fail(Exception error) => _result.TrySetException(_error ?? error);
}
