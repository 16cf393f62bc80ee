using RealRelationship.Statistics;

namespace RealRelationshipApi.Meta.ForPeople;

/// <summary>What the estimate depends on, as far as can be told.</summary>
internal static class ModeratorSection
{
    public static Html Of(EffectSet effects, IReadOnlyList<string> moderators, ModelRequest model) => Html.Of($"""
        <h2 id="moderators">What it depends on</h2>
        {moderators.Select(name => One(effects, name, model))}
        """);

    private static Html One(EffectSet effects, string name, ModelRequest model)
    {
        try
        {
            var (answer, problem) = ModeratorsAnalysis.Run(effects, new ModeratorsRequest { By = [name], Model = model }, Asked.InQuery);
            return problem is null ? Describe(answer!.Moderators[0]) : Missing(name, problem.Errors[0].Detail);
        }
        catch (StatisticsException error)
        {
            return Missing(name, error.Message);
        }
    }

    private static Html Missing(string name, string why) => Html.Of($"<h3>By {Words.Spaced(name)}</h3><p>There is no breakdown: {why}.</p>");

    private static Html Describe(ModeratorAnswer moderator) => Html.Of($"""
        <h3>By {Words.Spaced(moderator.Name)}</h3>
        <p>{Pictures.PictureWords.Capital(Words.Verdict(moderator))} ({Words.OmnibusOf(moderator)}).</p>
        {(moderator.Kind == "categorical" ? Levels(moderator) : Slope(moderator))}
        """);

    private static Html Levels(ModeratorAnswer moderator) => Html.Of($"""
        <div class="wide" tabindex="0" role="region" aria-label="Levels of {Words.Spaced(moderator.Name)}">
        <table>
          <caption>Pooled by {Words.Spaced(moderator.Name)}</caption>
          <thead><tr><th scope="col">Level</th><th scope="col">Effects</th><th scope="col">N</th><th scope="col">r</th><th scope="col">Confidence interval</th></tr></thead>
          <tbody>{moderator.Levels.Select(Level)}</tbody>
        </table>
        </div>
        """);

    private static Html Level(LevelAnswer level) => level.Correlation is { } r
        ? Html.Of($"<tr><th scope=\"row\">{Words.Spaced(level.Level)}</th><td>{level.Counts.Effects}</td><td>{Apa.Count(level.Counts.Participants)}</td><td>{Apa.R(r.R)}</td><td>[{Apa.R(r.Lower)}, {Apa.R(r.Upper)}]</td></tr>")
        : Html.Of($"<tr><th scope=\"row\">{Words.Spaced(level.Level)}</th><td>{level.Counts.Effects}</td><td>{Apa.Count(level.Counts.Participants)}</td><td>{Apa.Number(level.Pooled.Effect)}</td><td>[{Apa.Number(level.Pooled.Lower)}, {Apa.Number(level.Pooled.Upper)}]</td></tr>");

    private static Html Slope(ModeratorAnswer moderator) => moderator.Coefficients is [_, var slope]
        ? Html.Of($"<p>Per unit, Fisher z changes by {Apa.Number(slope.Estimate, 4)} [{Apa.Number(slope.Lower, 4)}, {Apa.Number(slope.Upper, 4)}].</p>")
        : Html.Nothing;
}
