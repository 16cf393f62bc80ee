namespace RealRelationshipApi.Http.Problems;

/// <summary>Lists names of callers in a sentence: the first five by default, each of bounded length.</summary>
internal static class NameList
{
    private const int MaxNames = 5;
    private const int MaxLength = 40;
    private const int KeptAtStart = 24;
    private const int KeptAtEnd = 12;

    public static string Of(IReadOnlyList<string> names, int maxNames = MaxNames) =>
        string.Join(", ", names.Take(maxNames).Select(Shorten)) + (names.Count > maxNames ? ", …" : "");

    // The distinctive part of a name is often at its end.
    private static string Shorten(string name)
    {
        if (name.Length <= MaxLength)
        {
            return name;
        }

        var (start, end) = (KeptAtStart, name.Length - KeptAtEnd);
        return $"{name[..(char.IsHighSurrogate(name[start - 1]) ? start - 1 : start)]}…{name[(char.IsLowSurrogate(name[end]) ? end + 1 : end)..]}";
    }
}
