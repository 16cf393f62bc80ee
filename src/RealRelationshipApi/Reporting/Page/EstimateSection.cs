using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>The pooled estimate in words and numbers, with the warnings that concern it, and its forest plot.</summary>
internal static class EstimateSection
{
    private const string RepeatedLooks = "repeatedLooks";

    /// <param name="response">The pool.</param>
    /// <param name="effects">The effects that it pools.</param>
    /// <param name="snapshot">How the evidence is cited.</param>
    /// <param name="question">Query of the page.</param>
    /// <param name="query">Filter and model.</param>
    /// <param name="queryWithoutSequence">The same without <c>sequential</c> and its priors, for plots that do not show a sequence.</param>
    public static Html Of(PoolResponse response, EffectSet effects, EvidenceCitation snapshot, IQueryCollection question, string query,
        string queryWithoutSequence)
    {
        var r = response.Correlation;
        // Shows the effects with the largest weights if the list is long.
        var forest = response.Studies.Count > PagedPlotRequest.DefaultRows ? AddParameter(queryWithoutSequence, "sort=size") : queryWithoutSequence;
        return Html.Of($"""
            <p class="estimate"><span class="r">{(r is null ? ApaFormat.Number(response.Pooled.Effect) : $"r = {ApaFormat.Correlation(r.R)}")}</span>
              <span class="interval">[{Bound(r?.Lower, response.Pooled.Lower, r)}, {Bound(r?.Upper, response.Pooled.Upper, r)}]
                <small>{ApaFormat.Confidence(response.Model.Confidence)} confidence interval</small></span></p>
            <p>{Conclusion(response)} Pooled over
              <strong>{Phrasing.Plural(response.Counts.Effects, "effect")}</strong> of
              <strong>{Phrasing.Plural(response.Counts.Studies, "study", "studies")}</strong> with
              <strong>{ApaFormat.Count(response.Counts.Participants)}</strong>
              participants{(response.CohensD?.D is { } d ? $" (d = {ApaFormat.Number(d)})" : "")}.
              A correlation shows that two things go together, not that one causes the other.</p>
            {Warnings(response, WarningPlace.Estimate, "Cautions on the estimate", _ => Html.Empty)}
            {SequenceParagraph(response)}
            {PredictionParagraph(response)}
            {Warnings(response, WarningPlace.Heterogeneity, "Cautions on heterogeneity", _ => Html.Empty)}
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
                <a href="/meta/cumulative.svg{query}">cumulative plot by year</a> ·
                heterogeneity: <a href="/meta/baujat.svg{queryWithoutSequence}">Baujat</a>, <a href="/meta/radial.svg{queryWithoutSequence}">radial</a>,
                <a href="/meta/gosh.svg{queryWithoutSequence}">all subsets</a>, <a href="/meta/profile.svg{queryWithoutSequence}">profile of τ</a>
                <span class="downloads">Download:
                <a href="/meta/forest.svg{forest}" download="forest.svg">SVG</a>
                <button type="button" class="png" data-picture="/meta/forest.svg{forest}" hidden>PNG</button>
                <a href="/meta/pool.csv{query}" download="effects.csv">CSV</a></span></figcaption>
            </figure>
            {EffectTable.Of(response, effects, question)}
            <p class="data">{Phrasing.Describe(response.Data)} Model: {Phrasing.Describe(response.Model)}; {Phrasing.DescribeTest(response)}.
              {(snapshot.Hypothetical > 0 ? Html.Empty : Html.Of($"<a href=\"{snapshot.PermanentPath("/")}\">Permanent link</a> ·"))}
              <a href="/meta/pool{query}">JSON</a></p>
            {Warnings(response, WarningPlace.Method, "Notes on the method", warning => MethodLink(warning, query))}
            """);
    }

    // Where on the page a warning stands: beside the number that it concerns.
    private enum WarningPlace
    {
        Estimate,
        Heterogeneity,
        Method,
    }

    private static WarningPlace PlaceOf(Warning warning) => warning.Code switch
    {
        "fewEffects" or "severalModes" => WarningPlace.Heterogeneity,
        "floorApplied" or RepeatedLooks => WarningPlace.Method,
        _ => WarningPlace.Estimate,
    };

    // The association in words, as far as the interval allows them.
    private static string Conclusion(PoolResponse response)
    {
        var (lower, upper) = (response.Pooled.Lower, response.Pooled.Upper);
        return (lower, upper) switch
        {
            ( > 0, _) => "On average, the stronger the real relationship between patient and therapist, the better the outcome of psychotherapy.",
            (_, < 0) => "On average, the stronger the real relationship between patient and therapist, the worse the outcome of psychotherapy.",
            (not null, not null) => "Whether a stronger real relationship between patient and therapist goes with a better outcome of psychotherapy cannot "
                + "be told: the confidence interval includes zero.",
            _ => "This is the association of the real relationship between patient and therapist with the outcome of psychotherapy.",
        };
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
              {(h.I2 is { } share ? $"Of the variance of the observed effects, {ApaFormat.Percent(share)} is more than sampling error (I²)." : "")}</p>
            """);
    }

    private static Html Warnings(PoolResponse response, WarningPlace place, string label, Func<Warning, Html> link)
    {
        Warning[] own = [.. response.Warnings.Where(warning => PlaceOf(warning) == place)];
        return own.Length == 0 ? Html.Empty : Html.Of($"""
            <ul class="warnings {(place == WarningPlace.Method ? "data" : "")}" aria-label="{label}">{own.Select(w =>
                Html.Of($"<li class=\"{w.Code}\">{w.Finding} {link(w)}</li>"))}</ul>
            """);
    }

    private static Html MethodLink(Warning warning, string query) => warning.Code == RepeatedLooks
        ? Html.Of($"<a class=\"within\" href=\"/{AddParameter(query, "sequential=anytime")}\">Show the interval that holds at every look</a>") : Html.Empty;

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
}
