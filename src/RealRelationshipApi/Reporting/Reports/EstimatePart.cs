using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>The pooled effect, and the effects that it is pooled from.</summary>
internal static class EstimatePart
{
    private const int MaxEffects = 50;

    public static IEnumerable<RichText> Of(EffectSet effects, PoolResponse pool) =>
        [RichText.Join(" ", Pooled(pool), Equivalence(pool), Artifacts(pool.Artifacts)), Effects(effects, pool)];

    private static RichText Pooled(PoolResponse pool)
    {
        var p = pool.Pooled;
        var test = p.Statistic is null ? RichText.Empty
            : RichText.Of($", {RichText.Italic(p.StatisticName)}{(p.Df is { } df ? $"({df:0.##})" : "")} = {ApaFormat.Number(p.Statistic)}, {Symbols.P} "
                + $"{ApaFormat.PValue(p.P)}");
        var scale = pool.Correlation is null ? RichText.Empty : RichText.Of($"Fisher's {Symbols.Z} = {ApaFormat.Number(p.Effect, 3)}, ");
        var d = pool.CohensD is { D: not null } e
            ? RichText.Of($"; as a standardised difference, {Symbols.D} = {ApaFormat.Number(e.D)} [{ApaFormat.Number(e.Lower)}, {ApaFormat.Number(e.Upper)}]")
            : RichText.Empty;
        var interval = $"{ApaFormat.Confidence(pool.Model.Confidence)} CI";
        var estimate = Phrasing.DescribeEstimate(p, pool.Correlation);
        var error = RichText.Of($"{Symbols.StandardError} = {ApaFormat.Number(p.StandardError, 3)}");
        return pool.Correlation is { } r
            ? RichText.Of($"The pooled correlation was {Symbols.R} = {estimate}, {interval} [{ApaFormat.Correlation(r.Lower)}, "
                + $"{ApaFormat.Correlation(r.Upper)}]{test} ({scale}{error}{d}).")
            : RichText.Of($"The pooled effect was {estimate}, {interval} [{ApaFormat.Number(p.Lower)}, {ApaFormat.Number(p.Upper)}]{test} ({error}).");
    }

    private static RichText Equivalence(PoolResponse pool) => pool.Equivalence is not { } test ? RichText.Empty
        : RichText.Of($"Two one-sided tests against a margin of ± {ApaFormat.Number(test.Margin)}: {Symbols.P} {ApaFormat.PValue(test.P)}; the pooled effect "
            + $"is {(test.Equivalent ? "" : "not shown to be ")}within the margin.");

    private static RichText Artifacts(HunterSchmidtResponse? a) => a is null ? RichText.Empty
        : RichText.Of($"By the method of Hunter and Schmidt ({Phrasing.SplitCamelCase(Http.Json.EnumNames<Analyses.Models.ArtifactCorrection>.Of(a.Method))}; "
            + $"{Phrasing.Plural(a.Effects, "effect")}), the mean correlation was {ApaFormat.Correlation(a.MeanR)}, 80% credibility interval "
            + $"[{ApaFormat.Correlation(a.CredibilityLower)}, {ApaFormat.Correlation(a.CredibilityUpper)}].");

    private static RichText Effects(EffectSet effects, PoolResponse pool)
    {
        var names = new EffectNames(effects, pool);
        var rows = pool.Studies.Take(MaxEffects).Select(row => Describe(row, names.Of(row.Id)));
        var more = pool.Studies.Count > MaxEffects
            ? $"; and {ApaFormat.Count(pool.Studies.Count - MaxEffects)} more, which /meta/pool.csv lists" : "";
        var what = pool.Studies.Count < pool.Counts.Effects ? "Composites of samples" : "Single effects";
        return RichText.Of($"{what} with {ApaFormat.Confidence(pool.Model.Confidence)} confidence intervals and weights: {RichText.Join("; ", rows)}{more}.");
    }

    private static RichText Describe(WeightedEffect row, string name)
    {
        var n = row.N is { } participants ? RichText.Of($", {Symbols.SampleN} = {ApaFormat.Count(participants)}") : RichText.Empty;
        var effect = row.R is { } r
            ? RichText.Of($"{Symbols.R} = {ApaFormat.Correlation(r)} [{ApaFormat.Correlation(row.Lower)}, {ApaFormat.Correlation(row.Upper)}]")
            : RichText.Of($"{ApaFormat.Number(row.Effect)} [{ApaFormat.Number(row.Lower)}, {ApaFormat.Number(row.Upper)}]");
        return RichText.Of($"{name}, {effect}{n}, {ApaFormat.Percent(row.Weight, 1)}");
    }
}
