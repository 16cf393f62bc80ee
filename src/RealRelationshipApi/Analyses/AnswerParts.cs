using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>Writes the results of a fit in the contract's shapes. Nothing is computed here but changes of scale.</summary>
internal static class AnswerParts
{
    // How many true effects are more than negligible: r = .10 is Cohen's (1988) small correlation.
    private const double NegligibleCorrelation = 0.1;

    public static PooledAnswer Pooled(Coefficient mean, Interval? prediction, Model model) => new(
        EnumNames<Measure>.Of(model.Measure), mean.Estimate, mean.StandardError, mean.Statistic, mean.DegreesOfFreedom is null ? "z" : "t", mean.DegreesOfFreedom,
        mean.PValue, mean.Lower, mean.Upper, prediction?.Lower, prediction?.Upper);

    public static CorrelationAnswer? Correlation(Coefficient mean, Interval? prediction, double? tauSquared, Model model) => model.Measure == Measure.Raw ? null : new(
        FisherZ.ToCorrelation(mean.Estimate), R(mean.Lower), R(mean.Upper), R(prediction?.Lower), R(prediction?.Upper),
        tauSquared is { } tau2 ? FisherZ.MeanCorrelation(mean.Estimate, tau2) : null);

    public static CohensDAnswer? CohensD(Coefficient mean, Model model) => model.Measure == Measure.Raw ? null : new(D(mean.Estimate), D(mean.Lower), D(mean.Upper));

    public static HeterogeneityAnswer Heterogeneity(Heterogeneity h, ProbabilityAnswer? probabilityAbove = null) => new()
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
        ProbabilityAbove = probabilityAbove,
    };

    public static ProbabilityAnswer? ProbabilityAbove(RandomEffectsFit fit, Model model) =>
        fit.ProbabilityAbove(Threshold(model)) is { } p ? new(NegligibleCorrelation, p) : null;

    public static HeterogeneityAnswer Heterogeneity(MultilevelFit fit, Model model) => new()
    {
        Q = fit.Q,
        Df = fit.QDegreesOfFreedom,
        P = fit.QPValue,
        Tau2 = fit.TauSquared,
        Tau2StandardError = null,
        Tau2Lower = null,
        Tau2Upper = null,
        Tau = Math.Sqrt(fit.TauSquared),
        I2 = fit.ISquared,
        I2Lower = null,
        I2Upper = null,
        H2 = null,
        H2Lower = null,
        H2Upper = null,
        ProbabilityAbove = fit.ProbabilityAbove(Threshold(model)) is { } p ? new(NegligibleCorrelation, p) : null,
        BetweenVariance = fit.BetweenVariance,
        BetweenLower = fit.BetweenInterval?.Lower,
        BetweenUpper = fit.BetweenInterval?.Upper,
        WithinVariance = fit.WithinVariance,
        WithinLower = fit.WithinInterval?.Lower,
        WithinUpper = fit.WithinInterval?.Upper,
        I2Between = fit.ISquaredBetween,
        I2Within = fit.ISquaredWithin,
    };

    public static ModelAnswer Model(Model model) => new()
    {
        Measure = model.Measure,
        Dependence = model.Dependence,
        Rho = model.UsesRho ? model.Rho : null,
        Aggregation = model.Dependence == Dependence.Aggregate ? model.Aggregation : null,
        Estimator = model.Estimator,
        Test = model.Test,
        Robust = model.Robust,
        Confidence = model.Confidence,
        Definitions = new(
            model.Estimator == Estimator.Common ? "qBased" : "tau2Based",
            PredictionDefinition(model),
            model.Measure == Measure.Raw ? null : "median"),
    };

    public static CoefficientAnswer Coefficient(Coefficient c) => new(c.Name, c.Estimate, c.StandardError, c.Statistic, c.DegreesOfFreedom, c.PValue, c.Lower, c.Upper);

    public static OmnibusAnswer? Omnibus(WaldTest? test) =>
        test is null ? null : new(test.Statistic, test.Name, test.NumeratorDegreesOfFreedom, test.DenominatorDegreesOfFreedom, test.PValue);

    public static ResidualAnswer Residual(Heterogeneity h) => new(h.Q, h.DegreesOfFreedom, h.PValue, h.TauSquared, h.ISquared);

    public static DataAnswer Data(EffectSet effects) => new(effects.Revision, effects.RecordedAt, effects.Fingerprint(), Software.Version);

    public static StudyRow[] StudyRows(Entering entering, IReadOnlyList<double> weights, Model model)
    {
        var quantile = Normal.UpperQuantile((1 - model.Confidence) / 2);
        var rows = new StudyRow[entering.Count];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = StudyRow(entering, row, quantile, model.Measure == Measure.Raw, weights[row]);
        }

        return rows;
    }

    private static StudyRow StudyRow(Entering entering, int row, double quantile, bool isRaw, double weight)
    {
        var (y, se) = (entering.Estimates[row], Math.Sqrt(entering.Variances[row]));
        var reach = quantile * se;
        return new StudyRow(
            entering.IdOf(row), entering.StudiesOf(row), entering.SampleOf(row),
            y, se,
            isRaw ? null : FisherZ.ToCorrelation(y),
            isRaw ? y - reach : FisherZ.ToCorrelation(y - reach),
            isRaw ? y + reach : FisherZ.ToCorrelation(y + reach),
            entering.ParticipantsOf(row),
            weight);
    }

    private static string? PredictionDefinition(Model model) => model switch
    {
        { Estimator: Estimator.Common } => null,
        { Prediction: Prediction.Riley, IsNested: true } => "tSamplesMinusPMinus1",
        { Prediction: Prediction.Riley } => "tKMinusPMinus1",
        { Robust: not Robust.None } => "tSatterthwaite",
        { Test: Test.Z } => "normal",
        _ => "tKMinusP",
    };

    private static double Threshold(Model model) => model.Measure == Measure.Raw ? NegligibleCorrelation : FisherZ.FromCorrelation(NegligibleCorrelation);

    private static double? R(double? z) => z is { } value ? FisherZ.ToCorrelation(value) : null;

    // A very wide interval on z can leave the range of numbers on d.
    private static double? D(double? z) => z is { } value && FisherZ.ToCohensD(value) is var d && double.IsFinite(d) ? d : null;
}
