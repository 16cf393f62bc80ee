using System.Text;
using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir.Intake;

/// <summary>Entries of other types and methods, entries without a type, byte order marks, and the report of <c>$validate</c>.</summary>
public sealed class EntryTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private static int s_entries;

    private readonly Service _service = empty.Service;

    [Fact]
    public async Task Foreign_entries_are_passed_over_whatever_their_method_and_an_encounter_is_read()
    {
        var encounter = new JsonObject
        {
            ["resourceType"] = "Encounter", ["id"] = "enc-put", ["meta"] = FhirTestData.MetaElement(), ["status"] = "finished",
            ["class"] = new JsonObject { ["code"] = "AMB" }, ["subject"] = FhirTestData.Reference("Patient/put"),
            ["participant"] = new JsonArray(new JsonObject { ["individual"] = FhirTestData.Reference("Practitioner/t-9") }),
        };
        (await _service.PostFhir(FhirTestData.Observation("put", patient: "put", session: "enc-put").Without("performer"))).ShouldBe(201);
        var answer = await _service.PostFhir(FhirTestData.BundleOf("transaction",
            By("PUT", new() { ["resourceType"] = "Organization", ["id"] = "o1", ["name"] = "Clinic" }),
            By("PUT", new() { ["resourceType"] = "Patient", ["id"] = "put" }),
            new JsonObject { ["request"] = new JsonObject { ["method"] = "DELETE", ["url"] = "Organization/o2" } }, By("PUT", encounter)));
        Assert.Equal(["200 OK", "200 OK", "200 OK", "200 OK"], answer.ShouldBe(200).Statuses());
        Assert.Contains("was not read", answer.Text, StringComparison.Ordinal);
        Assert.Contains("name the same session and patient", answer.Text, StringComparison.Ordinal);
        Assert.NotNull((await _service.GetSession("put"))["therapist"]);

        var put = By("PUT", FhirTestData.Observation("put-2", patient: "put"));
        (await _service.PostFhir(FhirTestData.BundleOf("transaction", put))).ShouldBeOutcome(422, "Bundle.entry[0].request.method", "notSupported");
        var deletion = new JsonObject { ["request"] = new JsonObject { ["method"] = "DELETE", ["url"] = "Observation/1" } };
        (await _service.PostFhir(FhirTestData.BundleOf("transaction", deletion))).ShouldBeOutcome(422, "Bundle.entry[0].request.method", "notSupported");

        static JsonObject By(string method, JsonObject resource) => FhirTestData.Entry(resource).With("request/method", method)
            .With("request/url", $"{resource["resourceType"]}/{resource["id"]}");
    }

    [Theory]
    [InlineData("""{ "status": "final" }""")]
    [InlineData("""{ "resourceType": 1 }""")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    public async Task An_entry_without_a_type_costs_only_itself(string resource)
    {
        var untyped = FhirTestData.Entry(FhirTestData.Observation()).With("resource", JsonNode.Parse(resource));
        var sound = FhirTestData.Entry(FhirTestData.Observation($"sound-{s_entries++}", patient: "sound"));
        var answer = await _service.PostFhir(FhirTestData.BundleOf("batch", untyped.DeepClone().AsObject(), sound.DeepClone().AsObject()));
        Assert.Equal(["400 Bad Request", "201 Created"], answer.ShouldBe(200).Statuses());
        Assert.Contains("Bundle.entry[0].resource.resourceType required", FhirTestData.Issues(answer.At("entry/0/response/outcome")!));
        (await _service.PostFhir(FhirTestData.BundleOf("transaction", untyped, sound))).ShouldBeOutcome(400,
            "Bundle.entry[0].resource.resourceType", "required");
    }

    [Fact]
    public async Task A_byte_order_mark_is_passed_over()
    {
        var observation = FhirTestData.Observation("bom", patient: "bom").ToJsonString();
        (await Post("/fhir/Observation", "application/fhir+json")).ShouldBe(201);
        Assert.Equal(["200 OK"], (await Post("/fhir", "application/fhir+ndjson")).ShouldBe(200).Statuses());

        Task<ServiceResponse> Post(string path, string type) =>
            _service.PostBytes(path, [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(observation)], type);
    }

    [Fact]
    public async Task Validation_reports_the_errors_of_shape_and_of_range_of_all_entries()
    {
        var bundle = FhirTestData.Bundle("batch", FhirTestData.Observation("v-1", 50, patient: "v"),
            FhirTestData.Observation("v-2", patient: "v").With("status", "bogus"), FhirTestData.Observation("v-3", -1, patient: "v"));
        var issues = FhirTestData.Issues((await Validate("Bundle", bundle)).ShouldBeOutcome(200).Json);
        Assert.Equal(["Bundle.entry[0].resource.value outOfRange", "Bundle.entry[1].resource.status invalidResource",
            "Bundle.entry[2].resource.value outOfRange"], issues);
        var parameters = new JsonArray(new JsonObject { ["name"] = "mode", ["valueCode"] = "create" });
        (await Validate("Observation", new() { ["resourceType"] = "Parameters", ["parameter"] = parameters }))
            .ShouldBeOutcome(400, "Parameters.parameter", "required");

        Task<ServiceResponse> Validate(string type, JsonObject resource) =>
            _service.PostText($"/fhir/{type}/$validate", resource.ToJsonString(), "application/fhir+json");
    }
}
