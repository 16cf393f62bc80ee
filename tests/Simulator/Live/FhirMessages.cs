using System.Text.Json.Nodes;

namespace Simulator.Live;

/// <summary>The same sessions as a FHIR R4 sender puts them: an Observation a score, in bundles of type batch.</summary>
internal static class FhirMessages
{
    private const int MaxBundleEntries = 1_000;

    public static IEnumerable<JsonObject> ToBundles(IEnumerable<JsonObject> sessions) =>
        sessions.SelectMany(session => session["measures"]!.AsArray().Select(measure => Entry(Observation(session, measure!)))).Chunk(MaxBundleEntries)
            .Select(entries => new JsonObject { ["resourceType"] = "Bundle", ["type"] = "batch", ["entry"] = new JsonArray([.. entries]) });

    private static JsonObject Entry(JsonObject resource) => new()
    {
        ["resource"] = resource, ["request"] = new JsonObject { ["method"] = "POST", ["url"] = "Observation" },
    };

    private static JsonObject Observation(JsonNode session, JsonNode measure) => new()
    {
        ["resourceType"] = "Observation",
        ["meta"] = new JsonObject { ["source"] = Copy(session, "sourceSystem"), ["versionId"] = measure["version"]!.ToString() },
        ["extension"] =
            new JsonArray(new JsonObject { ["url"] = "urn:realrelationship:session-number", ["valuePositiveInt"] = Copy(session, "sessionNumber") }),
        ["identifier"] = new JsonArray(new JsonObject { ["value"] = Copy(measure, "sourceId") }),
        ["status"] = Copy(measure, "status"),
        ["code"] =
            new JsonObject
            {
                ["coding"] =
                new JsonArray(new JsonObject { ["system"] = "urn:realrelationship:instruments", ["code"] = Copy(measure, "instrument") })
            },
        ["subject"] = Reference("Patient", session["patient"]!),
        ["encounter"] = Reference("Encounter", session["session"]!),
        ["performer"] = new JsonArray(Reference("Patient", session["patient"]!), Reference("Practitioner", session["therapist"]!)),
        ["effectiveDateTime"] = Copy(session, "occurredAt"),
        ["valueQuantity"] = new JsonObject { ["value"] = Copy(measure, "score") },
    };

    private static JsonObject Reference(string type, JsonNode id) => new() { ["reference"] = $"{type}/{id}" };

    private static JsonNode Copy(JsonNode node, string member) => node[member]!.DeepClone();
}
