using System.Security.Cryptography;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>A stored import.</summary>
/// <param name="Mac">Keyed hash of the other columns.</param>
/// <param name="Lineage">Lineage of the credential that sent it, null in release 0.1; this and the next two as in <see cref="Ingest.Sender"/>.</param>
internal sealed record ImportRow(string Id, string Tenant, string State, string ReceivedAt, string? FinishedAt, long Line, long Accepted, long Rejected,
    byte[]? Mac, string? Lineage, string? SourceSystem, string? TimeZone)
{
    public const string Columns = $"{ColumnsOfRelease01}, lineage, source_system AS SourceSystem, time_zone AS TimeZone";

    public const string ColumnsOfRelease01 = "id, tenant, state, received_at AS ReceivedAt, finished_at AS FinishedAt, line, accepted, rejected, mac";

    public ImportRow(string id, string tenant, string state, string receivedAt, string? finishedAt, long line, long accepted, long rejected, byte[]? mac)
        : this(id, tenant, state, receivedAt, finishedAt, line, accepted, rejected, mac, Lineage: null, SourceSystem: null, TimeZone: null)
    {
    }

    public ImportRow Signed(Func<string, KeyedHash> createHash) => this with { Mac = ComputeMac(createHash) };

    /// <exception cref="TamperedDataException">The row was edited.</exception>
    public ImportRow Verified(Func<string, KeyedHash> createHash) =>
        IsGenuine(createHash) ? this : throw new TamperedDataException($"Import {Id} is not what was written.");

    public bool IsGenuine(Func<string, KeyedHash> createHash) => CryptographicOperations.FixedTimeEquals(Mac, ComputeMac(createHash));

    private byte[] ComputeMac(Func<string, KeyedHash> createHash)
    {
        var hash = createHash(KeyPurposes.ImportRow).Add(Id).Add(Tenant).Add(State).Add(ReceivedAt).Add(FinishedAt).Add(Line).Add(Accepted).Add(Rejected);
        return (Lineage is null && SourceSystem is null && TimeZone is null ? hash : hash.Add(Lineage).Add(SourceSystem).Add(TimeZone)).Finish();
    }
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
