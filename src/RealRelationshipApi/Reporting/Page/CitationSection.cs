using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Reporting.Exports;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>How to cite, download and contribute; also as schema.org metadata.</summary>
internal static class CitationSection
{
    public static Html Of(EvidenceCitation snapshot) => Html.Of($"""
        <section aria-labelledby="cite">
          <h2 id="cite">How to cite</h2>
          <p class="citation">{snapshot.ApaText}</p>
          <p>As <a href="{snapshot.PermanentPath("/meta/citation.bib")}">BibTeX</a>, <a href="{snapshot.PermanentPath("/meta/citation.ris")}">RIS</a> or
            <a href="{snapshot.PermanentPath("/meta/citation.json")}">CSL-JSON</a>. Cite the studies as well:
            <a href="{snapshot.PermanentPath("/meta/citation.bib")}&amp;of=studies">BibTeX</a>,
            <a href="{snapshot.PermanentPath("/meta/citation.ris")}&amp;of=studies">RIS</a> or
            <a href="{snapshot.PermanentPath("/meta/citation.json")}&amp;of=studies">CSL-JSON</a> of all that are pooled here, and of the registered ones.
            The published result behind all this is that of Gelso, Kivlighan &amp; Markin (2018), <a href="/meta/references">beside others</a>.</p>
          <h2 id="take">Take it with you</h2>
          <p><a href="{snapshot.PermanentPath("/export.zip")}">Everything as an archive</a> – effects, codebook, and a script that computes the same in R –,
            <a href="{snapshot.PermanentPath("/meta/report.md")}">the results section of a paper</a>, or <a href="/effects.csv">the effects alone</a>.
            {(snapshot.About.Licence is { } licence ? $"Licence of the data: {licence}." : "No licence of the data is declared.")}</p>
        </section>
        """);

    /// <summary>How to submit a study, with a command that works as printed.</summary>
    public static Html SubmissionHelp(EvidenceCitation snapshot) => Html.Of($$"""
        <section aria-labelledby="submit">
          <h2 id="submit">How to submit a study</h2>
          <p>Send it to <code>POST /studies</code>: the publication, who rated what, and the statistic as printed.
            It is checked, converted and pooled at once. A service that needs a key takes it as <code>-H 'X-API-Key: rr_…'</code>.</p>
          <pre tabindex="0"><code>curl -s {{snapshot.BaseUrl}}/studies -H 'Content-Type: application/json' -d '{ "key": "lee-2020", "kind": "primary",
          "citation": { "authors": "Lee et al.", "year": 2020, "title": "…" },
          "effects": [ { "key": "e1", "sample": "lee-2020", "statistic": { "type": "r", "value": 0.31, "n": 80 },
            "outcomeType": "treatmentOutcome", "relationshipRater": "client", "outcomeRater": "client", "relationshipMeasure": "rri-c",
            "outcomeMeasure": "phq-9", "outcomeDirection": "higherIsWorse", "level": "betweenClient" } ] }'</code></pre>
          <p><a href="/swagger/index.html#/Submit">Every way to submit, to try out</a> ·
            <a href="/swagger">everything that can be asked</a> · <a href="/openapi/v1.json">the contract</a></p>
        </section>
        """);

    /// <summary>The evidence as a schema.org data set.</summary>
    public static Html SchemaOrgDataset(EvidenceCitation snapshot, PoolResponse? response) =>
        new($"<script type=\"application/ld+json\">{DatasetMetadata.ToScript(snapshot, response)}</script>");
}
