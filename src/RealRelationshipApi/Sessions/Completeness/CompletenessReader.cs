using System.Data;
using System.Globalization;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Completeness;

/// <summary>Counts the sessions of a site from the current scores of each patient.</summary>
internal static class CompletenessReader
{
    private static readonly string[] s_outcomes = [ConstructNames.SessionOutcome, ConstructNames.TreatmentOutcome, ConstructNames.TreatmentProgress];

    public static IReadOnlyList<CompletenessGroup> Read(IDbConnection connection, ColumnEncryption encryption, string tenant, CompletenessGrouping by)
    {
        var groups = new Dictionary<string, Counts>(StringComparer.Ordinal);
        // Buffered: PostgreSQL reads one result at a time on a connection.
        foreach (var (_, record) in PatientRecords.ReadAll(connection, encryption, tenant, isBuffered: true))
        {
            var scores = record.Scores.Where(s => s.State == ScoreState.Analysed).ToList();
            // A patient of several systems, which share their keys, counts for one of them.
            var source = by == CompletenessGrouping.Source && scores.Count > 0 ? ReadSource(connection, encryption, tenant, scores[0].Measure) : "";
            foreach (var group in Sessions(scores).GroupBy(session => ValueOf(session, by, source), StringComparer.Ordinal))
            {
                if (!groups.TryGetValue(group.Key, out var counts))
                {
                    groups.Add(group.Key, counts = new());
                }

                counts.Patients++;
                foreach (var session in group)
                {
                    counts.Add(session);
                }
            }
        }

        return [.. groups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Value.ToGroup(g.Key.Length == 0 ? null : g.Key))];
    }

    // Scores without session key are one each.
    private static IEnumerable<List<PatientScore>> Sessions(List<PatientScore> scores) => scores
        .GroupBy(s => s.Session.IsNone ? (s.Session, s.Measure) : (s.Session, Pseudonym.None)).Select(g => g.Order(PatientScore.ByTime).ToList());

    private static string ValueOf(List<PatientScore> session, CompletenessGrouping by, string source) => by switch
    {
        CompletenessGrouping.Month => new DateTime(session[0].OccurredAt, DateTimeKind.Utc).ToString("yyyy-MM", CultureInfo.InvariantCulture),
        // The therapist of most of its scores.
        CompletenessGrouping.Therapist => session.Select(s => s.Therapist).Where(t => !t.IsNone).GroupBy(t => t)
            .OrderByDescending(scores => scores.Count()).ThenBy(scores => scores.Key).FirstOrDefault()?.Key.ToString() ?? "",
        _ => source,
    };

    private static string ReadSource(IDbConnection connection, ColumnEncryption encryption, string tenant, Pseudonym measure)
    {
        var version = connection.ForTenant(tenant).QueryFirstOrDefault<Version>(
            "SELECT version AS Number, sealed AS Content FROM measure_version WHERE tenant = @tenant AND measure = @measure AND withdraws = 0 "
                + "ORDER BY version DESC LIMIT 1", new { measure = measure.Bytes })!;
        return MeasureContent.FromBytes(encryption.Decrypt(version.Content, tenant, EncryptedRowPaths.Measure(measure, version.Number, withdraws: false)))
            .SourceSystem;
    }

    private sealed record Version(long Number, byte[] Content);

    private sealed class Counts
    {
        private long _sessions;
        private long _relationship;
        private long _outcome;
        private long _both;
        private long _withoutSession;

        public long Patients { get; set; }

        public void Add(List<PatientScore> session)
        {
            if (session[0].Session.IsNone)
            {
                _withoutSession++;
                return;
            }

            var hasRelationship = session.Exists(s => s.Construct == ConstructNames.RealRelationship);
            var hasOutcome = session.Exists(s => s_outcomes.Contains(s.Construct));
            _sessions++;
            _relationship += hasRelationship ? 1 : 0;
            _outcome += hasOutcome ? 1 : 0;
            _both += hasRelationship && hasOutcome ? 1 : 0;
        }

        public CompletenessGroup ToGroup(string? value) => new(value, Patients, _sessions, _relationship, _outcome, _both, _withoutSession);
    }
}
