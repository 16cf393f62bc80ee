namespace RealRelationship.Statistics.Tests;

public sealed class ModeratorModelTests
{
    [Theory]
    [InlineData(SubgroupTauSquared.Common)]
    [InlineData(SubgroupTauSquared.Separate)]
    public void Precisions_18_orders_of_magnitude_apart_give_fast_finite_results(SubgroupTauSquared tauSquared)
    {
        double[] y = [0.3, 0.3, 0.3, 0, 0.017270541956563412], v = [182.78, 6.6e-10, 147674.4, 1979.3, 0.122];
        var analysis = ModeratorModel.FitCategorical("x", y, v, ["p", "r", "q", "q", "r"], new ModelOptions { Confidence = 0.8 }, tauSquared);
        Assert.Equal(3, analysis.Contrasts.Count);
        Assert.All(analysis.Contrasts, c => Assert.True(c.MinimumDetectableDifference is null || double.IsFinite(c.MinimumDetectableDifference.Value)));
    }

    private static readonly ModelOptions CommonEffect = new() { Estimator = TauSquaredEstimator.CommonEffect, Test = CoefficientTest.Normal };
    private static readonly ModelOptions KnappHartung = new() { Test = CoefficientTest.KnappHartung };

    [Fact]
    public void Equal_variances_make_a_contrast_the_two_sample_t_test()
    {
        double[] a = [0.1, 0.3, 0.5, 0.2], b = [0.6, 0.9, 0.5];
        var analysis = Categorical([.. a, .. b], Repeat(0.01, 7), ["a", "a", "a", "a", "b", "b", "b"], KnappHartung);
        var contrast = Assert.Single(analysis.Contrasts);
        var pooled = (SumOfSquares(a) + SumOfSquares(b)) / 5;
        Assert.Equal(a.Average() - b.Average(), contrast.Difference, 1e-15);
        Assert.Equal(Math.Sqrt(pooled * (1 / 4.0 + 1 / 3.0)), contrast.StandardError, 1e-15);
        Assert.Equal(5, contrast.DegreesOfFreedom);
        Assert.Equal(analysis.Test!.PValue, contrast.PValue!.Value, 1e-14); // F = t²
        Assert.Equal(contrast.PValue, contrast.AdjustedPValue);
    }

    [Fact]
    public void Riley_prediction_has_one_degree_of_freedom_less_over_all_levels()
    {
        double[] y = [0.1, 0.3, 0.5, 0.2, 0.6, 0.9, 0.5], v = [0.01, 0.02, 0.01, 0.02, 0.01, 0.02, 0.01];
        var analysis = Categorical(y, v, ["a", "a", "a", "a", "b", "b", "b"], new ModelOptions { Prediction = PredictionDistribution.Riley });
        var mean = analysis.Levels[0].Mean;
        var half = StudentT.UpperQuantile(0.025, 4) * Math.Sqrt(analysis.Residual.TauSquared!.Value + mean.StandardError * mean.StandardError); // 7 − 2 − 1
        Assert.Equal(mean.Estimate + half, analysis.Levels[0].PredictionInterval!.Value.Upper, 1e-14);
        Assert.NotEqual(0, analysis.Residual.TauSquared);
        var three = Categorical(y[..3], v[..3], ["a", "a", "b"], new ModelOptions { Prediction = PredictionDistribution.Riley });
        Assert.All(three.Levels, level => Assert.Null(level.PredictionInterval)); // 3 − 2 − 1 = 0
    }

    [Fact]
    public void A_level_uses_common_tau_squared_and_its_own_typical_variance()
    {
        double[] y = [0.1, 0.3, 0.5, 0.2, 0.6, 0.9, 0.5], v = [0.01, 0.02, 0.01, 0.02, 0.01, 0.02, 0.01];
        string[] levels = ["a", "a", "a", "a", "b", "b", "b"];
        var analysis = Categorical(y, v, levels, new ModelOptions { Test = CoefficientTest.StudentT, Prediction = PredictionDistribution.SameAsTest });
        var (level, tau2) = (analysis.Levels[0], analysis.Residual.TauSquared!.Value);
        var typical = 3 * 300.0 / (300 * 300 - 25_000); // (k − 1)Σw/((Σw)² − Σw²), weights 100, 50, 100, 50
        Assert.NotEqual(0, tau2);
        Assert.Equal(100 * tau2 / (tau2 + typical), level.Heterogeneity.ISquared!.Value, 1e-12);
        Assert.Equal(tau2 / typical + 1, level.Heterogeneity.HSquared!.Value, 1e-13);
        var half = StudentT.UpperQuantile(0.025, 5) * Math.Sqrt(tau2 + level.Mean.StandardError * level.Mean.StandardError);
        Assert.Equal(level.Mean.Estimate - half, level.PredictionInterval!.Value.Lower, 1e-14);
        Assert.Equal(level.Mean.Estimate + half, level.PredictionInterval.Value.Upper, 1e-14);
        Assert.DoesNotContain("oneEffectLevel", analysis.Notes, StringComparer.Ordinal);

        var common = Categorical(y, v, levels, CommonEffect).Levels[0];
        var alone = RandomEffectsModel.Fit(y.AsSpan(0, 4), v.AsSpan(0, 4), CommonEffect).Heterogeneity;
        Assert.Null(common.PredictionInterval);
        Assert.True(alone.ISquared > 0);
        Assert.Equal((alone.ISquared!.Value, alone.HSquared!.Value), (common.Heterogeneity.ISquared!.Value, common.Heterogeneity.HSquared!.Value));
    }

    [Fact]
    public void What_could_be_detected_ignores_the_multiplier_with_separate_levels_and_numeric_moderators()
    {
        double[] pattern = [0.1, -0.2, 0.3, -0.1, 0.25, -0.3, 0.05, -0.1], y = [.. pattern, .. pattern.Select(x => 0.1 + x)];
        var options = CommonEffect with { Test = CoefficientTest.KnappHartung };
        string[] levels = [.. Repeat("a", 8), .. Repeat("b", 8)];
        var separate = ModeratorModel.FitCategorical("m", y, Repeat(0.01, 16), levels, options, SubgroupTauSquared.Separate);
        Assert.Equal(14, separate.Contrasts[0].DegreesOfFreedom!.Value, 1e-9);
        Assert.Equal(1.50663422787 * 0.1, separate.MinimumDetectableDifference!.Value, 1e-9); // R: see above
        double[] x = [.. Enumerable.Range(0, 16).Select(i => (double)i)];
        Assert.Equal(
            ModeratorModel.FitContinuous("x", y, Repeat(0.01, 16), x, CommonEffect with { Test = CoefficientTest.StudentT }).MinimumDetectableDifference!.Value,
            ModeratorModel.FitContinuous("x", y, Repeat(0.01, 16), x, options).MinimumDetectableDifference!.Value, 1e-12);
    }

    [Fact]
    public void Levels_fitted_alone_without_residuals_have_no_test()
    {
        var analysis = ModeratorModel.FitCategorical("m", [0.3, 0.3, 0.5, 0.6], Repeat(0.01, 4), ["a", "a", "b", "b"], KnappHartung,
            SubgroupTauSquared.Separate);
        Assert.Equal((null, ModeratorVerdict.CannotTell, false), (analysis.Test, analysis.Verdict, analysis.WithinMargin)); // the standard error of a is 0
        var single = ModeratorModel.FitCategorical("m", [0.3, 0.5], Repeat(0.01, 2), ["a", "b"], CommonEffect, SubgroupTauSquared.Separate);
        Assert.Equal((0, null), (single.Residual.DegreesOfFreedom, single.Residual.PValue));
        Assert.Equal(["noResidualDegreesOfFreedom", "oneEffectLevel", "oneSampleLevel"], single.Notes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Levels_are_in_ordinal_order_with_their_rows()
    {
        var analysis = Categorical([0.1, 0.2, 0.3, 0.4, 0.5], Repeat(0.01, 5), ["client", "Therapist", "client", "observer", "Therapist"]);
        Assert.Equal(["Therapist", "client", "observer"], [.. analysis.Levels.Select(level => level.Level)]);
        Assert.Equal([[1, 4], [0, 2], [3]], analysis.Levels.Select(level => level.Rows));
        Assert.Equal(["intercept", "m:client", "m:observer"], [.. analysis.Coefficients.Select(c => c.Name)]);
        Assert.Equal([("Therapist", "client"), ("Therapist", "observer"), ("client", "observer")], analysis.Contrasts.Select(c => (c.A, c.B)));
        Assert.Contains("oneEffectLevel", analysis.Notes, StringComparer.Ordinal);
    }

    [Fact]
    // the reference result's own SE of .0415 over 16 studies; R: power.t.test(n = 8, power = .8, strict = TRUE)
    public void The_detectable_difference_of_8_versus_8_is_23_with_z_and_25_with_t()
    {
        var v = 16 * 0.0415 * 0.0415;
        string[] levels = [.. Repeat("a", 8), .. Repeat("b", 8)];
        var normal = Categorical(Repeat(0.39, 16), Repeat(v, 16), levels, CommonEffect);
        var t = Categorical(Repeat(0.39, 16), Repeat(v, 16), levels, CommonEffect with { Test = CoefficientTest.StudentT });
        Assert.Equal(2.8015817870135784 * 0.083, normal.MinimumDetectableDifference!.Value, 1e-12);
        Assert.Equal(1.50663422787 * Math.Sqrt(v), t.MinimumDetectableDifference!.Value, 1e-9);
        Assert.Equal((0.23, 0.25), (Math.Round(normal.MinimumDetectableDifference.Value, 2), Math.Round(t.MinimumDetectableDifference.Value, 2)));
    }

    [Fact]
    public void What_could_be_detected_does_not_depend_on_the_Knapp_Hartung_multiplier()
    {
        double[] y = [0.30, 0.31, 0.29, 0.33, 0.32, 0.34], v = [0.02, 0.02, 0.03, 0.02, 0.03, 0.02];
        string[] levels = ["a", "a", "a", "b", "b", "b"];
        var own = Categorical(y, v, levels, KnappHartung);
        var plain = Categorical(y, v, levels, new ModelOptions { Test = CoefficientTest.StudentT });
        Assert.True(own.Contrasts[0].StandardError < plain.Contrasts[0].StandardError / 2);
        Assert.Equal(plain.MinimumDetectableDifference!.Value, own.MinimumDetectableDifference!.Value, 1e-12);
    }

    [Fact]
    public void The_largest_detectable_difference_is_reported()
    {
        var analysis = Categorical([0.1, 0.2, 0.3, 0.4, 0.2, 0.3], [0.01, 0.01, 0.01, 0.01, 0.2, 0.01], ["a", "a", "b", "b", "c", "b"]);
        Assert.Equal(analysis.Contrasts.Max(c => c.MinimumDetectableDifference), analysis.MinimumDetectableDifference);
        Assert.Equal(("a", "c"),
            analysis.Contrasts.Where(c => c.MinimumDetectableDifference == analysis.MinimumDetectableDifference).Select(c => (c.A, c.B)).Single());
    }

    [Theory]
    [InlineData(0.50, 1e-4, ModeratorVerdict.Differ, false)] // far apart
    [InlineData(0.05, 1e-4, ModeratorVerdict.Differ, true)] // significant, but small
    [InlineData(0.00, 1e-4, ModeratorVerdict.Equivalent, true)] // precise and equal
    [InlineData(0.00, 0.03, ModeratorVerdict.CannotTell, false)] // equal, but imprecise
    public void The_verdict_requires_evidence_of_difference_or_equivalence(double difference, double v, ModeratorVerdict verdict, bool within)
    {
        var analysis = Categorical([0.3, 0.3, 0.3 + difference, 0.3 + difference], Repeat(v, 4), ["a", "a", "b", "b"], CommonEffect);
        Assert.Equal((verdict, within), (analysis.Verdict, analysis.WithinMargin));
    }

    [Fact]
    public void One_contrast_outside_the_margin_is_enough_not_to_be_equivalent()
    {
        var analysis = Categorical([0.30, 0.30, 0.30, 0.30, 0.35], [1e-4, 1e-4, 1e-4, 1e-4, 0.02], ["a", "a", "b", "b", "c"], CommonEffect);
        Assert.True(analysis.Test!.PValue > 0.05);
        Assert.Equal((ModeratorVerdict.CannotTell, false), (analysis.Verdict, analysis.WithinMargin));
    }

    [Fact]
    public void Equivalence_uses_the_1_minus_2_alpha_interval()
    {
        double[] v = Repeat(0.0025, 4); // SE of the difference .05
        string[] levels = ["a", "a", "b", "b"];
        var margin = 1.6448536269514722 * 0.05;
        Assert.Equal(ModeratorVerdict.Equivalent,
            ModeratorModel.FitCategorical("m", Repeat(0.3, 4), v, levels, CommonEffect, equivalenceMargin: margin + 1e-9).Verdict);
        Assert.Equal(ModeratorVerdict.CannotTell,
            ModeratorModel.FitCategorical("m", Repeat(0.3, 4), v, levels, CommonEffect, equivalenceMargin: margin - 1e-9).Verdict);
    }

    [Fact]
    public void Holms_adjustment_multiplies_the_smallest_p_by_the_number_of_contrasts()
    {
        var analysis = Categorical([0.1, 0.15, 0.35, 0.4, 0.55, 0.6], Repeat(0.01, 6), ["a", "a", "b", "b", "c", "c"], CommonEffect);
        var p = analysis.Contrasts.OrderBy(c => c.PValue).ToList(); // R: p.adjust(p, "holm")
        Assert.Equal(3 * p[0].PValue!.Value, p[0].AdjustedPValue!.Value, 1e-15);
        Assert.Equal(Math.Max(p[0].AdjustedPValue!.Value, 2 * p[1].PValue!.Value), p[1].AdjustedPValue!.Value, 1e-15);
        Assert.Equal(Math.Max(p[1].AdjustedPValue!.Value, p[2].PValue!.Value), p[2].AdjustedPValue!.Value, 1e-15);
    }

    [Fact]
    public void A_single_level_is_pooled_with_verdict_cannot_tell()
    {
        double[] y = [0.1, 0.4, 0.2], v = [0.01, 0.02, 0.01];
        var analysis = Categorical(y, v, ["a", "a", "a"]);
        Assert.Equal(RandomEffectsModel.Fit(y, v).Mean with { Name = "a" }, Assert.Single(analysis.Levels).Mean);
        Assert.Null(analysis.Test);
        Assert.Empty(analysis.Contrasts);
        Assert.Equal(ModeratorVerdict.CannotTell, analysis.Verdict);
        Assert.Contains("singleLevel", analysis.Notes, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(SubgroupTauSquared.Common)]
    [InlineData(SubgroupTauSquared.Separate)]
    public void A_level_of_one_effect_does_not_fail_the_analysis(SubgroupTauSquared tauSquared)
    {
        var analysis = ModeratorModel.FitCategorical("m", [0.1, 0.4, 0.2, 0.6], [0.01, 0.02, 0.01, 0.02], ["a", "a", "a", "b"], tauSquared: tauSquared);
        var alone = analysis.Levels[1];
        Assert.Equal(0.6, alone.Mean.Estimate, 1e-15);
        Assert.Null(alone.Heterogeneity.ISquared);
        Assert.Equal(0, alone.Heterogeneity.DegreesOfFreedom);
        Assert.Equal(tauSquared == SubgroupTauSquared.Common, analysis.Contrasts[0].PValue is not null); // alone it has no τ²
        Assert.Contains("oneEffectLevel", analysis.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void Only_single_effect_levels_give_estimates_without_tests()
    {
        var analysis = Categorical([0.1, 0.4, 0.2], [0.01, 0.02, 0.01], ["a", "b", "c"]);
        Assert.Equal([0.1, 0.4, 0.2], analysis.Levels.Select(level => level.Mean.Estimate));
        Assert.All(analysis.Levels, level => Assert.Null(level.Mean.PValue));
        Assert.All(analysis.Contrasts, contrast => Assert.Null(contrast.PValue));
        Assert.Null(analysis.Residual.TauSquared);
        Assert.Null(analysis.Test);
        Assert.Null(analysis.MinimumDetectableDifference);
        Assert.Equal(ModeratorVerdict.CannotTell, analysis.Verdict);
        Assert.Contains("noResidualDegreesOfFreedom", analysis.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void Levels_share_tau_squared_when_it_is_common_and_have_their_own_when_not()
    {
        double[] y = [0.1, 0.5, 0.3, 0.30, 0.31, 0.29], v = Repeat(0.005, 6);
        string[] levels = ["a", "a", "a", "b", "b", "b"];
        var common = Categorical(y, v, levels);
        var separate = ModeratorModel.FitCategorical("m", y, v, levels, tauSquared: SubgroupTauSquared.Separate);
        Assert.All(common.Levels, level => Assert.Equal(common.Residual.TauSquared, level.Heterogeneity.TauSquared));
        Assert.True(separate.Levels[0].Heterogeneity.TauSquared > 0);
        Assert.Equal(0, separate.Levels[1].Heterogeneity.TauSquared);
        Assert.Equal(common.Levels.Sum(level => level.Heterogeneity.Q), common.Residual.Q, 1e-12);
        Assert.Equal(common.Residual.Q, separate.Residual.Q, 1e-12);
        Assert.Equal("F", separate.Test!.Name);
    }

    [Fact]
    public void Separate_levels_are_compared_by_Welch_and_Satterthwaite() // equal variances: the levels' own s²/n, as in R's t.test
    {
        double[] a = [0.1, 0.3, 0.5, 0.2], b = [0.6, 1.4, 0.1];
        var analysis = ModeratorModel.FitCategorical(
            "m", [.. a, .. b], Repeat(0.001, 7), ["a", "a", "a", "a", "b", "b", "b"], KnappHartung, SubgroupTauSquared.Separate);
        var (va, vb) = (SumOfSquares(a) / 12, SumOfSquares(b) / 6);
        Assert.Equal(Math.Sqrt(va + vb), analysis.Contrasts[0].StandardError, 1e-14);
        Assert.Equal((va + vb) * (va + vb) / (va * va / 3 + vb * vb / 2), analysis.Contrasts[0].DegreesOfFreedom!.Value, 1e-12);
        Assert.Equal(Math.Pow(analysis.Contrasts[0].Difference, 2) / (va + vb), analysis.Test!.Statistic, 1e-12);
        Assert.Equal(analysis.Contrasts[0].DegreesOfFreedom!.Value, analysis.Test.DenominatorDegreesOfFreedom!.Value, 1e-12);
        Assert.Equal((ModeratorVerdict.CannotTell, "fewDegreesOfFreedom"), (analysis.Verdict, analysis.CannotTellBecause.Single())); // df2 below 4
    }

    [Theory] // equal variances below s²: the levels' own s²/n; R 4: oneway.test(y ~ g)
    [InlineData(12, 2.1555340675547425, 4.5139328728015204, 0.22022286242805797)]
    [InlineData(9, 4.5330014453187735, 5.2285012423055113, 0.084090110652158948)]
    public void Separate_levels_are_tested_by_Welchs_F(int effects, double f, double df2, double p)
    {
        double[] y = [0.1, 0.3, 0.5, 0.2, 0.6, 1.4, 0.1, 0.8, 0.9, 0.45, 0.15, 0.85];
        string[] levels = ["a", "a", "a", "a", "b", "b", "b", "b", "b", "c", "c", "c"];
        foreach (var test in Enum.GetValues<CoefficientTest>()) // its standard errors are ad hoc whatever the test of coefficients
        {
            var analysis = ModeratorModel.FitCategorical(
                "m", y.AsSpan(0, effects), Repeat(0.001, effects), levels[..effects], new ModelOptions { Test = test }, SubgroupTauSquared.Separate);
            Assert.Equal(f, analysis.Test!.Statistic, 1e-9);
            Assert.Equal(df2, analysis.Test.DenominatorDegreesOfFreedom!.Value, 1e-9);
            Assert.Equal(p, analysis.Test.PValue, 1e-10);
        }
    }

    [Fact]
    public void Separate_levels_of_fewer_than_three_effects_are_not_tested()
    {
        double[] y = [0.1, 0.3, 0.5, 0.2, 0.6, 1.4, 0.1, 0.8, 0.9, 0.45, 0.15], v = Repeat(0.001, 11);
        string[] levels = ["a", "a", "a", "a", "b", "b", "b", "b", "b", "c", "c"];
        var analysis = ModeratorModel.FitCategorical("m", y, v, levels, tauSquared: SubgroupTauSquared.Separate);
        var two = ModeratorModel.FitCategorical("m", y.AsSpan(0, 9), v.AsSpan(0, 9), levels[..9], tauSquared: SubgroupTauSquared.Separate);
        Assert.Equal(two.Test, analysis.Test);
        Assert.Contains("fewDegreesOfFreedom", analysis.Notes, StringComparer.Ordinal);
        Assert.DoesNotContain("oneSampleLevel", analysis.Notes, StringComparer.Ordinal);
        Assert.NotNull(analysis.Contrasts[1].PValue);

        double[] equal = [.. Enumerable.Range(0, 22).Select(i => 0.3 + 0.001 * (i % 3))];
        string[] Of(int last) => [.. Enumerable.Range(0, 22).Select(i => i >= 22 - last ? "c" : i % 2 == 0 ? "a" : "b")];
        var options = new ModelOptions { Confidence = 0.8 };
        Assert.Equal(ModeratorVerdict.Equivalent, Verdict(Of(6)));
        Assert.Equal(ModeratorVerdict.CannotTell, Verdict(Of(2)));

        ModeratorVerdict Verdict(string[] of) => ModeratorModel.FitCategorical("m", equal, Repeat(1e-5, 22), of, options, SubgroupTauSquared.Separate).Verdict;
    }

    [Fact]
    public void A_numeric_moderator_is_judged_over_its_middle_80_percent() // R: quantile(x, c(.1, .9)) = 1.4, 12.8
    {
        double[] y = [0.30, 0.31, 0.32, 0.35, 0.42], v = Repeat(0.0004, 5), x = [1, 2, 4, 8, 16];
        var slope = 0.008;
        double[] exact = [.. x.Select(value => 0.3 + slope * value)];
        var width = 1.6448536269514722 * 0.02 / Math.Sqrt(SumOfSquares(x)) * 11.4;
        var margin = slope * 11.4 + width;
        Assert.True(ModeratorModel.FitContinuous("x", exact, v, x, CommonEffect, margin + 1e-9).WithinMargin);
        Assert.False(ModeratorModel.FitContinuous("x", exact, v, x, CommonEffect, margin - 1e-9).WithinMargin);
        var regression = MetaRegression.Fit(y, v, DesignMatrix.WithIntercept(5).Add(new ContinuousTerm("x", x)));
        Assert.Equal(regression.Coefficients, ModeratorModel.FitContinuous("x", y, v, x).Coefficients);
        Assert.Empty(ModeratorModel.FitContinuous("x", y, v, x).Levels);
    }

    [Fact]
    public void The_unit_of_a_numeric_moderator_does_not_change_the_detectable_difference()
    {
        double[] y = [0.30, 0.31, 0.22, 0.35, 0.42], v = Repeat(0.01, 5), years = [1, 2, 4, 8, 16];
        var inYears = ModeratorModel.FitContinuous("age", y, v, years);
        var inMonths = ModeratorModel.FitContinuous("age", y, v, [.. years.Select(x => 12 * x)]);
        Assert.Equal(inYears.MinimumDetectableDifference!.Value, inMonths.MinimumDetectableDifference!.Value, 1e-12);
        Assert.Equal(inYears.Test!.PValue, inMonths.Test!.PValue, 1e-12);
        // Per standard deviation the slope's standard error is √(v + τ²)/√(k − 1) when variances are equal.
        var perDeviation = Math.Sqrt((0.01 + inYears.Residual.TauSquared!.Value) / 4);
        var delta = inYears.MinimumDetectableDifference.Value / perDeviation;
        var critical = StudentT.UpperQuantile(0.025, 3);
        Assert.Equal(0.8, NoncentralT.UpperTail(critical, 3, delta) + NoncentralT.LowerTail(-critical, 3, delta), 1e-12);
    }

    [Fact]
    public void A_constant_numeric_moderator_has_verdict_cannot_tell()
    {
        var analysis = ModeratorModel.FitContinuous("year", [0.1, 0.3, 0.2], Repeat(0.01, 3), [2020, 2020, 2020]);
        Assert.Contains("constantModerator", analysis.Notes, StringComparer.Ordinal);
        Assert.Equal(ModeratorVerdict.CannotTell, analysis.Verdict);
        Assert.Single(analysis.Coefficients);
    }

    [Fact]
    public void One_effect_is_analysed_too()
    {
        Assert.Equal(0.3, Categorical([0.3], [0.01], ["a"]).Levels[0].Mean.Estimate);
        Assert.Equal(0.3, ModeratorModel.FitContinuous("x", [0.3], [0.01], [5]).Coefficients[0].Estimate);
    }

    [Fact]
    public void Several_modes_and_the_floor_are_noted()
    {
        var analysis = Categorical([0.30, 0.31, 0.29, 0.30], Repeat(0.01, 4), ["a", "a", "b", "b"]);
        Assert.Contains("floorApplied", analysis.Notes, StringComparer.Ordinal);
        Assert.DoesNotContain("severalModes", analysis.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void Invalid_arguments_throw_ArgumentException()
    {
        Assert.Throws<ArgumentException>("levels", () => Categorical([0.1, 0.2], [0.1, 0.1], ["a"]));
        Assert.Throws<ArgumentException>("values", () => ModeratorModel.FitContinuous("x", [0.1, 0.2], [0.1, 0.1], [1]));
        Assert.Throws<ArgumentOutOfRangeException>("equivalenceMargin", () => ModeratorModel.FitCategorical("m", [0.1], [0.1], ["a"], equivalenceMargin: 0));
    }

    private static ModeratorFit Categorical(double[] y, double[] v, string[] levels, ModelOptions? options = null) =>
        ModeratorModel.FitCategorical("m", y, v, levels, options);

    private static T[] Repeat<T>(T value, int count) => [.. Enumerable.Repeat(value, count)];

    private static double SumOfSquares(double[] values) => values.Sum(x => (x - values.Average()) * (x - values.Average()));
}
