using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta.Pictures;

/// <summary>How the pooled effect came to be what it is: year by year over the store, effect by effect in the given order for effects of the body.</summary>
internal static class CumulativePlot
{
    public static (string? Picture, Problem? Problem) Run(EffectSet effects, CumulativeRequest request, Asked asked)
    {
        var (model, problem) = Model.Resolve(request.Model, effects, asked);
        if (model is null)
        {
            return (null, problem);
        }

        var pool = PoolAnalysis.Run(effects, model);
        var rows = effects.IsOfStore ? ByYear(effects, model) : ByEffect(effects, model);
        var (page, beyond) = PageOfRows.Of(request, rows.Count, asked);
        return page is null ? (null, beyond) : (Draw(effects, request, pool, rows, page), null);
    }

    private static string Draw(EffectSet effects, CumulativeRequest request, PoolAnswer pool, IReadOnlyList<ChartRow> rows, PageOfRows page)
    {
        var isCorrelation = pool.Correlation is not null;
        return new RowChart
        {
            Title = PictureWords.Title(effects, "cumulative plot"),
            Subtitle = PictureWords.Subtitle(pool, request.Filter),
            Description = $"{PictureWords.Subtitle(pool, request.Filter)} Each row pools everything up to then. {page.WhereOthersAre(rows.Count)}".TrimEnd(),
            Heads = (effects.IsOfStore ? "Published up to" : "Up to", "Effects", $"{(isCorrelation ? "r" : "Effect")} [{Apa.Confidence(pool.Model.Confidence)} CI]", ""),
            Rows = [.. page.Of(rows), .. page.Count < rows.Count ? [new ChartRow(RowKind.Note, page.Others(rows.Count))] : Array.Empty<ChartRow>(), PooledRow(pool)],
            Notes = [.. PictureWords.Notes(pool)],
            IsCorrelation = isCorrelation,
            Guide = pool.Correlation?.R ?? pool.Pooled.Effect,
        }.Draw();
    }

    private static ChartRow PooledRow(PoolAnswer pool) => new(RowKind.Pooled, "All")
    {
        Amount = Apa.Count(pool.Counts.Effects),
        Point = pool.Correlation?.R ?? pool.Pooled.Effect,
        Lower = pool.Correlation is { } lower ? lower.Lower : pool.Pooled.Lower,
        Upper = pool.Correlation is { } upper ? upper.Upper : pool.Pooled.Upper,
    };

    private static IReadOnlyList<ChartRow> ByYear(EffectSet effects, Model model)
    {
        var inOrder = Enumerable.Range(0, effects.Count).OrderBy(i => effects.Years[i]).ToList();
        var taken = 0;
        return [.. inOrder.GroupBy(i => effects.Years[i]!.Value).Select(year =>
        {
            taken += year.Count();
            var (mean, _) = SensitivityAnalysis.Mean(effects, inOrder[..taken], model);
            return Row(year.Key.ToString(), taken, mean.Estimate, mean.Lower, mean.Upper, model);
        })];
    }

    private static IReadOnlyList<ChartRow> ByEffect(EffectSet effects, Model model)
    {
        var entering = Entering.Of(effects, [.. Enumerable.Range(0, effects.Count)], model);
        var sizes = model.IsNested
            ? effects.Samples.CountBy(sample => sample, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal)
            : Enumerable.Range(0, entering.Count).ToDictionary(entering.IdOf, row => entering.Members[row].Count, StringComparer.Ordinal);
        var taken = 0;
        return [.. SensitivityAnalysis.Cumulate(entering, model).Select(row => Row(row.Id, taken += sizes[row.Id], row.Effect, row.Lower, row.Upper, model))];
    }

    private static ChartRow Row(string label, int effects, double effect, double? lower, double? upper, Model model)
    {
        var isRaw = model.Measure == Measure.Raw;
        return new(RowKind.Estimate, label) { Amount = Apa.Count(effects), Point = Scaled(effect), Lower = Scaled(lower), Upper = Scaled(upper) };

        double? Scaled(double? value) => isRaw || value is not { } z ? value : Math.Tanh(z);
    }
}
