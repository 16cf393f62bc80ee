using System.Data;
using System.Text.Json;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Coding;

/// <summary>A stored version of a coding.</summary>
/// <param name="Key">Key of the study.</param>
/// <param name="Coder">Name of the coder as it is compared.</param>
/// <param name="Version">Number of the version, from 1.</param>
/// <param name="Tenant">Tenant that sent it.</param>
/// <param name="ChangeNumber">Number of its change in the log.</param>
/// <param name="RecordedAt">UTC timestamp of the change.</param>
/// <param name="Actor">Id of the key, or issuer and subject of the token; empty without one.</param>
/// <param name="Content">Canonical JSON of the coding.</param>
/// <param name="RowHash">Keyed hash of the other columns.</param>
internal sealed record StudyCodingRow(string Key, string Coder, long Version, string Tenant, long ChangeNumber, string RecordedAt, string Actor, string Content,
    byte[] RowHash)
{
    private const string SelectSql = """
        SELECT c.study_key AS Key, c.coder, c.version, c.tenant, c.change_number AS ChangeNumber, c.recorded_at AS RecordedAt, c.actor, c.content,
          c.row_hash AS RowHash
        FROM study_coding c
        """;

    private const string LatestSql =
        "NOT EXISTS (SELECT 1 FROM study_coding later WHERE later.study_key = c.study_key AND later.coder = c.coder AND later.version > c.version)";

    private const string InsertSql = """
        INSERT INTO study_coding (study_key, coder, version, tenant, change_number, recorded_at, actor, content, row_hash)
        VALUES (@Key, @Coder, @Version, @Tenant, @ChangeNumber, @RecordedAt, @Actor, @Content, @RowHash)
        """;

    /// <summary>Kind of the subjects of codings in the change log.</summary>
    public const string SubjectKind = "coding";

    /// <summary>Subject of the coding in the change log. Study keys contain no slash.</summary>
    private string Subject => $"{SubjectKind}/{Key}/{Coder}";

    /// <summary>The latest coding of each coder of a study, sorted by coder.</summary>
    public static IReadOnlyList<StudyCodingRow> Latest(IDbConnection connection, string key) =>
        [.. connection.Query<StudyCodingRow>($"{SelectSql} WHERE c.study_key = @key AND {LatestSql} ORDER BY c.coder", new { key })];

    /// <summary>The latest coding of each coder of all studies, sorted by study and coder.</summary>
    public static IReadOnlyList<StudyCodingRow> Latest(IDbConnection connection) =>
        [.. connection.Query<StudyCodingRow>($"{SelectSql} WHERE {LatestSql} ORDER BY c.study_key, c.coder")];

    /// <summary>Number of the last change of a coding; 0 without one.</summary>
    public static long LastChange(IDbConnection connection) => connection.ExecuteScalar<long>("SELECT coalesce(max(change_number), 0) FROM study_coding");

    /// <summary>Compares all versions with the changes that wrote them.</summary>
    public static void Verify(IDbConnection connection, ChangeLog log, VerificationResult result) => RecordedRows.Compare(
        connection.Query<StudyCodingRow>($"{SelectSql} ORDER BY c.change_number", buffered: false).Select(row => new RecordedRow(
            Describe(row.Version, row.Subject), row.Tenant, row.Subject, row.Version,
            RecordedRow.HashOf(row.ComputeHash(log.CreateHash(KeyPurposes.StudyCoding)), row.RowHash))),
        log.ReadSubjects(connection, SubjectKind), change => Describe(change.Subject.Version, change.Subject.Subject), result);

    private static string Describe(long version, string subject) => $"Version {version} of '{subject}'";

    /// <summary>Stores the version as the next change; the evidence revision stays the same.</summary>
    public StudyCodingRow Insert(WriteTransaction transaction)
    {
        var row = this;
        transaction.RecordChange(Tenant, ChangeKind.Coded, Subject, Version, recorded =>
        {
            row = row with { ChangeNumber = recorded.Number, RecordedAt = recorded.RecordedAt };
            row = row with { RowHash = row.ComputeHash(transaction.CreateHash(KeyPurposes.StudyCoding)) };
            return row.RowHash;
        });
        transaction.Enqueue(InsertSql, row);
        return row;
    }

    /// <summary>The coding, with who sent it if the caller may see that.</summary>
    public StudyCoding ToCoding(bool withAuthor)
    {
        var coding = JsonSerializer.Deserialize<CodingContent>(Content, StrictJson.Options)!;
        return new()
        {
            Study = Key,
            Coder = coding.Coder,
            Date = coding.Date,
            Design = coding.Design,
            Effects = [.. coding.Effects.Select(effect => effect with { Stored = StudyEffect.Convert(effect).Stored })],
            Version = Version,
            RecordedAt = UtcTimestamp.Parse(RecordedAt),
            ChangedBy = withAuthor ? new(Tenant, string.IsNullOrEmpty(Actor) ? null : Actor) : null,
        };
    }

    private byte[] ComputeHash(KeyedHash hash) =>
        hash.Add(Key).Add(Coder).Add(Version).Add(Tenant).Add(ChangeNumber).Add(RecordedAt).Add(Actor).Add(Content).Finish();

    private sealed record CodingContent
    {
        public required string Coder { get; init; }

        public required DateOnly Date { get; init; }

        public StudyDesign? Design { get; init; }

        public required IReadOnlyList<EffectRecord> Effects { get; init; }
    }
}
