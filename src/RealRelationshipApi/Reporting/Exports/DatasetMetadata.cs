using System.Text.Encodings.Web;
using System.Text.Json;

using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>The evidence as a schema.org data set, for data search engines and archives.</summary>
internal static class DatasetMetadata
{
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>JSON-LD for a script element: the serializer escapes &lt;, so that nothing can end it.</summary>
    public static string ToScript(EvidenceCitation snapshot, PoolResponse? response) => JsonSerializer.Serialize(Describe(snapshot, response));

    /// <summary>Indented JSON-LD.</summary>
    public static string ToFile(EvidenceCitation snapshot, PoolResponse response) => JsonSerializer.Serialize(Describe(snapshot, response), s_readable) + "\n";

    private static Dictionary<string, object?> Describe(EvidenceCitation snapshot, PoolResponse? response)
    {
        var about = snapshot.About;
        var dataSet = new Dictionary<string, object?>
        {
            ["@context"] = "https://schema.org",
            ["@type"] = "Dataset",
            ["name"] = snapshot.Title,
            ["description"] =
                "Correlations between the real relationship and the outcome of psychotherapy, one row an effect, on Fisher z with sampling variances, and "
                + "what is pooled from them."
                + (response is null ? "" : $" {Phrasing.DescribeCounts(response.Counts)}: {PlotText.Estimate(response)}."),
            ["url"] = snapshot.Permalink,
            ["version"] = snapshot.Edition,
            ["dateModified"] = snapshot.Data.AsOf,
            ["keywords"] = new[] { "real relationship", "psychotherapy", "outcome", "meta-analysis" },
            ["measurementTechnique"] = "meta-analysis of correlations",
            ["variableMeasured"] = new[] { "yi (Fisher z)", "vi (sampling variance)", "r (correlation)", "n (participants)" },
            ["creator"] = about.Curators.Count == 0 ? Organization(snapshot.Authors[0]) : about.Curators.Select(Creator).ToArray(),
            ["distribution"] = new[] { Download("text/csv", "/effects.csv", snapshot),
                Download("application/zip", snapshot.PermanentPath("/export.zip"), snapshot) },
        };
        foreach (var (name, value) in Declared(snapshot).Where(member => member.Value is not null))
        {
            dataSet[name] = value;
        }

        return dataSet;
    }

    private static IEnumerable<(string Name, object? Value)> Declared(EvidenceCitation snapshot)
    {
        var about = snapshot.About;
        yield return ("license", about.Licence is { } licence && !IsAddress(licence)
            ? new Dictionary<string, string> { ["@type"] = "CreativeWork", ["name"] = licence } : about.Licence);
        yield return ("identifier", snapshot.DoiAddress);
        yield return ("contactPoint", about.Contact is { } contact
            ? new Dictionary<string, string> { ["@type"] = "ContactPoint", [IsAddress(contact) ? "url" : "email"] = contact } : null);
    }

    private static Dictionary<string, string> Organization(string name) => new() { ["@type"] = "Organization", ["name"] = name };

    private static Dictionary<string, string> Creator(string name) => name.Split(", ", 2) is [var family, var given]
        ? new() { ["@type"] = "Person", ["name"] = $"{given} {family}", ["givenName"] = given, ["familyName"] = family }
        : Organization(name);

    private static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    private static Dictionary<string, string> Download(string type, string path, EvidenceCitation snapshot) =>
        new() { ["@type"] = "DataDownload", ["encodingFormat"] = type, ["contentUrl"] = snapshot.BaseUrl + path };
}
