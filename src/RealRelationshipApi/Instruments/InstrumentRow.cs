using System.Data;
using System.Text.Json;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Instruments;

/// <summary>A stored version of a site's declaration.</summary>
internal sealed record InstrumentRow(string Tenant, string Code, long Version, long ChangeNumber, string RecordedAt, string Content, byte[] RowHash)
{
    public const string Columns = "tenant, code, version, change_number AS ChangeNumber, recorded_at AS RecordedAt, content, row_hash AS RowHash";

    /// <summary>Kind of the subjects of instruments in the change log.</summary>
    public const string SubjectKind = "instrument";

    /// <summary>Subject of an instrument in the change log. Study keys contain no slash, so they cannot collide.</summary>
    public static string SubjectOf(string code) => $"{SubjectKind}/{code}";

    /// <summary>All versions that a tenant declared, in the order of declaration, verified against the change log.</summary>
    /// <exception cref="TamperedDataException">A version was altered, deleted or inserted; the message names it.</exception>
    public static IReadOnlyList<InstrumentRow> ReadAll(IDbConnection connection, string tenant, ChangeLog log)
    {
        var rows = connection.ForTenant(tenant).Query<InstrumentRow>($"SELECT {Columns} FROM instrument_version WHERE tenant = @tenant ORDER BY change_number");
        var errors = new List<string>();
        Compare(rows, log.ReadSubjects(connection, SubjectKind, tenant), log, new VerificationResult(errors.Add));
        return errors.Count == 0 ? rows : throw new TamperedDataException(errors[0]);
    }

    /// <summary>Compares versions with the changes that wrote them.</summary>
    public static void Compare(IEnumerable<InstrumentRow> rows, IEnumerable<LoggedChange> written, ChangeLog log, VerificationResult result) =>
        RecordedRows.Compare(rows.Select(row => new RecordedRow(Describe(row.Version, row.Code, row.Tenant), row.Tenant, SubjectOf(row.Code), row.Version,
                RecordedRow.HashOf(row.ComputeHash(log.CreateHash(KeyPurposes.InstrumentVersion)), row.RowHash))),
            written, change => Describe(change.Subject.Version, change.Subject.Subject[(SubjectKind.Length + 1)..], change.Entry.Tenant), result);

    private static string Describe(long version, string code, string tenant) => $"Version {version} of instrument '{code}' of site '{tenant}'";

    /// <summary>Stores the version as the next change; the evidence revision stays the same.</summary>
    public static InstrumentRow Insert(WriteTransaction transaction, string tenant, ChangeKind kind, string code, long version, string content)
    {
        var row = new InstrumentRow(tenant, code, version, 0, "", content, []);
        transaction.RecordChange(tenant, kind, SubjectOf(code), version, recorded =>
        {
            row = row with { ChangeNumber = recorded.Number, RecordedAt = recorded.RecordedAt };
            row = row with { RowHash = row.ComputeHash(transaction.CreateHash(KeyPurposes.InstrumentVersion)) };
            return row.RowHash;
        });
        transaction.ForTenant(tenant).Enqueue(
            """
            INSERT INTO instrument_version (tenant, code, version, change_number, recorded_at, content, row_hash)
            VALUES (@tenant, @Code, @Version, @ChangeNumber, @RecordedAt, @Content, @RowHash)
            """,
            new { row.Code, row.Version, row.ChangeNumber, row.RecordedAt, row.Content, row.RowHash });
        return row;
    }

    public Instrument ToInstrument() => InstrumentDeclaration.WithPublishedFacts(JsonSerializer.Deserialize<Instrument>(Content, StrictJson.Options)!) with
    {
        Version = Version,
        RecordedAt = UtcTimestamp.Parse(RecordedAt),
    };

    private byte[] ComputeHash(KeyedHash hash) => hash.Add(Tenant).Add(Code).Add(Version).Add(ChangeNumber).Add(RecordedAt).Add(Content).Finish();
}
