using System.Text.Json;

using CsCheck;

namespace RealRelationship.Statistics.Tests;

/// <summary>Prediction by the confidence distribution: against quadratures in R (family <c>frontier/predictionConfidence</c>), against its definition, and
/// what must not change it.</summary>
public sealed class PredictiveDistributionTests
{
    private static readonly JsonElement s_reference =
        JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("frontier/predictionConfidence.json"))).RootElement;

    public static TheoryData<string> Cases => [.. s_reference.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_agrees_with_the_reference(string name)
    {
        var data = s_reference.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        var agreement = new ReferenceComparison(s_reference.GetProperty("tolerance").GetDouble());
        var (options, expected) = (data.GetProperty("options"), data.GetProperty("expected"));
        double[] Numbers(string member) => [.. data.GetProperty("effects").EnumerateArray().Select(effect => effect.GetProperty(member).GetDouble())];
        var fit = RandomEffectsModel.Fit(Numbers("yi"), Numbers("vi"), new ModelOptions { Confidence = options.GetProperty("level").GetDouble() });
        agreement.Compare(name, fit.PredictionInterval!.Value.Lower, expected, "lower");
        agreement.Compare(name, fit.PredictionInterval.Value.Upper, expected, "upper");
        var above = fit.ProbabilityAbove(options.GetProperty("threshold").GetDouble())!;
        agreement.Compare(name, above.Value, expected, "exceed");
        agreement.Compare(name, above.Lower, expected, "exceedLower");
        agreement.Compare(name, above.Upper, expected, "exceedUpper");
        agreement.AssertAgreement(atLeast: 5);
        Assert.Equal(0.5, fit.ProbabilityAbove(expected.GetProperty("median").GetDouble())!.Value, 1e-8);
    }

    [Fact]
    public void Effects_that_agree_by_chance_predict_what_their_precision_allows() // Knapp and Hartung's interval would be [.298, .303]
    {
        double[] y = [.. new[] { 0.300, 0.301, 0.299 }.Select(Math.Atanh)];
        var interval = RandomEffectsModel.Fit(y, [1 / 97.0, 1 / 97.0, 1 / 97.0]).PredictionInterval!.Value;
        Assert.Equal((0.066, 0.503), (Math.Round(Math.Tanh(interval.Lower), 3), Math.Round(Math.Tanh(interval.Upper), 3)));
    }

    [Fact]
    public void It_depends_on_neither_estimator_nor_test_nor_order()
    {
        var file = ReferenceFile.Load("molloy2014");
        var expected = RandomEffectsModel.Fit(file.Estimates, file.Variances).PredictionInterval!.Value;
        foreach (var estimator in Enum.GetValues<TauSquaredEstimator>().Where(e => e != TauSquaredEstimator.CommonEffect))
        {
            foreach (var test in Enum.GetValues<CoefficientTest>())
            {
                var fit = RandomEffectsModel.Fit(file.Estimates, file.Variances, new ModelOptions { Estimator = estimator, Test = test });
                Assert.Equal(expected, fit.PredictionInterval);
            }
        }
        var turned = RandomEffectsModel.Fit([.. file.Estimates.Reverse()], [.. file.Variances.Reverse()]).PredictionInterval!.Value;
        Assert.Equal(expected.Lower, turned.Lower, 1e-12);
        Assert.Equal(expected.Upper, turned.Upper, 1e-12);
    }

    [Fact]
    public void It_moves_and_scales_with_the_effects() => Gen.Select(
        Gen.Select(Gen.Double[-1, 1], Gen.Double[0.001, 0.1]).Array[2, 12], Gen.Double[-3, 3], Gen.Double[0.01, 100]).Sample((effects, shift, scale) =>
    {
        double[] y = [.. effects.Select(e => e.Item1)], v = [.. effects.Select(e => e.Item2)];
        var plain = RandomEffectsModel.Fit(y, v).PredictionInterval!.Value;
        var other = RandomEffectsModel.Fit([.. y.Select(x => shift + scale * x)], [.. v.Select(x => scale * scale * x)]);
        var tolerance = 1e-7 * scale * (plain.Upper - plain.Lower);
        Assert.Equal(shift + scale * plain.Lower, other.PredictionInterval!.Value.Lower, tolerance);
        Assert.Equal(shift + scale * plain.Upper, other.PredictionInterval.Value.Upper, tolerance);
    }, iter: 60);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(60)]
    public void Limits_and_probabilities_agree_with_each_other(int k)
    {
        double[] y = [.. Enumerable.Range(0, k).Select(i => 0.3 + 0.2 * Math.Sin(3 * i))], v = [.. Enumerable.Range(0, k).Select(i => 0.002 + 0.02 * (i % 3))];
        var fit = RandomEffectsModel.Fit(y, v, new ModelOptions { Confidence = 0.9 });
        var interval = fit.PredictionInterval!.Value;
        Assert.Equal(0.05, fit.ProbabilityAbove(interval.Upper)!.Value, 1e-9);
        Assert.Equal(0.95, fit.ProbabilityAbove(interval.Lower)!.Value, 1e-9);
        var above = fit.ProbabilityAbove(0.2)!;
        Assert.InRange(above.Value, above.Lower!.Value, above.Upper!.Value);
        Assert.InRange(above.Lower.Value, 0, 1);
        Assert.InRange(above.Upper.Value, above.Lower.Value, 1);
    }

    [Fact] // with equal variances Q = RSS/(v + τ²) and c s²/(k − p) = RSS/((k − p) n): the definition, drawn out on a grid
    public void A_level_is_predicted_from_the_residual_Q_with_k_minus_p_degrees_of_freedom()
    {
        double[] y = [0.1, 0.5, 0.3, 0.2, 0.45, 0.9, 0.5, 0.7, 0.62];
        string[] levels = ["a", "a", "a", "a", "a", "b", "b", "b", "b"];
        const double v = 0.02;
        var level = ModeratorModel.FitCategorical("m", y, [.. Enumerable.Repeat(v, 9)], levels).Levels[1];
        var (meanA, meanB) = (y[..5].Average(), y[5..].Average());
        var rss = y[..5].Sum(x => (x - meanA) * (x - meanA)) + y[5..].Sum(x => (x - meanB) * (x - meanB));
        Assert.Equal(0.025, Below(level.PredictionInterval!.Value.Lower), 2e-4);
        Assert.Equal(0.975, Below(level.PredictionInterval.Value.Upper), 2e-4);

        double Below(double x)
        {
            const int grid = 400;
            double[] middles = [.. Enumerable.Range(0, grid).Select(i => (i + 0.5) / grid)], t = [.. middles.Select(p => StudentT.Quantile(p, 7))];
            return middles.Average(u =>
            {
                var c = ChiSquared.Quantile(u, 7);
                var tau2 = Math.Max(0, rss / c - v);
                var s = Math.Sqrt(c * (v + tau2) / 7 / 4);
                return t.Average(ti => tau2 > 0 ? Normal.LowerTail((x - meanB + ti * s) / Math.Sqrt(tau2)) : meanB - ti * s <= x ? 1 : 0);
            });
        }
    }

    [Fact]
    public void Where_nothing_varies_both_limits_can_be_the_same_end()
    {
        var fit = RandomEffectsModel.Fit([0.300, 0.301, 0.299, 0.302, 0.298], [0.0001, 0.0001, 0.0001, 0.0001, 0.0001]);
        Assert.Equal((1.0, 1.0), (fit.ProbabilityAbove(0.1)!.Lower!.Value, fit.ProbabilityAbove(0.1)!.Upper!.Value));
        Assert.Equal((0.0, 0.0), (fit.ProbabilityAbove(0.5)!.Lower!.Value, fit.ProbabilityAbove(0.5)!.Upper!.Value));
        Assert.Equal((0.0, 1.0), (fit.ProbabilityAbove(0.3)!.Lower!.Value, fit.ProbabilityAbove(0.3)!.Upper!.Value));
    }

    [Fact]
    public void Precisions_nine_orders_of_magnitude_apart_keep_limits_and_probabilities_in_agreement()
    {
        double[] y = [0.3, 0.31, 0.1, 0.9, 0.45, -0.2], v = [1e-9, 1e-4, 0.05, 0.3, 0.02, 1];
        var fit = RandomEffectsModel.Fit(y, v);
        Assert.Equal(0.025, fit.ProbabilityAbove(fit.PredictionInterval!.Value.Upper)!.Value, 1e-9);
        var (lower, upper) = fit.PredictionInterval.Value;
        var rescaled = RandomEffectsModel.Fit([.. y.Select(x => 8 * x)], [.. v.Select(x => 64 * x)]).PredictionInterval!.Value;
        Assert.Equal(8 * lower, rescaled.Lower, 1e-10);
        Assert.Equal(8 * upper, rescaled.Upper, 1e-10);
    }
}
