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
          author       = {{{EvidenceCitation.Author}}},
          title        = {{{EvidenceCitation.Title}}},
          year         = {{{s.Year?.ToString() ?? "n.d."}}},
          version      = {{{s.Edition}}},
          howpublished = {Data set},
          note         = {Fingerprint {{s.Data.Fingerprint}}},
          url          = {{{s.Permalink}}}
        }

        """;

    // RIS lines end with CR LF; the last one is empty.
    public static string Ris(EvidenceCitation s) => string.Join("\r\n",
    [
        "TY  - DATA", $"ID  - {Key(s)}", $"AU  - {EvidenceCitation.Author}", $"TI  - {EvidenceCitation.Title}",
        .. s.Data.AsOf is { } asOf ? [$"PY  - {asOf:yyyy}", $"DA  - {asOf:yyyy/MM/dd}"] : Array.Empty<string>(),
        $"ET  - {s.Edition}", $"N1  - Fingerprint {s.Data.Fingerprint}", $"UR  - {s.Permalink}", "ER  - ", "",
    ]);

    public static string Csl(EvidenceCitation s)
    {
        var item = new Dictionary<string, object>
        {
            ["id"] = Key(s),
            ["type"] = "dataset",
            ["author"] = new[] { new Dictionary<string, string> { ["literal"] = EvidenceCitation.Author } },
            ["title"] = EvidenceCitation.Title,
            ["version"] = s.Edition,
            ["note"] = $"Fingerprint {s.Data.Fingerprint}",
            ["URL"] = s.Permalink,
        };
        if (s.Data.AsOf is { } asOf)
        {
            item["issued"] = new Dictionary<string, int[][]> { ["date-parts"] = [[asOf.Year, asOf.Month, asOf.Day]] };
        }

        return JsonSerializer.Serialize(new[] { item }, s_readable);
    }

    private static string Key(EvidenceCitation s) => $"realrelationship-r{s.Revision}-{s.Data.Fingerprint[7..15]}";
}
