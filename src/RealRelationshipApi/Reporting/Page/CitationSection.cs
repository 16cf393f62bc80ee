using System.Text.Json;

using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>How to cite, download and contribute; also as schema.org metadata.</summary>
internal static class CitationSection
{
    public static Html Of(EvidenceCitation snapshot) => Html.Of($"""
        <section aria-labelledby="cite">
          <h2 id="cite">How to cite</h2>
          <p class="citation">{snapshot.ApaText}</p>
          <p>As <a href="{snapshot.PermanentPath("/meta/citation.bib")}">BibTeX</a>, <a href="{snapshot.PermanentPath("/meta/citation.ris")}">RIS</a> or
            <a href="{snapshot.PermanentPath("/meta/citation.json")}">CSL-JSON</a>. Cite the studies as well: they are listed in
            <a href="/effects.csv">the table of effects</a>.
            The published result behind all this is that of Gelso, Kivlighan &amp; Markin (2018), <a href="/meta/references">beside others</a>.</p>
          <h2 id="take">Take it with you</h2>
          <p><a href="{snapshot.PermanentPath("/export.zip")}">Everything as an archive</a> – effects, codebook, and a script that computes the same in R –,
            <a href="{snapshot.PermanentPath("/meta/report.md")}">a paragraph for a paper</a>, or <a href="/effects.csv">the effects alone</a>.</p>
        </section>
        """);

    public static Html SubmissionHelp { get; } = Html.Of($$"""
        <section aria-labelledby="submit">
          <h2 id="submit">How to submit a study</h2>
          <p>Send it to <code>POST /studies</code>: who wrote it, who was asked about what, and the statistic as it is printed;
            it is checked, converted and pooled at once.</p>
          <pre tabindex="0"><code>curl -s /studies -H 'Content-Type: application/json' -d '{ "key": "lee-2020", "kind": "primary",
          "citation": { "authors": "Lee et al.", "year": 2020, "title": "…" },
          "effects": [ { "key": "e1", "sample": "lee-2020", "statistic": { "type": "r", "value": 0.31, "n": 80 },
            "outcomeType": "treatmentOutcome", "relationshipRater": "client", "outcomeRater": "client", "relationshipMeasure": "rri-c",
            "outcomeMeasure": "phq-9", "outcomeDirection": "higherIsWorse", "level": "betweenClient" } ] }'</code></pre>
          <p><a href="/swagger/index.html#/Submit">Every way to submit, to try out</a> ·
            <a href="/swagger">everything that can be asked</a> · <a href="/openapi/v1.json">the contract</a></p>
        </section>
        """);

    /// <summary>The evidence as a schema.org data set, for data search engines.</summary>
    public static Html SchemaOrgDataset(EvidenceCitation snapshot, PoolResponse? response)
    {
        var dataSet = new Dictionary<string, object?>
        {
            ["@context"] = "https://schema.org",
            ["@type"] = "Dataset",
            ["name"] = EvidenceCitation.Title,
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
            ["creator"] = new Dictionary<string, string> { ["@type"] = "Organization", ["name"] = EvidenceCitation.Author },
            ["distribution"] = new[] { Download("text/csv", "/effects.csv", snapshot),
                Download("application/zip", snapshot.PermanentPath("/export.zip"), snapshot) },
        };
        // The serializer escapes <, so that nothing can end the script element.
        return new($"<script type=\"application/ld+json\">{JsonSerializer.Serialize(dataSet)}</script>");
    }

    private static Dictionary<string, string> Download(string type, string path, EvidenceCitation snapshot) =>
        new() { ["@type"] = "DataDownload", ["encodingFormat"] = type, ["contentUrl"] = snapshot.BaseUrl + path };
}
