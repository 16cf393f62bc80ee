using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>The pooled estimate in words and numbers, its forest plot, and its effects as a table.</summary>
internal static class EstimateSection
{
    private const int MaxTableRows = 100;

    /// <param name="response">The pool.</param>
    /// <param name="snapshot">How the evidence is cited.</param>
    /// <param name="query">Filter and model.</param>
    /// <param name="queryWithoutSequence">The same without <c>sequential</c> and its priors, for plots that do not show a sequence.</param>
    public static Html Of(PoolResponse response, EvidenceCitation snapshot, string query, string queryWithoutSequence)
    {
        var r = response.Correlation;
        // Shows the effects with the largest weights if the list is long.
        var forest = response.Studies.Count > PagedPlotRequest.DefaultRows ? AddParameter(queryWithoutSequence, "sort=size") : queryWithoutSequence;
        return Html.Of($"""
            <p class="estimate"><span class="r">{(r is null ? ApaFormat.Number(response.Pooled.Effect) : $"r = {ApaFormat.Correlation(r.R)}")}</span>
              <span class="interval">[{Bound(r?.Lower, response.Pooled.Lower, r)}, {Bound(r?.Upper, response.Pooled.Upper, r)}]
                <small>{ApaFormat.Confidence(response.Model.Confidence)} confidence interval</small></span></p>
            <p>How strongly the real relationship between patient and therapist goes with the outcome of psychotherapy, pooled over
              <strong>{Phrasing.Plural(response.Counts.Effects, "effect")}</strong> of
              <strong>{Phrasing.Plural(response.Counts.Studies, "study", "studies")}</strong> with
              <strong>{ApaFormat.Count(response.Counts.Participants)}</strong>
              participants{(response.CohensD?.D is { } d ? $" (d = {ApaFormat.Number(d)})" : "")}.
              It says how two things go together, not that one brings about the other.</p>
            {SequenceParagraph(response)}
            {PredictionParagraph(response)}
            {Warnings(response)}
            <figure>
              <div class="wide" tabindex="0" role="region" aria-label="Forest plot">
                <picture>
                  <source media="(max-width: 40rem)" srcset="/meta/forest.svg{AddParameter(forest, "width=390")}">
                  <img id="forest" src="/meta/forest.svg{forest}" width="960" height="760"
                    alt="Forest plot. {PlotText.Estimate(response)}. The table below has the same numbers.">
                </picture>
              </div>
              <figcaption><a href="/meta/forest.svg{forest}">Forest plot</a>{PageLinks(response, forest)} ·
                <a href="/meta/funnel.svg{queryWithoutSequence}">funnel plot</a> ·
                <a href="/meta/cumulative.svg{query}">how the estimate came about, year by year</a> ·
                heterogeneity: <a href="/meta/baujat.svg{queryWithoutSequence}">Baujat</a>, <a href="/meta/radial.svg{queryWithoutSequence}">radial</a>,
                <a href="/meta/gosh.svg{queryWithoutSequence}">all subsets</a>, <a href="/meta/profile.svg{queryWithoutSequence}">profile of τ</a>
                </figcaption>
            </figure>
            {Table(response, query)}
            <p class="data">{Phrasing.Describe(response.Data)} Model: {Phrasing.Describe(response.Model)}; {Phrasing.DescribeTest(response)}.
              {(snapshot.Hypothetical > 0 ? Html.Empty : Html.Of($"<a href=\"{snapshot.PermanentPath("/")}\">This answer for ever</a> ·"))}
              <a href="/meta/pool{query}">as JSON</a></p>
            """);
    }

    private static string Bound(double? correlation, double? effect, CorrelationResponse? r) => r is null ? ApaFormat.Number(effect)
        : ApaFormat.Correlation(correlation);

    private static Html SequenceParagraph(PoolResponse response) =>
        response.Anytime is null ? Html.Empty : Html.Of($"<p>{SequencePhrasing.Sentence(response)}</p>");

    private static Html PredictionParagraph(PoolResponse response)
    {
        var (r, pooled, h) = (response.Correlation, response.Pooled, response.Heterogeneity);
        var probabilityAbove = Phrasing.DescribeProbabilityAbove(response) is { } above
            ? $"; about {above} of true effects lie above {ApaFormat.Correlation(h.ProbabilityAbove!.Threshold)}" : "";
        return pooled is not { PredictionLower: { } lower, PredictionUpper: { } upper } ? Html.Empty : Html.Of($"""
            <p>{Phrasing.DescribePredicted(response.Model)} would be expected
              <strong>{Phrasing.DescribeRange(r?.PredictionLower ?? lower, r?.PredictionUpper ?? upper, isCorrelation: r is not null)}</strong>
              ({ApaFormat.Confidence(response.Model.Confidence)} prediction interval){probabilityAbove}.
              Effects differ beyond chance by I² = {ApaFormat.Percent(h.I2)}.</p>
            """);
    }

    private static Html Warnings(PoolResponse response) => response.Warnings.Count == 0 ? Html.Empty : Html.Of($"""
        <ul class="warnings" aria-label="What to know of this answer">{response.Warnings.Select(w => Html.Of($"<li class=\"{w.Code}\">{w.Detail}</li>"))}</ul>
        """);

    private static Html PageLinks(PoolResponse response, string query)
    {
        const int rows = PagedPlotRequest.DefaultRows;
        var pages = (response.Studies.Count + rows - 1) / rows;
        if (pages < 2)
        {
            return Html.Empty;
        }

        var links = Enumerable.Range(2, Math.Min(pages, 20) - 1)
            .Select(p => Html.Of($"<a href=\"/meta/forest.svg{AddParameter(query, $"page={p}")}\">{p}</a> "));
        return Html.Of($" (page {links})");
    }

    private static string AddParameter(string query, string parameter) => query.Length == 0 ? $"?{parameter}" : $"{query}&{parameter}";

    private static Html Table(PoolResponse response, string query) => Html.Of($"""
        <details>
          <summary>The effects as a table</summary>
          <div class="wide" tabindex="0" role="region" aria-label="Effects">
          <table>
            <caption>{(response.Studies.Count > MaxTableRows ? $"The first {MaxTableRows} of {ApaFormat.Count(response.Studies.Count)} effects" : "Effects")}
              with their weights.
              <a href="/meta/pool.csv{query}">All as CSV</a></caption>
            <thead><tr><th scope="col">Effect</th><th scope="col">n</th>
              <th scope="col">{(response.Correlation is null ? "Effect" : "r")}</th><th scope="col">Interval</th><th scope="col">Weight</th></tr></thead>
            <tbody>{response.Studies.Take(MaxTableRows).Select(s => Row(s, response.Correlation))}</tbody>
          </table>
          </div>
        </details>
        """);

    private static Html Row(WeightedEffect effect, CorrelationResponse? correlation) => Html.Of($"""
        <tr><th scope="row">{effect.Id}</th><td>{(effect.N is { } n ? ApaFormat.Count(n) : ApaFormat.NotEstimable)}</td>
        <td>{(effect.R is { } r ? ApaFormat.Correlation(r) : ApaFormat.Number(effect.Effect))}</td>
        <td>[{Bound(effect.Lower, effect.Lower, correlation)}, {Bound(effect.Upper, effect.Upper, correlation)}]</td>
        <td>{ApaFormat.Percent(effect.Weight, 1)}</td></tr>
        """);
}
