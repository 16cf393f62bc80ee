namespace RealRelationship.Storage.Writing;

/// <summary>A write that can claim what it needs before it writes, so that a server gets the claims of many writes in one message.</summary>
/// <remarks>
/// <code>
/// Claim of each ─► one message ─► TryWrite of each, in order
///                                   └─ conflict: Release of this one and of all after it ─► Write
/// </code>
/// A conflict may be with a claim that is released afterwards. Therefore nothing is decided from it: the write runs again without claims of later ones.
/// It may run again after a retry, so it must change nothing but the store.
/// </remarks>
public interface IClaimingWrite
{
    /// <summary>Writes with the same key never claim together; null if this one claims nothing in advance.</summary>
    string? ClaimKey { get; }

    /// <summary>Queues the claims; reads no result.</summary>
    void Claim(WriteTransaction transaction);

    /// <summary>Writes, unless something conflicts with the claims.</summary>
    /// <returns>Whether it wrote.</returns>
    bool TryWrite(WriteTransaction transaction);

    /// <summary>Removes the claims that succeeded; nothing was written.</summary>
    void Release(WriteTransaction transaction);

    /// <summary>Checks and writes without earlier claims.</summary>
    void Write(WriteTransaction transaction);
}

/// <inheritdoc cref="IClaimingWrite"/>
public abstract class ClaimingWrite<T> : IClaimingWrite
{
    public abstract string? ClaimKey { get; }

    /// <summary>The result, after <see cref="Write"/> or a successful <see cref="TryWrite"/>.</summary>
    public T? Result { get; protected set; }

    public abstract void Claim(WriteTransaction transaction);

    public abstract bool TryWrite(WriteTransaction transaction);

    public abstract void Release(WriteTransaction transaction);

    public abstract void Write(WriteTransaction transaction);
}

/// <summary>A write that claims nothing in advance.</summary>
public sealed class UnclaimedWrite<T>(Func<WriteTransaction, T> work) : ClaimingWrite<T>
{
    public override string? ClaimKey => null;

    public override void Claim(WriteTransaction transaction) => throw new NotSupportedException();

    public override bool TryWrite(WriteTransaction transaction) => throw new NotSupportedException();

    public override void Release(WriteTransaction transaction) => throw new NotSupportedException();

    public override void Write(WriteTransaction transaction) => Result = work(transaction);
}
