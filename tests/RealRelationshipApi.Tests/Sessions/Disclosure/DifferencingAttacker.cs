using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Tests.Sessions.Disclosure;

/// <summary>An attacker who has stored all releases and subtracts them. The attacker knows more than is published: the sums behind each number
/// instead of only r.</summary>
/// <remarks>
/// The attack succeeds if a combination of releases of a cell equals the contributions of fewer patients than the threshold, all but one of whom
/// the attacker may know.
/// </remarks>
internal sealed class DifferencingAttacker(IReadOnlyList<PublishedEffect> publishedEffects, int minPatients)
{
    private const int MaxReleases = 7;

    private IEnumerable<List<PublishedEffect>> SeriesByEpoch => publishedEffects.GroupBy(p => p.Series, StringComparer.Ordinal)
        .Select(g => g.OrderBy(p => p.Effect.Epoch).ToList());

    /// <summary>Combinations of releases with coefficients −1, 0, 1 that equal the contributions of fewer patients than the threshold.</summary>
    public IEnumerable<string> Combinations()
    {
        foreach (var series in SeriesByEpoch)
        {
            for (var start = 0; start == 0 || start + MaxReleases <= series.Count; start++)
            {
                var window = series.Skip(start).Take(MaxReleases).ToList();
                foreach (var signs in SignVectors(window.Count))
                {
                    var people = window.SelectMany(p => p.Members.Keys).Distinct()
                        .Count(patient => window.Index().Sum(p => p.Item.Members.ContainsKey(patient) ? signs[p.Index] : 0) != 0);
                    if (people < minPatients && Array.Exists(signs, s => s != 0))
                    {
                        yield return $"{string.Join(' ', signs)} of {string.Join(", ", window)} is that of {people} patients";
                    }
                }
            }
        }
    }

    /// <summary>Pairs of releases of which the later one has too few new patients, or lacks a few of the earlier one.</summary>
    public IEnumerable<string> Differences()
    {
        foreach (var series in SeriesByEpoch)
        {
            for (var later = 1; later < series.Count; later++)
            {
                for (var earlier = 0; earlier < later; earlier++)
                {
                    var came = series[later].Members.Keys.Except(series[earlier].Members.Keys).Count();
                    var went = series[earlier].Members.Keys.Except(series[later].Members.Keys).Count();
                    if (came < minPatients || (went > 0 && went < minPatients))
                    {
                        yield return $"{series[earlier]} and {series[later]}: {came} came, {went} went";
                    }
                }
            }
        }
    }

    /// <summary>The attacker knows all patients of a release and two records, one of a patient who joined next and one of another therapist, and chooses
    /// the one that better explains the next release. Chance level is one half; for a patient who joins alone the attacker is nearly always
    /// right.</summary>
    public (int Right, int All) MembershipInference()
    {
        var (right, all) = (0, 0);
        foreach (var series in SeriesByEpoch)
        {
            foreach (var (before, after) in series.Zip(series.Skip(1)))
            {
                var came = after.Members.Where(m => !before.Members.ContainsKey(m.Key)).OrderBy(m => m.Key).Select(m => m.Value).ToList();
                var decoys = before.Members.OrderBy(m => m.Key).Select(m => m.Value).ToList();
                foreach (var (i, candidate) in came.Index())
                {
                    // A record like those of the clinic, in the same place.
                    var decoy = decoys[i * 7 % decoys.Count] with { Therapist = candidate.Therapist };
                    if (PredictionError(before, after, candidate) is { } ofCandidate && PredictionError(before, after, decoy) is { } ofDecoy
                        && ofCandidate != ofDecoy)
                    {
                        (right, all) = (right + (ofCandidate < ofDecoy ? 1 : 0), all + 1);
                    }
                }
            }
        }

        return (right, all);
    }

    private static double? PredictionError(PublishedEffect before, PublishedEffect after,
        RealRelationshipApi.Sessions.Associations.PatientContribution candidate) =>
        before.EstimateFrom([.. before.Members.Values, candidate]) is { } with ? Math.Abs(with - after.Effect.Yi) : null;

    private static IEnumerable<int[]> SignVectors(int count) =>
        Enumerable.Range(0, (int)Math.Pow(3, count)).Select(code => Enumerable.Range(0, count).Select(i => code / (int)Math.Pow(3, i) % 3 - 1).ToArray());
}
