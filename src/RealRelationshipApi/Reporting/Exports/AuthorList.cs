using System.Text.RegularExpressions;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>An author: a person by family and given names, or a name as a whole.</summary>
/// <param name="Family">Family name, or the whole name without given names.</param>
/// <param name="Given">Initials; null for a name as a whole.</param>
/// <param name="Suffix">Such as <c>Jr.</c></param>
internal sealed record Author(string Family, string? Given, string? Suffix = null);

/// <summary>Reads the authors of a citation in APA style: <c>Kivlighan, D. M., Jr., &amp; Gelso, C. J.</c></summary>
internal static partial class AuthorList
{
    /// <summary>Stands for authors that are not named.</summary>
    public const string Others = "et al.";

    /// <summary>The authors; the whole text as one name if it has another form. <see cref="Others"/> is the last name of a list that is not complete.</summary>
    public static IReadOnlyList<Author> Parse(string authors)
    {
        var (list, rest) = (new List<Author>(), 0);
        for (var match = PersonPattern().Match(authors); match.Success; match = match.NextMatch())
        {
            var suffix = match.Groups["suffix"];
            list.Add(new(match.Groups["family"].Value.Trim(), match.Groups["given"].Value.Trim(), suffix.Success ? suffix.Value : null));
            rest = match.Index + match.Length;
        }

        return list.Count == 0 || !EndPattern().IsMatch(authors, rest) ? [new(authors, null)]
            : authors.AsSpan(rest).Contains("et al", StringComparison.Ordinal) ? [.. list, new(Others, null)] : list;
    }

    [GeneratedRegex(
        @"\G\s*([,;]\s*)?(&\s*)?(?<family>[^,;&\[\]()]+),\s*(?<given>(\p{Lu}\p{Ll}?\.[\s-]*)+)(,\s*(?<suffix>Jr\.|Sr\.|III|II|IV)(?=[\s,;&]|$))?",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PersonPattern();

    [GeneratedRegex(@"\G[\s,;&]*(et al\.?)?\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EndPattern();
}
