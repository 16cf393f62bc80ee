using System.Security.Cryptography;

using RealRelationship.Storage.Encryption;

namespace RealRelationship.Storage.Ledger;

/// <summary>A row with a keyed hash of its other columns.</summary>
/// <typeparam name="TRow">The type of the row itself.</typeparam>
/// <param name="Mac">The hash; null before the row is signed.</param>
public abstract record SignedRow<TRow>(byte[]? Mac)
    where TRow : SignedRow<TRow>
{
    /// <summary>The row, with its keyed hash.</summary>
    public TRow Signed(Func<string, KeyedHash> createHash) => (TRow)(this with { Mac = ComputeMac(createHash) });

    /// <summary>The row itself.</summary>
    /// <exception cref="TamperedDataException">The row was edited.</exception>
    public TRow Verified(Func<string, KeyedHash> createHash) =>
        IsGenuine(createHash) ? (TRow)this : throw new TamperedDataException($"{Describe()} is not what was written.");

    /// <summary>Whether the row is as it was signed.</summary>
    public bool IsGenuine(Func<string, KeyedHash> createHash) => CryptographicOperations.FixedTimeEquals(Mac, ComputeMac(createHash));

    /// <summary>The row as the subject of a sentence to its own tenant.</summary>
    protected abstract string Describe();

    /// <summary>The keyed hash of all other columns, with a purpose of its own.</summary>
    protected abstract byte[] ComputeMac(Func<string, KeyedHash> createHash);
}
