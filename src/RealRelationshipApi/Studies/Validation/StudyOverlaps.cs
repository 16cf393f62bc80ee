using System.Data;

using Dapper;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

/// <summary>Notices samples that are, or look like, those of other studies: re-analyses of the same people are common in this field.</summary>
internal static class StudyOverlaps
{
    private const string Sharing = "FROM current_effect WHERE sample = @Name AND study_key <> @Key";

    private const string Alike =
        "FROM current_effect WHERE n = @N AND country IS NOT DISTINCT FROM @Country AND year BETWEEN @Year - 1 AND @Year + 1 AND sample <> @Name AND study_key <> @Key";

    private const int MostNamed = 5;

    private const int MostSorted = 32;

    // To sort them the store would set up a table of its own, even for none, and mostly there is none. They are few enough to be sorted here, unless so many come that not all have.
    private static readonly string s_some = $"SELECT 'shared' AS Kind, study_key AS Key FROM (SELECT study_key {Sharing} LIMIT {MostSorted}) shared UNION ALL "
        + $"SELECT 'alike' AS Kind, study_key AS Key FROM (SELECT study_key {Alike} LIMIT {MostSorted}) alike";

    private static readonly string s_firstSharing = $"SELECT DISTINCT study_key {Sharing} ORDER BY study_key LIMIT {MostNamed}";

    private static readonly string s_firstAlike = $"SELECT DISTINCT study_key {Alike} ORDER BY study_key LIMIT {MostNamed}";

    /// <summary>Asks the store; the warnings wait for its answer.</summary>
    public static IEnumerable<Warning> Ask(IDbConnection connection, Study study)
    {
        if (study.Members.Kind == StudyKind.Reference)
        {
            return [];
        }

        var asked = study.Effects.GroupBy(e => e.Members.Sample)
            .Select(effects => new Sample(effects.Key, study.Key, effects.Max(e => e.Stored?.N), study.Members.Country, study.Members.Citation.Year))
            .Select(sample => (Sample: sample, Others: connection.EnqueueQuery<Other>(s_some, sample))).ToList();
        return asked.Where(a => a.Others.Rows.Count > 0).SelectMany(a => Warnings(connection, a.Sample, a.Others.Rows));
    }

    private static IEnumerable<Warning> Warnings(IDbConnection connection, Sample sample, List<Other> others)
    {
        if (Keys("shared", s_firstSharing) is { Length: > 0 } sharing)
        {
            yield return new("sharedSample", $"Sample '{sample.Name}' is also reported by {sharing}: its effects count as one sample.");
        }

        if (Keys("alike", s_firstAlike) is { Length: > 0 } alike)
        {
            yield return new("alikeSamples",
                $"Sample '{sample.Name}' looks like one of {alike} (same n and country, year within 1). If they are the same people, give them the same sample name.");
        }

        string Keys(string kind, string first)
        {
            var keys = others.Where(o => o.Kind == kind).Select(o => o.Key).ToList();
            return string.Join(", ", (keys.Count < MostSorted ? keys : connection.Query<string>(first, sample)).Distinct().Order(StringComparer.Ordinal).Take(MostNamed));
        }
    }

    private sealed record Sample(string Name, string Key, long? N, string? Country, long Year);

    private sealed record Other
    {
        public string Kind { get; init; } = "";

        public string Key { get; init; } = "";
    }
}
