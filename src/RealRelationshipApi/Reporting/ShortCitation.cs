using System.Text.RegularExpressions;

using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Reporting;

/// <summary>Citations in the text, as the APA manual (7th edition, section 8.17) has them: <c>Gelso et al. 2005</c>.</summary>
internal static partial class ShortCitation
{
    public static string Of(Citation citation) => $"{Authors(citation.Authors)} {citation.Year?.ToString() ?? "n.d."}";

    /// <summary>Surnames of one or two authors, or the first with <c>et al.</c>; authors that are not written with initials stay as they are.</summary>
    public static string Authors(string authors) => AuthorPattern().Matches(authors).Select(match => match.Groups["surname"].Value.Trim()).ToList() switch
    {
        [] => authors,
        [var only] => authors.Contains("et al", StringComparison.Ordinal) ? $"{only} et al." : only,
        [var first, var second] => authors.Contains("et al", StringComparison.Ordinal) ? $"{first} et al." : $"{first} & {second}",
        [var first, ..] => $"{first} et al.",
    };

    [GeneratedRegex(@"(?<surname>[^,&;]+),\s+(?:\p{Lu}\p{Ll}?\.[\s-]*)+(?=,|;|&|$|\[|et al)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AuthorPattern();
}
