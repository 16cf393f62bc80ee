using System.Diagnostics.CodeAnalysis;

using BenchmarkDotNet.Running;

using Benchmarks.Peer;

namespace Benchmarks;

/// <summary><c>peer</c> compares with metafor (needs Rscript with metafor); everything else is for BenchmarkDotNet.</summary>
internal static class Program
{
    [SuppressMessage("ApiDesign", "RS0030", Justification = "The seam to the console.")]
    private static void Main(string[] args)
    {
        if (args is ["peer"])
        {
            PeerComparison.Write(Console.Out);
        }
        else
        {
            BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        }
    }
}
