using System.Diagnostics.CodeAnalysis;
using System.Globalization;

using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;

using Perfolizer.Horology;

using Benchmarks.Load;
using Benchmarks.Load.Questions;
using Benchmarks.Load.Scale;
using Benchmarks.Load.Servers;
using Benchmarks.Load.Soak;
using Benchmarks.Peer;
using Benchmarks.Simulations;

namespace Benchmarks;

/// <summary>
/// <c>peer [folder]</c> compares with metafor (needs Rscript with metafor; in a second row of REML, k = 1,000, R takes the BLAS of the folder);
/// <c>simulate [sets]</c> counts missed optima and the coverage of all intervals (default 1,000 sets each);
/// <c>certainty [sets]</c> checks size and power of verdicts and the coverage of all intervals (default 5,000 sets per cell; 200 take a minute), and exits
/// with 1 if a goal is missed;
/// <c>anytime [series]</c> checks e-values and confidence sequences at every look of a series (default 2,000 series per cell), and exits with 1 if a bound
/// is broken;
/// <c>planning [sets]</c> compares the planned power of new studies with simulation (default 10,000 sets per cell), and exits with 1 if they differ;
/// <c>stage-one [sets]</c> counts the coverage of a clinic's own correlations only;
/// <c>load [--full] [--only start|answers|writes|postgres|million] [--warmup SECONDS] [--peer FOLDER]
/// [--postgres CONNECTION]</c> measures the whole service over loopback,
/// compared with bare Kestrel, bare prepared inserts and the peer (<c>serve.R</c> in that folder, which R runs with plumber and metafor):
/// about ten minutes in its short form; <c>scale [--most N] [--to FOLDER]</c> measures how cost grows up to N effects and measures (default a million),
/// as tables, and as plots in the folder; <c>questions [--most N] [--before FOLDER] [--tolerance X]</c> measures the first answer to every question over
/// 1,000 to N studies (default 1,000), beside an older build published in the folder, and compares with goals in units of a calibrated loop;
/// <c>soak [--requests N]</c> sends mixed requests (default two million),
/// <c>overload [--seconds N]</c> ten times more than can be computed; with <c>--service FOLDER</c> they run the service published there
/// instead of that of this solution; each of these five reports every goal, and exits with 1 if one is missed;
/// <c>bare</c> is the baseline of <c>load</c>; <c>short</c> passes the following arguments to BenchmarkDotNet with few iterations,
/// anything else passes all arguments to BenchmarkDotNet.
/// </summary>
internal static class Program
{
    // BenchmarkDotNet rebuilds the projects, including the service.
    private static readonly IConfig s_defaultConfig = ManualConfig.Create(DefaultConfig.Instance).WithBuildTimeout(TimeSpan.FromMinutes(10));

    // Seven iterations of a tenth of a second: all benchmarks in minutes, good to a few percent on a quiet machine.
    private static readonly IConfig s_shortConfig = s_defaultConfig.AddColumn(StatisticColumn.Median)
        .AddJob(Job.Default.WithWarmupCount(3).WithIterationCount(7).WithIterationTime(TimeInterval.FromMilliseconds(100)));

    [SuppressMessage("ApiDesign", "RS0030", Justification = "The seam to the console.")]
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["simulate", ..]:
                return SimulationReport.Write(Console.Out, args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000) == 0 ? 0 : 1;
            case ["certainty", ..]:
                return new CertaintyReport(Console.Out, args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5_000).Write() == 0 ? 0 : 1;
            case ["anytime", ..]:
                return new AnytimeReport(Console.Out, args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2_000).Write() == 0 ? 0 : 1;
            case ["planning", ..]:
                return PlanningReport.Write(Console.Out, args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10_000);
            case ["stage-one", ..]:
                SessionCorrelationCoverage.Write(Console.Out, args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000);
                return 0;
            case ["peer", ..]:
                new PeerComparison(Console.Out, args.ElementAtOrDefault(1)).Write();
                return 0;
            case ["load", ..]:
                return await LoadBenchmark.RunAsync(new(args), Console.Out) ? 0 : 1;
            case ["scale", ..]:
                return await ScaleBenchmark.RunAsync(new(args), Console.Out) ? 0 : 1;
            case ["questions", ..]:
                return await QuestionBenchmark.RunAsync(new(args), Console.Out) ? 0 : 1;
            case ["soak", ..]:
                return await SoakBenchmark.RunAsync(new(args), Console.Out) ? 0 : 1;
            case ["overload", ..]:
                return await OverloadBenchmark.RunAsync(new(args), Console.Out) ? 0 : 1;
            case ["bare", ..]:
                await BaselineEndpoint.ServeAsync(args[1..], Console.Out);
                return 0;
            case ["short", ..]:
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args[1..], s_shortConfig);
                return 0;
            default:
                BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, s_defaultConfig);
                return 0;
        }
    }
}
