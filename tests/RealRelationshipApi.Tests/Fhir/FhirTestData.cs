using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Builders of resources, and helpers for responses: <c>service.PostFhir(R.Observation(score: 12))</c>.</summary>
internal static class FhirTestData
{
    public const string Source = "openemr-test";

    public static readonly string[] Phq9Items = ["44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8"];
    public static readonly string[] Gad7Items = ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"];

    private static readonly string[] s_answerCodes = ["LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"];

    /// <summary>The total of a PHQ-9 that the patient filled in, unless another code is given.</summary>
    public static JsonObject Observation(string id = "obs-1", double? score = 12, string code = "44261-6", string system = "http://loinc.org",
        string patient = "p-1", string session = "enc-1",
        long version = 1, string status = "final", string at = "2026-03-01T10:00:00+01:00")
    {
        var observation = new JsonObject
        {
            ["resourceType"] = "Observation",
            ["meta"] = MetaElement(version),
            ["identifier"] = new JsonArray(new JsonObject { ["value"] = id }),
            ["status"] = status,
            ["code"] = new JsonObject { ["coding"] = new JsonArray(Coding(code, system)) },
            ["subject"] = Reference($"Patient/{patient}"),
            ["encounter"] = Reference($"Encounter/{session}"),
            ["performer"] = new JsonArray(Reference($"Patient/{patient}"), Reference("Practitioner/t-1")),
            ["effectiveDateTime"] = at,
        };
        if (score is { } value)
        {
            observation["valueQuantity"] = new JsonObject { ["value"] = value, ["system"] = "http://unitsofmeasure.org", ["code"] = "{score}" };
        }

        return observation;
    }

    /// <summary>A score of an instrument of the catalogue.</summary>
    public static JsonObject InstrumentObservation(string instrument, double? score, string id, string session = "enc-1",
        string at = "2026-03-01T10:00:00+01:00") =>
        Observation(id, score, instrument, "urn:realrelationship:instruments", session: session, at: at);

    /// <summary>A PHQ-9 like in HL7's examples: answers as LOINC codings with ordinal values, followed by the total.</summary>
    public static JsonObject Phq9(string id = "qr-1", int[]? answers = null, double? total = null, string patient = "p-1", string session = "enc-1",
        long version = 1, string status = "completed",
        string at = "2026-03-01T09:50:00+01:00") =>
        QuestionnaireResponse("http://loinc.org/q/44249-1", Phq9Items, answers ?? [1, 2, 1, 0, 3, 1, 2, 1, 0], total, "44261-6", id, patient, session, version,
            status, at);

    public static JsonObject Gad7(string id = "qr-2", int[]? answers = null, double? total = null) =>
        QuestionnaireResponse("https://ehr.example.org/Questionnaire/69737-5", Gad7Items, answers ?? [1, 1, 1, 0, 2, 0, 1], total, "70274-6", id, "p-1",
            "enc-1", 1, "completed", "2026-03-01T09:50:00+01:00");

    public static JsonObject Item(string linkId, JsonObject answer) => new() { ["linkId"] = linkId, ["answer"] = new JsonArray(answer) };

    public static JsonObject IntegerItem(string linkId, int answer) => Item(linkId, new() { ["valueInteger"] = answer });

    public static JsonObject Coding(string code, string system = "http://loinc.org") => new() { ["system"] = system, ["code"] = code };

    public static JsonObject Reference(string reference) => new() { ["reference"] = reference };

    public static JsonObject MetaElement(long version = 1) => new() { ["source"] = Source, ["versionId"] = $"{version}" };

    public static JsonObject Bundle(string type, params IEnumerable<JsonObject> resources) => BundleOf(type, resources.Select(r => Entry(r)));

    public static JsonObject BundleOf(string type, params IEnumerable<JsonObject> entries) =>
        new() { ["resourceType"] = "Bundle", ["type"] = type, ["meta"] = new JsonObject { ["source"] = Source }, ["entry"] = new JsonArray([.. entries]) };

    public static JsonObject Entry(JsonObject resource, string? fullUrl = null, string? ifNoneExist = null)
    {
        var request = new JsonObject { ["method"] = "POST", ["url"] = resource["resourceType"]!.GetValue<string>() };
        if (ifNoneExist is not null)
        {
            request["ifNoneExist"] = ifNoneExist;
        }

        var entry = new JsonObject { ["resource"] = resource.DeepClone(), ["request"] = request };
        if (fullUrl is not null)
        {
            entry["fullUrl"] = fullUrl;
        }

        return entry;
    }

    /// <summary>To the place of its type.</summary>
    public static Task<ServiceResponse> PostFhir(this Service service, JsonObject resource, params (string Name, string Value)[] headers)
    {
        var type = resource["resourceType"]!.GetValue<string>();
        return service.PostText(type == "Bundle" ? "/fhir" : $"/fhir/{type}", resource.ToJsonString(), "application/fhir+json", headers);
    }

    /// <summary>Current measures of a patient, as <c>instrument score</c> in that order.</summary>
    public static async Task<string[]> GetScores(this Service service, string patient = "p-1", string source = Source)
    {
        var found = (await service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = source, ["patient"] = patient })).ShouldBe(200);
        return [.. found.At("sessions")!.AsArray().SelectMany(s => s.At("measures")!.AsArray())
            .Select(m => $"{m.At("instrument")} {m.At("score")!.GetValue<double>():0.##}").Order(StringComparer.Ordinal)];
    }

    /// <summary>The only session of a patient.</summary>
    public static async Task<JsonNode> GetSession(this Service service, string patient = "p-1", string source = Source) =>
        (await service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = source, ["patient"] = patient })).ShouldBe(200).At("sessions")!.AsArray()
            .Single()!;

    /// <summary>A complete OperationOutcome of that status.</summary>
    public static ServiceResponse ShouldBeOutcome(this ServiceResponse answer, int status)
    {
        answer.ShouldBe(status);
        Assert.Equal("application/fhir+json", answer.MediaType);
        Assert.Equal("OperationOutcome", answer.String("resourceType"));
        Assert.NotEmpty(answer.At("issue")!.AsArray());
        Assert.Contains(answer.At("issue")!.AsArray(), issue => issue!["severity"]!.GetValue<string>() is "fatal" or "error");
        Assert.All(answer.At("issue")!.AsArray(), issue =>
        {
            // What was passed over is reported, too.
            Assert.True(issue.At("severity")!.GetValue<string>() is "fatal" or "error" || issue.At("details/coding/0/code")!.GetValue<string>() == "dropped");
            Assert.NotEmpty(issue.At("code")!.GetValue<string>());
            Assert.NotEmpty(issue.At("diagnostics")!.GetValue<string>());
        });
        return answer;
    }

    /// <summary>An OperationOutcome with an error by FHIRPath and code.</summary>
    public static ServiceResponse ShouldBeOutcome(this ServiceResponse answer, int status, string expression, string code)
    {
        answer.ShouldBeOutcome(status);
        Assert.Contains($"{expression} {code}", Issues(answer.Json));
        return answer;
    }

    /// <summary>The issues of an OperationOutcome as <c>expression code</c>.</summary>
    public static string[] Issues(JsonNode outcome) =>
        [.. outcome.At("issue")!.AsArray().Select(i => $"{i!["expression"]?[0]} {i["details"]?["coding"]?[0]?["code"]}".Trim())];

    /// <summary>The statuses of a response bundle.</summary>
    public static string[] Statuses(this ServiceResponse answer) => [.. answer.At("entry")!.AsArray().Select(e => e.At("response/status")!.GetValue<string>())];

    private static JsonObject QuestionnaireResponse(string questionnaire, string[] items, int[] answers, double? total, string totalCode, string id,
        string patient, string session, long version, string status, string at)
    {
        var all = items.Zip(answers, (item, answer) => Item($"/{item}", new()
        {
            ["valueCoding"] = new JsonObject
            {
                ["extension"] = new JsonArray(new JsonObject { ["url"] = "http://hl7.org/fhir/StructureDefinition/ordinalValue", ["valueDecimal"] = answer }),
                ["system"] = "http://loinc.org", ["code"] = s_answerCodes[answer], ["display"] = "as the form prints it",
            },
        })).ToList();
        if (total is { } sum)
        {
            all.Add(Item($"/{totalCode}", new() { ["valueDecimal"] = sum }));
        }

        return new()
        {
            ["resourceType"] = "QuestionnaireResponse",
            ["meta"] = MetaElement(version),
            ["identifier"] = new JsonObject { ["value"] = id },
            ["questionnaire"] = questionnaire,
            ["status"] = status,
            ["subject"] = Reference($"Patient/{patient}"),
            ["encounter"] = Reference($"Encounter/{session}"),
            ["source"] = Reference($"Patient/{patient}"),
            ["author"] = Reference("Practitioner/t-1"),
            ["authored"] = at,
            ["item"] = new JsonArray([.. all]),
        };
    }
}
