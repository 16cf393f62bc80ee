using BenchmarkDotNet.Attributes;

using RealRelationship.Statistics;

namespace Benchmarks;

/// <summary>Tests for publication bias of 100 effects.</summary>
[MemoryDiagnoser]
public class BiasBenchmarks
{
    private readonly GeneratedEffects _evidence = GeneratedEffects.Generate(100);

    [Benchmark(Description = "selection model, one step, k = 100")]
    public SelectionModelFit OneStep() => SelectionModel.Fit(_evidence.Estimates, _evidence.Variances, [0.025]);

    [Benchmark(Description = "trim and fill, k = 100")]
    public TrimAndFillResult Trimmed() => TrimAndFill.Run(_evidence.Estimates, _evidence.Variances);
}
