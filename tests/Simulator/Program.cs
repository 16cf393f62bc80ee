using System.Diagnostics.CodeAnalysis;
using System.Globalization;

using Simulator.Live;

namespace Simulator;

/// <summary>
/// Simulates clinics with known true values. <c>coverage [runs]</c> prints the tables of the manual (default 1,000 runs each);
/// <c>live</c> starts a service and sends it three clinics; <c>live ADDRESS KEY KEY KEY [KEY]</c> sends them to another service,
/// each with the key of its own tenant.
/// </summary>
internal static class Program
{
    [SuppressMessage("ApiDesign", "RS0030", Justification = "The seam to the console.")]
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["coverage", ..]:
                AssociationCoverage.Write(Console.Out, args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000);
                return 0;
            case ["live"]:
                return await LocalService.RunAsync(Console.Out);
            case ["live", var address, .. { Length: 3 or 4 } keys]:
                using (var http = new HttpClient { BaseAddress = new Uri(address) })
                {
                    return (await LiveSimulation.RunAsync(http, keys, Console.Out)).Count == 0 ? 0 : 1;
                }

            default:
                await Console.Error.WriteLineAsync("coverage [runs] | live | live ADDRESS KEY KEY KEY [KEY]");
                return 2;
        }
    }
}
