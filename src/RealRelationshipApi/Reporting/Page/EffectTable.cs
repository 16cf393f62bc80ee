using System.Globalization;

using Microsoft.AspNetCore.Http.Extensions;

using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>The pooled effects as a table, with their publications, and a link that leaves a study out. <c>effects.js</c> sorts it.</summary>
internal static class EffectTable
{
    private const string Exclude = "exclude";
    private const int MaxRows = 100;

    public static Html Of(PoolResponse response, EffectSet effects, IQueryCollection question)
    {
        var citations = effects.Studies.Zip(effects.Citations ?? []).DistinctBy(pair => pair.First, StringComparer.Ordinal)
            .ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        var count = response.Studies.Count;
        return Html.Of($"""
            {LeftOut(question)}
            <details id="effects"{new Html(question.ContainsKey(Exclude) ? " open" : "")}>
              <summary>The effects as a table: publications, numbers, leave a study out</summary>
              <div class="wide" tabindex="0" role="region" aria-label="Effects">
              <table class="sortable">
                <caption>{(count > MaxRows ? $"The first {MaxRows} of {ApaFormat.Count(count)} effects; all are in the CSV"
                    : $"{Phrasing.Plural(count, "effect")}, as pooled")}</caption>
                <thead><tr><th scope="col">Study</th><th scope="col">Year</th><th scope="col">n</th>
                  <th scope="col">{(response.Correlation is null ? "Effect" : "r")}</th><td>Interval</td><th scope="col">Weight</th>
                  <td></td></tr></thead>
                <tbody>{response.Studies.Take(MaxRows).Select(s => Row(s, response.Correlation, citations.GetValueOrDefault(s.Study), question))}</tbody>
              </table>
              </div>
            </details>
            """);
    }

    /// <summary>The studies and samples that the question leaves out, each with a link that takes it in again.</summary>
    public static Html LeftOut(IQueryCollection question)
    {
        string[] names = [.. question[Exclude].OfType<string>().Distinct(StringComparer.Ordinal)];
        return names.Length == 0 ? Html.Empty : Html.Of($"""
            <p id="left-out">Left out: {names.Select(name => Html.Of($"""
                <span class="chip">{name} <a class="within" href="/{Without(question, name)}" aria-label="Take {name} in again">take in</a></span>

                """))}</p>
            """);
    }

    private static Html Row(WeightedEffect effect, CorrelationResponse? correlation, Citation? citation, IQueryCollection question) => Html.Of($"""
        <tr><th scope="row">{Publication(effect, citation)}</th>
        {Number(citation?.Year, citation?.Year?.ToString() ?? "n.d.")}
        {Number(effect.N, effect.N is { } n ? ApaFormat.Count(n) : ApaFormat.NotEstimable)}
        {Number(effect.R ?? effect.Effect, effect.R is { } r ? ApaFormat.Correlation(r) : ApaFormat.Number(effect.Effect))}
        <td>[{Bound(effect.Lower, correlation)}, {Bound(effect.Upper, correlation)}]</td>
        {Number(effect.Weight, ApaFormat.Percent(effect.Weight, 1))}
        <td>{(citation is null || effect.Hypothetical ? Html.Empty : Html.Of(
            $"<a class=\"within\" href=\"/{With(question, effect.Study)}\" aria-label=\"Leave out {effect.Study}\">leave out</a>"))}</td></tr>
        """);

    private static Html Publication(WeightedEffect effect, Citation? citation) => citation is null ? Html.Of($"{effect.Id}") : Html.Of($"""
        {ShortCitation.Authors(citation.Authors)} <cite>{citation.Title}</cite> {Address(citation)}<small>{effect.Id}</small>
        """);

    private static Html Address(Citation citation) => citation switch
    {
        { Doi: { } doi } => Html.Of(
            $"<a href=\"https://doi.org/{Uri.EscapeDataString(doi).Replace("%2F", "/", StringComparison.Ordinal)}\" rel=\"noreferrer\">doi:{doi}</a> "),
        { Url: { } url } when Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" =>
            Html.Of($"<a href=\"{uri.AbsoluteUri}\" rel=\"noreferrer\">{uri.Host}</a> "),
        _ => Html.Empty,
    };

    private static Html Number(double? value, string text) =>
        Html.Of($"<td data-value=\"{value?.ToString("R", CultureInfo.InvariantCulture)}\">{text}</td>");

    private static string Bound(double value, CorrelationResponse? correlation) =>
        correlation is null ? ApaFormat.Number(value) : ApaFormat.Correlation(value);

    private static QueryString With(IQueryCollection question, string study) => new QueryBuilder(question) { { Exclude, study } }.ToQueryString();

    private static QueryString Without(IQueryCollection question, string name) => new QueryBuilder(question
        .SelectMany(p => p.Value.Select(value => KeyValuePair.Create(p.Key, value ?? "")))
        .Where(pair => pair.Key != Exclude || pair.Value != name)).ToQueryString();
}
