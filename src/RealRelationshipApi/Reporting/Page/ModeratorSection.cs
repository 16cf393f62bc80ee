using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>Section of the moderators.</summary>
internal static class ModeratorSection
{
    public static Html Of(EffectSet effects, IReadOnlyList<string> moderators, ModelRequest model) => Html.Of($"""
        <h2 id="moderators">What it depends on</h2>
        {moderators.Select(name => Breakdown(effects, name, model))}
        """);

    private static Html Breakdown(EffectSet effects, string name, ModelRequest model)
    {
        try
        {
            var (response, problem) = ModeratorsAnalysis.Run(effects, new ModeratorsRequest { By = [name], Model = model }, ErrorLocation.InQuery);
            return problem is null ? Describe(response!.Moderators[0]) : NoBreakdown(name, problem.Errors[0].Detail);
        }
        catch (StatisticsException error)
        {
            return NoBreakdown(name, error.Message);
        }
    }

    private static Html NoBreakdown(string name, string why) => Html.Of($"<h3>By {Phrasing.SplitCamelCase(name)}</h3><p>There is no breakdown: {why}.</p>");

    private static Html Describe(ModeratorResponse moderator) => Html.Of($"""
        <h3>By {Phrasing.SplitCamelCase(moderator.Name)}</h3>
        <p>{PlotText.Capitalize(Phrasing.DescribeVerdict(moderator))} ({Phrasing.DescribeOmnibusTest(moderator)}).</p>
        {(moderator.Kind == "categorical" ? Levels(moderator) : Slope(moderator))}
        """);

    private static Html Levels(ModeratorResponse moderator) => Html.Of($"""
        <div class="wide" tabindex="0" role="region" aria-label="Levels of {Phrasing.SplitCamelCase(moderator.Name)}">
        <table>
          <caption>Pooled by {Phrasing.SplitCamelCase(moderator.Name)}</caption>
          <thead><tr><th scope="col">Level</th><th scope="col">Effects</th><th scope="col">N</th>
            <th scope="col">r</th><th scope="col">Confidence interval</th></tr></thead>
          <tbody>{moderator.Levels.Select(Level)}</tbody>
        </table>
        </div>
        """);

    private static Html Level(ModeratorLevelResponse level)
    {
        var (estimate, lower, upper) = level.Correlation is { } r
            ? (ApaFormat.Correlation(r.R), ApaFormat.Correlation(r.Lower), ApaFormat.Correlation(r.Upper))
            : (ApaFormat.Number(level.Pooled.Effect), ApaFormat.Number(level.Pooled.Lower), ApaFormat.Number(level.Pooled.Upper));
        return Html.Of($"""
            <tr><th scope="row">{Phrasing.SplitCamelCase(level.Level)}</th><td>{level.Counts.Effects}</td><td>{ApaFormat.Count(level.Counts.Participants)}</td>
            <td>{estimate}</td><td>[{lower}, {upper}]</td></tr>
            """);
    }

    private static Html Slope(ModeratorResponse moderator) => moderator.Coefficients is [_, var slope]
        ? Html.Of(
            $"<p>Per unit, Fisher z changes by {ApaFormat.Number(slope.Estimate, 4)} [{ApaFormat.Number(slope.Lower, 4)}, "
                + $"{ApaFormat.Number(slope.Upper, 4)}].</p>")
        : Html.Empty;
}
