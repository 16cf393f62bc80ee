using BenchmarkDotNet.Attributes;

using RealRelationship.Statistics;

namespace Benchmarks;

/// <summary>The posterior of a random-effects model with every interval and every shrunken effect, the average of four models, and the table of other
/// priors.</summary>
[MemoryDiagnoser]
public class BayesBenchmarks
{
    private GeneratedEffects _evidence = null!;

    [Params(16, 100, 1_000)]
    public int K { get; set; }

    [GlobalSetup]
    public void Setup() => _evidence = GeneratedEffects.Generate(K);

    [Benchmark(Baseline = true)]
    public double Posterior() => ReadAll(BayesianMeanModel.Fit(_evidence.Estimates, _evidence.Variances));

    [Benchmark]
    public double Average()
    {
        var average = BayesianModelAveraging.Fit(_evidence.Estimates, _evidence.Variances);
        return ReadAll(average.Random) + Read(average.MeanGivenEffect) + average.Interval.Lower;
    }

    [Benchmark]
    public double OtherPriors() =>
        PriorSensitivity.Run(_evidence.Estimates, _evidence.Variances).Sum(row => Read(row.Random.Mean) + row.LogBayesFactorOfEffect);

    /// <summary>Intervals and shrunken effects are computed when they are read.</summary>
    private static double ReadAll(BayesianFit fit) =>
        Read(fit.Mean) + Read(fit.Tau) + Read(fit.NewEffect) + fit.NewEffect.UpperTail(0) + fit.ShrunkenEffects.Sum(effect => effect.Upper);

    private static double Read(PosteriorDistribution posterior) => posterior.Median + posterior.Central.Lower + posterior.Shortest.Lower;
}
