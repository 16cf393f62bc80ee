using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>Section of the moderators.</summary>
internal static class ModeratorSection
{
    /// <param name="moderators">Names of the moderators.</param>
    /// <param name="response">Those that can be computed; null if none can be.</param>
    /// <param name="reasons">By name why others cannot be.</param>
    public static Html Of(IReadOnlyList<string> moderators, ModeratorsResponse? response, IReadOnlyDictionary<string, string> reasons) => Html.Of($"""
        <h2 id="moderators">What it depends on</h2>
        {moderators.Select(name => reasons.TryGetValue(name, out var reason) ? NoBreakdown(name, reason) : Describe(response!, name))}
        """);

    private static Html NoBreakdown(string name, string why) => Html.Of($"<h3>By {Phrasing.SplitCamelCase(name)}</h3><p>There is no breakdown: {why}.</p>");

    private static Html Describe(ModeratorsResponse response, string name)
    {
        var (moderator, footnotes) = (response.Moderators.First(m => m.Name == name), new Footnotes());
        var numbers = moderator.Kind == "categorical" ? Levels(moderator, footnotes) : Slope(moderator, footnotes);
        var warnings = response.WarningsOf(name).Select(w => w.Detail[(name.Length + 2)..]).Where(detail => !footnotes.Explains(detail));
        return Html.Of($"""
            <h3>By {Phrasing.SplitCamelCase(name)}</h3>
            <p>{PlotText.Capitalize(Phrasing.DescribeVerdict(moderator))} ({Phrasing.DescribeOmnibusTest(moderator)}).</p>
            {numbers}
            {Notes(name, [.. footnotes.Texts, .. warnings])}
            """);
    }

    private static Html Notes(string name, string[] notes) => notes.Length == 0 ? Html.Empty : Html.Of($"""
        <ul class="warnings" aria-label="What to know of the levels by {Phrasing.SplitCamelCase(name)}">{notes.Select(note => Html.Of($"<li>{note}</li>"))}</ul>
        """);

    private static Html Levels(ModeratorResponse moderator, Footnotes footnotes) => Html.Of($"""
        <div class="wide" tabindex="0" role="region" aria-label="Levels of {Phrasing.SplitCamelCase(moderator.Name)}">
        <table>
          <caption>Pooled by {Phrasing.SplitCamelCase(moderator.Name)}</caption>
          <thead><tr><th scope="col">Level</th><th scope="col">Effects</th><th scope="col">N</th>
            <th scope="col">r</th><th scope="col">Confidence interval</th></tr></thead>
          <tbody>{moderator.Levels.Select(level => Level(level, footnotes))}</tbody>
        </table>
        </div>
        """);

    private static Html Level(ModeratorLevelResponse level, Footnotes footnotes)
    {
        var (lower, upper) = level.Correlation is { } r
            ? (ApaFormat.Correlation(r.Lower), ApaFormat.Correlation(r.Upper))
            : (ApaFormat.Number(level.Pooled.Lower), ApaFormat.Number(level.Pooled.Upper));
        return Html.Of($"""
            <tr><th scope="row">{Phrasing.SplitCamelCase(level.Level)}</th><td>{level.Counts.Effects}</td><td>{ApaFormat.Count(level.Counts.Participants)}</td>
            <td>{Phrasing.DescribeEstimate(level.Pooled, level.Correlation)} {footnotes.Mark(level.Pooled.WarningCodes)}</td><td>[{lower}, {upper}]</td></tr>
            """);
    }

    private static Html Slope(ModeratorResponse moderator, Footnotes footnotes) => moderator.Coefficients is [_, var slope]
        ? Html.Of(
            $"<p>Per unit, Fisher z changes by {ApaFormat.Number(slope.Estimate, 4)} [{ApaFormat.Number(slope.Lower, 4)}, "
                + $"{ApaFormat.Number(slope.Upper, 4)}] {footnotes.Mark(slope.WarningCodes)}.</p>")
        : Html.Empty;
}
