using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.News;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>What effects depend on: levels, tests and verdicts of the moderators whose verdicts are news.</summary>
internal static class ModeratorPart
{
    public static IEnumerable<RichText> Of(ReportAnalysis report)
    {
        var (response, reasons) = report.Moderators!.Value;
        return
        [
            RichText.Of($"These moderators are tested in every analysis: {string.Join(", ", Conclusions.Moderators.Select(Phrasing.SplitCamelCase))}. Their "
                + $"{Symbols.P} values are adjusted together by the method of Holm (1979)."),
            .. Conclusions.Moderators.Select(name => reasons.TryGetValue(name, out var reason)
                ? RichText.Of($"By {Phrasing.SplitCamelCase(name)} there is no breakdown: {reason.TrimEnd('.')}.")
                : Describe(response!, response!.Moderators.First(moderator => moderator.Name == name))),
        ];
    }

    private static RichText Describe(ModeratorsResponse response, ModeratorResponse moderator)
    {
        if (moderator.Levels is [var only])
        {
            return RichText.Of($"By {Phrasing.SplitCamelCase(moderator.Name)} there is nothing to compare: all effects have "
                + $"{Phrasing.SplitCamelCase(only.Level)}.");
        }

        var scale = EffectScale.Of(response.Model);
        var warnings = response.WarningsOf(moderator.Name).Select(warning => warning.Finding[(moderator.Name.Length + 2)..]);
        return RichText.Join(" ",
            RichText.Of($"By {Phrasing.SplitCamelCase(moderator.Name)}, {RichText.WithSymbols(Phrasing.DescribeVerdict(moderator))} "
                + $"({RichText.WithSymbols(Phrasing.DescribeOmnibusTest(moderator))})."),
            moderator.Levels.Count == 0 ? RichText.Empty
                : RichText.Of($"{RichText.Join("; ", moderator.Levels.Select((level, i) => Level(level, scale, isFirst: i == 0)))}."),
            RichText.Of($"{string.Join(' ', warnings)}"));
    }

    private static RichText Level(ModeratorLevelResponse level, EffectScale scale, bool isFirst)
    {
        var name = Phrasing.SplitCamelCase(level.Level);
        return RichText.Of($"{(isFirst ? PlotText.Capitalize(name) : name)}: {Symbols.K} = {ApaFormat.Count(level.Counts.Effects)}, "
            + $"{scale.Estimate(level.Pooled, level.Correlation)}");
    }
}
