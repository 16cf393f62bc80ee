using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Analyses;

/// <summary>Maps fits to response members. Only changes of scale are computed here.</summary>
internal static class ResponseMapper
{
    public static PooledEffectResponse Pooled(Coefficient mean, Interval? prediction, ResolvedModel model) => new(
        EnumNames<EffectMeasure>.Of(model.Measure), EstimateOf(mean), StandardErrorOf(mean), mean.Statistic, StatisticName(mean, model),
        mean.DegreesOfFreedom, mean.PValue, mean.Lower, mean.Upper, prediction?.Lower, prediction?.Upper)
    {
        Basis = mean.Basis,
        OneSampleLevel = mean.RestsOnOneSample,
        Range = Range(mean.Range),
        StandardErrorRange = Range(mean.StandardErrorRange),
        WarningCodes = FitWarnings.CodesOf(mean),
    };

    public static PooledEffectResponse Pooled(ModelFit fit) => Pooled(fit.Mean, fit.Prediction?.Interval, fit.Model) with
    {
        SamplePredictionLower = fit.Nested?.SampleMeanPredictionInterval?.Lower,
        SamplePredictionUpper = fit.Nested?.SampleMeanPredictionInterval?.Upper,
        StudyPredictionLower = fit.Nested?.StudyMeanPredictionInterval?.Lower,
        StudyPredictionUpper = fit.Nested?.StudyMeanPredictionInterval?.Upper,
        WarningCodes = FitWarnings.CodesOf(fit),
    };

    public static CorrelationResponse? Correlation(ModelFit fit) =>
        Correlation(fit.Mean, fit.Prediction?.Interval, fit.Heterogeneity.TauSquared, fit.Model);

    public static CorrelationResponse? Correlation(Coefficient mean, Interval? prediction, double? tauSquared, ResolvedModel model) =>
        model.Measure != EffectMeasure.FisherZ ? null : new(
            ToCorrelation(EstimateOf(mean)), ToCorrelation(mean.Lower), ToCorrelation(mean.Upper), ToCorrelation(prediction?.Lower),
            ToCorrelation(prediction?.Upper),
            tauSquared is { } tau2 && EstimateOf(mean) is { } z ? FisherZ.MeanCorrelation(z, tau2) : null)
        {
            Range = mean.Range is { } range ? new(FisherZ.ToCorrelation(range.Lower), FisherZ.ToCorrelation(range.Upper)) : null,
        };

    public static CohensDResponse? CohensD(Coefficient mean, ResolvedModel model) => model.Measure != EffectMeasure.FisherZ ? null
        : new(ToCohensD(EstimateOf(mean)), ToCohensD(mean.Lower), ToCohensD(mean.Upper));

    public static HeterogeneityResponse Heterogeneity(ModelFit fit) => Heterogeneity(fit.Heterogeneity) with
    {
        ProbabilityAbove = fit.ProbabilityAboveNegligible is { } above
            ? new(ResolvedModel.NegligibleCorrelation, above.Value, above.Lower, above.Upper) : null,
        StudyVariance = fit.Nested is { StudyRange: null, StudyVariance: var study } ? study : null,
        StudyLower = fit.Nested?.StudyInterval?.Lower,
        StudyUpper = fit.Nested?.StudyInterval?.Upper,
        I2Study = fit.Nested is { StudyRange: null, ISquaredStudy: var i2Study } ? i2Study : null,
        StudyRange = Range(fit.Nested?.StudyRange),
        BetweenVariance = fit.Nested is { BetweenRange: null, BetweenVariance: var between } ? between : null,
        BetweenLower = fit.Nested?.BetweenInterval?.Lower,
        BetweenUpper = fit.Nested?.BetweenInterval?.Upper,
        WithinVariance = fit.Nested is { WithinRange: null, WithinVariance: var within } ? within : null,
        WithinLower = fit.Nested?.WithinInterval?.Lower,
        WithinUpper = fit.Nested?.WithinInterval?.Upper,
        I2Between = fit.Nested is { BetweenRange: null, ISquaredBetween: var i2Between } ? i2Between : null,
        I2Within = fit.Nested is { WithinRange: null, ISquaredWithin: var i2Within } ? i2Within : null,
        Tau2Range = Range(fit.Nested?.TauSquaredRange),
        BetweenRange = Range(fit.Nested?.BetweenRange),
        WithinRange = Range(fit.Nested?.WithinRange),
    };

    public static HeterogeneityResponse Heterogeneity(Heterogeneity h) => new()
    {
        Q = h.Q,
        Df = h.DegreesOfFreedom,
        P = h.PValue,
        Tau2 = h.TauSquared,
        Tau2StandardError = h.TauSquaredStandardError,
        Tau2Lower = h.TauSquaredInterval?.Lower,
        Tau2Upper = h.TauSquaredInterval?.Upper,
        Tau = h.TauSquared is { } tau2 ? Math.Sqrt(tau2) : null,
        I2 = h.ISquared,
        I2Lower = h.ISquaredInterval?.Lower,
        I2Upper = h.ISquaredInterval?.Upper,
        H2 = h.HSquared,
        H2Lower = h.HSquaredInterval?.Lower,
        H2Upper = h.HSquaredInterval?.Upper,
        ProbabilityAbove = null,
    };

    public static ModelResponse Model(ModelFit fit) =>
        Model(fit.Model) with { LogLikelihood = fit.LogLikelihood, Iterations = fit.Iterations, Converged = fit.Converged };

    public static ModelResponse Model(ResolvedModel model) => new()
    {
        Measure = model.Measure,
        Dependence = model.Dependence,
        Rho = model.UsesRho ? model.Rho : null,
        RhoSameOutcome = model.UsesRho ? model.RhoSameOutcome : null,
        RhoSameRater = model.UsesRho ? model.RhoSameRater : null,
        RhoSameForm = model.UsesRho ? model.RhoSameForm : null,
        Cluster = model.Cluster == ClusterChoice.Sample ? null : model.Cluster,
        Aggregation = model.Dependence == Dependence.Aggregate ? model.Aggregation : null,
        Estimator = model.Estimator,
        Test = model.Test,
        Robust = model.Robust,
        Confidence = model.Confidence,
        Sequential = model.IsAnytime ? SequentialChoice.Anytime : null,
        Definitions = new(
            model.Estimator == Estimator.Common ? "qBased" : "tau2Based",
            PredictionDefinition(model),
            model.Estimator == Estimator.Common ? null : model.Dependence == Dependence.Aggregate ? "newSampleComposite" : "newEffect",
            model.Measure == EffectMeasure.FisherZ ? "median" : null),
    };

    public static CoefficientResponse Coefficient(Coefficient c) =>
        new(c.Name, EstimateOf(c), StandardErrorOf(c), c.Statistic, c.DegreesOfFreedom, c.PValue, c.Lower, c.Upper)
        {
            Basis = c.Basis,
            OneSampleLevel = c.RestsOnOneSample,
            Range = Range(c.Range),
            StandardErrorRange = Range(c.StandardErrorRange),
            WarningCodes = FitWarnings.CodesOf(c),
        };

    public static ContrastResponse Contrast(Contrast c) => new(
        c.A, c.B, c.Range is null ? c.Difference : null, c.StandardErrorRange is null ? c.StandardError : null, c.Lower, c.Upper, c.PValue, c.AdjustedPValue,
        c.MinimumDetectableDifference)
    {
        Basis = c.Basis,
        OneSampleLevel = c.RestsOnOneSample,
        Range = Range(c.Range),
        StandardErrorRange = Range(c.StandardErrorRange),
        WarningCodes = FitWarnings.CodesOf(c),
    };

    public static OmnibusTestResponse? Omnibus(WaldTest? test, double? adjusted = null) => test is null ? null
        : new(test.Statistic, test.Name, test.NumeratorDegreesOfFreedom, test.DenominatorDegreesOfFreedom, test.PValue) { PHolm = adjusted };

    public static ResidualHeterogeneityResponse Residual(Heterogeneity h) => new(h.Q, h.DegreesOfFreedom, h.PValue, h.TauSquared, h.ISquared);

    public static DataProvenanceResponse Data(EffectSet effects) => new(effects.Revision, effects.RecordedAt, effects.Fingerprint(), BuildInfo.Version)
    {
        Synthetic = effects.Synthetic,
    };

    public static WeightedEffect[] StudyRows(ModelFrame frame, IReadOnlyList<double> weights, ResolvedModel model)
    {
        var quantile = Normal.UpperQuantile((1 - model.Confidence) / 2);
        var rows = new WeightedEffect[frame.Count];
        for (var row = 0; row < rows.Length; row++)
        {
            CancellationScope.ThrowIfCancelled(row);
            rows[row] = StudyRow(frame, row, quantile, model.Measure, weights[row]);
        }

        return rows;
    }

    private static WeightedEffect StudyRow(ModelFrame frame, int row, double quantile, EffectMeasure measure, double weight)
    {
        var (y, se) = (frame.Estimates[row], Math.Sqrt(frame.Variances[row]));
        var (halfWidth, isFisherZ) = (quantile * se, measure == EffectMeasure.FisherZ);
        return new WeightedEffect(
            frame.IdOf(row), frame.StudiesOf(row), frame.SampleOf(row),
            y, se,
            measure == EffectMeasure.Raw ? null : isFisherZ ? FisherZ.ToCorrelation(y) : y,
            isFisherZ ? FisherZ.ToCorrelation(y - halfWidth) : y - halfWidth,
            isFisherZ ? FisherZ.ToCorrelation(y + halfWidth) : y + halfWidth,
            frame.ParticipantsOf(row),
            weight)
        {
            Notes = frame.NotesOf(row),
            Hypothetical = frame.IsHypothetical(row),
        };
    }

    private static string? PredictionDefinition(ResolvedModel model) => model switch
    {
        { Estimator: Estimator.Common } => null,
        { Prediction: PredictionIntervalChoice.ConfidenceDistribution } => "confidenceDistribution",
        { Prediction: PredictionIntervalChoice.Riley, IsNested: true } => "tSamplesMinusPMinus1",
        { Prediction: PredictionIntervalChoice.Riley } => "tKMinusPMinus1",
        { Robust: not RobustVarianceChoice.None } => "tSatterthwaite",
        { Test: TestChoice.Z } => "normal",
        _ => "tKMinusP",
    };

    private static double? EstimateOf(Coefficient c) => c.Range is null ? c.Estimate : null;

    private static double? StandardErrorOf(Coefficient c) => c.StandardErrorRange is null ? c.StandardError : null;

    private static RangeResponse? Range(Interval? range) => range is { } ends ? new(ends.Lower, ends.Upper) : null;

    // Without an interval there was no distribution: that of t without degrees of freedom, or none that is identified.
    private static string StatisticName(Coefficient mean, ResolvedModel model) =>
        mean.DegreesOfFreedom is not null || (mean.Lower is null && model.Test != TestChoice.Z) ? "t" : "z";

    private static double? ToCorrelation(double? z) => z is { } value ? FisherZ.ToCorrelation(value) : null;

    // Limits of a very wide interval on z can overflow on d.
    private static double? ToCohensD(double? z) => z is { } value && FisherZ.ToCohensD(value) is var d && double.IsFinite(d) ? d : null;
}
