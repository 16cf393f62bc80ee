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

        var codes = new Dictionary<(bool, string), int>();
        return [.. chosen.Select(i =>
        {
            var root = Root((false, effects.Studies[i]));
            return codes.TryGetValue(root, out var code) ? code : codes[root] = codes.Count;
        })];

        (bool IsSample, string Name) Root((bool IsSample, string Name) node)
        {
            while (parents.TryGetValue(node, out var parent) && parent != node)
            {
                node = parent;
            }

            return node;
        }
    }

    /// <summary>Whether a cluster has several effects.</summary>
    public static bool AreDependent(EffectSet effects) => effects.Studies.ToHashSet(StringComparer.Ordinal).Count < effects.Count;
}
