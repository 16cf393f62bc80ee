using RealRelationship.Statistics;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Models;

/// <summary>A pooled mean or a regression under a resolved model, for independent effects as well as for effects nested in samples.</summary>
internal sealed record ModelFit
{
    /// <summary>Fewer effects say very little about how much effects differ.</summary>
    public const int FewEffects = 3;

    public required ModelFrame Frame { get; init; }

    public required ResolvedModel Model { get; init; }

    /// <summary>Coefficients, <c>intercept</c> first.</summary>
    public required IReadOnlyList<Coefficient> Coefficients { get; init; }

    /// <summary>The pooled effect, if there are no moderators.</summary>
    public Coefficient Mean => Coefficients[0];

    /// <summary>Null for a regression, for the common-effect model and for a single effect.</summary>
    public Prediction? Prediction { get; init; }

    /// <summary>Probability that a new true effect exceeds <see cref="ResolvedModel.NegligibleEffect"/>; null with <see cref="Prediction"/>.
    /// It is computed when it is read.</summary>
    public ExceedanceProbability? ProbabilityAboveNegligible => Prediction?.ProbabilityAbove(Model.NegligibleEffect);

    public required Heterogeneity Heterogeneity { get; init; }

    /// <summary>Weights in percent, one per row of the frame.</summary>
    public required IReadOnlyList<double> Weights { get; init; }

    public required double? LogLikelihood { get; init; }

    public required int Iterations { get; init; }

    public required bool Converged { get; init; }

    /// <summary>Null without moderators.</summary>
    public WaldTest? Omnibus { get; init; }

    /// <inheritdoc cref="MetaRegressionFit.RSquared"/>
    public double? RSquared { get; init; }

    /// <summary>The multilevel fit; null if effects are independent.</summary>
    public MultilevelFit? Nested { get; init; }

    /// <summary>The regression of independent effects; null for a mean and if effects are nested.</summary>
    public MetaRegressionFit? Regression { get; init; }

    public required IReadOnlyList<Warning> Warnings { get; init; }

    /// <summary>Pools the rows of a frame.</summary>
    /// <param name="frame">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="profileIntervals">Whether to compute intervals of the variances if effects are nested; they cost more than the fit.</param>
    /// <exception cref="StatisticsException">The model cannot be fitted to the effects.</exception>
    public static ModelFit Pool(ModelFrame frame, ResolvedModel model, bool profileIntervals = true)
    {
        if (model.IsNested)
        {
            return Of(frame, model, MultilevelModel.Fit(frame.Estimates, frame.Variances, frame.SampleCodes(),
                frame.NestedOptions(model) with { ProfileIntervals = profileIntervals }));
        }

        var fit = RandomEffectsModel.Fit(frame.Estimates, frame.Variances, model.RandomEffectsOptions);
        return new()
        {
            Frame = frame,
            Model = model,
            Coefficients = [fit.Mean],
            Prediction = fit.Prediction,
            Heterogeneity = fit.Heterogeneity,
            Weights = fit.Weights,
            LogLikelihood = fit.LogLikelihood,
            Iterations = fit.Iterations,
            Converged = fit.Converged,
            Warnings =
            [
                .. frame.Warnings(model),
                .. CountWarnings(fit),
                .. FitNotes(fit.FloorApplied, fit.SeveralModes),
                .. LimitWarnings(model, fit.Prediction),
            ],
        };
    }

    /// <summary>Regresses the rows of a frame on a design matrix.</summary>
    /// <param name="frame">The rows.</param>
    /// <param name="design">One row for each row of the frame.</param>
    /// <param name="model">The model.</param>
    /// <param name="oneSample">How to test a coefficient that is identified by a single sample.</param>
    /// <exception cref="StatisticsException">The model cannot be fitted to the effects.</exception>
    public static ModelFit Regress(ModelFrame frame, DesignMatrix design, ResolvedModel model, OneSampleInference oneSample)
    {
        if (model.IsNested)
        {
            return Of(frame, model, MultilevelModel.Fit(frame.Estimates, frame.Variances, frame.SampleCodes(), design,
                frame.NestedOptions(model) with { OneSample = oneSample }));
        }

        var fit = MetaRegression.Fit(frame.Estimates, frame.Variances, design, model.RandomEffectsOptions with { OneSample = oneSample },
            frame.SampleCodes());
        return new()
        {
            Frame = frame,
            Model = model,
            Coefficients = fit.Coefficients,
            Heterogeneity = fit.Residual,
            Weights = fit.Weights,
            LogLikelihood = fit.LogLikelihood,
            Iterations = fit.Iterations,
            Converged = fit.Converged,
            Omnibus = fit.Omnibus,
            RSquared = fit.RSquared,
            Regression = fit,
            Warnings = [.. frame.Warnings(model), .. RegressionWarnings(fit, frame), .. FitNotes(fit.FloorApplied, fit.SeveralModes)],
        };
    }

    private static ModelFit Of(ModelFrame frame, ResolvedModel model, MultilevelFit fit) => new()
    {
        Frame = frame,
        Model = model,
        Coefficients = fit.Coefficients,
        Prediction = fit.Prediction,
        Heterogeneity = fit.Heterogeneity,
        Weights = fit.Weights,
        LogLikelihood = fit.LogLikelihood,
        Iterations = fit.Iterations,
        Converged = fit.Converged,
        Omnibus = fit.Omnibus,
        RSquared = fit.RSquared,
        Nested = fit,
        Warnings = [.. frame.Warnings(model), .. fit.Notes.Select(note => FitWarnings.Of(note, model.Dependence)), .. LimitWarnings(model, fit.Prediction)],
    };

    private static IEnumerable<Warning> CountWarnings(RandomEffectsFit fit)
    {
        if (fit.Effects == 1)
        {
            yield return FitWarnings.Of("oneEffect");
        }
        else if (fit.Effects < FewEffects)
        {
            yield return new("fewEffects", $"{fit.Effects} effects say very little about how much effects differ."
                + (fit.Prediction is null || fit.Options.Prediction == PredictionDistribution.ConfidenceDistribution ? ""
                    : " The prediction interval takes what they say as known, and is not to be relied on."));
        }

        if (fit.Heterogeneity.IntervalIsEmpty)
        {
            yield return FitWarnings.Of("emptyInterval");
        }
    }

    private static IEnumerable<Warning> LimitWarnings(ResolvedModel model, Prediction? prediction)
    {
        if (prediction is not null && model.Prediction != PredictionIntervalChoice.ConfidenceDistribution)
        {
            yield return FitWarnings.Of("intervalNotAvailable");
        }
    }

    private static IEnumerable<Warning> RegressionWarnings(MetaRegressionFit fit, ModelFrame frame)
    {
        if (frame.HasSplitSamples)
        {
            yield return new("sampleInSeveralLevels",
                "Some samples have effects at several values of the terms; these are treated as independent of each other.");
        }

        if (fit.Residual.DegreesOfFreedom < 1)
        {
            yield return FitWarnings.Of("noResidualDegreesOfFreedom");
        }

        if (fit.NearlyAliased)
        {
            yield return FitWarnings.Of("nearlyAliased");
        }

        if (fit.Coefficients.Any(coefficient => coefficient.RestsOnOneSample))
        {
            yield return FitWarnings.Of("oneSampleLevel");
        }
    }

    private static IEnumerable<Warning> FitNotes(bool floorApplied, bool severalModes)
    {
        if (floorApplied)
        {
            yield return FitWarnings.Of("floorApplied");
        }

        if (severalModes)
        {
            yield return FitWarnings.Of("severalModes");
        }
    }
}
