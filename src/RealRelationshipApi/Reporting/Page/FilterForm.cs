using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta.ForPeople;

/// <summary>A form whose answer is an address: what is chosen stands in it, and can be shared.</summary>
internal static class FilterForm
{
    /// <summary>Moderators that are shown when none is asked for.</summary>
    public static readonly IReadOnlyList<string> UsualModerators = ["outcomeType", "relationshipRater", "outcomeRater"];

    private static readonly string[] s_several = ["outcomeType", "relationshipRater", "outcomeRater", "design", "timing"];

    private static readonly string[] s_one = ["level", "synthetic", "source", "estimator", "test"];

    private static readonly string[] s_moderators = ["outcomeType", "relationshipRater", "outcomeRater", "design", "timing", "relationshipMeasure", "outcomeMeasure", "country", "year"];

    public static Html Of(IQueryCollection query) => Html.Of($"""
        <details class="filter"{new Html(query.Count > 0 ? " open" : "")}>
        <summary>Ask another question</summary>
        <form id="question" action="/" method="get">
          <div class="fields">
          {s_several.Select(name => Boxes(QuestionParameters.Filter.Single(p => p.Name == name), query))}
          <fieldset><legend>Break down by</legend>{s_moderators.Select(name => Box("by", name, Chosen(query, "by", UsualModerators).Contains(name)))}</fieldset>
          </div>
          <div class="fields">
          {s_one.Select(name => Choice(QuestionParameters.Question.Single(p => p.Name == name), query))}
          {Year("yearFrom", "From year", query)}{Year("yearTo", "To year", query)}
          </div>
          {Kept(query)}
          <p><button type="submit">Show</button> <a href="/">Everything as usual</a></p>
        </form>
        </details>
        """);

    private static IReadOnlyList<string> Chosen(IQueryCollection query, string name, IReadOnlyList<string> usual) =>
        query.TryGetValue(name, out var values) ? [.. values.OfType<string>()] : usual;

    private static Html Boxes(QueryParameter parameter, IQueryCollection query) => Html.Of($"""
        <fieldset><legend>{Words.Spaced(parameter.Name)}</legend>{parameter.Values.Select(value => Box(parameter.Name, value, Chosen(query, parameter.Name, []).Contains(value)))}</fieldset>
        """);

    private static Html Box(string name, string value, bool chosen) => Html.Of($"""
        <label><input type="checkbox" name="{name}" value="{value}"{new Html(chosen ? " checked" : "")}> {Words.Spaced(value)}</label>
        """);

    private static Html Choice(QueryParameter parameter, IQueryCollection query)
    {
        var chosen = Chosen(query, parameter.Name, [parameter.Default!])[0];
        return Html.Of($"""
            <label>{Words.Spaced(parameter.Name)} <select name="{parameter.Name}">{parameter.Values.Select(value => Html.Of(
                $"<option value=\"{(value == parameter.Default ? "" : value)}\"{new Html(value == chosen ? " selected" : "")}>{Words.Spaced(value)}</option>"))}</select></label>
            """);
    }

    private static Html Year(string name, string label, IQueryCollection query) => Html.Of($"""
        <label>{label} <input type="number" name="{name}" min="1900" max="2100" step="1" value="{Chosen(query, name, [""])[0]}"></label>
        """);

    // What the form has no field for stays as it was asked.
    private static Html Kept(IQueryCollection query) => Html.Join(query
        .Where(p => !s_several.Contains(p.Key) && !s_one.Contains(p.Key) && p.Key is not ("by" or "yearFrom" or "yearTo"))
        .SelectMany(p => p.Value.Select(value => Html.Of($"<input type=\"hidden\" name=\"{p.Key}\" value=\"{value}\">"))));
}
