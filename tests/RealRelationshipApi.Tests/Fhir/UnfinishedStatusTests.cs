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
    public async Task An_unfinished_resource_requires_a_versionId()
    {
        var unfinished = FhirTestData.Observation(status: "preliminary").Without("meta/versionId");
        (await empty.Service.PostFhir(unfinished)).ShouldBeOutcome(400, "Observation.meta.versionId", "required");
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
