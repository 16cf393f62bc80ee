using System.Data;

using RealRelationshipApi.Http;
using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Studies;

/// <summary>Notices samples that are, or look like, those of other studies: re-analyses of the same people are common in this field.</summary>
internal static class StudyOverlaps
{
    private const string Others = """
        SELECT 'shared' AS Kind, study_key AS Key FROM (SELECT DISTINCT study_key FROM current_effect WHERE sample = @Sample AND study_key <> @Key ORDER BY study_key LIMIT 5) shared
        UNION ALL
        SELECT 'alike' AS Kind, study_key AS Key FROM (
          SELECT DISTINCT study_key FROM current_effect
          WHERE n = @N AND country IS NOT DISTINCT FROM @Country AND year BETWEEN @Year - 1 AND @Year + 1 AND sample <> @Sample AND study_key <> @Key
          ORDER BY study_key LIMIT 5) alike
        """;

    /// <summary>Asks the store; the warnings wait for its answer.</summary>
    public static IEnumerable<Warning> Ask(IDbConnection connection, Study study)
    {
        if (study.Members.Kind == StudyKind.Reference)
        {
            return [];
        }

        var asked = study.Effects.GroupBy(e => e.Members.Sample).Select(sample => (Sample: sample.Key, Others: connection.Ask<Other>(Others,
            new { Sample = sample.Key, study.Key, N = sample.Max(e => e.Stored?.N), study.Members.Country, study.Members.Citation.Year }))).ToList();
        return asked.SelectMany(a => Warnings(a.Sample, a.Others.Rows));
    }

    private static IEnumerable<Warning> Warnings(string sample, List<Other> others)
    {
        if (Keys(others, "shared") is { Length: > 0 } sharing)
        {
            yield return new("sharedSample", $"Sample '{sample}' is also reported by {sharing}: its effects count as one sample.");
        }

        if (Keys(others, "alike") is { Length: > 0 } alike)
        {
            yield return new("alikeSamples",
                $"Sample '{sample}' looks like one of {alike} (same n and country, year within 1). If they are the same people, give them the same sample name.");
        }
    }

    private static string Keys(List<Other> others, string kind) =>
        others.Count == 0 ? "" : string.Join(", ", others.Where(o => o.Kind == kind).Select(o => o.Key).Order(StringComparer.Ordinal));

    private sealed record Other
    {
        public string Kind { get; init; } = "";

        public string Key { get; init; } = "";
    }
}
