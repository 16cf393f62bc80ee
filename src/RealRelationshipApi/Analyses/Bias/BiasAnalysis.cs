using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>Tests for small-study effects and selection: from a question's effects to the answer of <c>/meta/bias</c>.</summary>
/// <remarks>
/// Where effects are nested, Egger and PEESE are regressions in the correlated hierarchical model with CR2, and selection sensitivity is a weighted mean with CR2;
/// the other methods know no dependence and rest on one composite effect a sample. Every part says which.
/// </remarks>
internal sealed class BiasAnalysis
{
    private const int FewForTests = 10;
    private const double UsualStep = 0.025;
    private const double UsualRatio = 4;

    private readonly BiasRequest _request;
    private readonly Model _model;
    private readonly Entering _effects;
    private readonly Entering _flat;
    private readonly Basis _flatBasis;
    private readonly ModelOptions _flatOptions;
    private readonly List<Warning> _warnings = [];

    private BiasAnalysis(EffectSet effects, BiasRequest request, Model model)
    {
        int[] all = [.. Enumerable.Range(0, effects.Count)];
        (_request, _model) = (request, model);
        _effects = Entering.Of(effects, all, model);
        _flat = Entering.Of(effects, all, model.Flattened);
        _flatBasis = _flat.Count < effects.Count || model.Dependence == Dependence.Aggregate ? Basis.Aggregated : Basis.Effects;
        _flatOptions = model.Flattened.Options;
    }

    public static (BiasAnswer? Answer, Problem? Problem) Run(EffectSet effects, BiasRequest request, Asked asked)
    {
        var (model, problem) = Model.Resolve(request.Model, effects, asked);
        return model is null ? (null, problem) : (new BiasAnalysis(effects, request, model).Answer(effects), null);
    }

    private BiasAnswer Answer(EffectSet effects)
    {
        if (_flat.Count < FewForTests)
        {
            _warnings.Add(new("tooFewForBiasTests", $"{_flat.Count} {(_flatBasis == Basis.Aggregated ? "samples" : "effects")}: with fewer than {FewForTests} these tests find little and mislead easily."));
        }

        return new BiasAnswer
        {
            Egger = Part("egger", () => _model.IsNested ? NestedEgger() : LinearEgger()),
            EggerMixed = _model.IsNested ? null : Part("eggerMixed", () => SmallStudy("eggerMixed", Egger.Mixed(Y, V, _flatOptions, Predictor, SampleSizes()), _flatBasis)),
            Peese = Part("peese", () => _model.IsNested ? NestedPeese() : SmallStudy("peese", Egger.Peese(Y, V, _model.Confidence), _flatBasis)),
            PetPeese = Part("petPeese", PetPeese),
            RankCorrelation = Part("rankCorrelation", () => RankCorrelation.Test(Y, V) is var test ? new RankCorrelationAnswer(test.Tau, test.PValue, _flatBasis) : null),
            TrimAndFill = Part("trimAndFill", TrimAndFillOf),
            FailSafeN = Part("failSafeN", () => FailSafeN.Compute(Y, V, _request.OrwinTarget) is var n
                ? new FailSafeAnswer(n.Rosenthal, n.Orwin, n.OrwinTarget, n.Rosenberg, _flatBasis) : null),
            Selection = Part("selection", Selection),
            HenmiCopas = Part("henmiCopas", () => HenmiCopas.Interval(Y, V, _model.Confidence) is var i
                ? new HenmiCopasAnswer(i.Effect, i.Lower, i.Upper, i.TauSquared, _flatBasis) : null),
            ExcessSignificance = Part("excessSignificance", () => ExcessSignificance.Test(Y, V) is var test
                ? new ExcessSignificanceAnswer(test.Observed, test.Expected, test.PValue, _flatBasis) : null),
            SelectionSensitivity = _model.IsNested ? Part("selectionSensitivity", Sensitivity) : null,
            Counts = _effects.Counts(),
            Model = AnswerParts.Model(_model),
            Given = effects.Given,
            Used = effects.Count,
            Data = AnswerParts.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. _flat.Warnings(_model), .. _warnings],
        };
    }

    private double[] Y => _flat.Estimates;

    private double[] V => _flat.Variances;

    private SmallStudyPredictor Predictor => _request.Predictor == Meta.Predictor.SqrtInverseN ? SmallStudyPredictor.InverseSquareRootN : SmallStudyPredictor.StandardError;

    private SelectionDirection Favoured => _request.Direction == Direction.Less ? SelectionDirection.Less : SelectionDirection.Greater;

    // A part that cannot be computed leaves the others standing.
    private T? Part<T>(string name, Func<T?> compute) where T : class
    {
        try
        {
            return compute();
        }
        catch (StatisticsException error)
        {
            _warnings.Add(new(error.Code, $"{name}: {error.Message}"));
            return null;
        }
    }

    private SmallStudyAnswer? LinearEgger() => SmallStudy("egger", Egger.Linear(Y, V, _model.Confidence, Predictor, SampleSizes()), _flatBasis);

    private SmallStudyAnswer? NestedEgger() => NestedRegression([.. _effects.Variances.Select((v, i) => Predictor == SmallStudyPredictor.StandardError
        ? Math.Sqrt(v)
        : Math.Sqrt(1 / Participants(_effects, i)))]);

    private SmallStudyAnswer? NestedPeese() => NestedRegression(_effects.Variances);

    private SmallStudyAnswer NestedRegression(double[] predictor)
    {
        var design = DesignMatrix.WithIntercept(_effects.Count).Add(new ContinuousTerm("predictor", predictor));
        var options = _model.NestedOptions with { Model = NestedModel.CorrelatedHierarchical, Robust = RobustVariance.CR2, Test = CoefficientTest.StudentT, ProfileIntervals = false };
        var fit = MetaMeter.Fit(_model, () => MultilevelModel.Fit(_effects.Estimates, _effects.Variances, _effects.SampleCodes(), design, options));
        var (limit, slope) = (fit.Coefficients[0], fit.Coefficients[1]);
        return new(slope.Statistic, slope.DegreesOfFreedom, slope.PValue, limit.Estimate, limit.Lower, limit.Upper, Basis.ClusterRobust);
    }

    private double[] SampleSizes() => Predictor == SmallStudyPredictor.StandardError ? [] : [.. Enumerable.Range(0, _flat.Count).Select(row => Participants(_flat, row))];

    private static double Participants(Entering entering, int row) => entering.ParticipantsOf(row)
        ?? throw new StatisticsException("participantsUnknown", $"The number of participants of {entering.Effects.Ids[entering.Members[row][0]]} is not known.");

    private SmallStudyAnswer? SmallStudy(string name, SmallStudyTest test, Basis basis)
    {
        Note(name, test.NotEstimable);
        return new(test.Statistic, test.DegreesOfFreedom, test.PValue, test.Limit, test.LimitLower, test.LimitUpper, basis);
    }

    private PetPeeseAnswer? PetPeese()
    {
        var decision = Egger.PetPeese(Y, V, _model.Confidence);
        Note("petPeese", decision.NotEstimable);
        return new(decision.UsesPeese ? "peese" : "pet", decision.PetPValue, decision.Limit, decision.LimitLower, decision.LimitUpper, _flatBasis);
    }

    private TrimAndFillAnswer TrimAndFillOf()
    {
        var estimator = _request.TrimAndFill == TrimAndFillChoice.R0 ? TrimAndFillEstimator.R0 : TrimAndFillEstimator.L0;
        var side = _request.Side switch { Side.Left => FunnelSide.Left, Side.Right => FunnelSide.Right, _ => FunnelSide.Auto };
        var result = TrimAndFill.Run(Y, V, _flatOptions, estimator, side);
        var mean = result.Fit.Mean;
        return new(_request.TrimAndFill ?? TrimAndFillChoice.L0, result.Side == FunnelSide.Left ? Side.Left : Side.Right, result.Missing, mean.Estimate, mean.StandardError,
            mean.Lower, mean.Upper, result.Fit.Heterogeneity.TauSquared,
            [.. result.FilledEstimates.Zip(result.FilledVariances, (y, v) => new FilledEffect(y, Math.Sqrt(v)))], _flatBasis);
    }

    private SelectionAnswer Selection()
    {
        var fit = SelectionModel.Fit(Y, V, [.. _request.Steps ?? [UsualStep]], Favoured, _model.Confidence);
        foreach (var note in fit.Notes)
        {
            Note("selection", note);
        }

        return new(fit.Steps, _request.Direction ?? Direction.Greater, fit.Effect, fit.StandardError, fit.Lower, fit.Upper, fit.TauSquared, fit.Weights, fit.LikelihoodRatio, fit.DegreesOfFreedom,
            fit.PValue, _flatBasis);
    }

    private SelectionSensitivityAnswer Sensitivity()
    {
        var fit = SelectionSensitivity.Fit(
            _effects.Estimates, _effects.Variances, _effects.SampleCodes(), _request.SelectionRatio ?? UsualRatio, Favoured, _model.Confidence);
        foreach (var note in fit.Notes)
        {
            Note("selectionSensitivity", note);
        }

        var (mean, worst) = (fit.Corrected, fit.WorstCase);
        return new(fit.Ratio, _request.Direction ?? Direction.Greater, fit.Affirmative, fit.Nonaffirmative, mean.Estimate, mean.StandardError, mean.DegreesOfFreedom,
            mean.PValue, mean.Lower, mean.Upper, fit.SValue, fit.SValueOfLimit, worst?.Estimate, worst?.Lower, worst?.Upper, Basis.ClusterRobust);
    }

    private void Note(string part, string? note)
    {
        if (note is not null)
        {
            _warnings.Add(FitWarnings.Of(note, part));
        }
    }
}
