using System.Globalization;
using System.Text.Json.Nodes;

using Simulator.Clinics;

namespace Simulator.Live;

/// <summary>What a clinic's EHR sends of its clients: one session a message, scores on the instruments' own ranges,
/// those of the alliance as whole numbers.</summary>
internal static class ClinicMessages
{
    private const string SourceSystem = "simulated-ehr";
    private static readonly DateTimeOffset s_start = new(2025, 1, 6, 9, 0, 0, TimeSpan.FromHours(1));

    /// <summary>The site's own form of the rating of change, of which no range is published.</summary>
    public static JsonObject ChangeMeasureDeclaration => new()
    {
        ["code"] = "com", ["scales"] = new JsonArray(new JsonObject { ["name"] = "total", ["aggregation"] = "mean", ["minimum"] = 1, ["maximum"] = 7 }),
    };

    /// <summary>All sessions, client by client.</summary>
    /// <param name="clients">Clients.</param>
    /// <param name="first">Number of the first of them.</param>
    public static IEnumerable<JsonObject> ForClients(IReadOnlyList<SimulatedClient> clients, int first = 0) =>
        clients.SelectMany((client, i) => ForClients(client, first + i));

    /// <summary>Another score for the first relationship measure of a client.</summary>
    public static JsonObject Amendment(SimulatedClient client, int number)
    {
        var amended = ForClients(client, number).First();
        var measure = amended["measures"]![0]!;
        (measure["version"], measure["status"], measure["score"]) = (2, "amended", measure["score"]!.GetValue<double>() < 3 ? 4.75 : 1.25);
        return amended;
    }

    public static JsonObject Erasure(int client) => new() { ["sourceSystem"] = SourceSystem, ["patient"] = Patient(client) };

    private static string Patient(int number) => string.Create(CultureInfo.InvariantCulture, $"p{number}");

    private static IEnumerable<JsonObject> ForClients(SimulatedClient client, int number)
    {
        for (var t = 0; t <= client.Sessions.Length; t++)
        {
            List<JsonNode> measures = t == client.Sessions.Length
                ? [Measure(number, t, "core-om", 20 - 2 * client.After)]
                :
                [
                    Measure(number, t, "rri-c", 3 + 0.15 * client.Sessions[t][0]),
                    Measure(number, t, "ses", 3 + 0.15 * client.Sessions[t][1]),
                    Measure(number, t, "wai-sr", Math.Round(36 + 3 * client.Sessions[t][2])),
                ];
            if (t == 0)
            {
                measures.Add(Measure(number, t, "core-om", 20 - 2 * client.Before));
            }

            if (t == client.Sessions.Length - 1)
            {
                measures.Add(Measure(number, t, "com", 4 + 0.3 * client.Progress));
            }

            yield return new JsonObject
            {
                ["sourceSystem"] = SourceSystem, ["patient"] = Patient(number), ["therapist"] = $"t{client.Therapist}",
                ["session"] = $"{Patient(number)}.{t + 1}", ["sessionNumber"] = t + 1,
                ["occurredAt"] = s_start.AddDays(7 * t).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture),
                ["measures"] = new JsonArray([.. measures]),
            };
        }
    }

    private static JsonObject Measure(int client, int session, string instrument, double score) => new()
    {
        ["sourceId"] = $"{Patient(client)}.{session + 1}.{instrument}", ["version"] = 1, ["status"] = "final", ["instrument"] = instrument,
        ["rater"] = "client", ["score"] = score,
    };
}
