using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

/// <summary>Patients are not pooled twice: a site that posts sessions of a cell cannot submit a summary of it.</summary>
public sealed class SiteSummaryTests
{
    [Fact]
    public async Task A_site_summary_that_overlaps_posted_sessions_is_refused()
    {
        await using var service = await Service.StartAsync();
        (await service.PostSessions(SessionTestData.RelationshipAndOutcome("p1", "t1", 1, 4.1, 31),
            SessionTestData.RelationshipAndOutcome("p1", "t1", 2, 4.3, 33))).ShouldBe(201);
        var refused = (await service.Post("/studies", Summary("ses"))).ShouldBe(422);
        Assert.Equal(["#/effects/0 postsSessions"], refused.At("errors")!.AsArray().Select(e => $"{e.At("pointer")} {e.At("code")}"));
        (await service.Post("/studies", Summary("phq-9"))).ShouldBe(201);
        (await service.Post("/studies", Summary("ses").With("kind", "primary").With("key", "published"))).ShouldBe(201);
    }

    private static JsonObject Summary(string outcome) => TestData.Study("our-own").With("kind", "siteSummary")
        .With("effects/0/outcomeType", "sessionOutcome").With("effects/0/relationshipMeasure", "RRI-C-SF").With("effects/0/relationshipRater", "client")
        .With("effects/0/outcomeMeasure", outcome).With("effects/0/outcomeRater", "client").With("effects/0/level", "betweenClient");
}
