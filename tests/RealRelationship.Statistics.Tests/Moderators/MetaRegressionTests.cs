namespace RealRelationship.Statistics.Tests;

public sealed class MetaRegressionTests
{
    private static readonly double[] Y = [0.1, 0.5, 0.3, 0.9, 0.2, 0.6];
    private static readonly double[] V = [0.01, 0.02, 0.01, 0.03, 0.05, 0.01];

    /// <summary>metafor 3.8.1: <c>rma(yi, vi, mods = ~ ablat + alloc, test = "knha")</c> on the BCG vaccine trials, with <c>threshold = 1e-14</c>.</summary>
    [Theory]
    [InlineData(TauSquaredEstimator.RestrictedMaximumLikelihood, -0.2674912115129, 0.3624107093654, 3.447106763477, 0.1445942973592, 0.1123636907889,
        70.11024885057, -7.398282054389)]
    [InlineData(TauSquaredEstimator.MaximumLikelihood, -0.2146384225452, 0.2773379985983, 5.594467066787, 0.02938986943699, 0.02509656589659, 32.28448619222,
        -7.01346182595)]
    [InlineData(TauSquaredEstimator.Hedges, -0.2748195125608, 0.3703964426881, 3.335154326272, 0.1679746102797, 0.1730412680384, 73.15369223654,
        -8.231479338354)]
    [InlineData(TauSquaredEstimator.SidikJonkman, -0.2913391279072, 0.3875382004529, 3.129081013697, 0.2350298959964, 0.1351690358009, 79.22158656905,
        -8.916573717548)]
    [InlineData(TauSquaredEstimator.PauleMandel, -0.2736047999681, 0.3690928721721, 3.352704722222, 0.1638778035577, 0.1197779956063, 72.66600522281,
        -8.188437126458)]
    public void Two_moderators_at_once_agree_with_metafor(
        TauSquaredEstimator estimator, double random, double standardError, double f, double tau2, double tau2Error, double i2, double logLikelihood)
    {
        var file = ReferenceFile.Load("bcg");
        var design = DesignMatrix.WithIntercept(13)
            .Add(new ContinuousTerm("ablat", [.. file.Moderator("ablat").Values.Select(double.Parse)]))
            .Add(new CategoricalTerm("alloc", file.Moderator("alloc").Values));
        var fit = MetaRegression.Fit(
            file.Estimates, file.Variances, design, new ModelOptions { Estimator = estimator, Test = CoefficientTest.KnappHartung });
        double?[] ours =
        [
            fit.Coefficients[2].Estimate, fit.Coefficients[2].StandardError, fit.Omnibus?.Statistic, fit.Residual.TauSquared,
            fit.Residual.TauSquaredStandardError, fit.Residual.ISquared, fit.LogLikelihood,
        ];
        double[] theirs = [random, standardError, f, tau2, tau2Error, i2, logLikelihood];
        Assert.All(ours.Zip(theirs), pair => Assert.Equal(pair.Second, pair.First!.Value, 1e-10 * Math.Max(1, Math.Abs(pair.Second))));
    }

    [Fact]
    public void A_collinear_term_is_reported()
    {
        var design = DesignMatrix.WithIntercept(6)
            .Add(new ContinuousTerm("age", [1, 2, 3, 4, 5, 6]))
            .Add(new ContinuousTerm("ageInMonths", [12, 24, 36, 48, 60, 72]));
        var failure = Assert.Throws<StatisticsException>(() => MetaRegression.Fit(Y, V, design));
        Assert.Equal("rankDeficient", failure.Code);
        Assert.Contains("'ageInMonths'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_equivalent_categorical_terms_are_collinear()
    {
        string[] levels = ["a", "b", "a", "b", "b", "a"];
        var design = DesignMatrix.WithIntercept(6).Add(new CategoricalTerm("rater", levels)).Add(new CategoricalTerm("source", levels));
        Assert.Contains("'source:b'", Assert.Throws<StatisticsException>(() => MetaRegression.Fit(Y, V, design)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_columns_than_effects_are_collinear()
    {
        var design = DesignMatrix.WithIntercept(2).Add(new ContinuousTerm("x", [1, 2])).Add(new ContinuousTerm("square", [1, 4]));
        Assert.Equal("rankDeficient", Assert.Throws<StatisticsException>(() => MetaRegression.Fit(Y.AsSpan(0, 2), V.AsSpan(0, 2), design)).Code);
    }

    [Fact]
    public void A_constant_moderator_is_collinear_with_the_intercept()
    {
        var design = DesignMatrix.WithIntercept(6).Add(new ContinuousTerm("year", [2020, 2020, 2020, 2020, 2020, 2020]));
        Assert.Equal("rankDeficient", Assert.Throws<StatisticsException>(() => MetaRegression.Fit(Y, V, design)).Code);
    }

    [Fact]
    public void A_moderator_far_from_zero_keeps_full_precision()
    {
        double[] small = [1, 2, 3, 5, 8, 9];
        var near = MetaRegression.Fit(Y, V, DesignMatrix.WithIntercept(6).Add(new ContinuousTerm("x", small)));
        var far = MetaRegression.Fit(Y, V, DesignMatrix.WithIntercept(6).Add(new ContinuousTerm("x", [.. small.Select(x => x + 1e6)])));
        Assert.Equal(near.Coefficients[1].Estimate, far.Coefficients[1].Estimate, 1e-11);
        Assert.Equal(near.Coefficients[1].StandardError, far.Coefficients[1].StandardError, 1e-11);
        Assert.Equal(near.Residual.TauSquared!.Value, far.Residual.TauSquared!.Value, 1e-11);
    }

    [Fact]
    public void Without_residual_degrees_of_freedom_tau_squared_and_t_tests_are_null()
    {
        var design = DesignMatrix.WithIntercept(2).Add(new ContinuousTerm("x", [1, 2]));
        var fit = MetaRegression.Fit(Y.AsSpan(0, 2), V.AsSpan(0, 2), design);
        Assert.Equal(0.4, fit.Coefficients[1].Estimate, 1e-14);
        Assert.Equal(Math.Sqrt(0.03), fit.Coefficients[1].StandardError, 1e-14);
        Assert.Null(fit.Coefficients[1].PValue);
        Assert.Null(fit.Residual.TauSquared);
        Assert.Null(fit.Omnibus);
        Assert.Null(fit.LogLikelihood);
    }

    [Fact]
    public void The_covariance_carries_the_multiplier_and_agrees_with_the_standard_errors()
    {
        var design = DesignMatrix.WithIntercept(6).Add(new ContinuousTerm("x", [1, 2, 3, 5, 8, 9]))
            .Add(new CategoricalTerm("g", ["a", "b", "c", "a", "b", "c"]));
        var fit = MetaRegression.Fit(Y, V, design, new ModelOptions { Test = CoefficientTest.KnappHartung });
        Assert.Equal(["intercept", "x", "g:b", "g:c"], [.. fit.Coefficients.Select(c => c.Name)]);
        for (var j = 0; j < 4; j++)
        {
            Assert.Equal(fit.Coefficients[j].StandardError, Math.Sqrt(fit.Covariance[j, j]), 1e-14);
        }
        Assert.Equal(fit.Covariance[1, 2], fit.Covariance[2, 1], 1e-15);
        Assert.NotEqual(1, fit.VarianceMultiplier);
        Assert.Equal((3, 2.0), (fit.Omnibus!.NumeratorDegreesOfFreedom, fit.Omnibus.DenominatorDegreesOfFreedom));
        Assert.Equal("F", fit.Omnibus.Name);
    }

    [Fact]
    public void Weights_over_12_orders_of_magnitude_keep_a_two_group_regression_exact() // each group's mean by itself, whichever is the reference
    {
        double[] y = [0.1, 0.2, 5, 7], v = [1e-12, 2e-12, 1, 3];
        string[] groups = ["b", "b", "a", "a"];
        var options = new ModelOptions { Estimator = TauSquaredEstimator.CommonEffect, Test = CoefficientTest.Normal };
        var fit = MetaRegression.Fit(y, v, DesignMatrix.WithIntercept(4).Add(new CategoricalTerm("g", groups)), options);
        Assert.Equal(5.5, fit.Coefficients[0].Estimate, 1e-14);
        Assert.Equal(0.4 / 3 - 5.5, fit.Coefficients[1].Estimate, 1e-14);
        Assert.Equal(Math.Sqrt(0.75), fit.Coefficients[0].StandardError, 1e-14);
    }

    [Fact]
    public void The_order_of_rows_does_not_matter()
    {
        double[] x = [1, 2, 3, 5, 8, 9];
        int[] order = [3, 0, 5, 2, 4, 1];
        var fit = MetaRegression.Fit(Y, V, DesignMatrix.WithIntercept(6).Add(new ContinuousTerm("x", x)));
        var shuffled = MetaRegression.Fit(
            [.. order.Select(i => Y[i])], [.. order.Select(i => V[i])],
            DesignMatrix.WithIntercept(6).Add(new ContinuousTerm("x", [.. order.Select(i => x[i])])));
        Assert.Equal(fit.Coefficients[1].Estimate, shuffled.Coefficients[1].Estimate, 1e-14);
        Assert.Equal(fit.Residual.TauSquared!.Value, shuffled.Residual.TauSquared!.Value, 1e-14);
        Assert.Equal(fit.Weights[3], shuffled.Weights[0], 1e-12);
    }

    [Fact]
    public void A_design_of_another_length_is_refused() =>
        Assert.Throws<ArgumentException>("design", () => MetaRegression.Fit(Y, V, DesignMatrix.WithIntercept(5)));
}
