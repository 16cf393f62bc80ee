namespace RealRelationship.Statistics;

/// <summary>What repeated fits need of a fit of the mean.</summary>
/// <param name="Mean">μ.</param>
/// <param name="Variance">SE², Knapp–Hartung multiplier included.</param>
/// <param name="TauSquared">0 for one effect.</param>
/// <param name="Multiplier">That of Knapp and Hartung's tests, else 1.</param>
/// <param name="Q">At τ² = 0.</param>
/// <param name="ISquared">Null for one effect.</param>
internal sealed record MeanFit(double Mean, double Variance, double TauSquared, double Multiplier, double Q, double? ISquared)
{
    public double StandardError => Math.Sqrt(Variance);
}

/// <summary>Fits of the mean without intervals for τ², likelihoods and weights, which are costly when there are many fits.</summary>
internal static class MeanModel
{
    public static double EstimateTauSquared(IMeanModel model, TauSquaredEstimator estimator) =>
        model.DegreesOfFreedom >= 1 ? TauSquared.Estimate(model, estimator).Value : 0;

    public static double Mean(ReadOnlySpan<double> y, ReadOnlySpan<double> v, TauSquaredEstimator estimator)
    {
        var model = new LinearModel(y, v);
        var mean = model.MeanAt(EstimateTauSquared(model, estimator)).Mean;
        Guard.FiniteResult(mean);
        return mean;
    }

    public static MeanFit Fit(ReadOnlySpan<double> y, ReadOnlySpan<double> v, ModelOptions options) => Fit(new LinearModel(y, v), options);

    public static MeanFit Fit(IMeanModel model, ModelOptions options) => Fit(model, EstimateTauSquared(model, options.Estimator), options);

    public static MeanFit Fit(IMeanModel model, double tau2, ModelOptions options)
    {
        var df = model.DegreesOfFreedom;
        var (mean, variance) = model.MeanAt(tau2);
        if (df < 1)
        {
            return new MeanFit(mean, variance, 0, 1, 0, null);
        }
        var zero = model.At(0);
        var multiplier = Multiplier(options.Test, model.At(tau2).Q / df);
        Guard.FiniteResult(tau2, mean, variance, zero.Q);
        return new MeanFit(mean, variance * multiplier, tau2, multiplier, zero.Q, ISquared(zero, tau2, df, options.Estimator));
    }

    /// <summary>The quantile of the intervals of a mean of k effects; one effect has its z interval, whatever the test.</summary>
    public static double Quantile(int effects, ModelOptions options) =>
        (effects == 1 ? ReferenceDistribution.Normal : ReferenceDistribution.Of(options.Test, effects - 1)!).UpperQuantile(options.Alpha / 2);

    /// <summary>A number, or null if it does not exist.</summary>
    public static double? FiniteOrNull(double x) => double.IsFinite(x) ? x : null;

    private static double Multiplier(CoefficientTest test, double meanSquare) => test switch
    {
        CoefficientTest.KnappHartung => meanSquare,
        CoefficientTest.KnappHartungAdHoc => Math.Max(1, meanSquare),
        _ => 1,
    };

    private static double ISquared(in Moments zero, double tau2, int df, TauSquaredEstimator estimator) => estimator == TauSquaredEstimator.CommonEffect
        ? zero.Q > 0 ? 100 * Math.Max(0, (zero.Q - df) / zero.Q) : 0
        : 100 * tau2 / (tau2 + df / zero.TraceP);
}
