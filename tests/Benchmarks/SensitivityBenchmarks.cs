using BenchmarkDotNet.Attributes;

using RealRelationship.Statistics;

namespace Benchmarks;

/// <summary>What refits k effects again and again: every fit once more without each effect, or on a thousand permuted moderators.</summary>
[MemoryDiagnoser]
public class SensitivityBenchmarks
{
    private readonly GeneratedEffects _evidence = GeneratedEffects.Generate(100);
    private readonly DesignMatrix _onStandardError;

    public SensitivityBenchmarks() => _onStandardError = _evidence.StandardErrorDesign();

    [Benchmark(Description = "leave-one-out, k = 100")]
    public IReadOnlyList<LeaveOneOutRow> LeftOut() => LeaveOneOut.Run(_evidence.Estimates, _evidence.Variances);

    [Benchmark(Description = "influence, k = 100")]
    public IReadOnlyList<InfluenceRow> Influences() => Influence.Run(_evidence.Estimates, _evidence.Variances);

    [Benchmark(Description = "1,000 permutations, k = 100")]
    public PermutationTestResult Permutations() => PermutationTest.Run(_evidence.Estimates, _evidence.Variances, _onStandardError);
}
