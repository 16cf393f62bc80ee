using System.Data;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions;

/// <summary>Queries a site's own sessions: current measures, with pseudonyms.</summary>
internal static class SessionQueries
{
    private const string Columns =
        "SELECT v.measure, v.version, v.withdraws, v.patient, v.recorded_at AS RecordedAt, v.sealed AS Content FROM measure_version v";

    // A withdrawal withdraws its own version and all lower ones.
    private const string IsCurrentSql = """
        v.withdraws = 0 AND NOT EXISTS (SELECT 1 FROM measure_version later
          WHERE later.tenant = v.tenant AND later.measure = v.measure AND (later.version > v.version OR (later.version = v.version AND later.withdraws = 1)))
        """;

    // With only the condition on the patient, SQLite would scan all measures of the site instead of using the index.
    private const string IsOfPatientSql =
        "v.measure IN (SELECT measure FROM measure_version WHERE tenant = @tenant AND patient = @patient) AND v.patient = @patient";

    /// <summary>A page of sessions, sorted by the pseudonyms of patient and session. Reads whole patients until the page is full.</summary>
    /// <param name="connection">Connection to the store.</param>
    /// <param name="encryption">Decrypts the measures.</param>
    /// <param name="tenant">The site.</param>
    /// <param name="after">Sort key of the last session of the previous page; empty for the first page.</param>
    /// <param name="limit">Maximum number of sessions.</param>
    public static IReadOnlyList<SessionRecord> List(IDbConnection connection, ColumnEncryption encryption, string tenant, string after, int limit)
    {
        var sessions = new List<SessionRecord>();
        var patient = after.Length == 0 ? [] : Convert.FromHexString(after.Split('/')[0]);
        var inclusive = true;
        while (sessions.Count < limit && NextPatient(connection, tenant, patient, inclusive) is { } next)
        {
            sessions.AddRange(ListByPatient(connection, encryption, tenant, new Pseudonym(next)).Where(s => string.CompareOrdinal(s.SortKey, after) > 0));
            (patient, inclusive) = (next, false);
        }

        return sessions.Count > limit ? sessions[..limit] : sessions;
    }

    /// <summary>A patient's sessions, sorted by pseudonym.</summary>
    public static IReadOnlyList<SessionRecord> ListByPatient(IDbConnection connection, ColumnEncryption encryption, string tenant, Pseudonym patient) =>
        ToRecords(
            connection.ForTenant(tenant)
                .Query<Row>($"{Columns} WHERE v.tenant = @tenant AND {IsOfPatientSql} AND {IsCurrentSql}", new { patient = patient.Bytes }), encryption,
            tenant);

    /// <summary>The session of one measure; empty if there is no such measure.</summary>
    public static IReadOnlyList<SessionRecord> ListByMeasure(IDbConnection connection, ColumnEncryption encryption, string tenant, Pseudonym measure) =>
        ToRecords(
            connection.ForTenant(tenant)
                .Query<Row>($"{Columns} WHERE v.tenant = @tenant AND v.measure = @measure AND {IsCurrentSql}", new { measure = measure.Bytes }), encryption,
            tenant);

    private static byte[]? NextPatient(IDbConnection connection, string tenant, byte[] patient, bool inclusive) => connection.ForTenant(tenant)
        .QueryFirstOrDefault<byte[]>(
        $"SELECT patient FROM measure_version WHERE tenant = @tenant AND patient {(inclusive ? ">=" : ">")} @patient ORDER BY patient LIMIT 1",
            new { patient });

    private static IReadOnlyList<SessionRecord> ToRecords(IEnumerable<Row> rows, ColumnEncryption encryption, string tenant) =>
    [
        .. rows.Select(
            row =>
                (Row: row,
                    Content: MeasureContent.FromBytes(
                        encryption.Decrypt(row.Content, tenant, EncryptedRowPaths.Measure(new(row.Measure), row.Version, withdraws: false)))))
            .GroupBy(m => (Patient: new Pseudonym(m.Row.Patient), Session: new Pseudonym(m.Content.Session!)))
            .Select(
                session =>
                    SessionRecord.From(session.Key.Patient, session.Key.Session,
                        [.. session.OrderBy(m => new Pseudonym(m.Row.Measure)).Select(m => (new Pseudonym(m.Row.Measure), m.Row.RecordedAt, m.Content))]))
            .OrderBy(s => s.SortKey, StringComparer.Ordinal),
    ];

    private sealed record Row(byte[] Measure, long Version, long Withdraws, byte[] Patient, string RecordedAt, byte[] Content);
}

/// <summary>A session as shown to its own site. Keys are pseudonyms of 26 characters.</summary>
/// <param name="SourceSystem">The sending system.</param>
/// <param name="Patient">Pseudonym of the patient.</param>
/// <param name="Therapist">Pseudonym of the therapist; null if none was given.</param>
/// <param name="Episode">Pseudonym of the treatment; null if none was given.</param>
/// <param name="Session">Pseudonym of the session; null if none was given.</param>
/// <param name="SessionNumber">Counted from 1.</param>
/// <param name="OccurredAt">Date and time in UTC.</param>
/// <param name="Measures">Current measures; withdrawn ones are not shown.</param>
internal sealed record SessionRecord(string SourceSystem, string Patient, string? Therapist, string? Episode, string? Session, long? SessionNumber,
    DateTimeOffset OccurredAt,
    IReadOnlyList<MeasureRecord> Measures)
{
    [System.Text.Json.Serialization.JsonIgnore]
    internal string SortKey { get; init; } = "";

    internal static SessionRecord From(Pseudonym patient, Pseudonym session, IReadOnlyList<(Pseudonym Key, string RecordedAt, MeasureContent Content)> measures)
    {
        var first = measures[0].Content;
        return new(first.SourceSystem, patient.ToString(), DisplayText(first.Therapist), DisplayText(first.Episode), DisplayText(session.Bytes),
            first.SessionNumber, first.OccurredAt!.Value,
            [.. measures.Select(m => MeasureRecord.From(m.Key, m.RecordedAt, m.Content))])
        {
            SortKey = $"{Convert.ToHexStringLower(patient.Bytes)}/{Convert.ToHexStringLower(session.Bytes)}",
        };
    }

    private static string? DisplayText(byte[]? key) => key is null || new Pseudonym(key).IsNone ? null : new Pseudonym(key).ToString();
}

/// <param name="SourceId">Pseudonym of the measure.</param>
/// <param name="Version">Current version.</param>
/// <param name="Status">Status as sent.</param>
/// <param name="Instrument">Instrument code.</param>
/// <param name="InstrumentVersion">0 for the built-in instrument, from 1 for declarations of the site.</param>
/// <param name="Rater">Who rated.</param>
/// <param name="Scale">total or a subscale.</param>
/// <param name="Score">Score in the unit of the scale; null if the form is not finished and lacks items.</param>
/// <param name="Unit">Unit of the scale.</param>
/// <param name="ItemsAnswered">Number of items answered; null if only a score was sent.</param>
/// <param name="ItemsExpected">Number of items of the scale; null if unknown.</param>
/// <param name="ScoringRule">How the score was obtained; null without one.</param>
/// <param name="Prorated">Whether missing items were prorated.</param>
/// <param name="RecordedAt">When the version was stored.</param>
internal sealed record MeasureRecord(string SourceId, long Version, MeasureStatus Status, string Instrument, long InstrumentVersion, ScoreRater Rater,
    string Scale, double? Score,
    ScoreAggregation Unit, long? ItemsAnswered, long? ItemsExpected, ScoringRule? ScoringRule, bool Prorated, DateTimeOffset RecordedAt)
{
    internal static MeasureRecord From(Pseudonym key, string recordedAt, MeasureContent content) =>
        new(key.ToString(), content.Version, content.Status, content.Instrument!, content.InstrumentVersion!.Value,
        content.Rater!.Value, content.Scale!, content.Score, content.Unit!.Value, content.ItemsAnswered, content.ItemsExpected,
            content.ScoringRule, content.Prorated!.Value, UtcTimestamp.Parse(recordedAt));
}

/// <summary>A page of sessions.</summary>
/// <param name="Sessions">Sorted by pseudonym.</param>
/// <param name="Next">Cursor of the next page; null on the last page.</param>
internal sealed record SessionListResponse(IReadOnlyList<SessionRecord> Sessions, string? Next);
