using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots.Diagnostics;

/// <summary>The posterior of the mean under other priors.</summary>
internal static class PriorSensitivityPlot
{
    public static (string? Picture, Problem? Problem) Render(EffectSet effects, PosteriorPlotRequest request, ErrorLocation location)
    {
        var (fitted, problem) = BayesAnalysis.Fit(effects, request.Model, location);
        return fitted is null ? (null, problem)
            : (Draw(fitted, BayesAnalysis.Summarise(fitted, new() { Filter = request.Filter, Model = request.Model, PriorSensitivity = true })), null);
    }

    private static string Draw(FittedBayes fitted, BayesResponse answer)
    {
        var interval = $"{ApaFormat.Confidence(answer.Model.Confidence)} interval";
        return new RowChart
        {
            Title = PlotText.Title(fitted.Frame.Effects, "mean under other priors"),
            Subtitle = PosteriorPhrasing.Subtitle(answer, fitted),
            Description = $"{PosteriorPhrasing.Subtitle(answer, fitted)} Each row has the posterior median of the mean under one prior, with its {interval}.",
            Headers = ("Prior of mean; of τ", "τ", $"{(fitted.IsOnOtherScale ? "Mean" : "r")} [{interval}]", "BF of an effect"),
            Rows = [.. answer.PriorSensitivity!.Select(row => Row(row, fitted))],
            Notes = ["The first row has the priors of this question; N(mean, standard deviation), and scales of the prior of τ. "
                + "BF: Bayes factor of an effect against none, above 1 for an effect.", .. PosteriorPhrasing.Notes(answer)],
            IsCorrelation = !fitted.IsOnOtherScale,
            GuideLine = answer.Mean.R?.Median ?? answer.Mean.Median,
        }.Draw();
    }

    private static ChartRow Row(PriorSensitivityResponse row, FittedBayes fitted) =>
        new(row.Chosen ? ChartRowKind.Level : ChartRowKind.Estimate, PosteriorPhrasing.Describe(row.Prior))
        {
            CountText = ApaFormat.Number(row.TauMedian),
            Point = fitted.IsOnOtherScale ? row.Median : row.R!.Median,
            Lower = fitted.IsOnOtherScale ? row.Lower : row.R!.Lower,
            Upper = fitted.IsOnOtherScale ? row.Upper : row.R!.Upper,
            WeightText = PosteriorPhrasing.BayesFactor(row.LogBayesFactorEffect),
        };
}
