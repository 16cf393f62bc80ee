using System.Security.Cryptography;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>A stored import.</summary>
/// <param name="Mac">Keyed hash of the other columns.</param>
internal sealed record ImportRow(string Id, string Tenant, string State, string ReceivedAt, string? FinishedAt, long Line, long Accepted, long Rejected,
    byte[]? Mac)
{
    public const string Columns = "id, tenant, state, received_at AS ReceivedAt, finished_at AS FinishedAt, line, accepted, rejected, mac";

    public ImportRow Signed(Func<string, KeyedHash> createHash) => this with { Mac = ComputeMac(createHash) };

    /// <exception cref="TamperedDataException">The row was edited.</exception>
    public ImportRow Verified(Func<string, KeyedHash> createHash) =>
        IsGenuine(createHash) ? this : throw new TamperedDataException($"Import {Id} is not what was written.");

    public bool IsGenuine(Func<string, KeyedHash> createHash) => CryptographicOperations.FixedTimeEquals(Mac, ComputeMac(createHash));

    private byte[] ComputeMac(Func<string, KeyedHash> createHash) => createHash(KeyPurposes.ImportRow).Add(Id).Add(Tenant).Add(State).Add(ReceivedAt)
        .Add(FinishedAt).Add(Line).Add(Accepted).Add(Rejected).Finish();
}

/// <summary>A stored line with errors.</summary>
/// <param name="Content">The errors, encrypted; bound to import and line by the encryption.</param>
/// <param name="Mac">Keyed hash of the columns in the clear.</param>
internal sealed record ImportLineRow(string Id, long Line, string Tenant, long Status, byte[] Content, byte[]? Mac)
{
    public const string Columns = "id, line, tenant, status, sealed AS Content, mac";

    public ImportLineRow Signed(Func<string, KeyedHash> createHash) => this with { Mac = ComputeMac(createHash) };

    /// <exception cref="TamperedDataException">The row was edited.</exception>
    public ImportLineRow Verified(Func<string, KeyedHash> createHash) =>
        IsGenuine(createHash) ? this : throw new TamperedDataException($"Line {Line} of import {Id} is not what was written.");

    public bool IsGenuine(Func<string, KeyedHash> createHash) => CryptographicOperations.FixedTimeEquals(Mac, ComputeMac(createHash));

    private byte[] ComputeMac(Func<string, KeyedHash> createHash) =>
        createHash(KeyPurposes.ImportLineRow).Add(Id).Add(Line).Add(Tenant).Add(Status).Finish();
}
