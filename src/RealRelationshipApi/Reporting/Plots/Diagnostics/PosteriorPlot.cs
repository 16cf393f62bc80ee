using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots.Diagnostics;

/// <summary>A picture of posteriors.</summary>
internal sealed record PosteriorPlotRequest : AnalysisRequest
{
    internal override bool HasPriors => true;
}

/// <summary>Densities of the mean before and after the effects, and of the effect of a new study.</summary>
internal static class PosteriorPlot
{
    private const int Points = 240;
    private const double OutermostTail = 0.001;
    private const double OutermostTailOfPrediction = 0.01;

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, PosteriorPlotRequest request, ErrorLocation location)
    {
        var (fitted, problem) = BayesAnalysis.Fit(effects, request.Model, location);
        return fitted is null ? (null, problem)
            : (Draw(fitted, BayesAnalysis.Summarise(fitted, new() { Filter = request.Filter, Model = request.Model })), null);
    }

    private static string Draw(FittedBayes fitted, BayesResponse answer)
    {
        var (mean, prediction, prior) = (fitted.Average.Random.Mean, fitted.Average.Random.NewEffect, answer.Prior);
        var axis = Axis.Covering([0, mean.Quantile(OutermostTail), mean.Quantile(1 - OutermostTail), prediction.Quantile(OutermostTailOfPrediction),
            prediction.Quantile(1 - OutermostTailOfPrediction)], PlotFrame.Left, PlotFrame.Right);
        double[] xs = [.. Enumerable.Range(0, Points + 1).Select(i => axis.Lower + (i / (double)Points * (axis.Upper - axis.Lower)))];
        double PriorAt(double x) => Math.Exp(-(x - prior.MuMean) * (x - prior.MuMean) / (2 * prior.MuSd * prior.MuSd)) / (prior.MuSd * Math.Sqrt(2 * Math.PI));
        // Of a narrow posterior the points around its maximum, too.
        double[] ofMean = [.. xs.Concat(Enumerable.Range(1, Points - 1).Select(i => mean.Quantile(i / (double)Points))).Order()];
        var interval = $"{ApaFormat.Confidence(answer.Model.Confidence)} interval";
        var frame = new PlotFrame
        {
            Title = PlotText.Title(fitted.Frame.Effects, "posterior of the mean"),
            Subtitle = PosteriorPhrasing.Subtitle(answer, fitted),
            X = axis,
            Y = Axis.Covering([0, 1.03 * ofMean.Max(mean.Density), xs.Max(PriorAt)], 430, 0),
            XLabel = fitted.IsOnOtherScale ? "Effect" : "Correlation r, on the scale of Fisher z",
            YLabel = fitted.IsOnOtherScale ? "Probability density" : "Probability density of Fisher z",
            IsCorrelation = !fitted.IsOnOtherScale,
            Notes =
            [
                $"Mean {PosteriorPhrasing.Interval(answer.Mean, fitted)}, above 0 with probability "
                    + $"{PosteriorPhrasing.Probability(answer.Mean.ProbabilityAboveZero)}; new study {PosteriorPhrasing.Interval(answer.Prediction, fitted)}; "
                    + $"τ {ApaFormat.Number(answer.Tau.Median)} [{ApaFormat.Number(answer.Tau.Lower)}, {ApaFormat.Number(answer.Tau.Upper)}]: medians and "
                    + $"{interval}s.",
                $"Bayes factor of an effect {PosteriorPhrasing.BayesFactor(answer.Inclusion[0].LogBayesFactor)}, of heterogeneity "
                    + $"{PosteriorPhrasing.BayesFactor(answer.Inclusion[1].LogBayesFactor)}, averaged over models with and without the other.",
                .. PosteriorPhrasing.Notes(answer),
            ],
            Legend = [(Mark.Line, "funnel", "posterior of the mean"), (Mark.Area, "band", $"its {interval}"), (Mark.Line, "thin", "prior of the mean"),
                (Mark.Line, "thin dashed", "effect of a new study")],
        };
        return frame.Draw(svg =>
        {
            svg.Rectangle(frame.PositionX(answer.Mean.Lower), frame.FromTop(0), frame.PositionX(answer.Mean.Upper) - frame.PositionX(answer.Mean.Lower),
                frame.Height, "band");
            svg.Line(frame.PositionX(0), frame.FromTop(0), frame.PositionX(0), frame.FromTop(frame.Height), "rule");
            svg.Polyline("thin", xs.Select(x => (frame.PositionX(x), frame.PositionY(PriorAt(x)))));
            svg.Polyline("thin dashed", xs.Select(x => (frame.PositionX(x), frame.PositionY(prediction.Density(x)))));
            svg.Polyline("curve", ofMean.Select(x => (frame.PositionX(x), frame.PositionY(mean.Density(x)))));
        });
    }
}
