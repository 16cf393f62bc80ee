using RealRelationship.Testing.Simulations;

namespace RealRelationship.Statistics.Tests;

/// <summary>Sums over very many effects use another algorithm: each moment is compared with its definition.</summary>
public sealed class BlockedMomentsTests
{
    private const int Many = 10_001;
    private const int ParallelCount = 140_003;

    public static TheoryData<string, int> Cases => new()
    {
        { "as usual", Many },
        { "as usual", ParallelCount },
        { "without heterogeneity", Many },
        { "most precise far off", Many },
        { "one outweighs all", Many },
        { "equal variances", Many },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Results_equal_their_definition(string regime, int count)
    {
        var (y, v) = Effects(regime, count);
        var fit = RandomEffectsModel.Fit(y, v, new ModelOptions { Test = CoefficientTest.Normal });
        var h = fit.Heterogeneity;
        var there = DirectMoments.At(y, v, h.TauSquared!.Value);
        Close(there.Mean, fit.Mean.Estimate);
        Close(1 / Math.Sqrt(there.W), fit.Mean.StandardError);
        Close(DirectMoments.At(y, v, 0).Q, h.Q);
        Close(Math.Sqrt(2 / there.TracePP), h.TauSquaredStandardError!.Value);
        Close(-0.5 * (((count - 1) * Math.Log(2 * Math.PI)) + there.LogVariances + Math.Log(there.W / count) + there.Q), fit.LogLikelihood!.Value);
        Close(100 / (v[17] + h.TauSquared.Value) / there.W, fit.Weights[17]);
        if (h.TauSquared > 0)
        {
            Close(there.TraceP, there.YPPY);
        }
        else
        {
            Assert.True(there.YPPY <= there.TraceP);
        }

        if (h.TauSquaredInterval is { Lower: > 0 } interval)
        {
            Close(ChiSquared.UpperQuantile(0.025, count - 1), DirectMoments.At(y, v, interval.Lower).Q);
            Close(ChiSquared.Quantile(0.025, count - 1), DirectMoments.At(y, v, interval.Upper).Q);
        }
    }

    [Theory, InlineData(Many), InlineData(ParallelCount)]
    public void Results_are_deterministic_and_nearly_independent_of_order(int count)
    {
        var (y, v) = Effects("as usual", count);
        var fit = RandomEffectsModel.Fit(y, v);
        Assert.Equal(fit.Mean, RandomEffectsModel.Fit(y, v).Mean);
        Array.Reverse(y);
        Array.Reverse(v);
        var turned = RandomEffectsModel.Fit(y, v);
        Close(fit.Mean.Estimate, turned.Mean.Estimate);
        Close(fit.Heterogeneity.TauSquared!.Value, turned.Heterogeneity.TauSquared!.Value);
        Close(fit.Weights[0], turned.Weights[^1]);
    }

    private static (double[] Y, double[] V) Effects(string regime, int count)
    {
        var chance = new SeededRandom(count);
        var v = Enumerable.Range(0, count).Select(_ => 1 / (Math.Floor(chance.Uniform(8, 3_000)) - 3)).ToArray();
        var y = Array.ConvertAll(v, vi => chance.Normal(0.4, vi + (regime == "without heterogeneity" ? 0 : 0.02)));
        switch (regime)
        {
            case "most precise far off":
                (y[5_000], v[5_000]) = (1_000, 1e-5);
                break;
            case "one outweighs all":
                (y[0], v[0]) = (0.41, 1e-12);
                break;
            case "equal variances":
                Array.Fill(v, 0.01);
                break;
        }

        return (y, v);
    }

    private static void Close(double expected, double actual) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-9 * Math.Abs(expected), $"{expected:R}, not {actual:R}");

    private sealed record DirectMoments(double W, double Mean, double Q, double YPPY, double TraceP, double TracePP, double LogVariances)
    {
        public static DirectMoments At(double[] y, double[] v, double tau2)
        {
            var w = Array.ConvertAll(v, vi => 1 / (vi + tau2));
            var (sum, squares, cubes) = (w.Sum(), w.Sum(x => x * x), w.Sum(x => x * x * x));
            var mean = w.Zip(y, (wi, yi) => wi * yi).Sum() / sum;
            var r = Array.ConvertAll(y, yi => yi - mean);
            // 1 − h of each effect from the weights of the others: one of them may be nearly all there is.
            var most = w.Max();
            var others = sum - most < most ? w.Where(wi => wi != most).Sum() : sum - most;
            var diagonal = w.Sum(wi => wi * (wi == most ? others : sum - wi)) / sum;
            return new(sum, mean, w.Zip(r, (wi, ri) => wi * ri * ri).Sum(), w.Zip(r, (wi, ri) => wi * wi * ri * ri).Sum(), diagonal,
                squares - (2 * cubes / sum) + (squares * squares / (sum * sum)), v.Sum(vi => Math.Log(vi + tau2)));
        }
    }
}
