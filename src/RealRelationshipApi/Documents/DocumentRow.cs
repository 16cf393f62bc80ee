using System.Data;
using System.Text.Json;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Documents;

/// <summary>A stored version of a document.</summary>
/// <param name="Name">Name of the document.</param>
/// <param name="Version">From 1.</param>
/// <param name="Tenant">Tenant of the operator who put it.</param>
/// <param name="Actor">Id of the key, or issuer and subject of the token; empty without one.</param>
/// <param name="ChangeNumber">Number of the change that wrote it.</param>
/// <param name="Evidence">The evidence revision at which it was put.</param>
/// <param name="RecordedAt">When it was put.</param>
/// <param name="Content">The document as JSON.</param>
/// <param name="RowHash">Keyed hash of the other columns.</param>
internal sealed record DocumentRow(string Name, long Version, string Tenant, string Actor, long ChangeNumber, long Evidence, string RecordedAt, string Content,
    byte[] RowHash)
{
    private const string SubjectKind = "document";

    private const string Columns =
        "name, version, tenant, actor, change_number AS ChangeNumber, evidence, recorded_at AS RecordedAt, content, row_hash AS RowHash";

    /// <summary>All versions of all documents, verified against the change log.</summary>
    /// <exception cref="TamperedDataException">A version was altered, deleted or inserted; the message names it.</exception>
    public static IReadOnlyList<DocumentRow> ReadAll(IDbConnection connection, ChangeLog log)
    {
        var errors = new List<string>();
        var rows = Verify(connection, log, new VerificationResult(errors.Add));
        return errors.Count == 0 ? rows : throw new TamperedDataException(errors[0]);
    }

    /// <summary>Compares all versions with the changes that wrote them.</summary>
    public static IReadOnlyList<DocumentRow> Verify(IDbConnection connection, ChangeLog log, VerificationResult result)
    {
        var rows = connection.Query<DocumentRow>($"SELECT {Columns} FROM document_version ORDER BY name, version").AsList();
        RecordedRows.Compare(rows.Select(row => new RecordedRow(Describe(row.Version, row.Name), row.Tenant, SubjectOf(row.Name), row.Version,
                RecordedRow.HashOf(row.ComputeHash(log.CreateHash(KeyPurposes.DocumentVersion)), row.RowHash))),
            log.ReadSubjects(connection, SubjectKind),
            change => Describe(change.Subject.Version, change.Subject.Subject[(SubjectKind.Length + 1)..]), result);
        return rows;
    }

    /// <summary>Stores a version as the next change; the evidence revision stays the same.</summary>
    public static DocumentRow Insert(WriteTransaction transaction, string name, long version, string tenant, string actor, string content)
    {
        var row = new DocumentRow(name, version, tenant, actor, 0, 0, "", content, []);
        transaction.RecordChange(tenant, ChangeKind.Declared, SubjectOf(name), version, recorded =>
        {
            row = row with { ChangeNumber = recorded.Number, Evidence = recorded.Evidence, RecordedAt = recorded.RecordedAt };
            row = row with { RowHash = row.ComputeHash(transaction.CreateHash(KeyPurposes.DocumentVersion)) };
            return row.RowHash;
        });
        transaction.Enqueue(
            """
            INSERT INTO document_version (name, version, tenant, actor, change_number, evidence, recorded_at, content, row_hash)
            VALUES (@Name, @Version, @Tenant, @Actor, @ChangeNumber, @Evidence, @RecordedAt, @Content, @RowHash)
            """,
            new { row.Name, row.Version, row.Tenant, row.Actor, row.ChangeNumber, row.Evidence, row.RecordedAt, row.Content, row.RowHash });
        return row;
    }

    /// <summary>Canonical text of a document, without what the row says.</summary>
    public static string ToContent<T>(T document) where T : Document =>
        JsonSerializer.Serialize((T)(document with { Version = 0, RecordedAt = null }), StrictJson.Options);

    public T ToDocument<T>() where T : Document =>
        (T)(JsonSerializer.Deserialize<T>(Content, StrictJson.Options)! with { Version = Version, RecordedAt = UtcTimestamp.Parse(RecordedAt) });

    private static string SubjectOf(string name) => $"{SubjectKind}/{name}";

    private static string Describe(long version, string name) => $"Version {version} of the document '{name}'";

    private byte[] ComputeHash(KeyedHash hash) =>
        hash.Add(Name).Add(Version).Add(Tenant).Add(Actor).Add(ChangeNumber).Add(Evidence).Add(RecordedAt).Add(Content).Finish();
}
