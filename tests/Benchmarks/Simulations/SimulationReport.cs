using RealRelationship.Testing.Simulations;

namespace Benchmarks.Simulations;

/// <summary>Compares the library with known true values. Every set has its own seed, so that the tables are the same at every run.</summary>
internal static class SimulationReport
{
    private const int OptimaPerSet = 10;

    /// <summary>Writes the tables: the global optimum on ten times as many sets as the coverage of each interval,
    /// of fits and of a clinic's own correlations.</summary>
    /// <returns>The number of global optima missed.</returns>
    public static int Write(TextWriter output, int sets)
    {
        var misses = GlobalOptimumCheck.Write(output, OptimaPerSet * sets);
        output.WriteLine();
        IntervalCoverage.Write(output, sets);
        output.WriteLine();
        SessionCorrelationCoverage.Write(output, sets);
        return misses;
    }
}
