using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>Section of the moderators.</summary>
internal static class ModeratorSection
{
    /// <param name="moderators">Names of the moderators.</param>
    /// <param name="response">Those that can be computed; null if none can be.</param>
    /// <param name="reasons">By name why others cannot be.</param>
    /// <param name="pool">The pooled estimate, around which differences are expressed as correlations.</param>
    /// <param name="query">Filter and model as a query string, for plots.</param>
    public static Html Of(IReadOnlyList<string> moderators, ModeratorsResponse? response, IReadOnlyDictionary<string, string> reasons, PoolResponse pool,
        string query)
    {
        var footnotes = moderators.ToDictionary(name => name, _ => new Footnotes(), StringComparer.Ordinal);
        Html[] parts = [.. moderators.Select(name => reasons.TryGetValue(name, out var reason) ? NoBreakdown(name, reason)
            : Describe(response!.Moderators.First(m => m.Name == name), footnotes[name], pool, query))];
        var notes = moderators.ToDictionary(name => name, name => NotesOf(response, name, footnotes[name]), StringComparer.Ordinal);
        // What concerns all breakdowns is said once.
        string[] shared = moderators.Count < 2 ? [] : [.. notes.Values.Aggregate((a, b) => [.. a.Intersect(b, StringComparer.Ordinal)])];
        return Html.Of($"""
            <h2 id="moderators">What it depends on</h2>
            {moderators.Zip(parts, (name, part) => Html.Of($"{part}{Notes(name, [.. footnotes[name].Texts, .. notes[name].Except(shared)])}"))}
            {(shared.Length == 0 ? Html.Empty : Html.Of($"""
                <ul class="warnings data" aria-label="Notes on all breakdowns">{shared.Select(note => Html.Of($"<li>{note}</li>"))}</ul>
                """))}
            """);
    }

    private static string[] NotesOf(ModeratorsResponse? response, string name, Footnotes footnotes) =>
        [.. (response?.WarningsOf(name) ?? []).Select(w => w.Finding[(name.Length + 2)..]).Where(detail => !footnotes.Explains(detail))];

    private static Html NoBreakdown(string name, string why) =>
        Html.Of($"<h3>By {Phrasing.DescribeModerator(name)}</h3><p>There is no breakdown: {why}.</p>");

    private static Html Describe(ModeratorResponse moderator, Footnotes footnotes, PoolResponse pool, string query) => Html.Of($"""
        <h3>By {Phrasing.DescribeModerator(moderator.Name)}</h3>
        <p>{PlotText.Capitalize(Phrasing.DescribeVerdict(moderator, pool))} ({Phrasing.DescribeOmnibusTest(moderator)}).</p>
        {(moderator.Kind == "categorical" ? Levels(moderator, footnotes)
            : Html.Of($"{Slope(moderator, footnotes, pool)}{Bubbles(moderator, query)}"))}
        """);

    private static Html Notes(string name, string[] notes) => notes.Length == 0 ? Html.Empty : Html.Of($"""
        <ul class="warnings" aria-label="Cautions on the breakdown by {Phrasing.DescribeModerator(name)}">
          {notes.Select(note => Html.Of($"<li>{note}</li>"))}</ul>
        """);

    private static Html Levels(ModeratorResponse moderator, Footnotes footnotes) => Html.Of($"""
        <div class="wide" tabindex="0" role="region" aria-label="Levels of {Phrasing.DescribeModerator(moderator.Name)}">
        <table>
          <caption>Pooled by {Phrasing.DescribeModerator(moderator.Name)}</caption>
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

    // The slope as a change of the correlation, at the pooled one.
    private static Html Slope(ModeratorResponse moderator, Footnotes footnotes, PoolResponse pool)
    {
        if (moderator.Coefficients is not [_, var slope])
        {
            return Html.Empty;
        }

        var (scale, what) = pool.Correlation?.R is { } r ? (1 - r * r, "the correlation") : (1, "the effect");
        return Html.Of($"""
            <p>Per unit, {what} changes by {ApaFormat.Number(scale * slope.Estimate, 3)} [{ApaFormat.Number(scale * slope.Lower, 3)},
              {ApaFormat.Number(scale * slope.Upper, 3)}]{footnotes.Mark(slope.WarningCodes)}.</p>
            """);
    }

    private static Html Bubbles(ModeratorResponse moderator, string query)
    {
        var address = $"/meta/bubble.svg?terms={Uri.EscapeDataString(moderator.Name)}{(query.Length > 0 ? $"&{query[1..]}" : "")}";
        return Html.Of($"""
            <figure>
              <div class="wide" tabindex="0" role="region" aria-label="Bubble plot by {Phrasing.DescribeModerator(moderator.Name)}">
                <img class="bubbles" src="{address}" width="760" height="672" alt="Bubble plot: effects by {Phrasing.DescribeModerator(moderator.Name)},
                  larger where their weight is larger, with the line of the regression and its intervals.">
              </div>
              <figcaption><a href="{address}">Bubble plot</a></figcaption>
            </figure>
            """);
    }
}
