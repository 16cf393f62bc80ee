using Dapper;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

/// <summary>Detects samples that may overlap with those of other studies, as re-analyses of the same sample are common in this field.</summary>
internal static class SampleOverlaps
{
    private const string SharedSampleSql = "FROM current_effect WHERE sample = @Name AND study_key <> @Key";

    private const string SimilarSampleSql =
        "FROM current_effect WHERE n = @N AND country IS NOT DISTINCT FROM @Country AND year BETWEEN @Year - 1 AND @Year + 1 AND sample <> @Name AND "
            + "study_key <> @Key";

    private const int MaxListed = 5;

    private const int MaxSorted = 32;

    // Unsorted, because sorting in SQL would create a temporary table even for the common case of no rows. The few rows are sorted here.
    private static readonly string s_candidatesSql =
        $"SELECT 'shared' AS Kind, study_key AS Key FROM (SELECT study_key {SharedSampleSql} LIMIT {MaxSorted}) shared UNION ALL "
        + $"SELECT 'alike' AS Kind, study_key AS Key FROM (SELECT study_key {SimilarSampleSql} LIMIT {MaxSorted}) alike";

    private const string FirstSharedSql = $"SELECT DISTINCT study_key {SharedSampleSql} ORDER BY study_key LIMIT @Most";

    private const string FirstSimilarSql = $"SELECT DISTINCT study_key {SimilarSampleSql} ORDER BY study_key LIMIT @Most";

    /// <summary>Enqueues the queries; the warnings are read during enumeration.</summary>
    public static IEnumerable<Warning> QueryWarnings(WriteTransaction transaction, Study study)
    {
        if (study.Request.Kind == StudyKind.Reference)
        {
            return [];
        }

        var pending = study.Effects.GroupBy(e => e.Request.Sample)
            .Select(effects => new Sample(effects.Key, study.Key, effects.Max(e => e.Stored?.N), study.Request.Country, study.Request.Citation.Year ?? 0))
            .Select(sample => (Sample: sample, Others: transaction.EnqueueLookup<Other>(s_candidatesSql, sample))).ToList();
        return pending.Where(a => a.Others.Value.Count > 0).SelectMany(a => ToWarnings(transaction, a.Sample, a.Others.Value));
    }

    private static IEnumerable<Warning> ToWarnings(WriteTransaction transaction, Sample sample, List<Other> others)
    {
        if (Keys("shared", FirstSharedSql) is { Length: > 0 } sharing)
        {
            yield return new("sharedSample", $"Sample '{sample.Name}' is also reported by {sharing}: its effects count as one sample.");
        }

        if (Keys("alike", FirstSimilarSql) is { Length: > 0 } alike)
        {
            yield return new("alikeSamples",
                $"Sample '{sample.Name}' looks like one of {alike} (same n and country, year within 1). If they are the same people, give them the same "
                    + "sample name.");
        }

        string Keys(string kind, string first)
        {
            // Studies that come later in the same transaction may still be rejected.
            var later = transaction.ClaimedAhead;
            var keys = others.Where(o => o.Kind == kind).Select(o => o.Key).ToList();
            var all = keys.Count < MaxSorted ? keys : transaction.Connection.Query<string>(first,
                new { sample.Name, sample.Key, sample.N, sample.Country, sample.Year, Most = MaxListed + later.Count });
            return string.Join(", ", all.Where(key => !later.Contains(key)).Distinct().Order(StringComparer.Ordinal).Take(MaxListed));
        }
    }

    private sealed record Sample(string Name, string Key, long? N, string? Country, long Year);

    private sealed record Other
    {
        public string Kind { get; init; } = "";

        public string Key { get; init; } = "";
    }
}
