using System.Data;
using System.Security.Cryptography;
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
    private const string Columns = "tenant, code, version, change_number AS ChangeNumber, recorded_at AS RecordedAt, content, row_hash AS RowHash";

    /// <summary>Subject of an instrument in the change log. Study keys contain no slash, so they cannot collide.</summary>
    public static string SubjectOf(string code) => $"instrument/{code}";

    /// <summary>All versions that a tenant declared, in the order of declaration, verified against the change log.</summary>
    /// <exception cref="StorageCorruptionException">A version was altered; the message names it.</exception>
    public static IReadOnlyList<InstrumentRow> ReadAll(IDbConnection connection, string tenant, ChangeLog log)
    {
        var rows = connection.ForTenant(tenant).Query<InstrumentRow>($"SELECT {Columns} FROM instrument_version WHERE tenant = @tenant ORDER BY change_number");
        foreach (var row in rows)
        {
            if (!CryptographicOperations.FixedTimeEquals(row.RowHash, row.ComputeHash(log.CreateHash(KeyPurposes.InstrumentVersion))))
            {
                throw new StorageCorruptionException($"Version {row.Version} of instrument '{row.Code}' is not what was written.");
            }
        }

        return rows;
    }

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
