namespace RealRelationship.Statistics.Tests;

public sealed class MetaRegressionTests
{
    private static readonly double[] Y = [0.1, 0.5, 0.3, 0.9, 0.2, 0.6];
    private static readonly double[] V = [0.01, 0.02, 0.01, 0.03, 0.05, 0.01];

    [Fact]
    public void A_dependent_term_is_named()
    {
        var design = DesignMatrix.WithIntercept(6)
            .Add(new ContinuousTerm("age", [1, 2, 3, 4, 5, 6]))
            .Add(new ContinuousTerm("ageInMonths", [12, 24, 36, 48, 60, 72]));
        var failure = Assert.Throws<StatisticsException>(() => MetaRegression.Fit(Y, V, design));
        Assert.Equal("rankDeficient", failure.Code);
        Assert.Contains("'ageInMonths'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_categories_that_say_the_same_are_dependent()
    {
        string[] levels = ["a", "b", "a", "b", "b", "a"];
        var design = DesignMatrix.WithIntercept(6).Add(new CategoricalTerm("rater", levels)).Add(new CategoricalTerm("source", levels));
        Assert.Contains("'source:b'", Assert.Throws<StatisticsException>(() => MetaRegression.Fit(Y, V, design)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_columns_than_effects_are_dependent()
    {
        var design = DesignMatrix.WithIntercept(2).Add(new ContinuousTerm("x", [1, 2])).Add(new ContinuousTerm("square", [1, 4]));
        Assert.Equal("rankDeficient", Assert.Throws<StatisticsException>(() => MetaRegression.Fit(Y.AsSpan(0, 2), V.AsSpan(0, 2), design)).Code);
    }

    [Fact]
    public void A_constant_moderator_depends_on_the_intercept()
    {
        var design = DesignMatrix.WithIntercept(6).Add(new ContinuousTerm("year", [2020, 2020, 2020, 2020, 2020, 2020]));
        Assert.Equal("rankDeficient", Assert.Throws<StatisticsException>(() => MetaRegression.Fit(Y, V, design)).Code);
    }

    [Fact]
    public void A_moderator_far_from_zero_keeps_its_digits()
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
        var design = DesignMatrix.WithIntercept(6).Add(new ContinuousTerm("x", [1, 2, 3, 5, 8, 9])).Add(new CategoricalTerm("g", ["a", "b", "c", "a", "b", "c"]));
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
        var options = new ModelOptions { Estimator = TauSquaredEstimator.Common, Test = CoefficientTest.Normal };
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
            [.. order.Select(i => Y[i])], [.. order.Select(i => V[i])], DesignMatrix.WithIntercept(6).Add(new ContinuousTerm("x", [.. order.Select(i => x[i])])));
        Assert.Equal(fit.Coefficients[1].Estimate, shuffled.Coefficients[1].Estimate, 1e-14);
        Assert.Equal(fit.Residual.TauSquared!.Value, shuffled.Residual.TauSquared!.Value, 1e-14);
        Assert.Equal(fit.Weights[3], shuffled.Weights[0], 1e-12);
    }

    [Fact]
    public void A_design_of_another_length_is_refused() =>
        Assert.Throws<ArgumentException>("design", () => MetaRegression.Fit(Y, V, DesignMatrix.WithIntercept(5)));
}
