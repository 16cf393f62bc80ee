using Quickenshtein;

namespace RealRelationshipApi.Http;

/// <summary>Finds what somebody may have meant by an unknown name.</summary>
internal static class SimilarNames
{
    /// <summary>The known name that differs least, ignoring case and everything but letters and digits; null if none is near.</summary>
    /// <param name="name">The unknown name.</param>
    /// <param name="known">Known names; of equally near ones the first is taken.</param>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        var sought = Normalize(name);
        // One letter in three may differ.
        var nearest = known.Select(candidate => (Name: candidate, Distance: Levenshtein.GetDistance(sought, Normalize(candidate))))
            .OrderBy(candidate => candidate.Distance).FirstOrDefault();
        return nearest.Name is not null && nearest.Distance <= Math.Max(1, sought.Length / 3) && sought.Length > 0 ? nearest.Name : null;
    }

    /// <summary>The letters and digits of a name, in lower case.</summary>
    public static string Normalize(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
