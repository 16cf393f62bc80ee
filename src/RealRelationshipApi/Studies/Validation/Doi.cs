using System.Text.RegularExpressions;

namespace RealRelationshipApi.Studies.Validation;

/// <summary>Digital object identifiers, in the spellings that publications print: <c>10.1037/pst0000183</c>, <c>doi:10.1037/pst0000183</c>,
/// <c>https://doi.org/10.1037/pst0000183</c>.</summary>
internal static partial class Doi
{
    public const int MaxLength = 200;

    public const string Pattern = "^([dD][oO][iI]: ?|https?://(dx\\.)?doi\\.org/)?10\\.[0-9]{4,9}/[!-~]+$";

    public const string Message = "must be a DOI such as 10.1037/pst0000183";

    /// <summary>The identifier without prefix; null for null.</summary>
    public static string? Normalize(string? doi)
    {
        if (doi is null || doi.StartsWith("10.", StringComparison.Ordinal) || !Spelling().IsMatch(doi))
        {
            return doi;
        }

        var identifier = doi[doi.IndexOf("10.", StringComparison.Ordinal)..];
        return doi[0] is 'h' or 'H' ? Uri.UnescapeDataString(identifier) : identifier;
    }

    [GeneratedRegex(Pattern, RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Spelling();
}
