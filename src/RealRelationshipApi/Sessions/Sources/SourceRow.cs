using System.Data;
using System.Security.Cryptography;
using System.Text.Json;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Sessions.Sources;

/// <summary>A stored version of a site's declarations.</summary>
internal sealed record SourceRow(string Tenant, long Version, long ChangeNumber, string RecordedAt, string Content, byte[] RowHash)
{
    /// <summary>Subject in the change log.</summary>
    public const string Subject = "sources";

    public const string Columns = "tenant, version, change_number AS ChangeNumber, recorded_at AS RecordedAt, content, row_hash AS RowHash";

    /// <summary>The current version; null if the site declared nothing.</summary>
    /// <exception cref="TamperedDataException">It was edited.</exception>
    public static SourceRow? ReadCurrent(IDbConnection connection, string tenant, Func<string, KeyedHash> createHash)
    {
        var row = connection.ForTenant(tenant)
            .QueryFirstOrDefault<SourceRow>($"SELECT {Columns} FROM source_version WHERE tenant = @tenant ORDER BY version DESC LIMIT 1");
        return row is null || row.IsIntact(createHash) ? row
            : throw new TamperedDataException($"Version {row.Version} of the declared source systems of a site is not what was written.");
    }

    /// <summary>Whether the row is what was written, and where it says.</summary>
    public bool IsIntact(Func<string, KeyedHash> createHash) =>
        CryptographicOperations.FixedTimeEquals(RowHash, ComputeHash(createHash(KeyPurposes.SourceVersion)));

    /// <summary>Stores a version as the next change; the evidence revision stays the same.</summary>
    public static SourceRow Insert(WriteTransaction transaction, string tenant, long version, string content)
    {
        var row = new SourceRow(tenant, version, 0, "", content, []);
        transaction.RecordChange(tenant, ChangeKind.Declared, Subject, version, recorded =>
        {
            row = row with { ChangeNumber = recorded.Number, RecordedAt = recorded.RecordedAt };
            row = row with { RowHash = row.ComputeHash(transaction.CreateHash(KeyPurposes.SourceVersion)) };
            return row.RowHash;
        });
        transaction.ForTenant(tenant).Enqueue(
            """
            INSERT INTO source_version (tenant, version, change_number, recorded_at, content, row_hash)
            VALUES (@tenant, @Version, @ChangeNumber, @RecordedAt, @Content, @RowHash)
            """,
            new { row.Version, row.ChangeNumber, row.RecordedAt, row.Content, row.RowHash });
        return row;
    }

    public static string ToContent(SourcesRequest request) =>
        JsonSerializer.Serialize(request with { Systems = request.Systems ?? [], Groups = request.Groups ?? [], Codings = request.Codings ?? [] },
            StrictJson.Options);

    public SourcesResponse ToResponse()
    {
        var declared = JsonSerializer.Deserialize<SourcesRequest>(Content, StrictJson.Options)!;
        return new(declared.Systems!, declared.Groups!, declared.Codings!, Version, RecordedAt.Length == 0 ? null : UtcTimestamp.Parse(RecordedAt));
    }

    private byte[] ComputeHash(KeyedHash hash) => hash.Add(Tenant).Add(Version).Add(ChangeNumber).Add(RecordedAt).Add(Content).Finish();
}
