using BenchmarkDotNet.Attributes;

using RealRelationship.Statistics;

namespace Benchmarks;

/// <summary>How the cost of a whole fit – estimate, tests, every interval – grows with the effects; the law is O(k).</summary>
[MemoryDiagnoser]
public class FitBenchmarks
{
    private GeneratedEffects _evidence = null!;

    [Params(16, 100, 1_000, 10_000, 100_000)]
    public int K { get; set; }

    [GlobalSetup]
    public void Setup() => _evidence = GeneratedEffects.Generate(K);

    /// <summary>One pass over the effects: what no fit can be faster than.</summary>
    [Benchmark(Baseline = true)]
    public double WeightedMean()
    {
        double sum = 0, sumY = 0;
        for (var i = 0; i < _evidence.Estimates.Length; i++)
        {
            var w = 1 / _evidence.Variances[i];
            sum += w;
            sumY += w * _evidence.Estimates[i];
        }
        return sumY / sum;
    }

    [Benchmark]
    public RandomEffectsFit Reml() => RandomEffectsModel.Fit(_evidence.Estimates, _evidence.Variances);

    /// <summary>With the prediction interval and the probability of exceeding a threshold, which <see cref="Reml"/> leaves uncomputed.</summary>
    [Benchmark]
    public double? RemlWithPrediction()
    {
        var fit = RandomEffectsModel.Fit(_evidence.Estimates, _evidence.Variances);
        return fit.PredictionInterval?.Lower + fit.ProbabilityAbove(0.1)?.Value;
    }

    [Benchmark]
    public RandomEffectsFit DerSimonianLaird() =>
        RandomEffectsModel.Fit(_evidence.Estimates, _evidence.Variances, new ModelOptions { Estimator = TauSquaredEstimator.DerSimonianLaird });
}
