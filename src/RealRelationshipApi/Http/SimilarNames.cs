using Quickenshtein;

namespace RealRelationshipApi.Http;

/// <summary>Finds what somebody may have meant by an unknown name.</summary>
internal static class SimilarNames
{
    private const int MaxLength = 64;
    private const int LongName = 8;
    private const int MinPartLength = 4;
    private const int MaxParts = 3;

    /// <summary>The known name that differs least, ignoring case and everything but letters and digits; null if none is near.</summary>
    /// <param name="name">The unknown name.</param>
    /// <param name="known">Known names; of equally near ones the first is taken.</param>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        var sought = Normalize(name);
        // One letter in three may differ, in long names one in four: lowerIsBetter is not higherIsBetter.
        var nearest = known.Select(candidate => (Name: candidate, Distance: Levenshtein.GetDistance(sought, Normalize(candidate))))
            .OrderBy(candidate => candidate.Distance).FirstOrDefault();
        var tolerance = Math.Max(1, sought.Length / (sought.Length > LongName ? 4 : 3));
        return nearest.Name is not null && nearest.Distance <= tolerance && sought.Length > 0 ? nearest.Name : null;
    }

    /// <summary>The question <c>; did you mean 'n'?</c> after an error.</summary>
    /// <param name="name">The unknown name.</param>
    /// <param name="known">Known names.</param>
    /// <param name="otherwise">What is said if no name is near.</param>
    public static string Suggest(string name, IEnumerable<string> known, string otherwise = "")
    {
        if (name.Length > MaxLength)
        {
            return otherwise;
        }

        string[] all = [.. known.Distinct(StringComparer.Ordinal)];
        string[] meant = Nearest(name, all) is { } nearest ? [nearest] : Containing(Normalize(name), all);
        return meant.Length == 0 ? otherwise : $"; did you mean {string.Join(" or ", meant.Select(candidate => $"'{candidate}'"))}?";
    }

    // Names of which this is the beginning or the end, such as outcomeMeasure and relationshipMeasure for measure, or that it ends with.
    private static string[] Containing(string part, string[] known)
    {
        string[] found = part.Length < MinPartLength ? []
            : [.. known.Where(candidate => Normalize(candidate) is var whole && (whole.StartsWith(part, StringComparison.Ordinal)
                || whole.EndsWith(part, StringComparison.Ordinal) || (whole.Length >= MinPartLength && part.EndsWith(whole, StringComparison.Ordinal))))];
        return found.Length <= MaxParts ? found : [];
    }

    /// <summary>The letters and digits of a name, in lower case.</summary>
    public static string Normalize(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
