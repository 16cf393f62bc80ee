using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>A stored import.</summary>
/// <param name="Lineage">Lineage of the credential that sent it, null in release 0.1; this and the next two as in <see cref="Ingest.Sender"/>.</param>
internal sealed record ImportRow(string Id, string Tenant, string State, string ReceivedAt, string? FinishedAt, long Line, long Accepted, long Rejected,
    byte[]? Mac, string? Lineage, string? SourceSystem, string? TimeZone) : SignedRow<ImportRow>(Mac)
{
    public const string Columns = $"{ColumnsOfRelease01}, lineage, source_system AS SourceSystem, time_zone AS TimeZone";

    public const string ColumnsOfRelease01 = "id, tenant, state, received_at AS ReceivedAt, finished_at AS FinishedAt, line, accepted, rejected, mac";

    public ImportRow(string id, string tenant, string state, string receivedAt, string? finishedAt, long line, long accepted, long rejected, byte[]? mac)
        : this(id, tenant, state, receivedAt, finishedAt, line, accepted, rejected, mac, Lineage: null, SourceSystem: null, TimeZone: null)
    {
    }

    public static readonly SignedTable Table = new SignedTable<ImportRow>("session_import", Columns, "id", "id = @Id",
        row => $"Import {row.Id} of site '{row.Tenant}'")
    {
        UnsignedColumns = ColumnsOfRelease01,
    };

    protected override string Describe() => $"Import {Id}";

    protected override byte[] ComputeMac(Func<string, KeyedHash> createHash)
    {
        var hash = createHash(KeyPurposes.ImportRow).Add(Id).Add(Tenant).Add(State).Add(ReceivedAt).Add(FinishedAt).Add(Line).Add(Accepted).Add(Rejected);
        return (Lineage is null && SourceSystem is null && TimeZone is null ? hash : hash.Add(Lineage).Add(SourceSystem).Add(TimeZone)).Finish();
    }
}

/// <summary>A stored line with errors.</summary>
/// <param name="Content">The errors, encrypted; bound to import and line by the encryption.</param>
/// <param name="Mac">Keyed hash of the columns in the clear.</param>
internal sealed record ImportLineRow(string Id, long Line, string Tenant, long Status, byte[] Content, byte[]? Mac)
    : SignedRow<ImportLineRow>(Mac)
{
    public const string Columns = "id, line, tenant, status, sealed AS Content, mac";

    public static readonly SignedTable Table = new SignedTable<ImportLineRow>("session_import_line", Columns, "id, line", "id = @Id AND line = @Line",
        row => $"Line {row.Line} of import {row.Id} of site '{row.Tenant}'");

    protected override string Describe() => $"Line {Line} of import {Id}";

    protected override byte[] ComputeMac(Func<string, KeyedHash> createHash) =>
        createHash(KeyPurposes.ImportLineRow).Add(Id).Add(Line).Add(Tenant).Add(Status).Finish();
}
