using System.Text.Encodings.Web;
using System.Text.Json;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>Citations in the formats of reference managers.</summary>
internal static class CitationFormats
{
    public const string BibTexType = "application/x-bibtex";
    public const string RisType = "application/x-research-info-systems";
    public const string CslType = "application/vnd.citationstyles.csl+json";

    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string BibTex(EvidenceCitation s) => $$"""
        @misc{{{Key(s)}},
          author       = {{{string.Join(" and ", s.Authors.Select(BibTexAuthor))}}},
          title        = {{{BibTexText(s.Title)}}},
          year         = {{{s.Year?.ToString() ?? "n.d."}}},
          version      = {{{s.Edition}}},
          howpublished = {Data set},
          note         = {Fingerprint {{s.Data.Fingerprint}}{{(s.About.Licence is { } licence ? $"; licence {BibTexText(licence)}" : "")}}},{{BibTexDoi(s)}}
          url          = {{{s.Permalink}}}
        }

        """;

    // RIS lines end with CR LF; the last one is empty.
    public static string Ris(EvidenceCitation s) => string.Join("\r\n",
    [
        "TY  - DATA", $"ID  - {Key(s)}", .. s.Authors.Select(author => $"AU  - {author}"), $"TI  - {s.Title}",
        .. s.Data.AsOf is { } asOf ? [$"PY  - {asOf:yyyy}", $"DA  - {asOf:yyyy/MM/dd}"] : Array.Empty<string>(),
        $"ET  - {s.Edition}", $"N1  - Fingerprint {s.Data.Fingerprint}",
        .. s.About.Licence is { } licence ? [$"N1  - Licence {licence}"] : Array.Empty<string>(),
        .. s.About.Doi is { } doi ? [$"DO  - {doi}"] : Array.Empty<string>(),
        $"UR  - {s.Permalink}", "ER  - ", "",
    ]);

    public static string Csl(EvidenceCitation s)
    {
        var item = new Dictionary<string, object>
        {
            ["id"] = Key(s),
            ["type"] = "dataset",
            ["author"] = s.Authors.Select(CslAuthor).ToArray(),
            ["title"] = s.Title,
            ["version"] = s.Edition,
            ["note"] = $"Fingerprint {s.Data.Fingerprint}",
            ["URL"] = s.Permalink,
        };
        foreach (var (name, value) in new[] { ("DOI", s.About.Doi), ("license", s.About.Licence) }.Where(m => m.Item2 is not null))
        {
            item[name] = value!;
        }

        if (s.Data.AsOf is { } asOf)
        {
            item["issued"] = new Dictionary<string, int[][]> { ["date-parts"] = [[asOf.Year, asOf.Month, asOf.Day]] };
        }

        return JsonSerializer.Serialize(new[] { item }, s_readable);
    }

    private static Dictionary<string, string> CslAuthor(string name) => name.Split(", ", 2) is [var family, var given]
        ? new() { ["family"] = family, ["given"] = given } : new() { ["literal"] = name };

    // A name without a comma is an organisation, which braces keep whole.
    private static string BibTexAuthor(string name) =>
        name.Contains(", ", StringComparison.Ordinal) && !name.Contains(" and ", StringComparison.Ordinal) ? BibTexText(name)
            : name.Contains(' ', StringComparison.Ordinal) ? $"{{{BibTexText(name)}}}" : BibTexText(name);

    private static string BibTexDoi(EvidenceCitation s) => s.About.Doi is { } doi ? $"\n  doi          = {{{doi}}}," : "";

    /// <summary>Text with the characters that have a meaning in TeX escaped. BibTeX counts braces, also those after a backslash; so they are spelled
    /// out.</summary>
    internal static string BibTexText(string text) => string.Concat(text.Select(c => c switch
    {
        '&' or '%' or '$' or '#' or '_' => $"\\{c}",
        '{' => @"\textbraceleft{}",
        '}' => @"\textbraceright{}",
        '\\' => @"\textbackslash{}",
        '~' => @"\textasciitilde{}",
        '^' => @"\textasciicircum{}",
        _ => $"{c}",
    }));

    private static string Key(EvidenceCitation s) => $"realrelationship-r{s.Revision}-{s.Data.Fingerprint[7..15]}{(s.Hypothetical > 0 ? "-what-if" : "")}";
}
