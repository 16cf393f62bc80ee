namespace RealRelationship.Statistics.Tests;

/// <summary>Bounds of weight functions, moderators, and what must hold of every fit.</summary>
public sealed class WeightFunctionModelTests
{
    private static readonly double[] s_y = [0.62, 0.15, 0.41, 0.33, 0.28, 0.75, -0.05, 0.51, 0.22, 0.47, 0.02, 0.36];
    private static readonly double[] s_v = [0.03, 0.01, 0.02, 0.015, 0.012, 0.06, 0.02, 0.03, 0.008, 0.025, 0.04, 0.01];

    public static TheoryData<SelectionFunction> Functions => [.. Enum.GetValues<SelectionFunction>()];

    [Theory]
    [MemberData(nameof(Functions))]
    public void The_maximum_is_that_of_the_integral(SelectionFunction function)
    {
        var fit = WeightFunctionModel.Fit(s_y, s_v, new WeightFunctionOptions { Function = function });
        var exact = new SelectionIntegral(s_y, s_v, fit.Options);
        var step = function == SelectionFunction.Step ? 1e-3 : 0.02;
        double[] means = [.. s_y.Select(_ => fit.Coefficients[0].Estimate)], deltas = [.. fit.Deltas.Select(delta => delta!.Value)];
        var highest = exact.LogLikelihood(means, fit.TauSquared!.Value, deltas, step);
        // The grid cuts a step into pieces, and smooth functions nowhere.
        var tolerance = function == SelectionFunction.Step ? 5e-3 : function is SelectionFunction.Power or SelectionFunction.Beta ? 1e-4 : 1e-9;
        Assert.Equal(highest, fit.LogLikelihood!.Value, tolerance);
        foreach (var (mean, tau2, delta) in new[] { (0.02, 0, 0), (-0.02, 0, 0), (0, 0.004, 0), (0, 0, 0.1), (0.01, -0.001, 0.1) })
        {
            var near = exact.LogLikelihood(
                [.. means.Select(m => m + mean)], Math.Max(0, fit.TauSquared.Value + tau2), [.. deltas.Select(d => d + delta)], step);
            Assert.True(near < highest + tolerance, $"({mean}, {tau2}, {delta}) is more likely: {near} > {highest}");
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Parameters_assumed_at_their_estimates_give_the_same_mean_with_a_smaller_error(SelectionFunction function)
    {
        var options = new WeightFunctionOptions { Function = function };
        var free = WeightFunctionModel.Fit(s_y, s_v, options);
        var assumed = WeightFunctionModel.Fit(s_y, s_v, options with { Fixed = free.Deltas });
        Assert.Equal(free.Coefficients[0].Estimate, assumed.Coefficients[0].Estimate, 1e-7);
        Assert.Equal(free.TauSquared!.Value, assumed.TauSquared!.Value, 1e-7);
        Assert.Equal(free.LogLikelihood!.Value, assumed.LogLikelihood!.Value, 1e-9);
        Assert.Equal((null, 0), (assumed.LikelihoodRatio, assumed.DegreesOfFreedom));
        Assert.True(free.Coefficients[0].StandardError is null || free.Coefficients[0].StandardError > assumed.Coefficients[0].StandardError);
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Reversing_signs_direction_and_order_reverses_the_result(SelectionFunction function)
    {
        var fit = WeightFunctionModel.Fit(s_y, s_v, new WeightFunctionOptions { Function = function });
        var turned = WeightFunctionModel.Fit([.. s_y.Reverse().Select(y => -y)], [.. s_v.Reverse()],
            new WeightFunctionOptions { Function = function, Direction = SelectionDirection.Less });
        Assert.Equal(fit.Coefficients[0].Estimate, -turned.Coefficients[0].Estimate, 1e-8);
        Assert.Equal(fit.LogLikelihood!.Value, turned.LogLikelihood!.Value, 1e-9);
        Assert.Equal(fit.Notes, turned.Notes);
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Hard_data_give_finite_numbers_or_a_reason(SelectionFunction function)
    {
        foreach (var (y, v) in new (double[], double[])[]
        {
            ([0.3], [0.01]), ([0.3, 0.5], [0.01, 0.02]), ([0.3, 0.3, 0.3], [0.01, 0.01, 0.01]), ([0.9, 0.8, 1.1, 0.7], [0.01, 0.02, 0.01, 0.02]),
            ([0.01, -0.02, 0.03, -0.01], [0.05, 0.04, 0.05, 0.06]), ([3, -3, 2, -2, 5], [1e-4, 1e-4, 1e-4, 1e-4, 1e-4]),
            ([0.2, 0.21, 0.19, 0.2], [1e-9, 1, 1e3, 0.1]), ([20, 21, 22, 19.5], [1e-6, 1e-6, 2e-6, 1e-6]),
        })
        {
            var fit = WeightFunctionModel.Fit(y, v, new WeightFunctionOptions { Function = function });
            if (fit.Coefficients.Count == 0)
            {
                Assert.Contains(fit.Notes, note => note is "weightsNotIdentified" or "notConverged" or "tooFewEffects");
                continue;
            }
            var mean = fit.Coefficients[0];
            Assert.True(double.IsFinite(mean.Estimate) && double.IsFinite(fit.TauSquared!.Value) && double.IsFinite(fit.LogLikelihood!.Value));
            Assert.True(mean.StandardError is null or > 0);
            Assert.All(fit.Deltas, delta => Assert.InRange(delta!.Value, 0, double.MaxValue));
            Assert.True(fit.DeltaStandardErrors.All(se => se is null or > 0));
        }
    }

    [Fact] // metafor 3.8.1: selmodel(rma(yi, vi, mods = ~ I(year - 2000), data = dat.molloy2014, method = "ML"), type = "stepfun", steps = 0.025)
    public void Moderators_agree_with_metafor()
    {
        var file = ReferenceFile.Load("molloy2014");
        double[] years = [9, 11, 10, -1, -5, 4, 5, 7, 6, 11, -3, 7, 3, 12, 4, -3]; // since 2000
        var design = DesignMatrix.WithIntercept(16).Add(new ContinuousTerm("year", years));
        var fit = WeightFunctionModel.Fit(file.Estimates, file.Variances, new WeightFunctionOptions(), design);
        Assert.Equal(["intercept", "year"], fit.Coefficients.Select(c => c.Name));
        Assert.Equal([0.08470031380, 0.00100159554], fit.Coefficients.Select(c => c.Estimate), (a, b) => Math.Abs(a - b) < 3e-6); // it stops early
        Assert.Equal([0.058972941, 0.005747885], fit.Coefficients.Select(c => c.StandardError!.Value), (a, b) => Math.Abs(a - b) < 3e-6);
        Assert.Equal(0.005629133845, fit.TauSquared!.Value, 1e-6);
        Assert.Equal(0.2330785123, fit.Deltas[0]!.Value, 3e-5);
        Assert.Equal(0.1989585603, fit.DeltaStandardErrors[0]!.Value, 3e-5);
        Assert.Equal(11.290657309, fit.LogLikelihood!.Value, 1e-8);
        Assert.Equal(2.9925846453, fit.LikelihoodRatio!.Value, 1e-6);
        Assert.Equal(0.0303646690, fit.Moderators!.Statistic, 1e-4);
    }

    [Fact]
    public void A_two_level_moderator_of_separate_sets_gives_both_means()
    {
        // With assumed weights and one τ² the likelihood of level B depends on the data of B alone once τ² is known.
        double[] y = [.. s_y, .. s_y.Select(x => x + 0.3)], v = [.. s_v, .. s_v];
        string[] level = [.. s_y.Select(_ => "a"), .. s_y.Select(_ => "b")];
        var options = new WeightFunctionOptions { Fixed = [0.4] };
        var fit = WeightFunctionModel.Fit(y, v, options, DesignMatrix.WithIntercept(y.Length).Add(new CategoricalTerm("set", level)));
        var exact = new SelectionIntegral(y, v, options);
        double Likelihood(double a, double b) =>
            exact.LogLikelihood([.. level.Select(l => l == "a" ? a : b)], fit.TauSquared!.Value, [0.4], step: 0.02);
        var (first, second) = (fit.Coefficients[0].Estimate, fit.Coefficients[0].Estimate + fit.Coefficients[1].Estimate);
        Assert.True(Likelihood(first, second) > Likelihood(first + 0.05, second) && Likelihood(first, second) > Likelihood(first - 0.05, second));
        Assert.True(Likelihood(first, second) > Likelihood(first, second + 0.05) && Likelihood(first, second) > Likelihood(first, second - 0.05));
        Assert.Equal(fit.Coefficients[1].Statistic!.Value * fit.Coefficients[1].Statistic!.Value, fit.Moderators!.Statistic, 1e-9);
    }

    [Fact]
    public void Assumed_weights_need_no_effect_in_the_first_interval()
    {
        double[] y = [0.1, -0.1, 0.05, 0.02], v = [0.04, 0.05, 0.03, 0.02];
        Assert.Equal(["weightsNotIdentified"], WeightFunctionModel.Fit(y, v).Notes);
        Assert.NotEmpty(WeightFunctionModel.Fit(y, v, new WeightFunctionOptions { Fixed = [0.5] }).Coefficients);
    }

    [Fact]
    public void Options_outside_their_range_are_refused()
    {
        void Refused(WeightFunctionOptions options) => Assert.ThrowsAny<ArgumentException>(() => WeightFunctionModel.Fit(s_y, s_v, options));
        Refused(new WeightFunctionOptions { Fixed = [0.5, 0.5] });
        Refused(new WeightFunctionOptions { Fixed = [-1] });
        Refused(new WeightFunctionOptions { Fixed = [double.NaN] });
        Refused(new WeightFunctionOptions { Function = SelectionFunction.Beta, Fixed = [1] });
        Refused(new WeightFunctionOptions { Function = SelectionFunction.Power, Fixed = [101] });
        Refused(new WeightFunctionOptions { Function = SelectionFunction.Beta, SmallestP = 0.5 });
        Refused(new WeightFunctionOptions { Steps = [] });
    }

    [Fact]
    public void Powered_means_are_of_the_precise_effects()
    {
        var waap = UnrestrictedLeastSquares.Powered([0.3, 0.2, 0.9], [0.001, 0.002, 0.2])!;
        Assert.Equal((2, true, 2), (waap.Powered, waap.UsesPowered, waap.Mean.Effects));
        Assert.Null(UnrestrictedLeastSquares.Fit([0.3], [0.1]));
        var equal = UnrestrictedLeastSquares.Fit([0.3, 0.3], [0.1, 0.2])!;
        Assert.Equal((0.3, 0.0, null), (equal.Estimate, equal.StandardError, equal.PValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => UnrestrictedLeastSquares.OfCorrelations([1, 0.2], [20, 30]));
        Assert.Throws<ArgumentOutOfRangeException>(() => UnrestrictedLeastSquares.OfCorrelations([0.1, 0.2], [2, 30]));
    }

    [Fact]
    public void P_uniform_star_turns_with_the_direction_and_names_its_limits()
    {
        var (fit, turned) = (PUniformStar.Fit(s_y, s_v), PUniformStar.Fit([.. s_y.Select(y => -y)], s_v, SelectionDirection.Less));
        Assert.Equal((fit.Effect!.Value, fit.Lower!.Value), (-turned.Effect!.Value, -turned.Upper!.Value));
        Assert.InRange(fit.Effect.Value, fit.Lower.Value, fit.Upper!.Value);
        var wider = PUniformStar.Fit(s_y, s_v, confidence: 0.99);
        Assert.True(wider.Lower is null || wider.Lower < fit.Lower);
        Assert.Contains("tooFewEffects", PUniformStar.Fit([0.3], [0.01]).Notes);
        foreach (var (y, v) in new (double[], double[])[]
        {
            ([0.3, 0.5], [0.01, 0.02]), ([0.3, 0.3, 0.3], [0.01, 0.01, 0.01]), ([0.9, 0.8, 1.1, 0.7], [0.01, 0.02, 0.01, 0.02]),
            ([0.01, -0.02, 0.03, -0.01], [0.05, 0.04, 0.05, 0.06]), ([0.2, 0.2, 0.2], [0.0104, 0.0104, 0.0104]),
        })
        {
            var hard = PUniformStar.Fit(y, v);
            Assert.True(hard.Effect is null ? hard.Notes.Contains("notConverged", StringComparer.Ordinal) : double.IsFinite(hard.Effect.Value));
            Assert.True(!(hard.Lower > hard.Effect) && !(hard.Upper < hard.Effect));
        }
    }
}
