using CsCheck;

namespace RealRelationship.Statistics.Tests;

/// <summary>The edges of small-study tests, and what must hold of them whatever the effects.</summary>
public sealed class PublicationBiasTests
{
    private static readonly ModelOptions CommonEffect = new() { Estimator = TauSquaredEstimator.CommonEffect, Test = CoefficientTest.Normal };

    /// <summary>3 to 12 effects, samples of 4 to 3,000.</summary>
    private static readonly Gen<(double Y, double V)[]> Effects =
        Gen.Select(Gen.Double[-1.5, 1.5], Gen.Double[4, 3000].Select(n => 1 / (n - 3 + 0.5))).Array[3, 12];

    [Fact]
    public void Studies_of_equal_size_have_no_slope_and_a_note()
    {
        double[] y = [0.1, 0.2, 0.3, 0.4], v = [0.02, 0.02, 0.02, 0.02], n = [53, 53, 53, 53];
        Assert.Equal("equalStandardErrors", EggerRegression.Linear(y, v).NotEstimableReason);
        Assert.Equal("equalStandardErrors", EggerRegression.Mixed(y, v).NotEstimableReason);
        Assert.Equal("equalStandardErrors", EggerRegression.Peese(y, v).NotEstimableReason);
        Assert.Equal("equalStandardErrors", EggerRegression.PetPeese(y, v).NotEstimableReason);
        Assert.Equal("equalSampleSizes", EggerRegression.Linear(y, v, 0.95, SmallStudyPredictor.InverseSquareRootN, n).NotEstimableReason);
        Assert.Equal(new RankCorrelationTest(null, null), RankCorrelation.Test(y, v));
        Assert.Equal(FunnelSide.Left, TrimAndFill.Run(y, v).Side);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Fewer_than_three_effects_have_no_test_and_a_note(int k)
    {
        double[] y = [.. new[] { 0.1, 0.3 }.Take(k)], v = [.. new[] { 0.01, 0.04 }.Take(k)];
        Assert.Equal(new SmallStudyTest(null, null, null, null, null, null, "tooFewEffects"), EggerRegression.Linear(y, v));
        Assert.Equal("tooFewEffects", EggerRegression.Mixed(y, v).NotEstimableReason);
        Assert.Equal("tooFewEffects", EggerRegression.PetPeese(y, v).NotEstimableReason);
        Assert.Null(RankCorrelation.Test(y, v).Tau);
        Assert.Equal("tooFewEffects", Assert.Single(SelectionModel.Fit(y, v, [0.025]).Notes));
        Assert.InRange(TrimAndFill.Run(y, v).Missing, 0, k - 1);
        Assert.True(HenmiCopas.Interval(y, v).Upper > 0);
        Assert.InRange(ExcessSignificance.Test(y, v).Expected, 0, k);
    }

    [Fact]
    public void Collinear_effects_have_a_limit_estimate_but_no_test()
    {
        double[] v = [0.01, 0.04, 0.09];
        var test = EggerRegression.Linear([0.25, 0.25, 0.25], v);
        Assert.Equal((null, null, "noResidualVariance"), (test.Statistic, test.PValue, test.NotEstimableReason));
        Assert.Equal(0.25, test.Limit);
    }

    [Fact]
    public void The_sample_size_predictor_requires_sample_sizes()
    {
        Assert.Throws<ArgumentException>(() => EggerRegression.Linear([0.1, 0.2, 0.3], [0.01, 0.02, 0.03], 0.95, SmallStudyPredictor.InverseSquareRootN));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => EggerRegression.Linear([0.1, 0.2, 0.3], [0.01, 0.02, 0.03], 0.95, SmallStudyPredictor.InverseSquareRootN, [9, 8, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => EggerRegression.Linear([0.1, 0.2, 0.3], [0.01, 0.02, 0.03], 1));
    }

    [Fact]
    public void PET_PEESE_uses_PEESE_when_PET_is_significant() // one-sided p of the limit: .5·two-sided
    {
        double[] y = [0.41, 0.39, 0.42, 0.35, 0.5, 0.3], v = [0.001, 0.002, 0.003, 0.01, 0.02, 0.03];
        var decision = EggerRegression.PetPeese(y, v);
        Assert.True(decision.UsesPeese);
        Assert.True(decision.PetPValue < 0.05);
        Assert.Equal(EggerRegression.Peese(y, v).Limit, decision.Limit);
        var turned = EggerRegression.PetPeese([.. y.Select(x => -x)], v);
        Assert.Equal((true, -decision.Limit), (turned.UsesPeese, turned.Limit));
        var none = EggerRegression.PetPeese([0.01, -0.02, 0.1, -0.1, 0.3, 0.4], v);
        Assert.False(none.UsesPeese);
        Assert.Equal(EggerRegression.Linear([0.01, -0.02, 0.1, -0.1, 0.3, 0.4], v).Limit, none.Limit);
    }

    [Fact]
    public void Reversing_signs_reverses_every_test() => Effects.Sample(effects =>
    {
        var (y, minus, v) = (Y(effects), Y(effects).Select(x => -x).ToArray(), V(effects));
        var (egger, turned) = (EggerRegression.Linear(y, v), EggerRegression.Linear(minus, v));
        Close(-egger.Statistic, turned.Statistic);
        Close(-egger.LimitLower, turned.LimitUpper);
        Close(-RankCorrelation.Test(y, v).Tau, RankCorrelation.Test(minus, v).Tau);
        Assert.Equal(FailSafeN.Compute(y, v).Rosenberg, FailSafeN.Compute(minus, v).Rosenberg);
        Assert.Equal(ExcessSignificance.Test(y, v).Observed, ExcessSignificance.Test(minus, v).Observed);
        Close(-HenmiCopas.Interval(y, v).Lower, HenmiCopas.Interval(minus, v).Upper);
        var (filled, mirrored) = (TrimAndFill.Run(y, v, CommonEffect, TrimAndFillEstimator.L0, FunnelSide.Left),
            TrimAndFill.Run(minus, v, CommonEffect, TrimAndFillEstimator.L0, FunnelSide.Right));
        Assert.Equal(filled.Missing, mirrored.Missing);
        Close(-filled.Fit.Mean.Estimate, mirrored.Fit.Mean.Estimate);
    }, iter: 50);

    [Theory]
    [InlineData(TrimAndFillEstimator.L0)]
    [InlineData(TrimAndFillEstimator.R0)]
    public void Trim_and_fill_ends_where_sorted_distances_give_the_same_number(TrimAndFillEstimator estimator) => Effects.Sample(effects =>
    {
        (double Y, double V)[] sorted = [.. effects.Select(e => (Y: Math.Round(4 * e.Y) / 4, e.V)).OrderBy(e => e.Y)]; // with ties
        TrimAndFillResult result;
        try
        {
            result = TrimAndFill.Run(Y(sorted), V(sorted), CommonEffect, estimator, FunnelSide.Left);
        }
        catch (StatisticsException e) when (e.Code == "notConverged")
        {
            return;
        }
        var rest = sorted[..^result.Missing];
        var mean = RandomEffectsModel.Fit(Y(rest), V(rest), CommonEffect).Mean.Estimate;
        var ranked = sorted.OrderBy(e => Math.Abs(e.Y - mean)).ToArray();
        var k = ranked.Length;
        if (ranked.Zip(ranked.Skip(1)).Any(pair => pair.First.Y != pair.Second.Y
            && Math.Abs(Math.Abs(pair.First.Y - mean) - Math.Abs(pair.Second.Y - mean)) < 1e-9) || ranked.Any(e => Math.Abs(e.Y - mean) < 1e-9))
        {
            return; // the order rests on the rounding of the mean
        }
        var above = ranked.Index().Where(e => e.Item.Y > mean).Sum(e => e.Index + 1.0);
        Assert.Equal(estimator == TrimAndFillEstimator.R0
            ? Math.Max(0, ranked.Reverse().TakeWhile(e => e.Y > mean).Count() - 1)
            : Math.Max(0, (int)Math.Round((4 * above - k * (k + 1.0)) / (2 * k - 1), MidpointRounding.ToEven)), result.Missing);
    });

    [Fact]
    public void The_order_of_effects_does_not_matter() => Effects.Sample(effects =>
    {
        var (y, v) = (Y(effects), V(effects));
        var (y2, v2) = (y.Reverse().ToArray(), v.Reverse().ToArray());
        Assert.Equal(EggerRegression.Linear(y, v), EggerRegression.Linear(y2, v2));
        Assert.Equal(RankCorrelation.Test(y, v), RankCorrelation.Test(y2, v2));
        Close(HenmiCopas.Interval(y, v).Lower, HenmiCopas.Interval(y2, v2).Lower);
        if (y.Distinct().Count() == y.Length) // equal effects are trimmed in the order given
        {
            Close(TrimAndFill.Run(y, v).Fit.Mean.Estimate, TrimAndFill.Run(y2, v2).Fit.Mean.Estimate);
        }
    }, iter: 50);

    [Fact]
    public void Egger_is_the_slope_of_standardised_effects_on_precision() => Effects.Sample(effects => // y/s = b₀/s + b₁, as he wrote it
    {
        var (x, z) = (effects.Select(e => 1 / Math.Sqrt(e.V)).ToArray(), effects.Select(e => e.Y / Math.Sqrt(e.V)).ToArray());
        var (mx, mz) = (x.Average(), z.Average());
        var sxx = x.Sum(a => (a - mx) * (a - mx));
        if (sxx < 1e-3 * x.Length * mx * mx) // precisions all but equal: both ways of computing lose their digits
        {
            return;
        }
        var slope = x.Zip(z, (a, b) => (a - mx) * (b - mz)).Sum() / sxx;
        var rss = x.Zip(z, (a, b) => b - mz - slope * (a - mx)).Sum(e => e * e);
        var se = Math.Sqrt(rss / (x.Length - 2) * (1.0 / x.Length + mx * mx / sxx));
        var test = EggerRegression.Linear(Y(effects), V(effects));
        if (test.NotEstimableReason == "noResidualVariance")
        {
            Assert.True(rss < 1e-12);
            return;
        }
        Assert.Equal(slope, test.Limit!.Value, 1e-7 * Math.Max(1, Math.Abs(slope)));
        Assert.Equal((mz - slope * mx) / se, test.Statistic!.Value, 1e-6 * Math.Max(1, Math.Abs(test.Statistic.Value)));
    });

    [Fact]
    public void Kendalls_tau_equals_pair_counting() => Gen.Select(Gen.Int[0, 5], Gen.Int[1, 5]).Array[3, 12].Sample(pairs =>
    {
        // Roots, so that no two standardised effects are equal but for rounding unless they are the same.
        double[] y = [.. pairs.Select(p => Math.Sqrt(p.Item1 + 0.1))], v = [.. pairs.Select(p => p.Item2 / 64.0)];
        var w = v.Sum(x => 1 / x);
        var mean = y.Zip(v, (a, b) => a / b).Sum() / w;
        double s = 0, tiedA = 0, tiedB = 0, all = 0;
        for (var i = 0; i < y.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (a, b) = (Math.Round((y[i] - mean) / Math.Sqrt(v[i] - 1 / w) - (y[j] - mean) / Math.Sqrt(v[j] - 1 / w), 9), v[i] - v[j]);
                s += Math.Sign(a) * Math.Sign(b);
                tiedA += a == 0 ? 1 : 0;
                tiedB += b == 0 ? 1 : 0;
                all++;
            }
        }
        var test = RankCorrelation.Test(y, v);
        if (tiedA == all || tiedB == all)
        {
            return;
        }
        Assert.Equal(s / Math.Sqrt((all - tiedA) * (all - tiedB)), test.Tau!.Value, 0.2 / all + 1e-12); // effects equal to rounding may tie or not
        Assert.InRange(test.PValue!.Value, 0, 1);
    });

    [Fact] // r(1, 2, 3, 4, 5 | 1, 3, 2, 5, 4): six pairs more in order than not, of ten
    public void Kendalls_tau_by_hand()
    {
        var test = RankCorrelation.Test([0.1, 0.3, 0.2, 0.5, 0.4], [0.010001, 0.010002, 0.010003, 0.010004, 0.010005]);
        Assert.Equal(0.6, test.Tau!.Value, 1e-15);
        Assert.Equal(2 * Normal.UpperTail(6 / Math.Sqrt(5 * 4 * 15 / 18.0)), test.PValue!.Value, 1e-14);
    }

    [Fact]
    public void Fail_safe_numbers_of_no_effect_are_zero_and_an_unreachable_target_has_none()
    {
        var numbers = FailSafeN.Compute([0.1, -0.1], [0.01, 0.01], 0);
        Assert.Equal((0.0, null, 0.0), (numbers.Rosenthal, numbers.Orwin, numbers.Rosenberg));
        Assert.Equal(6, FailSafeN.Compute([0.4, 0.4], [0.01, 0.01], -0.1).Orwin); // 2 (.4 − .1)/.1, the target with the sign of the mean
        Assert.Equal(2, FailSafeN.Compute([0.4, 0.4], [0.01, 0.01]).Orwin);
        Assert.Throws<ArgumentOutOfRangeException>(() => FailSafeN.Compute([0.4], [0.01], double.NaN));
    }

    [Fact] // metafor 3.8.1: fsn(yi, vi, type = "Orwin"), target = .1
    public void Orwins_number_takes_target_and_mean_by_the_same_weights()
    {
        double[] y = [0.1, 0.3, 0.5, 0.2, 0.45], v = [0.01, 0.02, 0.005, 0.03, 0.001];
        Assert.Equal((5, 0.155), (FailSafeN.Compute(y, v).Orwin, FailSafeN.Compute(y, v).OrwinTarget));
        Assert.Equal(11, FailSafeN.Compute(y, v, 0.1).Orwin);
    }

    [Fact]
    public void Excess_significance_uses_chi_squared_for_many_effects_and_is_exact_for_few()
    {
        double[] Many(double x) => [.. Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? x : 0)];
        var v = Many(0).Select(_ => 0.01).ToArray();
        var test = ExcessSignificance.Test(Many(0.3), v); // thirty significant, each with the power of θ = .15
        var power = Normal.UpperTail(1.959963984540054 - 1.5) + Normal.UpperTail(1.959963984540054 + 1.5);
        Assert.Equal(30, test.Observed);
        Assert.Equal(60 * power, test.Expected, 1e-12);
        Assert.Equal(Normal.UpperTail((30 - 60 * power) / Math.Sqrt(60 * power * (1 - power))), test.PValue!.Value, 1e-13);
        Assert.Equal(1 - Math.Pow(1 - power, 3), ExcessSignificance.Test([0.45, 0, 0], [0.01, 0.01, 0.01]).PValue!.Value, 1e-14);
    }

    [Fact]
    public void Imputed_effects_mirror_trimmed_ones()
    {
        double[] y = [0.1, 0.15, 0.2, 0.5, 0.6, 0.7], v = [0.001, 0.002, 0.002, 0.03, 0.04, 0.05];
        var result = TrimAndFill.Run(y, v, CommonEffect);
        Assert.Equal(FunnelSide.Left, result.Side);
        Assert.Equal(result.Missing, result.FilledEstimates.Count);
        Assert.True(result.Missing > 0);
        Assert.Equal(v[^result.Missing..], result.FilledVariances);
        var kept = y.Length - result.Missing;
        var mean = RandomEffectsModel.Fit(y.AsSpan(0, kept), v.AsSpan(0, kept), CommonEffect).Mean.Estimate;
        Assert.All(result.FilledEstimates.Zip(y[^result.Missing..]), pair => Assert.Equal(2 * mean, pair.First + pair.Second, 1e-14));
        Assert.Equal(y.Length + result.Missing, result.Fit.Effects);
    }

    [Theory]
    [InlineData(TrimAndFillEstimator.L0)]
    [InlineData(TrimAndFillEstimator.R0)]
    public void Equal_effects_impute_nothing(TrimAndFillEstimator estimator) =>
        Assert.Equal(0, TrimAndFill.Run([0.3, 0.3, 0.3, 0.3], [0.01, 0.02, 0.03, 0.04], null, estimator).Missing);

    [Theory] // metafor 3.8.1's hc with the tolerances of uniroot and integrate at 1e-14
    [InlineData("molloy2014", 0.0399753102002205, 0.210378017310807)]
    [InlineData("bcg", -1.15554876197206, 0.29497843466388)]
    [InlineData("normand1999", -1.18573618600414, 0.364513347162179)]
    public void Henmi_and_Copas_agrees_to_full_precision(string name, double lower, double upper)
    {
        var file = ReferenceFile.Load(name);
        var interval = HenmiCopas.Interval(file.Estimates, file.Variances);
        Assert.Equal(lower, interval.Lower, 1e-10);
        Assert.Equal(upper, interval.Upper, 1e-10);
    }

    [Fact]
    public void Henmi_and_Copas_of_one_effect_is_its_own_interval() =>
        Assert.Equal(0.5 + 1.959963984540054 * 0.2, HenmiCopas.Interval([0.5], [0.04]).Upper, 1e-14);

    [Fact]
    public void Hunter_and_Schmidt_bare_bones_by_hand() // r̄ = (10 + 20)/200, s² = .0025, e = (1 − .15²)²/99
    {
        var result = HunterSchmidt.BareBones([0.1, 0.2], [100, 100]);
        Assert.Equal((2, 200.0), (result.Effects, result.TotalSampleSize));
        Assert.Equal(0.15, result.MeanCorrelation, 1e-15);
        Assert.Equal(0.0025, result.ObservedVariance, 1e-15);
        Assert.Equal(0.9775 * 0.9775 / 99, result.ErrorVariance, 1e-15);
        Assert.Equal(0, result.ResidualVariance);
        Assert.Equal(Math.Sqrt(0.0025 / 2), result.StandardError, 1e-15);
        Assert.Equal((0.15, 0.15), (result.CredibilityInterval.Lower, Math.Round(result.CredibilityInterval.Upper, 12)));
        Assert.Equal(100, result.PercentOfVariance);
    }

    [Fact]
    public void Hunter_and_Schmidt_corrected_by_hand()
    {
        var result = HunterSchmidt.Corrected([0.2, 0.5], [101, 201], [0.8, 0.9], [0.5, 0.8]); // A² .40 and .72
        var (c1, c2, w1, w2) = (0.2 / Math.Sqrt(0.4), 0.5 / Math.Sqrt(0.72), 40.4, 144.72);
        var mean = (w1 * c1 + w2 * c2) / (w1 + w2);
        var spread = Math.Pow(1 - Math.Pow((20.2 + 100.5) / 302, 2), 2);
        var observed = (w1 * (c1 - mean) * (c1 - mean) + w2 * (c2 - mean) * (c2 - mean)) / (w1 + w2);
        var error = (w1 * spread / (100 * 0.4) + w2 * spread / (200 * 0.72)) / (w1 + w2);
        Assert.Equal(mean, result.MeanCorrelation, 1e-14);
        Assert.Equal(observed, result.ObservedVariance, 1e-14);
        Assert.Equal(error, result.ErrorVariance, 1e-14);
        Assert.Equal(mean + 1.2815515655446004 * Math.Sqrt(observed - error), result.CredibilityInterval.Upper, 1e-13);
    }

    [Fact]
    public void Perfect_reliability_changes_only_how_error_is_averaged()
    {
        var (bare, corrected) = (HunterSchmidt.BareBones([0.1, 0.4, 0.3], [50, 50, 50]),
            HunterSchmidt.Corrected([0.1, 0.4, 0.3], [50, 50, 50], [1, 1, 1], [1, 1, 1]));
        Assert.Equal(bare.ResidualVariance, corrected.ResidualVariance, 1e-15);
        Assert.Throws<ArgumentOutOfRangeException>(() => HunterSchmidt.BareBones([1], [50]));
        Assert.Throws<ArgumentOutOfRangeException>(() => HunterSchmidt.BareBones([0.5], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => HunterSchmidt.Corrected([0.5], [10], [0], [1]));
        Assert.Throws<ArgumentException>(() => HunterSchmidt.BareBones([], []));
    }

    private static double[] Y((double Y, double V)[] effects) => [.. effects.Select(e => e.Y)];

    private static double[] V((double Y, double V)[] effects) => [.. effects.Select(e => e.V)];

    private static void Close(double? expected, double? actual)
    {
        Assert.Equal(expected is null, actual is null);
        Assert.True(Math.Abs((expected ?? 0) - (actual ?? 0)) <= 1e-8 * Math.Max(1, Math.Abs(expected ?? 0)), $"expected {expected:R}, was {actual:R}");
    }
}
