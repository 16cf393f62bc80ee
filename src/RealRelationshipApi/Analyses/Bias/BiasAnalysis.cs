using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Bias;

/// <summary><c>/meta/bias</c>: tests for small-study effects and selection.</summary>
/// <remarks>
/// If effects are nested, Egger and PEESE are regressions in the correlated hierarchical model with CR2, and selection sensitivity is a weighted
/// mean with CR2. The other methods assume independence and use one composite effect per sample. Each result has its <see cref="EffectBasis"/>.
/// </remarks>
internal sealed class BiasAnalysis
{
    private const int MinEffectsForTests = 10;
    private const double DefaultStep = 0.025;
    private const double DefaultSelectionRatio = 4;

    private readonly BiasRequest _request;
    private readonly ResolvedModel _model;
    private readonly IReadOnlyList<ModeratorColumn> _terms;
    private readonly ModelFrame _frame;
    private readonly ModelFrame _flatFrame;
    private readonly EffectBasis _flatBasis;
    private readonly ModelOptions _flatOptions;
    private readonly List<Warning> _warnings = [];

    private BiasAnalysis(EffectSet effects, BiasRequest request, ResolvedModel model, IReadOnlyList<ModeratorColumn> terms)
    {
        int[] all = [.. Enumerable.Range(0, effects.Count)];
        (_request, _model, _terms) = (request, model, terms);
        _frame = ModelFrame.Create(effects, all, model);
        _flatFrame = model.IsNested ? ModelFrame.Create(effects, all, model.Flattened) : _frame;
        _flatBasis = _flatFrame.BasisOf(model);
        _flatOptions = model.Flattened.RandomEffectsOptions;
    }

    public static (BiasResponse? Answer, Problem? Problem) Run(EffectSet effects, BiasRequest request, ErrorLocation location)
    {
        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        if (model is null)
        {
            return (null, problem);
        }

        var (terms, unknown) = ModeratorColumn.Find(effects, request.Terms ?? [], "terms", location);
        return unknown is null ? (new BiasAnalysis(effects, request, model, terms).Compute(effects), null) : (null, unknown);
    }

    /// <summary>Egger's test alone; null if it cannot be computed.</summary>
    public static SmallStudyResponse? TryEgger(EffectSet effects, ResolvedModel model)
    {
        var analysis = new BiasAnalysis(effects, new BiasRequest(), model, []);
        return analysis.TryCompute("egger", () => model.IsNested ? analysis.NestedEgger() : analysis.LinearEgger());
    }

    /// <summary>The models of <see cref="BiasRequest.SelectionModels"/> alone, without those that cannot be computed.</summary>
    public static IReadOnlyList<SelectionFunctionResponse> FitSelectionModels(EffectSet effects, BiasRequest request, ResolvedModel model) =>
        new BiasAnalysis(effects, request, model, []).FitFunctions() ?? [];

    private BiasResponse Compute(EffectSet effects)
    {
        if (_flatFrame.Count < MinEffectsForTests)
        {
            _warnings.Add(
                new("tooFewForBiasTests",
                    $"{_flatFrame.Count} {(_flatBasis == EffectBasis.Aggregated ? "samples" : "effects")}: with fewer than {MinEffectsForTests} these tests "
                        + "find little and mislead easily."));
        }

        return new BiasResponse
        {
            Egger = TryCompute("egger", () => _model.IsNested ? NestedEgger() : LinearEgger()),
            EggerMixed = _model.IsNested ? null
                : TryCompute("eggerMixed",
                    () => ToSmallStudyResponse("eggerMixed", EggerRegression.Mixed(Y, V, _flatOptions, Predictor, SampleSizes()), _flatBasis)),
            Peese = TryCompute("peese",
                () => _model.IsNested ? NestedPeese() : ToSmallStudyResponse("peese", EggerRegression.Peese(Y, V, _model.Confidence), _flatBasis)),
            PetPeese = TryCompute("petPeese", RunPetPeese),
            RankCorrelation = TryCompute("rankCorrelation",
                () => RankCorrelation.Test(Y, V) is var test ? new RankCorrelationResponse(test.Tau, test.PValue, _flatBasis) : null),
            TrimAndFill = TryCompute("trimAndFill", RunTrimAndFill),
            FailSafeN = TryCompute("failSafeN", () => FailSafeN.Compute(Y, V, _request.OrwinTarget) is var n
                ? new FailSafeNResponse(n.Rosenthal, n.Orwin, n.OrwinTarget, n.Rosenberg, _flatBasis) : null),
            Selection = TryCompute("selection", FitSelectionModel),
            HenmiCopas = TryCompute("henmiCopas", () => HenmiCopas.Interval(Y, V, _model.Confidence) is var i
                ? new HenmiCopasResponse(i.Effect, i.Lower, i.Upper, i.TauSquared, _flatBasis) : null),
            ExcessSignificance = TryCompute("excessSignificance", () => ExcessSignificance.Test(Y, V) is var test
                ? new ExcessSignificanceResponse(test.Observed, test.Expected, test.PValue, _flatBasis) : null),
            SelectionSensitivity = _model.IsNested ? TryCompute("selectionSensitivity", FitSelectionSensitivity) : null,
            Uwls = TryCompute("uwls", () => SelectionModels.ToResponse(UnrestrictedLeastSquares.Fit(Y, V, _model.Confidence), _flatBasis)),
            UwlsPlus3 = TryCompute("uwlsPlus3", () => SelectionModels.FitUwlsPlus3(_flatFrame, _model, _flatBasis)),
            Waap = TryCompute("waap", () => SelectionModels.FitWaap(Y, V, _model.Confidence, _flatBasis)),
            SelectionModels = FitFunctions(),
            PUniformStar = _request.SelectionModels?.Contains(SelectionModelChoice.PUniformStar) != true ? null
                : TryCompute("pUniformStar",
                    () => Report("pUniformStar", SelectionModels.FitPUniformStar(Y, V, FavouredDirection, _model.Confidence, _flatBasis))),
            Harvest = Bias.Harvest.Count(effects),
            Counts = _frame.Counts(),
            Model = ResponseMapper.Model(_model),
            Given = effects.Given,
            Used = effects.Count,
            Data = ResponseMapper.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. _flatFrame.Warnings(_model), .. _warnings],
        };
    }

    private double[] Y => _flatFrame.Estimates;

    private double[] V => _flatFrame.Variances;

    private SmallStudyPredictor Predictor => _request.Predictor == EggerPredictor.SqrtInverseN ? SmallStudyPredictor.InverseSquareRootN
        : SmallStudyPredictor.StandardError;

    private SelectionDirection FavouredDirection => _request.Direction == SelectionDirectionChoice.Less ? SelectionDirection.Less : SelectionDirection.Greater;

    // A method that cannot be computed gives a warning and does not affect the others.
    private T? TryCompute<T>(string name, Func<T?> compute) where T : class
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

    private SmallStudyResponse? LinearEgger() =>
        ToSmallStudyResponse("egger", EggerRegression.Linear(Y, V, _model.Confidence, Predictor, SampleSizes()), _flatBasis);

    private SmallStudyResponse? NestedEgger() => NestedRegression([.. _frame.Variances.Select((v, i) => Predictor == SmallStudyPredictor.StandardError
        ? Math.Sqrt(v)
        : Math.Sqrt(1 / RequiredParticipants(_frame, i)))]);

    private SmallStudyResponse? NestedPeese() => NestedRegression(_frame.Variances);

    private SmallStudyResponse NestedRegression(double[] predictor)
    {
        var design = DesignMatrix.WithIntercept(_frame.Count).Add(new ContinuousTerm("predictor", predictor));
        var options = _frame.NestedOptions(_model) with
        {
            Model = DependenceModel.CorrelatedHierarchical,
            Robust = RobustVariance.CR2,
            Test = CoefficientTest.StudentT,
            ProfileIntervals = false
        };
        var fit = AnalysisMetrics.TimeFit(_model, () => MultilevelModel.Fit(_frame.Estimates, _frame.Variances, _frame.SampleCodes(), design, options));
        var (limit, slope) = (fit.Coefficients[0], fit.Coefficients[1]);
        return new(slope.Statistic, slope.DegreesOfFreedom, slope.PValue, limit.Estimate, limit.Lower, limit.Upper, EffectBasis.ClusterRobust);
    }

    private double[] SampleSizes() => Predictor == SmallStudyPredictor.StandardError ? []
        : [.. Enumerable.Range(0, _flatFrame.Count).Select(row => RequiredParticipants(_flatFrame, row))];

    private static double RequiredParticipants(ModelFrame frame, int row) => frame.ParticipantsOf(row)
        ?? throw new StatisticsException("participantsUnknown", $"The number of participants of {frame.Effects.Ids[frame.Members[row][0]]} is not known.");

    private SmallStudyResponse? ToSmallStudyResponse(string name, SmallStudyTest test, EffectBasis basis)
    {
        AddNote(name, test.NotEstimableReason);
        return new(test.Statistic, test.DegreesOfFreedom, test.PValue, test.Limit, test.LimitLower, test.LimitUpper, basis);
    }

    private PetPeeseResponse? RunPetPeese()
    {
        var decision = EggerRegression.PetPeese(Y, V, _model.Confidence);
        AddNote("petPeese", decision.NotEstimableReason);
        return new(decision.UsesPeese ? "peese" : "pet", decision.PetPValue, decision.Limit, decision.LimitLower, decision.LimitUpper, _flatBasis);
    }

    private TrimAndFillResponse RunTrimAndFill()
    {
        var estimator = _request.TrimAndFill == TrimAndFillChoice.R0 ? TrimAndFillEstimator.R0 : TrimAndFillEstimator.L0;
        var side = _request.Side switch { FunnelSideChoice.Left => FunnelSide.Left, FunnelSideChoice.Right => FunnelSide.Right, _ => FunnelSide.Auto };
        var result = TrimAndFill.Run(Y, V, _flatOptions, estimator, side);
        var mean = result.Fit.Mean;
        return new(_request.TrimAndFill ?? TrimAndFillChoice.L0, result.Side == FunnelSide.Left ? FunnelSideChoice.Left : FunnelSideChoice.Right,
            result.Missing, mean.Estimate, mean.StandardError,
            mean.Lower, mean.Upper, result.Fit.Heterogeneity.TauSquared,
            [.. result.FilledEstimates.Zip(result.FilledVariances, (y, v) => new FilledEffect(y, Math.Sqrt(v)))], _flatBasis);
    }

    private SelectionModelResponse FitSelectionModel()
    {
        // With moderators, composites of a sample are kept apart by their values.
        int[] rows = [.. Enumerable.Range(0, _frame.Effects.Count).Where(i => _terms.All(term => term.Values[i] is not null))];
        var frame = _terms.Count == 0 ? _flatFrame : ModelFrame.Create(_frame.Effects, rows, _model.Flattened,
            i => string.Join('\u001f', _terms.Select(term => term.Values[i])));
        if (rows.Length < _frame.Effects.Count)
        {
            _warnings.Add(new("moderatorMissing", $"selection: {_frame.Effects.Count - rows.Length} effects without all of the terms are left out."));
        }

        return Report("selection", SelectionModels.FitSteps(frame, _terms, [.. _request.Steps ?? [DefaultStep]], _request.Weights, FavouredDirection,
            _model.Confidence, _flatBasis));
    }

    private IReadOnlyList<SelectionFunctionResponse>? FitFunctions() => _request.SelectionModels is null ? null
        : [.. _request.SelectionModels.Where(choice => choice != SelectionModelChoice.PUniformStar)
            .Select(choice => TryCompute(EnumNames<SelectionModelChoice>.Of(choice), () => FitFunction(choice))).OfType<SelectionFunctionResponse>()];

    private SelectionFunctionResponse FitFunction(SelectionModelChoice choice) =>
        Report(EnumNames<SelectionModelChoice>.Of(choice), SelectionModels.FitFunction(choice, Y, V, FavouredDirection, _model.Confidence, _flatBasis));

    private T Report<T>(string part, (T Response, IReadOnlyList<string> Notes) fit)
    {
        foreach (var note in fit.Notes)
        {
            AddNote(part, note);
        }

        return fit.Response;
    }

    private SelectionSensitivityResponse FitSelectionSensitivity()
    {
        var fit = SelectionSensitivity.Fit(
            _frame.Estimates, _frame.Variances, _frame.ClusterCodes(_model), _request.SelectionRatio ?? DefaultSelectionRatio, FavouredDirection,
            _model.Confidence);
        foreach (var note in fit.Notes)
        {
            AddNote("selectionSensitivity", note);
        }

        var (mean, worst) = (fit.Corrected, fit.WorstCase);
        return new(fit.Ratio, _request.Direction ?? SelectionDirectionChoice.Greater, fit.Affirmative, fit.Nonaffirmative, mean.Estimate, mean.StandardError,
            mean.DegreesOfFreedom,
            mean.PValue, mean.Lower, mean.Upper, fit.SValue, fit.SValueOfLimit, worst?.Estimate, worst?.Lower, worst?.Upper, EffectBasis.ClusterRobust);
    }

    private void AddNote(string part, string? note)
    {
        if (note is not null)
        {
            _warnings.Add(FitWarnings.Of(note, part));
        }
    }
}
