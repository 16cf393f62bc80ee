using CsCheck;

namespace RealRelationship.Statistics.Tests;

/// <summary>What cannot be estimated without one sample is never judged as if between samples nothing varied.</summary>
public sealed class OneSampleTests
{
    // Eight samples of two effects have the level a, one sample of two effects has b.
    private static readonly double[] Y = [0.31, 0.42, 0.18, 0.22, 0.55, 0.47, 0.29, 0.36, 0.11, 0.25, 0.38, 0.41, 0.33, 0.27, 0.49, 0.44, 0.62, 0.58];
    private static readonly double[] V =
        [.. new[] { 60, 80, 45, 100, 150, 70, 90, 120, 30 }.SelectMany(n => new[] { 1.0 / (n - 3), 1.0 / (n - 3) })];
    private static readonly int[] Samples = [.. Enumerable.Range(0, 18).Select(i => i / 2)];
    private static readonly string[] Levels = [.. Enumerable.Range(0, 18).Select(i => i < 16 ? "a" : "b")];

    public static TheoryData<DependenceModel, RobustVariance> Models
    {
        get
        {
            var data = new TheoryData<DependenceModel, RobustVariance>();
            foreach (var model in Enum.GetValues<DependenceModel>())
            {
                foreach (var robust in Enum.GetValues<RobustVariance>())
                {
                    data.Add(model, robust);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_level_of_one_sample_has_the_models_standard_error_and_t_on_samples_minus_p(DependenceModel model, RobustVariance robust)
    {
        var options = new MultilevelOptions
        {
            Model = model,
            Robust = robust,
            ProfileIntervals = false,
            Clusters = model == DependenceModel.FourLevel ? Samples : null, // a study each
        };
        var analysis = ModeratorModel.FitCategoricalNested("m", Y, V, Samples, Levels, options);
        var (fit, level) = (analysis.Nested!, analysis.Levels[1].Mean);
        // Two effects of equal v: Φ = (1 − ρ)v + σ_w² on the diagonal and σ_b² + ρv everywhere.
        var rho = model == DependenceModel.ThreeLevel ? 0 : 0.6;
        var variance = (fit.StudyVariance ?? 0) + fit.BetweenVariance + rho * V[^1] + ((1 - rho) * V[^1] + fit.WithinVariance) / 2;
        Assert.Equal(0.60, level.Estimate, 1e-12);
        Assert.Equal(Math.Sqrt(variance), level.StandardError, 1e-12);
        Assert.Equal(9 - 2, level.DegreesOfFreedom);
        Assert.Equal(0.60 + StudentT.UpperQuantile(0.025, 7) * level.StandardError, level.Upper!.Value, 1e-12);
        Assert.Equal((true, StandardErrorBasis.Model, (double?)null), (level.RestsOnOneSample, level.Basis, level.ModelStandardError));

        var several = analysis.Levels[0].Mean;
        Assert.Equal((false, robust == RobustVariance.None ? StandardErrorBasis.Model : StandardErrorBasis.Robust), (several.RestsOnOneSample, several.Basis));
        var contrast = Assert.Single(analysis.Contrasts);
        Assert.Equal((true, StandardErrorBasis.Model, (double?)null), (contrast.RestsOnOneSample, contrast.Basis, contrast.AdjustedPValue));
        Assert.NotNull(contrast.PValue);
        Assert.Null(analysis.Test);
        Assert.Equal((ModeratorVerdict.CannotTell, false), (analysis.Verdict, analysis.WithinMargin));
        Assert.Equal(["oneSampleLevel"], analysis.CannotTellBecause);
        Assert.Contains("oneSampleLevel", analysis.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void As_requested_a_robust_standard_error_of_one_sample_collapses()
    {
        var design = DesignMatrix.WithIntercept(18).Add(new CategoricalTerm("m", Levels));
        var fit = MultilevelModel.Fit(Y, V, Samples, design, new MultilevelOptions { OneSample = OneSampleInference.AsRequested });
        var level = fit.LinearCombination("b", 1, 1);
        Assert.InRange(level.StandardError, 0, 1e-12);
        Assert.True(level is { RestsOnOneSample: true, RobustBelowModel: true, Basis: StandardErrorBasis.Robust });
        Assert.Contains("oneSampleLevel", fit.Notes, StringComparer.Ordinal);
        Assert.NotNull(fit.Omnibus);
    }

    [Fact]
    public void A_level_left_out_leaves_the_test_of_the_others()
    {
        string[] levels = [.. Levels.Select((level, i) => i is >= 8 and < 16 ? "c" : level)];
        var analysis = ModeratorModel.FitCategoricalNested("m", Y, V, Samples, levels);
        var others = analysis.Contrasts.Single(c => !c.RestsOnOneSample);
        Assert.Equal(("a", "c"), (others.A, others.B));
        Assert.Equal(1, analysis.Test!.NumeratorDegreesOfFreedom);
        Assert.Equal(others.PValue!.Value, analysis.Test.PValue, 1e-10);
        Assert.Equal(others.PValue, others.AdjustedPValue);
        Assert.Equal(9 - 3, analysis.ConfirmingTest!.DenominatorDegreesOfFreedom);
        Assert.Contains("oneSampleLevel", analysis.CannotTellBecause, StringComparer.Ordinal);
    }

    [Fact]
    public void A_slope_that_one_sample_decides_is_that_level()
    {
        double[] x = [.. Levels.Select(level => level == "b" ? 3.0 : 0)];
        var slope = ModeratorModel.FitContinuousNested("x", Y, V, Samples, x);
        var category = ModeratorModel.FitCategoricalNested("m", Y, V, Samples, Levels);
        Assert.Equal(category.Contrasts[0].StandardError, 3 * slope.Coefficients[1].StandardError, 1e-12);
        Assert.Equal(category.Contrasts[0].PValue!.Value, slope.Coefficients[1].PValue!.Value, 1e-10);
        Assert.Equal((null, false), (slope.Test, slope.WithinMargin));
        Assert.Equal(["oneSampleLevel"], slope.CannotTellBecause);

        var independent = ModeratorModel.FitContinuous("x", Y.AsSpan(0, 9), V.AsSpan(0, 9), [0, 0, 0, 0, 0, 0, 0, 0, 1]);
        Assert.Equal((null, "oneSampleLevel"), (independent.Test, independent.CannotTellBecause.Single()));
        Assert.True(independent.Coefficients[1].RestsOnOneSample);
    }

    [Theory]
    [InlineData(CoefficientTest.Normal)]
    [InlineData(CoefficientTest.StudentT)]
    [InlineData(CoefficientTest.KnappHartung)]
    [InlineData(CoefficientTest.KnappHartungAdHoc)]
    public void Independent_effects_leave_a_level_of_one_effect_out_of_test_and_verdict(CoefficientTest test)
    {
        double[] y = [0.31, 0.18, 0.55, 0.29, 0.91, 0.75, 0.62, 0.58, 0.70], v = [.. Enumerable.Range(0, 9).Select(i => 0.01 + 0.001 * i)];
        string[] levels = ["a", "a", "a", "a", "c", "c", "c", "c", "b"];
        var options = new ModelOptions { Test = test };
        var analysis = ModeratorModel.FitCategorical("m", y, v, levels, options);
        var others = analysis.Contrasts.Single(c => !c.RestsOnOneSample);
        Assert.Equal(1, analysis.Test!.NumeratorDegreesOfFreedom);
        Assert.Equal(Math.Pow(others.Difference / others.StandardError, 2), analysis.Test.Statistic, 1e-9);
        Assert.Equal((ModeratorVerdict.Differ, false), (analysis.Verdict, analysis.WithinMargin)); // of a and c
        Assert.Contains("oneSampleLevel", analysis.Notes, StringComparer.Ordinal);
        Assert.Equal(9 - 3, analysis.Levels[1].Mean.DegreesOfFreedom); // whatever the test

        var all = MetaRegression.Fit(y, v, DesignMatrix.WithIntercept(9).Add(new CategoricalTerm("m", levels)),
            options with { OneSample = OneSampleInference.AsRequested });
        Assert.Equal(2, all.Omnibus!.NumeratorDegreesOfFreedom);
        Assert.Equal(test == CoefficientTest.Normal ? null : 6, all.Coefficients[1].DegreesOfFreedom);
    }

    [Fact]
    public void Independent_effects_of_one_sample_are_one_sample()
    {
        double[] y = [0.31, 0.18, 0.55, 0.29, 0.91, 0.75], v = [0.01, 0.02, 0.01, 0.02, 0.01, 0.02];
        string[] levels = ["a", "a", "a", "a", "b", "b"];
        Assert.NotNull(ModeratorModel.FitCategorical("m", y, v, levels).Test);
        var analysis = ModeratorModel.FitCategorical("m", y, v, levels, samples: [0, 1, 2, 3, 4, 4]);
        Assert.Equal((null, ModeratorVerdict.CannotTell), (analysis.Test, analysis.Verdict));
        Assert.Equal(5 - 2, analysis.Levels[1].Mean.DegreesOfFreedom);
    }

    [Fact]
    public void Levels_that_are_equal_are_not_equivalent_when_one_rests_on_one_sample()
    {
        double[] y = [.. Enumerable.Range(0, 41).Select(i => 0.3 + 0.002 * (i % 5))];
        string[] Of(int single) => [.. Enumerable.Range(0, 41).Select(i => i >= 41 - single ? "c" : i % 2 == 0 ? "a" : "b")];
        double[] v = [.. Enumerable.Repeat(1e-4, 41)];
        Assert.Equal(ModeratorVerdict.Equivalent, ModeratorModel.FitCategorical("m", y, v, Of(2)).Verdict);
        var analysis = ModeratorModel.FitCategorical("m", y, v, Of(1));
        Assert.Equal((ModeratorVerdict.CannotTell, false), (analysis.Verdict, analysis.WithinMargin));
        Assert.Equal("oneSampleLevel", analysis.CannotTellBecause[0]);
    }

    [Fact]
    public void The_samples_that_decide_are_those_without_which_the_rank_falls() => NestedEffects.Generator.Sample(data =>
    {
        // a sparse column, a level and the effects' own column, at precisions up to six orders of magnitude apart
        double[] sparse = [.. data.Samples.Select((s, i) => s == 1 ? data.X[i] : 0)];
        string[] levels = [.. data.Samples.Select(s => s % 3 == 0 ? "a" : s == 2 ? "b" : "c")];
        double[] v = [.. data.V.Select((x, i) => x * (data.Samples[i] % 2 == 0 ? 1e-6 : 1))];
        var design = DesignMatrix.WithIntercept(v.Length).Add(new ContinuousTerm("s", sparse)).Add(new CategoricalTerm("l", levels));
        MultilevelFit fit;
        try
        {
            fit = MultilevelModel.Fit(data.Y, v, data.Samples, design, new MultilevelOptions { Robust = RobustVariance.None, ProfileIntervals = false });
        }
        catch (StatisticsException error) when (error.Code == "rankDeficient")
        {
            return;
        }
        double[][] combinations =
        [
            .. Enumerable.Range(0, design.Columns).Select(j => Enumerable.Range(0, design.Columns).Select(i => i == j ? 1.0 : 0).ToArray()),
            [1, 0, .. Enumerable.Repeat(1.0, design.Columns - 2)],
        ];
        foreach (var c in combinations)
        {
            Assert.Equal(data.Samples.Distinct().Any(s => !IsEstimable(design, c, i => data.Samples[i] != s)), fit.LinearCombination("c", c).RestsOnOneSample);
        }
        // The sparse column rests on sample 1; of the levels it depends.
        Assert.True(fit.Coefficients[1].RestsOnOneSample);
        Assert.True(fit.Omnibus is null || fit.Omnibus.NumeratorDegreesOfFreedom < design.Columns - 1);
    });

    [Fact]
    public void What_the_model_expects_is_shown_beside_a_robust_standard_error_that_collapsed()
    {
        // Both samples of b happen to agree to the last digits.
        double[] y = [0.10, 0.42, 0.18, 0.62, 0.35, 0.07, 0.29, 0.56, 0.30, 0.3001];
        string[] levels = ["a", "a", "a", "a", "a", "a", "a", "a", "b", "b"];
        var analysis = ModeratorModel.FitCategoricalNested(
            "m", y, [.. Enumerable.Repeat(0.01, 10)], [.. Enumerable.Range(0, 10)], levels, new MultilevelOptions { Model = DependenceModel.ThreeLevel });
        var level = analysis.Levels[1].Mean;
        Assert.False(level.RestsOnOneSample);
        Assert.True(level.RobustBelowModel);
        Assert.Equal(Math.Sqrt((0.01 + analysis.Nested!.TauSquared) / 2), level.ModelStandardError!.Value, 1e-9);
        Assert.Contains("robustBelowModel", analysis.Notes, StringComparer.Ordinal);
        Assert.DoesNotContain("oneSampleLevel", analysis.Notes, StringComparer.Ordinal);
    }

    /// <summary>Whether a row is in the span of some rows, by orthogonalising them one after the other.</summary>
    private static bool IsEstimable(DesignMatrix design, double[] c, Func<int, bool> kept)
    {
        var rows = new List<double[]>();
        for (var i = 0; i <= design.Rows; i++)
        {
            if (i < design.Rows && !kept(i))
            {
                continue;
            }
            double[] row = i == design.Rows ? [.. c] : [.. Enumerable.Range(0, design.Columns).Select(j => design[i, j])];
            var length = Math.Sqrt(row.Sum(x => x * x));
            for (var pass = 0; pass < 2; pass++)
            {
                foreach (var other in rows)
                {
                    var amount = row.Zip(other, (a, b) => a * b).Sum();
                    row = [.. row.Zip(other, (a, b) => a - amount * b)];
                }
            }
            var left = Math.Sqrt(row.Sum(x => x * x));
            if (i == design.Rows)
            {
                return left <= 1e-8 * length;
            }
            if (left > 1e-8 * length)
            {
                rows.Add([.. row.Select(x => x / left)]);
            }
        }
        throw new InvalidOperationException();
    }
}
