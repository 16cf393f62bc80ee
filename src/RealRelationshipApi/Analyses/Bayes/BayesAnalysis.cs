using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Bayes;

/// <summary><c>/meta/bayes</c>: posterior of the random-effects model, and the average of four models. Dependent effects enter as one composite per
/// sample.</summary>
internal static class BayesAnalysis
{
    private const double PriorProbability = 1.0 / 4;

    public static (BayesResponse? Answer, Problem? Problem) Run(EffectSet effects, BayesRequest request, ErrorLocation location)
    {
        var (fitted, problem) = Fit(effects, request.Model, location);
        return fitted is null ? (null, problem) : (Respond(fitted, request), null);
    }

    /// <summary>Maps the fits to the response.</summary>
    public static BayesResponse Respond(FittedBayes fitted, BayesRequest request) => Summarise(fitted, request) with
    {
        Studies = fitted.Average.Random.ShrunkenEffects.Map((shrunken, row) => Study(fitted.Frame, row, shrunken, fitted.IsOnOtherScale)),
    };

    /// <summary>Fits the four models; returns a problem if options contradict each other.</summary>
    public static (FittedBayes? Fitted, Problem? Problem) Fit(EffectSet effects, ModelRequest? request, ErrorLocation location)
    {
        var (resolved, problem) = ResolvedModel.Resolve(request, effects, location);
        if (resolved is null)
        {
            return (null, problem);
        }

        var model = resolved.Flattened;
        var frame = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model);
        return (new(frame, model, BayesianModelAveraging.Fit(frame.Estimates, frame.Variances, model.Bayes)), null);
    }

    /// <summary>The same under other priors, the chosen ones first.</summary>
    public static IReadOnlyList<PriorSensitivityResponse> OtherPriors(FittedBayes fitted) =>
        [.. PriorSensitivity.Run(fitted.Frame.Estimates, fitted.Frame.Variances, fitted.Model.Bayes).Select((average, i) => Row(average, i == 0, fitted))];

    /// <summary>Priors as in responses.</summary>
    public static PriorResponse Prior(BayesianOptions options) =>
        new(options.PriorMuMean, options.PriorMuSd, ModelChoices.FromStatistics(options.PriorTau), options.PriorTauScale);

    /// <summary>The response without a row for each study.</summary>
    public static BayesResponse Summarise(FittedBayes fitted, BayesRequest request)
    {
        var (frame, model, average) = (fitted.Frame, fitted.Model, fitted.Average);
        var (effects, random, basis) = (frame.Effects, average.Random, fitted.Basis);
        var mean = Posterior(random.Mean, fitted) with { R = Correlation(random.Mean, fitted) };
        return new()
        {
            Prior = Prior(random.Options),
            Mean = mean,
            Tau = Posterior(random.Tau, fitted),
            Prediction = Posterior(random.NewEffect, fitted) with { R = Correlation(random.NewEffect, fitted) },
            MeanGivenEffect = Posterior(average.MeanGivenEffect, fitted) with { R = Correlation(average.MeanGivenEffect, fitted) },
            Averaged = new(average.Mean, average.Interval.Lower, average.Interval.Upper, fitted.IsOnOtherScale ? null
                : new(FisherZ.ToCorrelation(average.Interval.Lower), FisherZ.ToCorrelation(average.Interval.Upper)), basis),
            Models = [.. Models(average)],
            Inclusion = [.. Inclusion(average)],
            Studies = [],
            PriorSensitivity = request.PriorSensitivity == true ? OtherPriors(fitted) : null,
            Counts = frame.Counts(),
            Model = Describe(model),
            Given = effects.Given,
            Used = effects.Count,
            Data = ResponseMapper.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. frame.Warnings(model), .. UnusedOptions.OfEstimation(request.Model), .. Warnings(fitted)],
        };
    }

    private static PosteriorResponse Posterior(PosteriorDistribution posterior, FittedBayes fitted) => new(posterior.Median, posterior.Mean,
        posterior.StandardDeviation, posterior.Central.Lower, posterior.Central.Upper, posterior.Shortest.Lower, posterior.Shortest.Upper,
        posterior.UpperTail(0), fitted.Basis);

    private static PosteriorCorrelationResponse? Correlation(PosteriorDistribution posterior, FittedBayes fitted) => fitted.IsOnOtherScale ? null
        : new(FisherZ.ToCorrelation(posterior.Median), FisherZ.ToCorrelation(posterior.Central.Lower), FisherZ.ToCorrelation(posterior.Central.Upper));

    private static IEnumerable<BayesModelResponse> Models(BayesianAverage average)
    {
        var (probabilities, logs) = (average.Probabilities, average.LogMarginalLikelihoods);
        yield return new(BayesModel.FixedNull, PriorProbability, probabilities.FixedNull, logs.FixedNull);
        yield return new(BayesModel.FixedEffect, PriorProbability, probabilities.FixedEffect, logs.FixedEffect);
        yield return new(BayesModel.RandomNull, PriorProbability, probabilities.RandomNull, logs.RandomNull);
        yield return new(BayesModel.RandomEffect, PriorProbability, probabilities.RandomEffect, logs.RandomEffect);
    }

    private static IEnumerable<InclusionResponse> Inclusion(BayesianAverage average)
    {
        var probabilities = average.Probabilities;
        yield return new(BayesComponent.Effect, 2 * PriorProbability, probabilities.FixedEffect + probabilities.RandomEffect,
            average.BayesFactorOfEffect, average.LogBayesFactorOfEffect);
        yield return new(BayesComponent.Heterogeneity, 2 * PriorProbability, probabilities.RandomNull + probabilities.RandomEffect,
            average.BayesFactorOfHeterogeneity, average.LogBayesFactorOfHeterogeneity);
    }

    private static ShrunkenStudyResponse Study(ModelFrame frame, int row, PosteriorSummary shrunken, bool isOnOtherScale)
    {
        var effect = frame.Estimates[row];
        return new(frame.IdOf(row), frame.StudiesOf(row), frame.SampleOf(row), effect, Math.Sqrt(frame.Variances[row]), shrunken.Mean,
            shrunken.StandardDeviation, shrunken.Lower, shrunken.Upper, isOnOtherScale ? null
                : new(FisherZ.ToCorrelation(effect), FisherZ.ToCorrelation(shrunken.Mean), FisherZ.ToCorrelation(shrunken.Lower),
                    FisherZ.ToCorrelation(shrunken.Upper)))
        {
            Hypothetical = frame.IsHypothetical(row),
        };
    }

    private static PriorSensitivityResponse Row(BayesianAverage average, bool isChosen, FittedBayes fitted)
    {
        var random = average.Random;
        return new(Prior(random.Options), isChosen, random.Mean.Median, random.Mean.Central.Lower, random.Mean.Central.Upper,
            Correlation(random.Mean, fitted), random.Tau.Median, random.Tau.Central.Lower, random.Tau.Central.Upper, random.NewEffect.Central.Lower,
            random.NewEffect.Central.Upper, average.Mean, average.BayesFactorOfEffect, average.LogBayesFactorOfEffect, average.BayesFactorOfHeterogeneity,
            average.LogBayesFactorOfHeterogeneity);
    }

    private static Pool.ModelResponse Describe(ResolvedModel model)
    {
        var response = ResponseMapper.Model(model);
        return response with { Definitions = response.Definitions with { Prediction = "posteriorPredictive" } };
    }

    private static IEnumerable<Warning> Warnings(FittedBayes fitted)
    {
        var (count, random) = (fitted.Frame.Count, fitted.Average.Random);
        if (count < ModelFit.FewEffects)
        {
            yield return count == 1
                ? new("oneEffect", "One effect says nothing about how much effects differ: tau and the prediction rest on the prior of tau.")
                : new("fewEffects", "So few effects say very little about how much effects differ: tau and the prediction rest on the prior of tau, too.");
        }

        if (random.Tau.StandardDeviation is null || random.Mean.StandardDeviation is null || random.NewEffect.StandardDeviation is null)
        {
            yield return new("noMoments", "With so few effects the half-Cauchy prior of tau leaves tails so long that means and standard deviations do not "
                + "exist: medians and intervals do.");
        }

        if (fitted.IsOnOtherScale)
        {
            yield return Warning.WithAdvice("priorsForFisherZ",
                "The priors are on the scale of the analysed effects; their defaults are for Fisher's z.",
                "Choose priorMuSd and priorTauScale for this scale.");
        }

        if (Prior(random.Options) != Prior(new BayesianOptions()))
        {
            yield return Warning.WithAdvice("priorChosen",
                "The prior is not the default one. A Bayes factor depends on it, so that it has to be fixed before the data are seen.",
                "priorSensitivity=true has the results under others.");
        }
    }
}

/// <summary>The four models fitted to rows.</summary>
/// <param name="Frame">The rows.</param>
/// <param name="Model">The resolved model.</param>
/// <param name="Average">The fits and their average.</param>
internal sealed record FittedBayes(ModelFrame Frame, ResolvedModel Model, BayesianAverage Average)
{
    /// <summary>Whether the scale is another one than Fisher z.</summary>
    public bool IsOnOtherScale => Model.Measure != EffectMeasure.FisherZ;

    /// <summary>Effects that it is computed from.</summary>
    public EffectBasis Basis => Frame.BasisOf(Model);
}
