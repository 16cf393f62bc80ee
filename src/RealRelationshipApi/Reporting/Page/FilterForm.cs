using RealRelationshipApi.Analyses;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>Form with the filters, which become the query of a URL that can be shared.</summary>
internal static class FilterForm
{
    /// <summary>Moderators shown by default.</summary>
    public static readonly IReadOnlyList<string> DefaultModerators = ["outcomeType", "relationshipRater", "outcomeRater"];

    private static readonly string[] s_singleChoice = ["level", "synthetic", "source", "estimator", "test"];

    /// <param name="query">Query of the page.</param>
    /// <param name="counts">Numbers of effects; null if they are not known.</param>
    public static Html Of(IQueryCollection query, EvidenceCounts? counts = null) => Html.Of($"""
        <details class="filter"{new Html(query.Count > 0 ? " open" : "")}>
        <summary>Filter, break down, change the model</summary>
        <form id="question" action="/" method="get">
          <div class="fields">
          {EvidenceCounts.Filters.Select(name => Checkboxes(FilterTable.Parameters.Single(p => p.Name == name), query, counts))}
          </div>
          {Moderators(query, counts)}
          <div class="fields">
          {s_singleChoice.Select(name => Select(AnalysisRequest.FilterAndModel.Single(p => p.Name == name), query))}
          {YearField("yearFrom", "From year", query)}{YearField("yearTo", "To year", query)}
          </div>
          {HiddenFields(query)}
          <p><button type="submit">Show</button> <a href="/">Default question</a></p>
        </form>
        </details>
        """);

    // Every moderator that an effect of the question has, and those that were asked for.
    private static Html Moderators(IQueryCollection query, EvidenceCounts? counts)
    {
        var chosen = SelectedValues(query, "by", DefaultModerators);
        var known = counts?.Moderators.ToDictionary(m => m.Name, StringComparer.Ordinal) ?? [];
        return Html.Of($"""
            <fieldset class="moderators"><legend>Break down by</legend>
            {known.Keys.Union(DefaultModerators).Union(chosen).Select(name => Checkbox("by", name, Phrasing.DescribeModerator(name), chosen.Contains(name),
                counts is null ? null : known.TryGetValue(name, out var found) ? CountOf(found) : "none"))}
            </fieldset>
            """);

        static string CountOf((string Name, int Effects, int Values) moderator) =>
            $"{Phrasing.Plural(moderator.Effects, "effect")}, {Phrasing.Plural(moderator.Values, "value")}";
    }

    private static IReadOnlyList<string> SelectedValues(IQueryCollection query, string name, IReadOnlyList<string> defaults) =>
        query.TryGetValue(name, out var values) ? [.. values.OfType<string>()] : defaults;

    private static Html Checkboxes(QueryParameter parameter, IQueryCollection query, EvidenceCounts? counts) => Html.Of($"""
        <fieldset><legend>{Phrasing.SplitCamelCase(parameter.Name)}</legend>
          {parameter.Values.Select(value => Checkbox(parameter.Name, value, Phrasing.SplitCamelCase(value),
              SelectedValues(query, parameter.Name, []).Contains(value), counts?.Values[parameter.Name].GetValueOrDefault(value).ToString()))}</fieldset>
        """);

    private static Html Checkbox(string name, string value, string label, bool chosen, string? count) => Html.Of($"""
        <label><input type="checkbox" name="{name}" value="{value}"{new Html(chosen ? " checked" : "")}> {label}{(count is null ? Html.Empty
            : Html.Of($" <small>({count})</small>"))}</label>
        """);

    private static Html Select(QueryParameter parameter, IQueryCollection query)
    {
        var chosen = SelectedValues(query, parameter.Name, [parameter.Default!])[0];
        return Html.Of($"""
            <label>{Phrasing.SplitCamelCase(parameter.Name)} <select name="{parameter.Name}">{parameter.Values.Select(Option)}</select></label>
            """);

        Html Option(string value) => Html.Of($"""
            <option value="{(value == parameter.Default ? "" : value)}"{new Html(value == chosen ? " selected" : "")}>{Phrasing.SplitCamelCase(value)}</option>
            """);
    }

    private static Html YearField(string name, string label, IQueryCollection query) => Html.Of($"""
        <label>{label} <input type="number" name="{name}" min="1900" max="2100" step="1" value="{SelectedValues(query, name, [""])[0]}"></label>
        """);

    // Keeps query parameters that have no field in the form.
    private static Html HiddenFields(IQueryCollection query) => Html.Join(query
        .Where(p => !EvidenceCounts.Filters.Contains(p.Key) && !s_singleChoice.Contains(p.Key) && p.Key is not ("by" or "yearFrom" or "yearTo"))
        .SelectMany(p => p.Value.Select(value => Html.Of($"<input type=\"hidden\" name=\"{p.Key}\" value=\"{value}\">"))));
}
