using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.Models;

/// <summary>Clusters of robust variances above samples: studies. Studies that share a sample are one cluster.</summary>
internal static class StudyClusters
{
    /// <summary>One code per effect.</summary>
    public static int[] Of(EffectSet effects, IReadOnlyList<int> chosen)
    {
        var parents = new Dictionary<(bool IsSample, string Name), (bool IsSample, string Name)>();
        foreach (var i in chosen)
        {
            var (study, sample) = (Root((false, effects.Studies[i])), Root((true, effects.Samples[i])));
            parents[sample] = study;
        }

        return ModelFrame.Codes(chosen, i => Root((false, effects.Studies[i])), EqualityComparer<(bool, string)>.Default);

        (bool IsSample, string Name) Root((bool IsSample, string Name) node)
        {
            while (parents.TryGetValue(node, out var parent) && parent != node)
            {
                // Halves the path, so that a chain of studies that share samples is not walked again for each of them.
                node = parents.TryGetValue(parent, out var above) ? parents[node] = above : parent;
            }

            return node;
        }
    }

    /// <summary>Whether rows are of several clusters.</summary>
    public static bool AreSeveral(EffectSet effects, IReadOnlyList<int> rows) => Of(effects, rows).Any(code => code > 0);

    /// <summary>Whether a cluster has several effects.</summary>
    public static bool AreDependent(EffectSet effects) => effects.Studies.ToHashSet(StringComparer.Ordinal).Count < effects.Count;
}
