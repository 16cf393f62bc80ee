using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.Models;

/// <summary>Clusters of robust variances above samples: studies. Studies that share a sample are one cluster.</summary>
internal static class StudyClusters
{
    /// <summary>One code per effect.</summary>
    public static int[] Of(EffectSet effects, IReadOnlyList<int> chosen)
    {
        var (studies, samples) = (effects.StudyNumbers, effects.SampleNumbers);
        // Studies, and the samples after them.
        int[] parents = [.. Enumerable.Range(0, studies.Count + samples.Count)];
        foreach (var i in chosen)
        {
            var (study, sample) = (Root(studies.Numbers[i]), Root(studies.Count + samples.Numbers[i]));
            parents[sample] = study;
        }

        return NameNumbers.Number(chosen.Count, i => Root(studies.Numbers[chosen[i]]), EqualityComparer<int>.Default).Numbers;

        int Root(int node)
        {
            while (parents[node] != node)
            {
                // Halves the path, so that a chain of studies that share samples is not walked again for each of them.
                node = parents[node] = parents[parents[node]];
            }

            return node;
        }
    }

    /// <summary>Whether rows are of several clusters.</summary>
    public static bool AreSeveral(EffectSet effects, IReadOnlyList<int> rows) => Of(effects, rows).Any(code => code > 0);

    /// <summary>Whether a cluster has several effects.</summary>
    public static bool AreDependent(EffectSet effects) => effects.StudyNumbers.Count < effects.Count;
}
