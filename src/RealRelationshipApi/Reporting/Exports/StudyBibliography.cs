using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Search;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>A publication in a bibliography.</summary>
/// <param name="Id">Key of the study, which is unique.</param>
/// <param name="Citation">Its citation.</param>
/// <param name="Note">A remark for the reader.</param>
internal sealed record BibliographyEntry(string Id, Citation Citation, string? Note);

/// <summary>The publications of the studies that enter a pool, and of the registered ones beside it, for reference managers.</summary>
internal static class StudyBibliography
{
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One entry for each publication, sorted by authors and year. Studies with one DOI, or the same citation, share the entry of the
    /// first key.</summary>
    public static IReadOnlyList<BibliographyEntry> Of(EffectSet effects) =>
    [
        .. effects.Studies.Zip(effects.Citations ?? [], (study, citation) => new BibliographyEntry(study, citation, null)).DistinctBy(entry => entry.Id)
            .Concat(effects.Registered.Select(study => new BibliographyEntry(study.Key, study.Citation,
                $"Registered, without a usable coefficient ({EnumNames<RegistrationState>.Of(study.Registered!.State)})")))
            .OrderBy(entry => entry.Id, StringComparer.Ordinal)
            .DistinctBy(entry => entry.Citation.Doi is { } doi ? (object)doi.ToLowerInvariant() : entry.Citation)
            .OrderBy(entry => SearchText.Normalize(entry.Citation.Authors), StringComparer.Ordinal).ThenBy(entry => entry.Citation.Year)
            .ThenBy(entry => entry.Id, StringComparer.Ordinal),
    ];

    /// <summary>BibTeX in UTF-8; an article if the journal is known.</summary>
    public static string BibTex(IReadOnlyList<BibliographyEntry> entries)
    {
        var text = new StringBuilder();
        foreach (var (id, citation, note) in entries)
        {
            (string Name, string? Value)[] fields =
            [
                ("author", string.Join(" and ", AuthorList.Parse(citation.Authors).Select(BibTexName))),
                ("title", $"{{{Escape(citation.Title)}}}"),
                ("year", citation.Year?.ToString()),
                ("journal", Escape(citation.Journal)),
                ("volume", Escape(citation.Volume)),
                ("number", Escape(citation.Issue)),
                ("pages", Escape(citation.Pages)?.Replace("–", "--", StringComparison.Ordinal)),
                ("doi", Verbatim(citation.Doi)),
                ("pmid", citation.Pmid),
                ("url", Verbatim(citation.Url)),
                ("note", Escape(note)),
            ];
            text.Append($"@{(citation.Journal is null ? "misc" : "article")}{{{id},\n")
                .AppendJoin(",\n", fields.Where(field => field.Value is not null).Select(field => $"  {field.Name,-8} = {{{field.Value}}}")).Append("\n}\n\n");
        }

        return text.ToString();
    }

    /// <summary>RIS; lines end with CR LF.</summary>
    public static string Ris(IReadOnlyList<BibliographyEntry> entries) => string.Concat(entries.Select(entry => string.Concat(
        RisLines(entry).Where(line => line.Value is not null).Select(line => $"{line.Tag}  - {OneLine(line.Value!)}\r\n")) + "\r\n"));

    /// <summary>CSL-JSON: an array of items.</summary>
    public static string Csl(IReadOnlyList<BibliographyEntry> entries) => JsonSerializer.Serialize(entries.Select(CslItem), s_readable);

    private static IEnumerable<(string Tag, string? Value)> RisLines(BibliographyEntry entry)
    {
        var citation = entry.Citation;
        var pages = citation.Pages?.Split('–', '-') is [var first, var last] ? (First: first, Last: last) : (First: citation.Pages, Last: null);
        return
        [
            ("TY", citation.Journal is null ? "GEN" : "JOUR"), ("ID", entry.Id),
            .. AuthorList.Parse(citation.Authors).Select(author => ("AU", (string?)CommaSeparated(author.Family, author.Given, author.Suffix))),
            ("TI", citation.Title), ("PY", citation.Year?.ToString()), ("T2", citation.Journal), ("VL", citation.Volume), ("IS", citation.Issue),
            ("SP", pages.First), ("EP", pages.Last), ("DO", citation.Doi), ("AN", citation.Pmid), ("UR", citation.Url), ("N1", entry.Note), ("ER", ""),
        ];
    }

    private static Dictionary<string, object> CslItem(BibliographyEntry entry)
    {
        var citation = entry.Citation;
        var item = new Dictionary<string, object>
        {
            ["id"] = entry.Id,
            ["type"] = citation.Journal is null ? "document" : "article-journal",
            ["author"] = AuthorList.Parse(citation.Authors).Select(CslName).ToArray(),
            ["title"] = citation.Title,
        };
        foreach (var (name, value) in new (string, object?)[]
        {
            ("issued", citation.Year is { } year ? new Dictionary<string, long[][]> { ["date-parts"] = [[year]] } : null),
            ("container-title", citation.Journal), ("volume", citation.Volume), ("issue", citation.Issue), ("page", citation.Pages), ("DOI", citation.Doi),
            ("PMID", citation.Pmid), ("URL", citation.Url), ("note", entry.Note),
        })
        {
            if (value is not null)
            {
                item[name] = value;
            }
        }

        return item;
    }

    private static Dictionary<string, string> CslName(Author author)
    {
        if (author.Given is null)
        {
            return new() { ["literal"] = author.Family };
        }

        var name = new Dictionary<string, string> { ["family"] = author.Family, ["given"] = author.Given };
        if (author.Suffix is { } suffix)
        {
            name["suffix"] = suffix;
        }

        return name;
    }

    // The suffix stands between the names; a name as a whole is in braces, so that an "and" in it separates nothing.
    private static string BibTexName(Author author) => author switch
    {
        { Given: null, Family: AuthorList.Others } => "others",
        { Given: null } => $"{{{Escape(author.Family)}}}",
        _ => CommaSeparated(Escape(author.Family)!, Escape(author.Suffix), Escape(author.Given)),
    };

    private static string CommaSeparated(params IEnumerable<string?> parts) => string.Join(", ", parts.OfType<string>());

    private static string? Escape(string? text) => text is null ? null : CitationFormats.BibTexText(OneLine(text));

    // Identifiers are printed as they are.
    private static string? Verbatim(string? text) => text is null ? null
        : string.Concat(text.Select(c => c is '{' or '}' or '\\' ? $"%{(int)c:X2}" : c.ToString()));

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
