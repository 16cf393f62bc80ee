using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting;

/// <summary>Posteriors in words.</summary>
internal static class PosteriorPhrasing
{
    private const double LargestShown = 10_000; // Bayes factor
    private const double LargestShownProbability = 0.999;

    /// <summary>Result, counts, model and priors of a picture.</summary>
    public static string Subtitle(BayesResponse answer, FittedBayes fitted) =>
        $"{PlotText.Capitalize(Interval(answer.Mean, fitted))}, posterior median and {ApaFormat.Confidence(answer.Model.Confidence)} credible interval; "
            + $"{Phrasing.DescribeCounts(answer.Counts)}. Bayesian random-effects model; priors: mean {Describe(answer.Prior)}.";

    /// <summary>Warnings and provenance.</summary>
    public static IEnumerable<string> Notes(BayesResponse answer) =>
        answer.Warnings.Select(w => w.Finding).Distinct(StringComparer.Ordinal).Append(Phrasing.Describe(answer.Data));

    /// <summary>Median and limits: <c>r = .37 [.30, .44]</c>.</summary>
    public static string Interval(PosteriorResponse posterior, FittedBayes fitted) => fitted.IsOnOtherScale || posterior.R is not { } r
        ? $"{ApaFormat.Number(posterior.Median)} [{ApaFormat.Number(posterior.Lower)}, {ApaFormat.Number(posterior.Upper)}]"
        : $"r = {ApaFormat.Correlation(r.Median)} [{ApaFormat.Correlation(r.Lower)}, {ApaFormat.Correlation(r.Upper)}]";

    /// <summary>The priors: <c>N(0, 0.5); τ half-normal(0.3)</c>.</summary>
    public static string Describe(PriorResponse prior) =>
        FormattableString.Invariant($"N({prior.MuMean:0.###}, {prior.MuSd:0.###}); τ {Family(prior.Tau)}({prior.TauScale:0.###})").Replace("(-", "(−",
            StringComparison.Ordinal);

    /// <summary>A probability: <c>.973</c>, or <c>above .999</c>.</summary>
    public static string Probability(double probability) => probability > LargestShownProbability ? "above .999"
        : probability < 1 - LargestShownProbability ? "below .001" : ApaFormat.Number(probability, 3);

    /// <summary>A Bayes factor by its natural logarithm.</summary>
    public static string BayesFactor(double log) => log switch
    {
        _ when log > Math.Log(LargestShown) => $"> {ApaFormat.Count(LargestShown)}",
        _ when log < -Math.Log(LargestShown) => $"< 1/{ApaFormat.Count(LargestShown)}",
        < 0 => $"1/{ApaFormat.Number(Math.Exp(-log))}",
        _ => ApaFormat.Number(Math.Exp(log)),
    };

    /// <summary>Family of the prior of tau.</summary>
    public static string Family(TauPriorChoice family) => family switch
    {
        TauPriorChoice.HalfCauchy => "half-Cauchy",
        TauPriorChoice.Uniform => "uniform",
        _ => "half-normal",
    };
}
