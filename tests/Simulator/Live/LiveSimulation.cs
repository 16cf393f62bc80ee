using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using RealRelationship.Testing.Simulations;

using Simulator.Clinics;

namespace Simulator.Live;

/// <summary>Sends simulated clinics to a running service as their systems would, and compares the results with the true values.</summary>
/// <remarks>
/// <code>
/// 1. three clinics send data, each with other forms: the intervals of their associations and of the pool must cover the true values
/// 2. one score is amended and one client erased: the clinic's associations equal those of a fourth clinic with the same data; the pool is unchanged
/// 3. more clients are added: the pool changes with the next release
/// </code>
/// </remarks>
internal sealed class LiveSimulation(TextWriter output)
{
    private const int Seed = 20261123;
    private const int MaxMisses = 5; // of 27 intervals of 95 %; more have a probability of 1/600
    private const double MaxStandardErrors = 4;
    private const double Tolerance = 1e-12;
    private const string PoolPath = "/meta/pool?source=all&relationshipMeasure=rri-c&outcomeMeasure=ses&outcomeType=sessionOutcome&adjusted=false";

    private readonly List<string> _violations = [];

    /// <summary>Three clinics, and a fourth to compare with.</summary>
    /// <param name="http">Where the service is.</param>
    /// <param name="keys">A key of each of four tenants that have sent nothing, with <c>sessions:write</c>, <c>sessions:read</c> and <c>meta:read</c>.</param>
    /// <param name="output">Takes what was found.</param>
    /// <returns>What was not as it must be.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(HttpClient http, IReadOnlyList<string> keys, TextWriter output)
    {
        var run = new LiveSimulation(output);
        Func<ClinicClient, IReadOnlyList<JsonObject>, Task>[] forms = [ClinicClient.SendAsJsonAsync, ClinicClient.SendAsNdjsonAsync,
            ClinicClient.SendAsFhirAsync, ClinicClient.SendAsNdjsonAsync];
        await run.RunAsync([.. keys.Zip(forms, (key, form) => new ClinicClient(http, key, form))]);
        return run._violations;
    }

    private async Task RunAsync(ClinicClient[] sites)
    {
        var clinic = new SimulatedClinic { Trend = 0.05, TherapistVariance = 0.3 };
        var clients = sites.Select((_, i) => clinic.Simulate(new SeededRandom(Seed + i))).ToArray();
        foreach (var site in sites)
        {
            await site.SendAsync("/instruments", ClinicMessages.ChangeMeasureDeclaration.ToJsonString(), "application/json");
        }

        for (var i = 0; i < 3; i++)
        {
            await sites[i].SendAsync(ClinicMessages.ForClients(clients[i]));
        }

        await CheckTruthAsync(sites[..3], clinic);
        var pool = await CheckPoolAsync(sites[0], clinic);

        var amendment = ClinicMessages.Amendment(clients[0][0], 0);
        var before = await Associations(sites[0]);
        await sites[0].SendAsync([amendment]);
        var amended = await Associations(sites[0]);
        Check(!AreEqualWithinTolerance(amended, before), "the associations follow an amendment at once");
        await sites[0].SendAsync("/erasures", ClinicMessages.Erasure(clients[0].Count - 1).ToJsonString(), "application/json");
        var erased = await Associations(sites[0]);
        Check(!AreEqualWithinTolerance(erased, amended), "the associations follow an erasure at once");
        await sites[3].SendAsync([.. ClinicMessages.ForClients([.. clients[0].SkipLast(1)]), amendment]);
        Check(AreEqualWithinTolerance(erased, await Associations(sites[3])), "after both they are those of everything else sent anew");
        // The fourth has brought a release of its own: it is left out of what is compared.
        var fourth = (await sites[3].GetAsync("/meta/pool?source=sessions&level=all&dependence=independent"))["studies"]!.AsArray()
            .Select(s => s!["study"]!.GetValue<string>()).Distinct()
            .Except(pool["studies"]!.AsArray().Select(s => s!["study"]!.GetValue<string>())).Single();
        Check(HaveEqualPools(pool, await sites[0].GetAsync($"{PoolPath}&exclude={fourth}")), "the pool stays as it is");

        await sites[0].SendAsync(ClinicMessages.ForClients((clinic with { ClientsPerTherapist = 1 }).Simulate(new SeededRandom(Seed + 9)), clients[0].Count));
        Check(!HaveEqualPools(pool, await sites[0].GetAsync($"{PoolPath}&exclude={fourth}")), "the pool moves with the next release");
    }

    private async Task CheckTruthAsync(IReadOnlyList<ClinicClient> sites, SimulatedClinic clinic)
    {
        var (missed, all) = (0, 0);
        foreach (var (i, site) in sites.Index())
        {
            foreach (var found in (await site.GetAsync("/associations"))["associations"]!.AsArray())
            {
                if (InMemoryAssociations.EstimandOf(Text(found, "outcomeType"), Text(found, "level"), Text(found, "basis"),
                    found!["adjustedFor"]!.AsArray().Any(a => a!.GetValue<string>() == "wai-sr")) is not { } estimand)
                {
                    continue;
                }

                var (r, lower, upper, truth) = (Number(found, "r"), Number(found, "lower"), Number(found, "upper"), clinic.TrueCorrelation(estimand));
                var holds = lower <= truth && truth <= upper;
                (missed, all) = (missed + (holds ? 0 : 1), all + 1);
                output.WriteLine(
                    string.Create(CultureInfo.InvariantCulture,
                        $"clinic {i + 1}, {estimand}: {r:F3} [{lower:F3}, {upper:F3}], true {truth:F3}{(holds ? "" : " – outside")}"));
                if (found["standardError"] is { } error)
                {
                    Check(Math.Abs(Math.Atanh(r) - Math.Atanh(truth)) < MaxStandardErrors * error.GetValue<double>(),
                        $"{estimand} of clinic {i + 1} is near the truth");
                }
            }
        }

        Check(all == 9 * sites.Count, $"each estimate of each clinic is there: {all}");
        Check(missed <= MaxMisses, $"{all - missed} of {all} intervals hold the truth");
    }

    private async Task<JsonNode> CheckPoolAsync(ClinicClient site, SimulatedClinic clinic)
    {
        var pool = await site.GetAsync(PoolPath);
        var (lower, upper, truth) = (Number(pool["correlation"], "lower"), Number(pool["correlation"], "upper"),
            clinic.TrueCorrelation(Estimand.ObservedMeans));
        Check(lower <= truth && truth <= upper,
            string.Create(CultureInfo.InvariantCulture, $"the pool of three clinics [{lower:F3}, {upper:F3}] holds the truth {truth:F3}"));
        return pool;
    }

    // What the clinic's own scores say; its place among others and what is released is not theirs.
    private static async Task<JsonArray> Associations(ClinicClient site)
    {
        var answer = await site.GetAsync("/associations");
        foreach (var association in answer["associations"]!.AsArray().Select(a => a!.AsObject()))
        {
            // What depends on other sites and on the release.
            foreach (var member in association.Select(m => m.Key).Where(m => m.StartsWith("standing", StringComparison.Ordinal)
                || m is "released" or "suppressedBecause").ToList())
            {
                association.Remove(member);
            }
        }

        var excluded = answer["excluded"]!.AsArray().Where(e => Text(e, "reason") != "erased").Select(e => e!.DeepClone());
        return [answer["associations"]!.DeepClone(), new JsonArray([.. excluded])];
    }

    // To rounding: therapists of another site have other pseudonyms, and so another order.
    private static bool AreEqualWithinTolerance(JsonNode? a, JsonNode? b) => (a, b) switch
    {
        (JsonArray x, JsonArray y) => x.Count == y.Count && x.Zip(y).All(pair => AreEqualWithinTolerance(pair.First, pair.Second)),
        (JsonObject x, JsonObject y) => x.Count == y.Count
            && x.All(member => y.ContainsKey(member.Key) && AreEqualWithinTolerance(member.Value, y[member.Key])),
        (JsonValue x, JsonValue y) when x.GetValueKind() == JsonValueKind.Number && y.GetValueKind() == JsonValueKind.Number =>
            Math.Abs(x.GetValue<double>() - y.GetValue<double>()) <= Tolerance * Math.Max(1, Math.Abs(x.GetValue<double>())),
        _ => JsonNode.DeepEquals(a, b),
    };

    private static bool HaveEqualPools(JsonNode a, JsonNode b) =>
        JsonNode.DeepEquals(a["studies"], b["studies"]) && JsonNode.DeepEquals(a["pooled"], b["pooled"]);

    private void Check(bool holds, string what)
    {
        output.WriteLine($"{(holds ? "yes" : "NO ")}  {what}");
        if (!holds)
        {
            _violations.Add(what);
        }
    }

    private static double Number(JsonNode? node, string member) => node![member]?.GetValue<double>() ?? double.NaN;

    private static string Text(JsonNode? node, string member) => node![member]!.GetValue<string>();
}
