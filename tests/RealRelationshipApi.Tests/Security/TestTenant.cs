using System.Text.Json.Nodes;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security;

/// <summary>A clinic with its own keys, and marks in everything that it sends.</summary>
internal sealed record TestTenant(string Name, (string Name, string Value) Key)
{
    public static async Task<TestTenant> CreateAsync(Service service, string name) =>
        new(name,
            ("X-API-Key",
                await ProductionService.CreateKeyAsync(service, name, [Scopes.SessionsRead, Scopes.SessionsWrite, Scopes.MetaRead, Scopes.StudiesWrite])));

    /// <summary>Marker in every key of this site.</summary>
    public string Marker => $"canary-of-{Name}";

    public string InstrumentCode => $"{Marker}-form";

    public JsonObject Session(int patient, int number) => new()
    {
        ["sourceSystem"] = $"{Marker}-ehr", ["patient"] = $"{Marker}-p{patient}", ["therapist"] = $"{Marker}-t{patient % 3}",
        ["episode"] = $"{Marker}-e{patient}",
        ["session"] = $"{Marker}-s{patient}-{number}", ["sessionNumber"] = number, ["occurredAt"] = $"2026-03-{number:00}T10:00:00+01:00",
        ["measures"] = new JsonArray(new JsonObject
        {
            ["sourceId"] = $"{Marker}-o{patient}-{number}", ["version"] = 1, ["status"] = "final", ["instrument"] = "rri-c-sf", ["rater"] = "client",
            ["scale"] = "total", ["score"] = 4.125,
        }),
    };

    public JsonObject Instrument() => JsonNode.Parse($$"""
        { "code": "{{InstrumentCode}}", "name": "{{Marker}} form", "construct": "treatmentOutcome", "raters": ["client"], "direction": "better",
          "items": { "count": 5, "minimum": 0, "maximum": 4 }, "reversed": [2], "scales": [{ "name": "total", "aggregation": "sum" }] }
        """)!.AsObject();

    /// <summary>Sends sessions of some patients and an instrument of its own.</summary>
    public async Task SeedAsync(Service service, int patients)
    {
        (await service.Post("/instruments", Instrument(), Key)).ShouldBe(201);
        for (var patient = 0; patient < patients; patient++)
        {
            (await service.Post("/sessions", new JsonArray(Session(patient, 1), Session(patient, 2)), Key,
                ("Idempotency-Key", $"{Marker}-{patient}"))).ShouldBe(201);
        }
    }
}
