using BenchmarkDotNet.Attributes;

using RealRelationship.Statistics;

namespace Benchmarks;

/// <summary>Models of dependent effects, samples × effects per sample: variances only, like <c>rma.mv</c>,
/// and with CR2 and both profile intervals.</summary>
[MemoryDiagnoser]
public class NestedBenchmarks
{
    private GeneratedEffects _evidence = null!;

    [Params("300 × 4", "1,000 × 5", "20,000 × 5")]
    public string Effects { get; set; } = "";

    [Params(DependenceModel.ThreeLevel, DependenceModel.CorrelatedHierarchical)]
    public DependenceModel Model { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _evidence = Effects switch
        {
            "300 × 4" => GeneratedEffects.Generate(300, 4),
            "1,000 × 5" => GeneratedEffects.Generate(1_000, 5),
            _ => GeneratedEffects.Generate(20_000, 5),
        };
    }

    [Benchmark(Description = "variances alone", Baseline = true)]
    public MultilevelFit Variances() => Fit(RobustVariance.None, profileIntervals: false);

    [Benchmark(Description = "with CR2")]
    public MultilevelFit Robust() => Fit(RobustVariance.CR2, profileIntervals: false);

    [Benchmark(Description = "with CR2 and profile intervals")]
    public MultilevelFit Everything() => Fit(RobustVariance.CR2, profileIntervals: true);

    private MultilevelFit Fit(RobustVariance robust, bool profileIntervals) => MultilevelModel.Fit(
        _evidence.Estimates, _evidence.Variances, _evidence.Samples,
        new MultilevelOptions { Model = Model, Robust = robust, ProfileIntervals = profileIntervals });
}
