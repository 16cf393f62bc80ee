using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.Sensitivity;
using RealRelationshipApi.Analyses.Sequential;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>The cumulative plot: the pooled effect by year of publication, or effect by effect in the given order for effects in the body.</summary>
internal static class CumulativePlot
{
    public static (string? Picture, Problem? Problem) Render(EffectSet effects, CumulativeRequest request, ErrorLocation location)
    {
        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        if (model is null)
        {
            return (null, problem);
        }

        var pool = PoolAnalysis.Run(effects, model);
        var footnotes = new Footnotes();
        var rows = !effects.IsStored ? ByEffect(effects, model, footnotes)
            : model.IsAnytime ? ByEntry(effects, model, footnotes)
            : ByYear(effects, model, footnotes);
        var (page, pageProblem) = RowPage.Of(request, rows.Count, location);
        return page is null ? (null, pageProblem) : (Draw(effects, request, pool, rows, page, footnotes), null);
    }

    private static string Draw(EffectSet effects, CumulativeRequest request, PoolResponse pool, IReadOnlyList<ChartRow> rows, RowPage page,
        Footnotes footnotes)
    {
        var isCorrelation = pool.Correlation is not null;
        return new RowChart
        {
            Title = PlotText.Title(effects, "cumulative plot"),
            Subtitle = PlotText.Subtitle(pool, request.Filter),
            Description = $"{PlotText.Subtitle(pool, request.Filter)} Each row pools everything up to then. {page.HiddenRowsNote(rows.Count)}".TrimEnd(),
            Headers = (!effects.IsStored ? "Up to" : pool.Anytime is null ? "Published up to" : "Entered up to", "Effects",
                $"{(isCorrelation ? "r" : "Effect")} [{ApaFormat.Confidence(pool.Model.Confidence)} CI]", pool.Anytime is null ? "" : "Sequence"),
            Rows = [.. page.Of(rows), .. page.Count < rows.Count ? [new ChartRow(ChartRowKind.Note, page.HiddenRowsText(rows.Count))] : Array.Empty<ChartRow>(),
                PooledRow(pool)],
            Notes = [.. effects.HypotheticalCount > 0 ? ["Hollow squares pool hypothetical effects, too."] : Array.Empty<string>(), .. footnotes.Texts,
                .. PlotText.Notes(pool)],
            IsCorrelation = isCorrelation,
            Width = request.Width ?? RowChart.DefaultWidth,
            GuideLine = PlotText.Centre(pool),
            Legend = pool.Anytime is null ? null
                : ($"{ApaFormat.Confidence(pool.Model.Confidence)} confidence interval: holds for one look",
                    $"{ApaFormat.Confidence(pool.Model.Confidence)} confidence sequence: holds at every look"),
        }.Draw();
    }

    private static ChartRow PooledRow(PoolResponse pool) => new ChartRow(ChartRowKind.Pooled, "All")
    {
        CountText = ApaFormat.Count(pool.Counts.Effects),
        Point = PlotText.Centre(pool),
        Lower = pool.Correlation is { } lower ? lower.Lower : pool.Pooled.Lower,
        Upper = pool.Correlation is { } upper ? upper.Upper : pool.Pooled.Upper,
    }.WithSequence(pool.Anytime?.Lower, pool.Anytime?.Upper);

    // One row per look, with the studies that were new at it.
    private static IReadOnlyList<ChartRow> ByEntry(EffectSet effects, ResolvedModel model, Footnotes footnotes)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return [.. AnytimeAnalysis.Create(effects, model)!.Looks().Select(look =>
        {
            var fit = SensitivityAnalysis.Pool(effects, look.Effects, model);
            string[] added = [.. look.Effects.Select(i => effects.Studies[i]).Where(seen.Add)];
            var label = look.Look is { Revision: { } revision, At: { } at } ? $"Revision {revision} of {at:yyyy-MM-dd}" : "";
            var row = Row(label, look.Effects.Count, fit.Mean.Estimate, fit.Mean.Lower, fit.Mean.Upper, model, footnotes.Mark(Codes(fit, look.Fit))) with
            {
                Sublabel = added.Length == 0 ? null : NameList.Of(added),
            };
            return MarkHypothetical(row, effects, look.Effects).WithSequence(look.Fit?.Lower, look.Fit?.Upper);
        })];

        static IReadOnlyList<string> Codes(ModelFit fit, AnytimeFit? sequence) =>
            [.. FitWarnings.CodesOf(fit), .. sequence is null ? [AnytimeAnalysis.NotComputable] : Array.Empty<string>()];
    }

    private static IReadOnlyList<ChartRow> ByYear(EffectSet effects, ResolvedModel model, Footnotes footnotes)
    {
        // Hypothetical effects without a year come last.
        var inOrder = Enumerable.Range(0, effects.Count).OrderBy(i => effects.Years[i] ?? long.MaxValue).ToList();
        var taken = 0;
        return [.. inOrder.GroupBy(i => effects.Years[i]?.ToString() ?? "", StringComparer.Ordinal).Select(year =>
        {
            taken += year.Count();
            var fit = SensitivityAnalysis.Pool(effects, inOrder[..taken], model);
            var row = Row(year.Key, taken, fit.Mean.Estimate, fit.Mean.Lower, fit.Mean.Upper, model, footnotes.Mark(FitWarnings.CodesOf(fit)));
            return MarkHypothetical(row, effects, inOrder[..taken]);
        })];
    }

    // A row whose pool has hypothetical effects is hollow, and says how many; without a label of its own that is its label.
    private static ChartRow MarkHypothetical(ChartRow row, EffectSet effects, IEnumerable<int> pooled)
    {
        var hypothetical = pooled.Where(effects.IsHypothetical).ToList();
        if (hypothetical.Count == 0)
        {
            return row;
        }

        var count = $"ith {Phrasing.Plural(hypothetical.Count, "hypothetical effect")}";
        string[] named = [.. hypothetical.Select(i => effects.Studies[i]).Distinct(StringComparer.Ordinal).Where(HypotheticalEffects.HasOwnName)];
        return row.Label.Length == 0 ? row with { IsHollow = true, Label = $"W{count}", Sublabel = named.Length == 0 ? null : NameList.Of(named) }
            : row with { IsHollow = true, Sublabel = row.Sublabel is { } below ? $"{below}; w{count}" : $"w{count}" };
    }

    private static IReadOnlyList<ChartRow> ByEffect(EffectSet effects, ResolvedModel model, Footnotes footnotes)
    {
        var frame = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model);
        var sizes = model.IsNested
            ? effects.Samples.CountBy(sample => sample, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal)
            : Enumerable.Range(0, frame.Count).ToDictionary(frame.IdOf, row => frame.Members[row].Count, StringComparer.Ordinal);
        var taken = 0;
        var sequence = AnytimeAnalysis.Create(effects, model);
        return [.. SensitivityAnalysis.CumulativeWithSequence(frame, model, sequence).Select(row =>
            Row(row.Id, taken += sizes[row.Id], row.Effect, row.Lower, row.Upper, model, footnotes.Mark(row.WarningCodes))
                .WithSequence(row.SequenceLower, row.SequenceUpper))];
    }

    private static ChartRow WithSequence(this ChartRow row, double? lower, double? upper)
    {
        if (lower is not { } from || upper is not { } to)
        {
            return row;
        }

        (double Lower, double Upper) ends = (Math.Tanh(from), Math.Tanh(to));
        return row with { Sequence = ends, WeightText = $"[{ApaFormat.Correlation(ends.Lower)}, {ApaFormat.Correlation(ends.Upper)}]" };
    }

    private static ChartRow Row(string label, int effects, double effect, double? lower, double? upper, ResolvedModel model, string mark)
    {
        var isFisherZ = model.Measure == EffectMeasure.FisherZ;
        return new(ChartRowKind.Estimate, label)
        {
            CountText = ApaFormat.Count(effects),
            Point = Scaled(effect),
            Lower = Scaled(lower),
            Upper = Scaled(upper),
            Mark = mark,
        };

        double? Scaled(double? value) => isFisherZ && value is { } z ? Math.Tanh(z) : value;
    }
}
