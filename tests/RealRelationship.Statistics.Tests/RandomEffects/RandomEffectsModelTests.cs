namespace RealRelationship.Statistics.Tests;

/// <summary>The edges of the random-effects model, where other programs invent, collapse or fail.</summary>
public sealed class RandomEffectsModelTests
{
    public static TheoryData<TauSquaredEstimator, CoefficientTest> AllEstimatorsAndTests
    {
        get
        {
            var data = new TheoryData<TauSquaredEstimator, CoefficientTest>();
            foreach (var estimator in Enum.GetValues<TauSquaredEstimator>())
            {
                foreach (var test in Enum.GetValues<CoefficientTest>())
                {
                    data.Add(estimator, test);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(AllEstimatorsAndTests))]
    public void One_effect_has_its_own_z_interval(TauSquaredEstimator estimator, CoefficientTest test)
    {
        var fit = RandomEffectsModel.Fit([0.5], [0.04], new ModelOptions { Estimator = estimator, Test = test });
        Assert.Equal((0.5, 0.2, null), (fit.Mean.Estimate, fit.Mean.StandardError, fit.Mean.DegreesOfFreedom));
        Assert.Equal(0.5 - 1.959963984540054 * 0.2, fit.Mean.Lower!.Value, 1e-15);
        Assert.Equal(new Heterogeneity(0, 0, null, null, null, null, null, null, null, null), fit.Heterogeneity);
        Assert.Null(fit.PredictionInterval);
        Assert.Null(fit.ProbabilityAbove(0));
        Assert.Equal([100.0], fit.Weights);
        Assert.Equal((false, false), (fit.FloorApplied, fit.SeveralModes));
        if (estimator == TauSquaredEstimator.RestrictedMaximumLikelihood)
        {
            Assert.Null(fit.LogLikelihood);
        }
        else
        {
            Assert.Equal(0.6904993792294275, fit.LogLikelihood!.Value, 1e-14); // R: dnorm(0, sd = 0.2, log = TRUE)
        }
    }

    [Theory]
    [MemberData(nameof(AllEstimatorsAndTests))]
    public void Two_effects_are_fitted(TauSquaredEstimator estimator, CoefficientTest test)
    {
        var fit = RandomEffectsModel.Fit([0.2, 0.6], [0.01, 0.02], new ModelOptions { Estimator = estimator, Test = test });
        Assert.InRange(fit.Mean.Estimate, 0.2, 0.6);
        Assert.Equal(1, fit.Heterogeneity.DegreesOfFreedom);
        Assert.NotNull(fit.Mean.PValue);
        Assert.True(fit.Converged);
    }

    [Fact]
    public void REML_of_two_effects_is_half_their_squared_distance_minus_the_mean_variance() // τ² = (y₁−y₂)²/2 − v̄
    {
        var fit = RandomEffectsModel.Fit([0.2, 0.6], [0.01, 0.02], new ModelOptions { Test = CoefficientTest.KnappHartung });
        Assert.Equal(0.065, fit.Heterogeneity.TauSquared!.Value, 1e-15);
        Assert.Equal(0.199608992783391392, fit.Mean.StandardError, 1e-14); // metafor 3.8.1
        Assert.Equal(-2.148772729487390, fit.Mean.Lower!.Value, 1e-13);
    }

    [Theory]
    [MemberData(nameof(AllEstimatorsAndTests))]
    public void Equal_effects_give_no_heterogeneity_and_finite_results(TauSquaredEstimator estimator, CoefficientTest test)
    {
        var fit = RandomEffectsModel.Fit([0.3, 0.3, 0.3], [0.01, 0.02, 0.03], new ModelOptions { Estimator = estimator, Test = test });
        Assert.Equal(0.3, fit.Mean.Estimate);
        Assert.Equal(0, fit.Heterogeneity.TauSquared);
        Assert.Equal(0, fit.Heterogeneity.ISquared);
        Assert.Equal(test == CoefficientTest.KnappHartungAdHoc, fit.FloorApplied);
        Assert.Equal(test == CoefficientTest.KnappHartung ? 0 : 1 / Math.Sqrt(100 + 50 + 100 / 3.0), fit.Mean.StandardError, 1e-15);
    }

    [Fact]
    public void Nearly_equal_effects_do_not_collapse_under_the_ad_hoc_test() // r_z .300, .301, .299: Knapp and Hartung's own SE is .0006
    {
        double[] y = [0.300, 0.301, 0.299], v = [0.0108, 0.0108, 0.0108];
        var own = RandomEffectsModel.Fit(y, v, new ModelOptions { Test = CoefficientTest.KnappHartung });
        var adHoc = RandomEffectsModel.Fit(y, v);
        Assert.Equal(0.0006, own.Mean.StandardError, 5e-5);
        Assert.Equal(0.060, adHoc.Mean.StandardError, 5e-5);
        Assert.True(adHoc.FloorApplied);
        Assert.False(own.FloorApplied);
    }

    [Fact]
    public void An_empty_Q_profile_has_no_interval()
    {
        var fit = RandomEffectsModel.Fit([0.300, 0.301, 0.299], [0.0108, 0.0108, 0.0108]).Heterogeneity;
        Assert.Equal((null, null, null), (fit.TauSquaredInterval, fit.ISquaredInterval, fit.HSquaredInterval));
        Assert.True(fit.IntervalIsEmpty);
        // Q = .2²/2/.02 = 1 lies above the .025 quantile of χ² with one degree of freedom, .000982: [0, …].
        var held = RandomEffectsModel.Fit([0.3, 0.5], [0.02, 0.02]).Heterogeneity;
        Assert.Equal(0, held.TauSquaredInterval!.Value.Lower);
        Assert.True(held.TauSquaredInterval.Value.Upper > 0);
        Assert.False(held.IntervalIsEmpty);
    }

    [Fact]
    public void The_global_optimum_is_found_where_metafor_stops_at_a_local_one() // its τ² of .0547 has log-likelihood −1.673544; ours by mpmath at 50 digits
    {
        double[] n = [40, 5000, 15, 15, 5000, 5000];
        double[] y = [0.0498363659350279, 0.298088146720953, -0.326010430857922, -0.602586543764002, 0.25403501137368, 0.291598711641876];
        var fit = RandomEffectsModel.Fit(y, [.. n.Select(x => 1 / (x - 3))], new ModelOptions { Test = CoefficientTest.Normal });
        Assert.Equal(0.000442470539782, fit.Heterogeneity.TauSquared!.Value, 1e-14);
        Assert.Equal(0.2756954, fit.Mean.Estimate, 5e-8);
        Assert.Equal(-1.272787, fit.LogLikelihood!.Value, 5e-7);
        Assert.True(fit.SeveralModes);
    }

    [Fact]
    public void A_unimodal_likelihood_is_not_flagged() => Assert.False(RandomEffectsModel.Fit([0.2, 0.6, 0.4], [0.01, 0.02, 0.01]).SeveralModes);

    [Fact]
    public void A_dominating_weight_keeps_full_precision() // 20 digits of mpmath at 60
    {
        double[] y = [0.25, 0.75, -0.5, 1.5], v = [Math.Pow(2, -40), 1, 0.5, 0.25];
        var moments = RandomEffectsModel.Fit(y, v, new ModelOptions { Estimator = TauSquaredEstimator.DerSimonianLaird });
        Assert.Equal(7.6249999999854480848, moments.Heterogeneity.Q, 1e-14);
        Assert.Equal(0.33035714285760572498, moments.Heterogeneity.TauSquared!.Value, 1e-15);
        var likelihood = RandomEffectsModel.Fit(y, v, new ModelOptions { Test = CoefficientTest.Normal });
        Assert.Equal(0.3873112996760001114, likelihood.Heterogeneity.TauSquared!.Value, 1e-14);
        Assert.Equal(0.49613603379759431646, likelihood.Mean.Estimate, 1e-14);
        Assert.Equal(0.40828866853072101032, likelihood.Mean.StandardError, 1e-14);
    }

    [Fact]
    public void A_dominating_weight_keeps_full_precision_of_the_standard_error() // mpmath; Σw − w of the heavy effect would cancel
    {
        var fit = RandomEffectsModel.Fit(
            [0.25, 0.75, -0.5, 1.5], [Math.Pow(2, -40), 1, 0.3, 0.25], new ModelOptions { Estimator = TauSquaredEstimator.DerSimonianLaird });
        Assert.Equal(0.3225000000012257254, fit.Heterogeneity.TauSquared!.Value, 1e-15);
        Assert.Equal(0.46276961871051146937, fit.Heterogeneity.TauSquaredStandardError!.Value, 1e-14);
    }

    [Theory]
    [MemberData(nameof(AllEstimatorsAndTests))]
    public void Variances_over_12_orders_of_magnitude_give_finite_results(TauSquaredEstimator estimator, CoefficientTest test)
    {
        var fit = RandomEffectsModel.Fit([0.1, 5, -3, 0.4, 20], [1e-9, 1e3, 1, 1e-4, 1e-6], new ModelOptions { Estimator = estimator, Test = test });
        AssertFinite(fit);
        Assert.True(fit.Converged);
    }

    [Theory]
    [InlineData(1e-320)]
    [InlineData(1e308)]
    public void Variances_beyond_double_precision_give_a_result_or_a_StatisticsException(double v)
    {
        foreach (var estimator in Enum.GetValues<TauSquaredEstimator>())
        {
            try
            {
                AssertFinite(RandomEffectsModel.Fit([0.1, 0.5, 2], [v, v / 2, v], new ModelOptions { Estimator = estimator }));
            }
            catch (StatisticsException failure)
            {
                Assert.True(failure.Code is "outOfRange" or "notConverged", failure.Message);
            }
        }
    }

    [Fact]
    public void Overflowing_estimates_throw_a_StatisticsException()
    {
        var failure = Assert.Throws<StatisticsException>(() => RandomEffectsModel.Fit([1e300, -1e300, 0], [1, 1, 1]));
        Assert.Equal("outOfRange", failure.Code);
    }

    [Fact]
    public void Invalid_arguments_throw_ArgumentException()
    {
        Assert.Throws<ArgumentException>("estimates", () => RandomEffectsModel.Fit([], []));
        Assert.Throws<ArgumentException>("variances", () => RandomEffectsModel.Fit([0.1, 0.2], [1]));
        Assert.Throws<ArgumentException>("estimates", () => RandomEffectsModel.Fit([double.NaN], [1]));
        Assert.Throws<ArgumentException>("variances", () => RandomEffectsModel.Fit([0.1], [0]));
        Assert.Throws<ArgumentException>("variances", () => RandomEffectsModel.Fit([0.1], [double.PositiveInfinity]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelOptions { Confidence = 95 });
    }

    [Fact]
    public void Rileys_prediction_interval_has_one_degree_of_freedom_less()
    {
        double[] y = [0.1, 0.4, 0.3, 0.9], v = [0.01, 0.02, 0.01, 0.03];
        var fit = RandomEffectsModel.Fit(y, v, new ModelOptions { Prediction = PredictionDistribution.Riley });
        var spread = Math.Sqrt(fit.Heterogeneity.TauSquared!.Value + fit.Mean.StandardError * fit.Mean.StandardError);
        Assert.Equal(fit.Mean.Estimate + StudentT.UpperQuantile(0.025, 2) * spread, fit.PredictionInterval!.Value.Upper, 1e-14);
        Assert.Null(RandomEffectsModel.Fit(y.AsSpan(0, 2), v.AsSpan(0, 2), fit.Options).PredictionInterval);
    }

    [Fact]
    public void The_common_effect_model_has_neither_prediction_nor_probability()
    {
        var fit = RandomEffectsModel.Fit([0.1, 0.9], [0.01, 0.02], new ModelOptions { Estimator = TauSquaredEstimator.CommonEffect });
        Assert.Null(fit.PredictionInterval);
        Assert.Null(fit.ProbabilityAbove(0));
        Assert.Equal(0, fit.Heterogeneity.TauSquared);
    }

    [Theory]
    [InlineData(CoefficientTest.Normal, PredictionDistribution.SameAsTest)]
    [InlineData(CoefficientTest.KnappHartungAdHoc, PredictionDistribution.SameAsTest)]
    [InlineData(CoefficientTest.Normal, PredictionDistribution.Riley)]
    public void The_probability_above_the_upper_prediction_limit_is_half_of_alpha(CoefficientTest test, PredictionDistribution prediction)
    {
        var options = new ModelOptions { Test = test, Prediction = prediction };
        foreach (var y in new double[][] { [0.1, 0.9, 0.4], [0.3, 0.3, 0.3] }) // also where τ² = 0
        {
            var fit = RandomEffectsModel.Fit(y, [0.01, 0.02, 0.01], options);
            Assert.Equal(0.5, fit.ProbabilityAbove(fit.Mean.Estimate)!.Value, 1e-15);
            Assert.Equal(0.025, fit.ProbabilityAbove(fit.PredictionInterval!.Value.Upper)!.Value, 1e-12);
            Assert.Equal((null, null), (fit.ProbabilityAbove(0)!.Lower, fit.ProbabilityAbove(0)!.Upper));
        }
    }

    [Fact]
    public void A_wider_confidence_gives_a_wider_interval_with_the_same_centre()
    {
        double[] y = [0.1, 0.4, 0.3], v = [0.01, 0.02, 0.01];
        var narrow = RandomEffectsModel.Fit(y, v, new ModelOptions { Confidence = 0.90 });
        var wide = RandomEffectsModel.Fit(y, v, new ModelOptions { Confidence = 0.99 });
        Assert.True(wide.Mean.Lower < narrow.Mean.Lower && wide.Mean.Upper > narrow.Mean.Upper);
        Assert.True(wide.Heterogeneity.TauSquaredInterval!.Value.Upper > narrow.Heterogeneity.TauSquaredInterval!.Value.Upper);
        Assert.Equal(narrow.Mean.Estimate, wide.Mean.Estimate);
    }

    private static void AssertFinite(RandomEffectsFit fit)
    {
        double?[] numbers =
        [
            fit.Mean.Estimate, fit.Mean.StandardError, fit.Mean.Statistic, fit.Mean.PValue, fit.Mean.Lower, fit.Mean.Upper, fit.PredictionInterval?.Lower,
            fit.PredictionInterval?.Upper, fit.LogLikelihood, fit.Heterogeneity.Q, fit.Heterogeneity.PValue, fit.Heterogeneity.TauSquared,
            fit.Heterogeneity.TauSquaredStandardError, fit.Heterogeneity.ISquared, fit.Heterogeneity.HSquared, fit.Heterogeneity.TauSquaredInterval?.Lower,
            fit.Heterogeneity.TauSquaredInterval?.Upper, fit.Heterogeneity.ISquaredInterval?.Upper, fit.Heterogeneity.HSquaredInterval?.Upper, .. fit.Weights,
        ];
        Assert.All(numbers, number => Assert.True(number is null || double.IsFinite(number.Value), $"{number}"));
    }
}
