using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Reporting.Page;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting.Embedding;

/// <summary>The estimate and its forest plot as a small page for frames of other pages, without script or form.</summary>
internal static class EmbedPage
{
    // More effects would be too small to read; those with the largest weights are shown.
    private const int MaxRows = 20;

    /// <param name="snapshot">How the evidence is cited.</param>
    /// <param name="pool">The pooled effect; null if there is none.</param>
    /// <param name="filter">The filter in words; null for all of the evidence.</param>
    /// <param name="emptyReason">Why there is none.</param>
    /// <param name="query">Filter, model and revision as a query string.</param>
    public static string Render(EvidenceCitation snapshot, PoolResponse? pool, string? filter, string emptyReason, string query) => Document(
        snapshot.Title, Html.Of($"""
            <h1>The real relationship and the outcome of psychotherapy</h1>
            {(filter is null ? Html.Empty : Html.Of($"<p>Only {filter}.</p>"))}
            {(pool is null ? Html.Of($"<p>{emptyReason}</p>") : Estimate(pool, query))}
            <p class="source">{Phrasing.Describe(snapshot.Data)}
              <a href="{snapshot.PermanentPath("/")}" target="_blank" rel="noopener">The whole page, and how to cite it</a>{Licence(snapshot)}</p>
        """)).Text;

    /// <summary>A page that says why there is no estimate.</summary>
    /// <param name="faults">What is wrong.</param>
    public static Html RenderProblem(Html faults) => Document("The estimate cannot be shown", Html.Of($"""
            <h1>The estimate cannot be shown</h1>
            {faults}
            <p class="source"><a href="/" target="_blank" rel="noopener">The whole page</a></p>
        """));

    private static Html Document(string title, Html main) => HtmlDocument.Of(title, Html.Of($"""
        <link rel="stylesheet" href="/embed.css">
        """), Html.Of($"""
        <body>
          <main>
        {main}
          </main>
        </body>
        """));

    private static Html Estimate(PoolResponse pool, string query) => Html.Of($"""
        <p class="estimate"><strong>{PlotText.Capitalize(PlotText.Estimate(pool))}</strong></p>
        <p>{Phrasing.DescribeCounts(pool.Counts)}.{Prediction(pool)} It says how two things go together, not that one brings about the other.</p>
        {pool.Warnings.Where(warning => warning.Code == "synthetic")
            .Select(_ => Html.Of($"<p class=\"warning\">Some or all of these effects are synthetic: invented for illustration, not evidence.</p>"))}
        <div class="wide" tabindex="0" role="region" aria-label="Forest plot">
          <img src="/meta/forest.svg{Rows(pool, query)}" alt="Forest plot. {PlotText.Estimate(pool)}." loading="lazy">
        </div>
        <p class="narrow"><a href="/meta/forest.svg{Rows(pool, query)}" target="_blank" rel="noopener">Forest plot</a></p>
        """);

    private static string Prediction(PoolResponse pool) => (pool.Correlation, pool.Pooled) switch
    {
        ({ PredictionLower: { } lower, PredictionUpper: { } upper }, _) =>
            $" {Phrasing.DescribePredicted(pool.Model)} would be expected {Phrasing.DescribeRange(lower, upper, isCorrelation: true)}.",
        (null, { PredictionLower: { } lower, PredictionUpper: { } upper }) =>
            $" {Phrasing.DescribePredicted(pool.Model)} would be expected {Phrasing.DescribeRange(lower, upper, isCorrelation: false)}.",
        _ => "",
    };

    private static string Rows(PoolResponse pool, string query) =>
        $"{query}{(query.Length == 0 ? '?' : '&')}references=false&registered=false{(pool.Studies.Count <= MaxRows ? "" : $"&rows={MaxRows}&sort=size")}";

    private static string Licence(EvidenceCitation snapshot) => snapshot.About.Licence is { } licence ? $" · Licence of the data: {licence}" : "";
}
