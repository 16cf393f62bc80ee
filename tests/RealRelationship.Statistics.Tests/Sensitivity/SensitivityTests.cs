using CsCheck;

namespace RealRelationship.Statistics.Tests;

/// <summary>What must hold of repeated fits, whatever the effects.</summary>
public sealed class SensitivityTests
{
    private static readonly Gen<ModelOptions> Options = Gen.Select(
        Gen.Int[0, Enum.GetValues<TauSquaredEstimator>().Length - 1], Gen.Int[0, Enum.GetValues<CoefficientTest>().Length - 1],
        (estimator, test) => new ModelOptions { Estimator = (TauSquaredEstimator)estimator, Test = (CoefficientTest)test });

    /// <summary>2 to 12 effects, samples of 4 to 3,000.</summary>
    private static readonly Gen<(double Y, double V)[]> Effects =
        Gen.Select(Gen.Double[-1.5, 1.5], Gen.Double[4, 3000].Select(n => 1 / (n - 3 + 0.5))).Array[2, 12];

    [Fact]
    public void Leave_one_out_equals_refitting_the_others() => Gen.Select(Effects, Options).Sample((effects, options) =>
    {
        var rows = LeaveOneOut.Run(Y(effects), V(effects), options);
        Assert.Equal(effects.Length, rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            var others = effects.Where((_, j) => j != i).ToArray();
            var fit = RandomEffectsModel.Fit(Y(others), V(others), options);
            Close(fit.Mean.Estimate, rows[i].Estimate);
            Close(fit.Mean.StandardError, rows[i].StandardError);
            Close(fit.Mean.Lower, rows[i].Lower);
            Close(fit.Mean.Upper, rows[i].Upper);
            Close(fit.Heterogeneity.Q, rows[i].Q);
            Close(fit.Heterogeneity.TauSquared, rows[i].TauSquared);
            Close(fit.Heterogeneity.ISquared, rows[i].ISquared);
        }
    });

    [Fact]
    public void The_last_cumulative_row_equals_the_full_fit_for_every_estimator() => Gen.Select(Effects, Options).Sample((effects, options) =>
    {
        var fit = RandomEffectsModel.Fit(Y(effects), V(effects), options);
        var last = Cumulative.Run(Y(effects), V(effects), options)[^1];
        var row = EstimatorComparison.Run(Y(effects), V(effects), options).Single(row => row.Estimator == options.Estimator);
        foreach (var (effect, se, lower, tau2) in new[] { (last.Effect, last.StandardError, last.Lower, last.TauSquared),
            (row.Effect, row.StandardError, row.Lower, row.TauSquared!.Value) })
        {
            Close(fit.Mean.Estimate, effect);
            Close(fit.Mean.StandardError, se);
            Close(fit.Mean.Lower, lower);
            Close(fit.Heterogeneity.TauSquared, tau2);
        }
    });

    /// <summary>Enough effects for interpolated sums: with variances of very different size, outliers, ties and one dominating weight.</summary>
    private static readonly Gen<(double Y, double V)[]> ManyEffects = Gen.Select(
        Gen.Select(Gen.Double[-0.3, 0.9], Gen.Double[0, 4], (y, e) => (Y: y, V: Math.Pow(10, -e))).Array[65, 110],
        Gen.Int[0, 3], Gen.Double[1, 60], (effects, kind, outlier) =>
        {
            effects[0] = kind switch
            {
                1 => (outlier, 0.01),
                2 => (effects[0].Y, 1e-9),
                3 => effects[1],
                _ => effects[0],
            };
            return effects;
        });

    [Fact]
    public void Fits_by_interpolated_sums_equal_refits_for_every_estimator() =>
        Gen.Select(ManyEffects, Options, Gen.Int[0, 63]).Sample((effects, options, at) =>
    {
        var (row, influence) = (LeaveOneOut.Run(Y(effects), V(effects), options), Influence.Run(Y(effects), V(effects), options));
        foreach (var i in new[] { 0, at, effects.Length - 1 })
        {
            var others = effects.Where((_, j) => j != i).ToArray();
            var fit = RandomEffectsModel.Fit(Y(others), V(others), options);
            Close(fit.Mean.Estimate, row[i].Estimate);
            Close(fit.Mean.StandardError, row[i].StandardError);
            Close(fit.Heterogeneity.Q, row[i].Q);
            Close(fit.Heterogeneity.TauSquared, row[i].TauSquared);
            Close(fit.Heterogeneity.ISquared, row[i].ISquared, 1e-7);
            Close(fit.Heterogeneity.TauSquared, influence[i].TauSquaredDeleted);
        }
        var cumulative = Cumulative.Run(Y(effects), V(effects), options);
        foreach (var k in new[] { 64, effects.Length - 1, effects.Length })
        {
            var fit = RandomEffectsModel.Fit(Y(effects[..k]), V(effects[..k]), options);
            Close(fit.Mean.Estimate, cumulative[k - 1].Effect);
            Close(fit.Mean.StandardError, cumulative[k - 1].StandardError);
            Close(fit.Heterogeneity.TauSquared, cumulative[k - 1].TauSquared);
        }
    }, iter: 100);

    [Fact]
    public void BLUPs_lie_between_the_effect_and_the_mean() => Gen.Select(Effects, Options).Sample((effects, options) =>
    {
        var mean = RandomEffectsModel.Fit(Y(effects), V(effects), options).Mean.Estimate;
        var rows = Shrinkage.Run(Y(effects), V(effects), options);
        for (var i = 0; i < rows.Count; i++)
        {
            Assert.InRange(rows[i].Effect, Math.Min(mean, effects[i].Y) - 1e-12, Math.Max(mean, effects[i].Y) + 1e-12);
            Assert.InRange(rows[i].Effect, rows[i].Lower, rows[i].Upper);
        }
    });

    [Fact]
    public void Diagnostics_follow_order_and_sign_of_effects() => Gen.Select(Effects, Options).Sample((effects, options) =>
    {
        var rows = Influence.Run(Y(effects), V(effects), options);
        var turned = Influence.Run([.. Y(effects).Reverse().Select(y => -y)], [.. V(effects).Reverse()], options);
        for (var i = 0; i < rows.Count; i++)
        {
            var other = turned[^(i + 1)];
            Close(rows[i].CooksDistance, other.CooksDistance, 1e-6);
            Close(rows[i].TauSquaredDeleted, other.TauSquaredDeleted);
            Close(rows[i].Hat, other.Hat);
        }
        Close(100, rows.Sum(row => row.Weight));
    });

    [Fact]
    public void Leave_one_out_finds_the_global_maximum() // the vector of RandomEffectsModelTests and one effect more
    {
        double[] y = [0.0498363659350279, 0.298088146720953, -0.326010430857922, -0.602586543764002, 0.25403501137368, 0.291598711641876, 5];
        double[] v = [1 / 37.0, 1 / 4997.0, 1 / 12.0, 1 / 12.0, 1 / 4997.0, 1 / 4997.0, 1];
        var row = LeaveOneOut.Run(y, v)[6];
        Assert.Equal(0.000442470539782, row.TauSquared!.Value, 1e-12);
        Assert.Equal(0.2756954, row.Estimate, 1e-7);
    }

    [Fact]
    public void One_effect_has_no_leave_one_out()
    {
        Assert.Empty(LeaveOneOut.Run([0.5], [0.04]));
        Assert.Empty(Influence.Run([0.5], [0.04]));
        Assert.Equal(new CumulativeRow(0.5, 0.2, 0, 0.5 - 1.959963984540054 * 0.2, 0.5 + 1.959963984540054 * 0.2),
            Assert.Single(Cumulative.Run([0.5], [0.04])));
        Assert.Equal((0.5, 0.2), (Shrinkage.Run([0.5], [0.04])[0].Effect, Shrinkage.Run([0.5], [0.04])[0].StandardError));
        Assert.All(EstimatorComparison.Run([0.5], [0.04]), row => Assert.Equal((0.5, null), (row.Effect, row.TauSquared)));
    }

    [Fact]
    public void Leaving_out_one_of_two_effects_leaves_no_heterogeneity()
    {
        var rows = LeaveOneOut.Run([0.5, 0.1], [0.04, 0.01]);
        Assert.Equal((0.1, 0.1, null, null), (rows[0].Estimate, rows[0].StandardError, rows[0].TauSquared, rows[0].ISquared));
        Assert.Null(Influence.Run([0.5, 0.1], [0.04, 0.01])[0].TauSquaredDeleted);
    }

    [Fact]
    public void Division_by_zero_gives_null()
    {
        var rows = Influence.Run([0.3, 0.3, 0.3, 0.3], [0.01, 0.02, 0.03, 0.04], new ModelOptions { Test = CoefficientTest.KnappHartung });
        Assert.All(rows, row => Assert.Equal((null, null, null), (row.StudentizedResidual, row.CooksDistance, row.CovarianceRatio)));
        Assert.All(rows, row => Assert.False(row.Influential));
    }

    [Fact]
    public void A_dominating_effect_can_be_left_out()
    {
        double[] y = [0.1, 0.2, 0.4, 0.9], v = [0.01, 0.02, 0.03, 1e-12];
        var options = new ModelOptions { Estimator = TauSquaredEstimator.CommonEffect, Test = CoefficientTest.Normal };
        var row = LeaveOneOut.Run(y, v, options)[3];
        var fit = RandomEffectsModel.Fit(y.AsSpan(0, 3), v.AsSpan(0, 3), options);
        Close(fit.Mean.Estimate, row.Estimate);
        Close(fit.Heterogeneity.Q, row.Q);
        Assert.True(Influence.Run(y, v, options)[3].Influential);
    }

    private static double[] Y((double Y, double V)[] effects) => [.. effects.Select(e => e.Y)];

    private static double[] V((double Y, double V)[] effects) => [.. effects.Select(e => e.V)];

    private static void Close(double? expected, double? actual, double tolerance = 1e-9)
    {
        Assert.Equal(expected is null, actual is null);
        Assert.True(Math.Abs((expected ?? 0) - (actual ?? 0)) <= tolerance * Math.Max(1, Math.Abs(expected ?? 0)), $"expected {expected:R}, was {actual:R}");
    }
}
