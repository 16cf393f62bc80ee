using BenchmarkDotNet.Attributes;

using RealRelationship.Statistics;

namespace Benchmarks;

/// <summary>An e-value with its confidence sequence at one look, and at every look; the law is O(k) for both.</summary>
[MemoryDiagnoser]
public class SequentialBenchmarks
{
    private GeneratedEffects _evidence = null!;
    private int[] _looks = [];

    [Params(16, 100, 1_000, 10_000)]
    public int K { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _evidence = GeneratedEffects.Generate(K);
        _looks = [.. Enumerable.Range(1, K)];
    }

    [Benchmark]
    public AnytimeFit OneLook() => AnytimeInference.Fit(_evidence.Estimates, _evidence.Variances);

    [Benchmark]
    public IReadOnlyList<AnytimeFit> EveryLook() => AnytimeInference.Path(_evidence.Estimates, _evidence.Variances, _looks);
}
