using CsCheck;

namespace RealRelationship.Statistics.Tests;

public sealed class MultilevelModelTests
{
    private static readonly MultilevelOptions ThreeLevel = new()
    {
        Model = DependenceModel.ThreeLevel, Robust = RobustVariance.None, Test = CoefficientTest.Normal, ProfileIntervals = false,
    };

    private static readonly MultilevelOptions Correlated = new() { ProfileIntervals = false };

    private static readonly Gen<MultilevelOptions> Options = Gen.Select(
        Gen.Bool, Gen.Double[0, 0.9], Gen.Bool, Gen.Enum<RobustVariance>(), (three, rho, restricted, robust) => Correlated with
        {
            Model = three ? DependenceModel.ThreeLevel : DependenceModel.CorrelatedHierarchical,
            Rho = rho,
            Restricted = restricted,
            Robust = robust,
        });

    [Fact]
    public void Konstantopoulos_has_95_percent_heterogeneity_and_where_it_lies() // metafor-project.org, analysis example konstantopoulos2011
    {
        var fit = FitKonstantopoulos(ThreeLevel);
        Assert.Equal((95.19, 63.32, 31.86), (Math.Round(fit.ISquared, 2), Math.Round(fit.ISquaredBetween, 2), Math.Round(fit.ISquaredWithin, 2)));
        Assert.Equal((-0.4502, 0.8197), (Math.Round(fit.PredictionInterval!.Value.Lower, 4), Math.Round(fit.PredictionInterval.Value.Upper, 4)));
        Assert.Equal((56, 11), (fit.Effects, fit.Samples));
        Assert.Equal(fit.TauSquared, fit.BetweenVariance + fit.WithinVariance);
        Assert.Equal(100, fit.Weights.Sum(), 1e-10);
        Assert.Equal(1.82464144231, fit.Weights[0], 1e-6); // metafor 3.8.1: weights(type = "rowsum")
    }

    [Theory] // metafor 3.8.1: confint, which stops at 1e-4
    [InlineData(0.0, 0.022232788770, 0.207241730429, 0.016273528049, 0.0628254598519)]
    [InlineData(0.6, 0.013544497812, 0.201613068502, 0.0295231130052, 0.0810142261527)]
    public void Profile_intervals_agree_with_metafor(double rho, double betweenLower, double betweenUpper, double withinLower, double withinUpper)
    {
        var fit = FitKonstantopoulos(new MultilevelOptions { Rho = rho });
        Assert.Equal(betweenLower, fit.BetweenInterval!.Value.Lower, 2e-4);
        Assert.Equal(betweenUpper, fit.BetweenInterval.Value.Upper, 2e-4);
        Assert.Equal(withinLower, fit.WithinInterval!.Value.Lower, 2e-4);
        Assert.Equal(withinUpper, fit.WithinInterval.Value.Upper, 2e-4);
    }

    [Fact]
    public void At_the_ends_of_a_profile_interval_the_likelihood_has_fallen_by_half_the_quantile() => Gen.Select(NestedEffects.Generator, Options).Sample(
        (effects, options) =>
        {
            var fit = effects.Fit(options with { ProfileIntervals = true });
            var fallen = ChiSquared.UpperQuantile(0.05, 1) / 2;
            if (fit.BetweenInterval is { } between)
            {
                AssertFallen(between.Lower, bound => Highest(w => LogLikelihood(effects, options, bound, w)));
                AssertFallen(between.Upper, bound => Highest(w => LogLikelihood(effects, options, bound, w)));
                Assert.InRange(fit.BetweenVariance, between.Lower, between.Upper);
            }
            if (fit.WithinInterval is { } within)
            {
                AssertFallen(within.Lower, bound => Highest(b => LogLikelihood(effects, options, b, bound)));
                AssertFallen(within.Upper, bound => Highest(b => LogLikelihood(effects, options, b, bound)));
                Assert.InRange(fit.WithinVariance, within.Lower, within.Upper);
            }

            void AssertFallen(double bound, Func<double, double> profile)
            {
                var fall = fit.LogLikelihood - profile(bound);
                Assert.True(bound == 0 ? fall <= fallen + 1e-6 : Math.Abs(fall - fallen) <= 1e-6, $"{bound}: {fall}");
            }
        }, iter: 30);

    /// <summary>The other variance's likelihood has two hills near the bound. By a grid of 300 over it, twice the fall is 3.8414 there,
    /// and on the other hill 5.41 and 4.12.</summary>
    [Fact]
    public void A_profile_interval_follows_the_higher_of_two_modes()
    {
        double[] y = [-0.5858030198992437, 0.24923087214618567, 0.35449288919017663, 0.6197787078619672, 0.406092526131439, -0.3940255933895329,
            0.41436547891289416, -0.13564040116691967];
        double[] v = [0.32573720023128594, 0.019485334461823545, 0.00022646202813706833, 0.03835751134946996, 0.00017211829400879408, 0.058730874265938864,
            0.0011656366027742932, 0.24317259169430355];
        Assert.Equal(0.28387753648687, MultilevelModel.Fit(y, v, [0, 0, 0, 1, 2, 2, 2, 2]).BetweenInterval!.Value.Upper, 1e-10);

        y = [0.4195777836341942, -1.2088757697541386, 0.4388276762566494, 0.46524988209595797, 0.2718496056030198, 0.2543483937138654, -0.20331095746728362];
        v = [0.039346457929733715, 0.3151149837884378, 0.003813594294755998, 0.04367420548319798, 0.00019244268918386118, 0.00032320404825265703,
            0.0002953079279516074];
        var options = new MultilevelOptions { Model = DependenceModel.ThreeLevel };
        Assert.Equal(0.02265903899298, MultilevelModel.Fit(y, v, [0, 0, 0, 1, 1, 1, 2], options).BetweenInterval!.Value.Lower, 1e-10);

        // One hill ends at 0, the higher one is passed by a whole Newton step from above.
        y = [0.4820977692942854, 0.4820977692942854, 0, 0.029225419574804068, 0, 0, -0.07142857142857142, -0.43571378434297925, 0.29300882003590273,
            0.40411993114701383];
        v = [0.09523809523809523, 0.09523809523809523, 0.013513513513513514, 0.013513513513513514, 0.013513513513513514, 0.013513513513513514,
            0.010416666666666666, 0.09757072029664134, 0.051585334373753, 0.08985192481893853];
        options = new MultilevelOptions { Model = DependenceModel.ThreeLevel, Restricted = false };
        Assert.Equal(0.023658574705089, MultilevelModel.Fit(y, v, [0, 0, 1, 1, 1, 1, 2, 2, 3, 3], options).WithinInterval!.Value.Upper, 1e-10);
    }

    [Fact]
    public void The_regression_on_year_agrees_with_a_40_digit_optimum() // mpmath; metafor 5.1.12 stops 1.3e-7 away, where the likelihood is 4.9e-12 lower
    {
        var (y, v, samples, design) = ReferenceFile.Load("konstantopoulos2011").NestedModerator("year");
        var fit = MultilevelModel.Fit(y, v, samples, design, ThreeLevel);
        Assert.Equal(0.07226559133820207585, fit.BetweenVariance, 1e-15);
        Assert.Equal(0.03265019599218747396, fit.WithinVariance, 1e-15);
    }

    [Fact]
    public void Neither_the_order_of_effects_nor_the_names_of_samples_matter() => Gen.Select(NestedEffects.Generator, Options, Gen.Int[0, 10_000])
        .Sample((effects, options, seed) =>
    {
        int[] order = [.. Enumerable.Range(0, effects.Y.Length).OrderBy(i => (i + 1) * 7919 % (seed + 13))];
        var moved = effects.Reordered(order);
        moved = moved with { Samples = [.. moved.Samples.Select(s => 1000 - 17 * s)] };
        var (a, b) = (effects.Fit(effects.Design, options), moved.Fit(moved.Design, options));
        for (var j = 0; j < 2; j++)
        {
            Close(a.Coefficients[j].Estimate, b.Coefficients[j].Estimate, 1, 1e-11);
            Close(a.Coefficients[j].StandardError, b.Coefficients[j].StandardError, 1, 1e-11);
        }
        Close(a.LogLikelihood, b.LogLikelihood, 1, 1e-11);
        Assert.All(order, (from, to) => Close(a.Weights[from], b.Weights[to], 100, 1e-9));
    });

    [Fact]
    public void Results_are_equivariant_under_shift_and_scale() => Gen.Select(NestedEffects.Generator, Options, Gen.Double[-2, 2], Gen.Int[-3, 3]).Sample(
        (effects, options, shift, power) =>
        {
            var scale = Math.Pow(2, power);
            var fit = effects.Fit(options);
            var moved = (effects with { Y = [.. effects.Y.Select(y => shift + scale * y)], V = [.. effects.V.Select(v => scale * scale * v)] }).Fit(options);
            Close(shift + scale * fit.Mean.Estimate, moved.Mean.Estimate, 1 + Math.Abs(shift));
            Close(scale * fit.Mean.StandardError, moved.Mean.StandardError, scale);
            Close(scale * scale * fit.TauSquared, moved.TauSquared, scale * scale, 1e-8);
            Close(fit.ISquared, moved.ISquared, 100, 1e-8);
        });

    [Fact]
    public void With_rho_0_the_correlated_hierarchical_model_equals_the_three_level_model() => NestedEffects.Generator.Sample(effects =>
    {
        var (a, b) = (effects.Fit(Correlated with { Rho = 0 }), effects.Fit(Correlated with { Model = DependenceModel.ThreeLevel, Rho = 0.8 }));
        Assert.Equal(a.Mean, b.Mean);
        Assert.Equal((a.BetweenVariance, a.WithinVariance, a.LogLikelihood), (b.BetweenVariance, b.WithinVariance, b.LogLikelihood));
    });

    [Fact]
    public void Duplicating_every_sample_keeps_the_mean_and_divides_the_robust_error_by_sqrt_2() => NestedEffects.Generator.Sample(effects =>
    {
        var twice = new NestedEffects(
            [.. effects.Y, .. effects.Y], [.. effects.V, .. effects.V], [.. effects.Samples, .. effects.Samples.Select(s => s + 100)],
            [.. effects.X, .. effects.X]);
        var options = Correlated with { Restricted = false, Robust = RobustVariance.CR0 }; // the likelihood is squared, the sandwich doubled
        var (once, again) = (effects.Fit(options), twice.Fit(options));
        if (once.SeveralModes)
        {
            return;
        }
        Close(once.Mean.Estimate, again.Mean.Estimate, 1, 1e-8);
        Close(once.Mean.StandardError / Math.Sqrt(2), again.Mean.StandardError, 1, 1e-8);
        var robust = options with { Robust = RobustVariance.CR2 };
        Assert.True(twice.Fit(robust).Mean.DegreesOfFreedom > effects.Fit(robust).Mean.DegreesOfFreedom);
    });

    [Fact]
    public void One_effect_per_sample_equals_the_random_effects_model_with_a_note() => Gen.Select(NestedEffects.Generator, Gen.Bool)
        .Sample((effects, restricted) =>
    {
        int[] samples = [.. Enumerable.Range(0, effects.Y.Length)];
        var fit = MultilevelModel.Fit(effects.Y, effects.V, samples, Correlated with { Restricted = restricted, Robust = RobustVariance.None });
        var estimator = restricted ? TauSquaredEstimator.RestrictedMaximumLikelihood : TauSquaredEstimator.MaximumLikelihood;
        var independent = RandomEffectsModel.Fit(effects.Y, effects.V, new ModelOptions { Estimator = estimator, Test = CoefficientTest.StudentT });
        // Nothing moves along the ridge but the parts, and these only where there is something to part.
        Assert.Equal(fit.TauSquared > 1e-6, fit.Notes.Contains("varianceNotIdentified", StringComparer.Ordinal));
        Assert.Equal(fit.TauSquared > 1e-6, fit.BetweenRange is { Lower: 0 });
        Close(fit.BetweenRange?.Upper ?? 0, fit.WithinRange?.Upper ?? 0, 1e-2, 1e-8);
        Assert.Null(fit.TauSquaredRange);
        Assert.True(fit.Mean.IsIdentified);
        Assert.NotNull(fit.PredictionInterval);
        Assert.Equal(fit.BetweenRange is null, fit.SampleMeanPredictionInterval is not null);
        Assert.Equal(0, fit.WithinVariance);
        Assert.Null(fit.BetweenInterval);
        Assert.Null(fit.WithinInterval);
        Close(independent.Heterogeneity.TauSquared!.Value, fit.BetweenVariance, 1e-2, 1e-8);
        Close(independent.Mean.Estimate, fit.Mean.Estimate, 1);
        Close(independent.Mean.PValue!.Value, fit.Mean.PValue!.Value, 1, 1e-8);
        Close(independent.LogLikelihood!.Value, fit.LogLikelihood, 1);
        Close(independent.Heterogeneity.ISquared!.Value, fit.ISquared, 100, 1e-8);
    });

    /// <summary>Two modes, of which metafor returns the lower; see <c>RandomEffectsModelTests</c>.</summary>
    [Fact]
    public void The_global_maximum_is_used()
    {
        double[] y = [0.0498363659350279, 0.298088146720953, -0.326010430857922, -0.602586543764002, 0.25403501137368, 0.291598711641876];
        double[] n = [40, 5000, 15, 15, 5000, 5000];
        var fit = MultilevelModel.Fit(y, [.. n.Select(x => 1 / (x - 3))], [1, 2, 3, 4, 5, 6], Correlated);
        Assert.Equal(0.000442470539782, fit.BetweenVariance, 1e-14);
        Assert.True(fit.SeveralModes);
        Assert.Contains("severalModes", fit.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void Both_variances_can_be_exactly_zero()
    {
        var fit = MultilevelModel.Fit([0.30, 0.31, 0.29, 0.30, 0.31], [0.01, 0.02, 0.01, 0.03, 0.02], [1, 1, 2, 2, 3]);
        Assert.Equal((0, 0, 0), (fit.BetweenVariance, fit.WithinVariance, fit.ISquared));
        Assert.Equal((0, 0), (fit.BetweenInterval!.Value.Lower, fit.WithinInterval!.Value.Lower));
        Assert.True(fit.BetweenInterval.Value.Upper > 0);
        Assert.True(fit.Converged);
        var above = fit.ProbabilityAbove(0.1)!; // the mean is uncertain, though nothing varies
        Assert.Equal(StudentT.UpperTail((0.1 - fit.Mean.Estimate) / fit.Mean.StandardError, fit.Mean.DegreesOfFreedom!.Value), above.Value, 1e-15);
        Assert.Equal((null, null), (above.Lower, above.Upper));
    }

    [Fact]
    public void One_sample_is_refused() =>
        Assert.Equal("oneSample", Assert.Throws<StatisticsException>(() => MultilevelModel.Fit([0.1, 0.2], [0.1, 0.1], [7, 7])).Code);

    [Fact]
    public void Two_samples_are_fitted_with_a_note()
    {
        var fit = MultilevelModel.Fit([0.1, 0.3, 0.5, 0.6], [0.01, 0.01, 0.01, 0.02], [1, 1, 2, 2]);
        Assert.Contains("fewSamples", fit.Notes, StringComparer.Ordinal);
        Assert.Contains("fewDegreesOfFreedom", fit.Notes, StringComparer.Ordinal);
        Assert.Equal(1, fit.Mean.DegreesOfFreedom!.Value, 0.05);
        Assert.Null((fit with { Options = fit.Options }).RobustOmnibus);
    }

    [Fact]
    public void Weights_over_12_orders_of_magnitude_are_fitted()
    {
        var fit = MultilevelModel.Fit([0.1, 0.2, 5, 7, 6], [1e-12, 2e-12, 1, 3, 2], [1, 1, 2, 2, 3]);
        Assert.True(double.IsFinite(fit.Mean.StandardError) && fit.BetweenVariance > 0 && fit.Converged);
    }

    [Fact]
    public void A_saturated_regression_estimates_no_variance()
    {
        var design = DesignMatrix.WithIntercept(3).Add(new ContinuousTerm("x", [1, 2, 4])).Add(new ContinuousTerm("z", [1, 0, 2]));
        var fit = MultilevelModel.Fit([0.1, 0.3, 0.2], [0.01, 0.01, 0.02], [1, 1, 2], design, ThreeLevel with { Test = CoefficientTest.StudentT });
        Assert.Equal((0, 0, 0), (fit.BetweenVariance, fit.WithinVariance, fit.QDegreesOfFreedom));
        Assert.Null(fit.Coefficients[1].PValue);
        Assert.Null(fit.Omnibus);
        Assert.Contains("noResidualDegreesOfFreedom", fit.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void One_column_per_sample_leaves_no_between_sample_variance()
    {
        var design = DesignMatrix.WithIntercept(6).Add(new CategoricalTerm("sample", ["a", "a", "b", "b", "c", "c"]));
        var fit = MultilevelModel.Fit([0.1, 0.3, 0.5, 0.9, 0.2, 0.8], [0.01, 0.01, 0.02, 0.01, 0.03, 0.01], [1, 1, 2, 2, 3, 3], design, ThreeLevel);
        Assert.Equal(0, fit.BetweenVariance);
        Assert.Null(fit.BetweenInterval);
        Assert.Contains("varianceNotIdentified", fit.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void Riley_prediction_counts_samples()
    {
        var fit = FitKonstantopoulos(ThreeLevel with { Prediction = PredictionDistribution.Riley });
        var half = StudentT.UpperQuantile(0.025, 9) * Math.Sqrt(fit.TauSquared + fit.Mean.StandardError * fit.Mean.StandardError);
        Assert.Equal(fit.Mean.Estimate + half, fit.PredictionInterval!.Value.Upper, 1e-14);
        var mean = StudentT.UpperQuantile(0.025, 9) * Math.Sqrt(fit.BetweenVariance + fit.Mean.StandardError * fit.Mean.StandardError);
        Assert.Equal(fit.Mean.Estimate - mean, fit.SampleMeanPredictionInterval!.Value.Lower, 1e-14);
        Assert.Null(
            MultilevelModel.Fit([0.1, 0.3, 0.5], [0.01, 0.01, 0.01], [1, 1, 2],
                ThreeLevel with { Prediction = PredictionDistribution.Riley }).PredictionInterval);
    }

    [Fact]
    public void A_robust_prediction_interval_has_the_robust_error_and_degrees_of_freedom()
    {
        var fit = FitKonstantopoulos(Correlated);
        var half = StudentT.UpperQuantile(0.025, fit.Mean.DegreesOfFreedom!.Value)
            * Math.Sqrt(fit.TauSquared + fit.Mean.StandardError * fit.Mean.StandardError);
        Assert.Equal(fit.Mean.Estimate + half, fit.PredictionInterval!.Value.Upper, 1e-14);
        Assert.Equal(0.025, fit.ProbabilityAbove(fit.PredictionInterval.Value.Upper)!.Value, 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultilevelOptions { Prediction = PredictionDistribution.ConfidenceDistribution });
    }

    [Fact]
    public void A_regression_has_no_prediction_interval()
    {
        var (y, v, samples, design) = ReferenceFile.Load("konstantopoulos2011").NestedModerator("year");
        var fit = MultilevelModel.Fit(y, v, samples, design, ThreeLevel);
        Assert.Null(fit.ProbabilityAbove(0.1));
        Assert.Null(fit.PredictionInterval);
        Assert.Null(fit.SampleMeanPredictionInterval);
    }

    [Fact]
    public void R_squared_is_the_proportional_reduction_of_each_variance()
    {
        double[] y = [0.10, 0.20, 0.35, 0.41, 0.62, 0.70, 0.79, 0.98, 0.15, 0.30], v = [0.001, 0.002, 0.001, 0.002, 0.001, 0.002, 0.001, 0.002, 0.001, 0.002];
        int[] samples = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5];
        var design = DesignMatrix.WithIntercept(10).Add(new ContinuousTerm("x", [1, 2, 3, 3.5, 5, 6, 7.5, 9, 1.5, 2]));
        var (fit, without) = (MultilevelModel.Fit(y, v, samples, design, ThreeLevel), MultilevelModel.Fit(y, v, samples, ThreeLevel));
        Assert.Equal(Share(without.BetweenVariance, fit.BetweenVariance), fit.RSquaredBetween!.Value, 1e-12);
        Assert.Equal(Share(without.WithinVariance, fit.WithinVariance), fit.RSquaredWithin!.Value, 1e-12);
        Assert.Equal(Share(without.TauSquared, fit.TauSquared), fit.RSquared!.Value, 1e-12);
        Assert.InRange(fit.RSquaredBetween.Value, 50, 100);
        Assert.Null(without.RSquared);
        var nothing = MultilevelModel.Fit(
            [0.3, 0.3, 0.3, 0.3], [0.01, 0.02, 0.01, 0.02], [1, 1, 2, 2], DesignMatrix.WithIntercept(4).Add(new ContinuousTerm("x", [1, 2, 4, 3])), ThreeLevel);
        Assert.Equal((null, null, null), (nothing.RSquared, nothing.RSquaredBetween, nothing.RSquaredWithin)); // there is nothing to explain

        static double Share(double whole, double left) => 100 * Math.Max(0, (whole - left) / whole);
    }

    [Fact]
    public void Profile_intervals_can_be_turned_off()
    {
        var fit = FitKonstantopoulos(ThreeLevel);
        Assert.Equal((null, null), (fit.BetweenInterval, fit.WithinInterval));
        fit = FitKonstantopoulos(ThreeLevel with { ProfileIntervals = true });
        Assert.True(fit.BetweenInterval is not null && fit.WithinInterval is not null);
    }

    [Fact]
    public void CR1_is_CR0_with_m_over_m_minus_1()
    {
        var (zero, one) = (FitKonstantopoulos(Correlated with { Robust = RobustVariance.CR0 }),
            FitKonstantopoulos(Correlated with { Robust = RobustVariance.CR1 }));
        Assert.Equal(zero.Mean.StandardError * Math.Sqrt(11 / 10.0), one.Mean.StandardError, 1e-14);
        Assert.Equal(zero.Mean.DegreesOfFreedom!.Value, one.Mean.DegreesOfFreedom!.Value, 1e-12);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultilevelOptions { Rho = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultilevelOptions { Rho = -0.1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultilevelOptions { Confidence = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultilevelOptions { Test = CoefficientTest.KnappHartung });
        Assert.Throws<ArgumentException>("samples", () => MultilevelModel.Fit([0.1, 0.2], [0.1, 0.1], [1]));
        Assert.Throws<ArgumentException>("weights", () => FitKonstantopoulos(ThreeLevel).LinearCombination("c", 1, 2));
    }

    private static MultilevelFit FitKonstantopoulos(MultilevelOptions options)
    {
        var file = ReferenceFile.Load("konstantopoulos2011");
        return MultilevelModel.Fit(file.Estimates, file.Variances, file.Samples(), options);
    }

    private static double LogLikelihood(NestedEffects effects, MultilevelOptions options, double between, double within) =>
        new DenseMultilevelModel(effects, DesignMatrix.WithIntercept(effects.Y.Length), options.Model == DependenceModel.ThreeLevel ? 0 : options.Rho, between,
            within)
            .LogLikelihood(options.Restricted);

    /// <summary>The highest value over variances, by a grid and golden sections.</summary>
    private static double Highest(Func<double, double> f)
    {
        double[] grid = [0, .. Enumerable.Range(0, 30).Select(i => 1e-4 * Math.Pow(1.5, i))];
        var best = Enumerable.Range(0, grid.Length).MaxBy(i => f(grid[i]));
        var (a, b) = (grid[Math.Max(0, best - 1)], grid[Math.Min(grid.Length - 1, best + 1)]);
        for (var i = 0; i < 60; i++)
        {
            var (c, d) = (b - (b - a) * 0.6180339887498949, a + (b - a) * 0.6180339887498949);
            (a, b) = f(c) > f(d) ? (a, d) : (c, b);
        }
        return Math.Max(f(grid[best]), f((a + b) / 2));
    }

    private static void Close(double expected, double actual, double size, double tolerance = 1e-9) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Max(size, Math.Abs(expected)), $"expected {expected:R}, was {actual:R}");
}
