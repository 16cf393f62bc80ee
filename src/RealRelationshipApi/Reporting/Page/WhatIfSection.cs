using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Primitives;

using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>Form for a reader's own study: the page answers with its effect beside the stored ones. It works without script.</summary>
internal static class WhatIfSection
{
    /// <summary>Names of the two fields, which become <c>add=R:N</c>.</summary>
    public const string Correlation = "r", Participants = "n";

    /// <summary>The parameters of the page that the two fields send.</summary>
    public static IReadOnlyList<QueryParameter> Parameters { get; } =
    [
        new(Correlation, QueryParameterType.Text, "Field of the page: with `n`, redirects to the page with `add=R:N` in place of what was added before."),
        new(Participants, QueryParameterType.Text, "Field of the page, beside `r`."),
    ];

    /// <summary>Tells search engines that the page is not one of evidence.</summary>
    public static Html NotIndexed { get; } = new("<meta name=\"robots\" content=\"noindex\">");

    /// <summary>The form, filled with the effect that was added, if it is one.</summary>
    public static Html Form(IQueryCollection query)
    {
        var (r, n) = query[AddedEffects.Parameter.Name] is [{ } only] && only.Split(':') is [var correlation, var participants]
            ? (correlation, participants) : ("", "");
        return Html.Of($"""
            <form id="what-if" class="filter" action="/" method="get" aria-labelledby="what-if-title">
              <h2 id="what-if-title">What if your study came in?</h2>
              <div class="fields">
              <label>My r <input type="number" name="{Correlation}" min="-0.999" max="0.999" step="any" required value="{r}"></label>
              <label>My n <input type="number" name="{Participants}" min="4" max="10000000" step="1" required value="{n}"></label>
              </div>
              {Others(query).Select(other => Html.Of($"<input type=\"hidden\" name=\"{other.Key}\" value=\"{other.Value}\">"))}
              <p><button type="submit">Add my study</button> Nothing is stored. Breakdowns leave it
                out, because its raters and outcome are not known.</p>
            </form>
            """);
    }

    /// <summary>That the estimate has hypothetical effects, and the estimate without them.</summary>
    public static Html Answer(PoolResponse pool, string queryWithout) => WhatIfPhrasing.Sentence(pool) is not { } sentence ? Html.Empty
        : Html.Of($"<p class=\"synthetic\" id=\"hypothetical\">{sentence} <a href=\"/{queryWithout}\">Back to the evidence alone</a></p>");

    /// <summary>The query with the two fields as <c>add</c>.</summary>
    public static string ToQuery(IQueryCollection query) =>
        new QueryBuilder(Others(query)) { { AddedEffects.Parameter.Name, $"{query[Correlation]}:{query[Participants]}" } }.ToString();

    /// <summary>The query without hypothetical effects.</summary>
    public static string WithoutAdded(IQueryCollection query) => new QueryBuilder(Others(query)).ToString();

    /// <summary>Whether the form sets a parameter itself.</summary>
    public static bool IsOwn(string parameter) => parameter is Correlation or Participants || parameter == AddedEffects.Parameter.Name;

    private static IEnumerable<KeyValuePair<string, StringValues>> Others(IQueryCollection query) => query.Where(p => !IsOwn(p.Key));
}
