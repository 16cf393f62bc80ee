using CsCheck;

namespace RealRelationship.Statistics.Tests;

/// <summary>What must hold of every fit, whatever the effects.</summary>
public sealed class RandomEffectsInvariantTests
{
    private static readonly Gen<ModelOptions> Options = Gen.Select(
        Gen.Int[0, Enum.GetValues<TauSquaredEstimator>().Length - 1], Gen.Int[0, Enum.GetValues<CoefficientTest>().Length - 1],
        (estimator, test) => new ModelOptions
        {
            Estimator = (TauSquaredEstimator)estimator,
            Test = (CoefficientTest)test,
            Prediction = PredictionDistribution.SameAsTest,
        });

    /// <summary>2 to 12 effects, samples of 4 to 3,000.</summary>
    private static readonly Gen<(double Y, double V)[]> Effects =
        Gen.Select(Gen.Double[-1.5, 1.5], Gen.Double[4, 3000].Select(n => 1 / (n - 3 + 0.5))).Array[2, 12];

    [Fact]
    public void The_order_of_effects_does_not_matter() => Gen.Select(Effects, Options, Gen.Int[0, 10_000]).Sample((effects, options, seed) =>
    {
        var shuffled = effects.Select((effect, i) => (effect, Key: (i + 1) * 7919 % (seed + 13))).OrderBy(x => x.Key).Select(x => x.effect).ToArray();
        var (a, b) = (Fit(effects, options), Fit(shuffled, options));
        Assert.Equal(a.Mean, b.Mean);
        Assert.Equal(a.Heterogeneity, b.Heterogeneity);
        Assert.Equal(a.LogLikelihood, b.LogLikelihood);
    });

    [Fact]
    public void Results_are_equivariant_under_shift_and_scale() =>
        Gen.Select(Effects, Options, Gen.Double[-2, 2], Gen.Int[-3, 3]).Sample((effects, options, shift, power) =>
        {
            var scale = Math.Pow(2, power);
            var fit = Fit(effects, options);
            var moved = Fit([.. effects.Select(e => (shift + scale * e.Y, scale * scale * e.V))], options);
            if (fit.SeveralModes)
            {
                return; // two modes of nearly equal height may change places by rounding
            }
            Close(shift + scale * fit.Mean.Estimate, moved.Mean.Estimate, 1 + Math.Abs(shift));
            Close(scale * fit.Mean.StandardError, moved.Mean.StandardError, scale);
            Close(scale * scale * fit.Heterogeneity.TauSquared!.Value, moved.Heterogeneity.TauSquared!.Value, scale * scale);
            Close(fit.Heterogeneity.Q, moved.Heterogeneity.Q, 1);
            Close(fit.Heterogeneity.ISquared!.Value, moved.Heterogeneity.ISquared!.Value, 1);
        });

    [Fact]
    public void Reversing_signs_reverses_the_result() => Gen.Select(Effects, Options).Sample((effects, options) =>
    {
        var (fit, turned) = (Fit(effects, options), Fit([.. effects.Select(e => (-e.Y, e.V))], options));
        Close(-fit.Mean.Estimate, turned.Mean.Estimate, 1);
        Close(fit.Mean.PValue ?? 0, turned.Mean.PValue ?? 0, 1);
    });

    [Fact]
    public void Equal_variances_give_the_plain_mean_and_the_students_t_test() =>
        Gen.Select(Gen.Double[-1.5, 1.5].Array[2, 12], Gen.Double[0.001, 0.2], Options).Sample((y, v, options) =>
        {
            var fit = Fit([.. y.Select(x => (x, v))], options);
            var mean = y.Average();
            var variance = y.Sum(x => (x - mean) * (x - mean)) / (y.Length - 1);
            Close(mean, fit.Mean.Estimate, 1);
            if (options.Test == CoefficientTest.KnappHartung)
            {
                Close(Math.Sqrt(variance / y.Length), fit.Mean.StandardError, 1);
            }
            if (options.Estimator is TauSquaredEstimator.RestrictedMaximumLikelihood or TauSquaredEstimator.PauleMandel or TauSquaredEstimator.Hedges
                or TauSquaredEstimator.DerSimonianLaird)
            {
                Close(Math.Max(0, variance - v), fit.Heterogeneity.TauSquared!.Value, 1);
            }
        });

    [Fact]
    public void Splitting_an_effect_in_two_halves_keeps_the_common_effect() => Effects.Sample(effects =>
    {
        var options = new ModelOptions { Estimator = TauSquaredEstimator.CommonEffect, Test = CoefficientTest.Normal };
        var (y, v) = effects[0];
        var (whole, split) = (Fit(effects, options), Fit([(y, 2 * v), (y, 2 * v), .. effects[1..]], options));
        Close(whole.Mean.Estimate, split.Mean.Estimate, 1);
        Close(whole.Mean.StandardError, split.Mean.StandardError, 1);
        Close(whole.Heterogeneity.Q, split.Heterogeneity.Q, whole.Heterogeneity.Q);
    });

    [Fact]
    public void No_value_of_tau_squared_has_a_higher_likelihood() => Gen.Select(Effects, Gen.Bool, Gen.Double[0, 2]).Sample((effects, restricted, tau) =>
    {
        var options = new ModelOptions { Estimator = restricted ? TauSquaredEstimator.RestrictedMaximumLikelihood : TauSquaredEstimator.MaximumLikelihood };
        Assert.True(LogLikelihood(effects, tau * tau, restricted) <= Fit(effects, options).LogLikelihood + 1e-9);
    });

    [Fact]
    public void The_mean_lies_among_the_effects_and_the_interval_around_it() => Gen.Select(Effects, Options).Sample((effects, options) =>
    {
        var fit = Fit(effects, options);
        Assert.InRange(fit.Mean.Estimate, effects.Min(e => e.Y) - 1e-12, effects.Max(e => e.Y) + 1e-12);
        Assert.InRange(fit.Mean.Estimate, fit.Mean.Lower!.Value, fit.Mean.Upper!.Value);
        Assert.Equal(100, fit.Weights.Sum(), 1e-10);
        Assert.True(fit.Converged);
        Assert.InRange(fit.Heterogeneity.ISquared!.Value, 0, 100);
        Assert.True(fit.PredictionInterval is not { } p || (p.Lower <= fit.Mean.Lower && p.Upper >= fit.Mean.Upper));
    });

    [Fact]
    public void An_intercept_only_regression_equals_the_mean() => Gen.Select(Effects, Options).Sample((effects, options) =>
    {
        var fit = Fit(effects, options);
        var regression = MetaRegression.Fit(Y(effects), V(effects), DesignMatrix.WithIntercept(effects.Length), options);
        Assert.Equal(fit.Mean, regression.Coefficients[0]);
        Assert.Equal(fit.Heterogeneity, regression.Residual);
        Assert.Null(regression.Omnibus);
    });

    private static RandomEffectsFit Fit((double Y, double V)[] effects, ModelOptions options) => RandomEffectsModel.Fit(Y(effects), V(effects), options);

    private static double[] Y((double Y, double V)[] effects) => [.. effects.Select(e => e.Y)];

    private static double[] V((double Y, double V)[] effects) => [.. effects.Select(e => e.V)];

    private static void Close(double expected, double actual, double size) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-9 * Math.Max(size, Math.Abs(expected)), $"expected {expected:R}, was {actual:R}");

    private static double LogLikelihood((double Y, double V)[] effects, double tau2, bool restricted)
    {
        var w = effects.Select(e => 1 / (e.V + tau2)).ToArray();
        var mean = effects.Zip(w, (e, wi) => wi * e.Y).Sum() / w.Sum();
        var q = effects.Zip(w, (e, wi) => wi * (e.Y - mean) * (e.Y - mean)).Sum();
        var logV = -w.Sum(Math.Log);
        return restricted
            ? -0.5 * ((w.Length - 1) * Math.Log(2 * Math.PI) + logV + Math.Log(w.Sum() / w.Length) + q)
            : -0.5 * (w.Length * Math.Log(2 * Math.PI) + logV + q);
    }
}
