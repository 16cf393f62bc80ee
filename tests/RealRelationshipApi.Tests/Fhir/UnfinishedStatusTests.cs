using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Unfinished measures are held: stored and counted, but not analysed until a later version is final.</summary>
public sealed class UnfinishedStatusTests(EmptyService empty) : IClassFixture<EmptyService>
{
    [Theory]
    [InlineData("registered")]
    [InlineData("preliminary")]
    [InlineData("cancelled")]
    [InlineData("unknown")]
    public Task Observations_are_held_until_final(string status) => ShouldBeHeld(FhirTestData.Observation(status: status));

    [Theory]
    [InlineData("in-progress")]
    [InlineData("stopped")]
    public Task Responses_are_held_until_completed(string status) => ShouldBeHeld(FhirTestData.Phq9(status: status));

    [Fact]
    public Task A_first_version_is_held_without_a_versionId() => ShouldBeHeld(FhirTestData.Observation(status: "preliminary").Without("meta/versionId"));

    [Fact]
    public async Task Nothing_is_held_that_is_no_score_of_its_form()
    {
        (await empty.Service.PostFhir(FhirTestData.Observation(score: 50, status: "preliminary"))).ShouldBeOutcome(422, "Observation.value", "outOfRange");
        (await empty.Service.PostFhir(FhirTestData.Observation(score: null))).ShouldBeOutcome(422, "Observation.value", "nothingToScore");
        var begun = SessionTestData.Session("begun", 1, SessionTestData.Measure("begun", "phq-9", 5).Without("score"));
        (await empty.Service.Post("/sessions", begun)).ShouldBeProblem(422);
    }

    /// <summary>What is not finished may lack items, or all of them.</summary>
    public static TheoryData<string> Begun => new("""{ "status": "in-progress", "items": 2 }""", """{ "status": "in-progress", "items": 0 }""",
        """{ "status": "stopped", "items": 8 }""", """{ "status": "cancelled" }""", """{ "status": "registered" }""", """{ "status": "inProgress" }""");

    [Theory]
    [MemberData(nameof(Begun))]
    public async Task What_lacks_items_is_held_without_a_score_until_it_is_final(string begun)
    {
        var (status, items) = (JsonNode.Parse(begun)!["status"]!.GetValue<string>(), JsonNode.Parse(begun)!["items"]?.GetValue<int>());
        var patient = $"p-{status}-{items}";
        (await Send(status, items, 1)).ShouldBe(201);
        (await Send(status, items, 1)).ShouldBe(200);
        var measure = (await empty.Service.GetSession(patient)).At("measures/0")!;
        Assert.Equal((null, items ?? (status == "inProgress" ? 3 : 0), 9),
            (measure["score"], measure["itemsAnswered"]!.GetValue<int>(), measure["itemsExpected"]!.GetValue<int>()));
        (await Send(items is null ? "final" : "completed", items is null ? null : 9, 2)).ShouldBe(201);
        Assert.Equal(["phq-9 9"], await empty.Service.GetScores(patient));
        Assert.Empty(empty.Service.FindIntegrityErrors());

        Task<ServiceResponse> Send(string status, int? items, int version)
        {
            if (begun.Contains("inProgress", StringComparison.Ordinal))
            {
                var answers = new JsonArray([.. Enumerable.Range(1, 9).Select(i => (JsonNode?)(version == 2 || i <= 3 ? JsonValue.Create(1) : null))]);
                return empty.Service.Post("/sessions", new JsonObject
                {
                    ["sourceSystem"] = FhirTestData.Source, ["patient"] = patient, ["session"] = "s", ["occurredAt"] = "2026-03-01T10:00:00Z",
                    ["measures"] = new JsonArray(new JsonObject
                    {
                        ["sourceId"] = patient, ["version"] = version, ["status"] = status, ["instrument"] = "phq-9", ["rater"] = "client", ["items"] = answers,
                    }),
                });
            }

            if (items is not { } count)
            {
                return empty.Service.PostFhir(FhirTestData.Observation(patient, version == 2 ? 9 : null, patient: patient, version: version, status: status));
            }

            var response = FhirTestData.Phq9(patient, patient: patient, version: version, status: status).With("questionnaire", "https://forms.example/phq-9");
            return empty.Service.PostFhir(count == 0 ? response.Without("item") : response.With("item",
                new JsonArray([.. Enumerable.Range(1, count).Select(i => (JsonNode)FhirTestData.IntegerItem($"q{i}", 1))])));
        }
    }

    private static async Task ShouldBeHeld(JsonObject resource)
    {
        await using var service = await Service.StartAsync();
        (await service.PostFhir(resource)).ShouldBe(201);
        Assert.Equal(1,
            (await service.Get("/associations")).At("excluded")!.AsArray().Single(e => e.At("reason")!.GetValue<string>() == "wrongStatus")
                .At("count")!.GetValue<int>());
        var finished = resource.DeepClone().AsObject().With("meta/versionId", "2")
            .With("status", resource["resourceType"]!.GetValue<string>() == "Observation" ? "final" : "completed");
        (await service.PostFhir(finished)).ShouldBe(201);
        Assert.DoesNotContain((await service.Get("/associations")).At("excluded")!.AsArray(), e => e.At("reason")!.GetValue<string>() == "wrongStatus");
    }
}
