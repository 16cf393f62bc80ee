using RealRelationshipApi.Meta.TakeAway;

namespace RealRelationshipApi.Meta.ForPeople;

/// <summary>The pooled estimate in words and numbers, its forest plot, and its effects as a table.</summary>
internal static class EstimateSection
{
    private const int MostRows = 100;

    public static Html Of(PoolAnswer answer, Snapshot snapshot, string query)
    {
        var r = answer.Correlation;
        // Of a long list, the page shows those that weigh most.
        var forest = answer.Studies.Count > Pictures.PagedPictureRequest.UsualRows ? With(query, "sort=size") : query;
        return Html.Of($"""
            <p class="estimate"><span class="r">{(r is null ? "" : "r = ")}{(r is null ? Apa.Number(answer.Pooled.Effect) : Apa.R(r.R))}</span>
              <span class="interval">[{Bound(r?.Lower, answer.Pooled.Lower, r)}, {Bound(r?.Upper, answer.Pooled.Upper, r)}] <small>{Apa.Confidence(answer.Model.Confidence)} confidence interval</small></span></p>
            <p>How strongly the real relationship between patient and therapist goes with the outcome of psychotherapy, pooled over
              <strong>{Words.Many(answer.Counts.Effects, "effect")}</strong> of <strong>{Words.Many(answer.Counts.Studies, "study", "studies")}</strong> with
              <strong>{Apa.Count(answer.Counts.Participants)}</strong> participants{(answer.CohensD?.D is { } d ? $" (d = {Apa.Number(d)})" : "")}. It says how two things go together, not that one brings about the other.</p>
            {Spread(answer)}
            {Warnings(answer)}
            <figure>
              <div class="wide" tabindex="0" role="region" aria-label="Forest plot">
                <img id="forest" src="/meta/forest.svg{forest}" width="960" height="760" alt="Forest plot. {Pictures.PictureWords.Estimate(answer)}. The same numbers stand in the table below.">
              </div>
              <figcaption><a href="/meta/forest.svg{forest}">Forest plot</a>{OtherPages(answer, forest)} · <a href="/meta/funnel.svg{query}">funnel plot</a> ·
                <a href="/meta/cumulative.svg{query}">how the estimate came about, year by year</a></figcaption>
            </figure>
            {Table(answer, query)}
            <p class="data">{Words.Of(answer.Data)} Model: {Words.Of(answer.Model)}; {Words.TestOf(answer.Model)}. <a href="{snapshot.PermanentPath("/")}">This answer for ever</a> ·
              <a href="/meta/pool{query}">as JSON</a></p>
            """);
    }

    private static string Bound(double? correlation, double? effect, CorrelationAnswer? r) => r is null ? Apa.Number(effect) : Apa.R(correlation);

    private static Html Spread(PoolAnswer answer)
    {
        var (r, pooled, h) = (answer.Correlation, answer.Pooled, answer.Heterogeneity);
        return pooled.PredictionLower is null ? Html.Nothing : Html.Of($"""
            <p>In a new setting the true {(r is null ? "effect" : "correlation")} would be expected between <strong>{Bound(r?.PredictionLower, pooled.PredictionLower, r)}</strong> and
              <strong>{Bound(r?.PredictionUpper, pooled.PredictionUpper, r)}</strong> ({Apa.Confidence(answer.Model.Confidence)} prediction interval){(h.ProbabilityAbove is { } above
                ? $"; about {Apa.Percent(above.P * 100)} of true effects lie above {Apa.R(above.Threshold)}" : "")}. Effects differ beyond chance by I² = {Apa.Percent(h.I2)}.</p>
            """);
    }

    private static Html Warnings(PoolAnswer answer) => answer.Warnings.Count == 0 ? Html.Nothing : Html.Of($"""
        <ul class="warnings" aria-label="What to know of this answer">{answer.Warnings.Select(w => Html.Of($"<li class=\"{w.Code}\">{w.Detail}</li>"))}</ul>
        """);

    private static Html OtherPages(PoolAnswer answer, string query)
    {
        const int rows = Pictures.PagedPictureRequest.UsualRows;
        var pages = (answer.Studies.Count + rows - 1) / rows;
        return pages < 2 ? Html.Nothing : Html.Of($" (page {Enumerable.Range(2, Math.Min(pages, 20) - 1).Select(p => Html.Of($"<a href=\"/meta/forest.svg{With(query, $"page={p}")}\">{p}</a> "))})");
    }

    private static string With(string query, string parameter) => query.Length == 0 ? $"?{parameter}" : $"{query}&{parameter}";

    private static Html Table(PoolAnswer answer, string query) => Html.Of($"""
        <details>
          <summary>The effects as a table</summary>
          <div class="wide" tabindex="0" role="region" aria-label="Effects">
          <table>
            <caption>{(answer.Studies.Count > MostRows ? $"The first {MostRows} of {Apa.Count(answer.Studies.Count)} effects" : "Effects")} with their weights. <a href="/meta/pool.csv{query}">All as CSV</a></caption>
            <thead><tr><th scope="col">Effect</th><th scope="col">n</th><th scope="col">{(answer.Correlation is null ? "Effect" : "r")}</th><th scope="col">Interval</th><th scope="col">Weight</th></tr></thead>
            <tbody>{answer.Studies.Take(MostRows).Select(s => Html.Of($"<tr><th scope=\"row\">{s.Id}</th><td>{(s.N is { } n ? Apa.Count(n) : Apa.None)}</td><td>{(s.R is { } r ? Apa.R(r) : Apa.Number(s.Effect))}</td><td>[{Bound(s.Lower, s.Lower, answer.Correlation)}, {Bound(s.Upper, s.Upper, answer.Correlation)}]</td><td>{Apa.Percent(s.Weight, 1)}</td></tr>"))}</tbody>
          </table>
          </div>
        </details>
        """);
}
