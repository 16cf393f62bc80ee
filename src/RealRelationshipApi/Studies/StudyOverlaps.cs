using System.Data;

using Dapper;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Studies;

/// <summary>Notices samples that are, or look like, those of other studies: re-analyses of the same people are common in this field.</summary>
internal static class StudyOverlaps
{
    private const string Shared = "SELECT DISTINCT study_key FROM current_effect WHERE sample = @Sample AND study_key <> @Key ORDER BY study_key LIMIT 5";

    private const string Alike = """
        SELECT DISTINCT study_key FROM current_effect
        WHERE n = @N AND country IS NOT DISTINCT FROM @Country AND year BETWEEN @Year - 1 AND @Year + 1 AND sample <> @Sample AND study_key <> @Key
        ORDER BY study_key LIMIT 5
        """;

    public static IReadOnlyList<Warning> Of(IDbConnection connection, Study study)
    {
        if (study.Members.Kind == StudyKind.Reference)
        {
            return [];
        }

        return [.. study.Effects.GroupBy(e => e.Members.Sample).SelectMany(sample => Of(connection, study, sample.Key, sample.Max(e => e.Stored?.N)))];
    }

    private static IEnumerable<Warning> Of(IDbConnection connection, Study study, string sample, long? n)
    {
        var question = new { Sample = sample, study.Key, N = n, study.Members.Country, study.Members.Citation.Year };
        if (connection.Query<string>(Shared, question).ToList() is { Count: > 0 } sharing)
        {
            yield return new("sharedSample", $"Sample '{sample}' is also reported by {string.Join(", ", sharing)}: its effects count as one sample.");
        }

        if (n is not null && connection.Query<string>(Alike, question).ToList() is { Count: > 0 } alike)
        {
            yield return new("alikeSamples",
                $"Sample '{sample}' looks like one of {string.Join(", ", alike)} (same n and country, year within 1). If they are the same people, give them the same sample name.");
        }
    }
}
