using System.Diagnostics.CodeAnalysis;
using System.Globalization;

using BenchmarkDotNet.Running;

using Benchmarks.Peer;
using Benchmarks.Simulations;

namespace Benchmarks;

/// <summary><c>peer</c> compares with metafor (needs Rscript with metafor); <c>simulate [sets]</c> counts missed optima and the coverage of every interval (1,000 sets each unless said), <c>stage-one [sets]</c> only that of a clinic's own correlations; everything else is for BenchmarkDotNet.</summary>
internal static class Program
{
    [SuppressMessage("ApiDesign", "RS0030", Justification = "The seam to the console.")]
    private static int Main(string[] args)
    {
        switch (args)
        {
            case ["simulate", ..]:
                return Simulation.Write(Console.Out, args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000) == 0 ? 0 : 1;
            case ["stage-one", ..]:
                StageOneCoverage.Write(Console.Out, args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000);
                return 0;
            case ["peer"]:
                PeerComparison.Write(Console.Out);
                return 0;
            default:
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
                return 0;
        }
    }
}
