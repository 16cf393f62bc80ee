using RealRelationshipApi.Analyses;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>Form with the filters, which become the query of a URL that can be shared.</summary>
internal static class FilterForm
{
    /// <summary>Moderators shown by default.</summary>
    public static readonly IReadOnlyList<string> DefaultModerators = ["outcomeType", "relationshipRater", "outcomeRater"];

    private static readonly string[] s_multiChoice = ["outcomeType", "relationshipRater", "outcomeRater", "design", "timing"];

    private static readonly string[] s_singleChoice = ["level", "synthetic", "source", "estimator", "test"];

    private static readonly string[] s_moderators = ["outcomeType", "relationshipRater", "outcomeRater", "design", "timing", "relationshipMeasure",
        "outcomeMeasure", "country", "year"];

    public static Html Of(IQueryCollection query) => Html.Of($"""
        <details class="filter"{new Html(query.Count > 0 ? " open" : "")}>
        <summary>Ask another question</summary>
        <form id="question" action="/" method="get">
          <div class="fields">
          {s_multiChoice.Select(name => Checkboxes(FilterTable.Parameters.Single(p => p.Name == name), query))}
          <fieldset><legend>Break down by</legend>
            {s_moderators.Select(name => Checkbox("by", name, SelectedValues(query, "by", DefaultModerators).Contains(name)))}</fieldset>
          </div>
          <div class="fields">
          {s_singleChoice.Select(name => Select(AnalysisRequest.FilterAndModel.Single(p => p.Name == name), query))}
          {YearField("yearFrom", "From year", query)}{YearField("yearTo", "To year", query)}
          </div>
          {HiddenFields(query)}
          <p><button type="submit">Show</button> <a href="/">Everything as usual</a></p>
        </form>
        </details>
        """);

    private static IReadOnlyList<string> SelectedValues(IQueryCollection query, string name, IReadOnlyList<string> defaults) =>
        query.TryGetValue(name, out var values) ? [.. values.OfType<string>()] : defaults;

    private static Html Checkboxes(QueryParameter parameter, IQueryCollection query) => Html.Of($"""
        <fieldset><legend>{Phrasing.SplitCamelCase(parameter.Name)}</legend>
          {parameter.Values.Select(value => Checkbox(parameter.Name, value, SelectedValues(query, parameter.Name, []).Contains(value)))}</fieldset>
        """);

    private static Html Checkbox(string name, string value, bool chosen) => Html.Of($"""
        <label><input type="checkbox" name="{name}" value="{value}"{new Html(chosen ? " checked" : "")}> {Phrasing.SplitCamelCase(value)}</label>
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
        .Where(p => !s_multiChoice.Contains(p.Key) && !s_singleChoice.Contains(p.Key) && p.Key is not ("by" or "yearFrom" or "yearTo"))
        .SelectMany(p => p.Value.Select(value => Html.Of($"<input type=\"hidden\" name=\"{p.Key}\" value=\"{value}\">"))));
}
