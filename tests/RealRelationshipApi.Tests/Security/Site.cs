using System.Text.Json.Nodes;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Security;

/// <summary>A clinic with its own keys, and marks in everything that it sends.</summary>
internal sealed record Site(string Name, (string Name, string Value) Key)
{
    public static async Task<Site> OpenAsync(Service service, string name) =>
        new(name, ("X-API-Key", await GuardedService.MakeKeyAsync(service, name, [Scopes.SessionsRead, Scopes.SessionsWrite, Scopes.MetaRead, Scopes.StudiesWrite])));

    /// <summary>The mark that stands in every key of this site.</summary>
    public string Mark => $"canary-of-{Name}";

    public string InstrumentCode => $"{Mark}-form";

    public JsonObject Session(int patient, int number) => new()
    {
        ["sourceSystem"] = $"{Mark}-ehr", ["patient"] = $"{Mark}-p{patient}", ["therapist"] = $"{Mark}-t{patient % 3}", ["episode"] = $"{Mark}-e{patient}",
        ["session"] = $"{Mark}-s{patient}-{number}", ["sessionNumber"] = number, ["occurredAt"] = $"2026-03-{number:00}T10:00:00+01:00",
        ["measures"] = new JsonArray(new JsonObject
        {
            ["sourceId"] = $"{Mark}-o{patient}-{number}", ["version"] = 1, ["status"] = "final", ["instrument"] = "rri-c-sf", ["rater"] = "client", ["scale"] = "total", ["score"] = 4.125,
        }),
    };

    public JsonObject Instrument() => JsonNode.Parse($$"""
        { "code": "{{InstrumentCode}}", "name": "{{Mark}} form", "construct": "treatmentOutcome", "raters": ["client"], "direction": "better",
          "items": { "count": 5, "minimum": 0, "maximum": 4 }, "reversed": [2], "scales": [{ "name": "total", "aggregation": "sum" }] }
        """)!.AsObject();

    /// <summary>Sends sessions of some patients and an instrument of its own.</summary>
    public async Task FillAsync(Service service, int patients)
    {
        (await service.Post("/instruments", Instrument(), Key)).ShouldBe(201);
        for (var patient = 0; patient < patients; patient++)
        {
            (await service.Post("/sessions", new JsonArray(Session(patient, 1), Session(patient, 2)), Key, ("Idempotency-Key", $"{Mark}-{patient}"))).ShouldBe(207);
        }
    }
}
