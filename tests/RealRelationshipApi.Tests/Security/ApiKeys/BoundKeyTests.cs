using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Security.ApiKeys;
using RealRelationshipApi.Tests.Fhir;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security.ApiKeys;

/// <summary><c>keys create --source-system NAME --time-zone ZONE</c>: defaults of the messages of a key, and their limit.</summary>
public sealed class BoundKeyTests
{
    [Fact]
    public async Task A_bound_key_sends_for_its_own_source_system_only()
    {
        await using var service = await Service.StartAsync();
        string[] scopes = [Scopes.SessionsWrite, Scopes.SessionsRead];
        var bound = ("X-API-Key", await service.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(transaction =>
            ApiKeyStore.Create(transaction, "clinic", scopes, null, sourceSystem: "rom", timeZone: "Europe/Berlin")));
        var other = ("X-API-Key", await ProductionService.CreateKeyAsync(service, "clinic", scopes));
        var session = SessionTestData.RelationshipAndOutcome("p1", "t1", 1, 3, 30);
        (await service.Post("/sessions", session, other)).ShouldBe(201);

        // Messages, amendments, withdrawals and erasures of another system are refused.
        (await service.Post("/sessions", session.With("measures/0/version", 2), bound)).ShouldBeProblem(422, "#/sourceSystem", "otherSourceSystem");
        (await service.Post("/sessions", SessionTestData.EnteredInError("p1.1.x"), bound)).ShouldBeProblem(422, "#/sourceSystem", "otherSourceSystem");
        var foreign = FhirTestData.Observation();
        (await service.PostFhir(foreign, bound)).ShouldBe(422);
        var erasure = new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = "p1" };
        (await service.Post("/erasures", erasure, bound)).ShouldBeProblem(422, "#/sourceSystem", "otherSourceSystem");

        // Its own is the default.
        var without = session.Without("sourceSystem");
        (await service.Post("/sessions", without, bound)).ShouldBe(201);
        (await service.Post("/sessions", without, other)).ShouldBeProblem(400, "#/sourceSystem", "required");
        (await service.PostFhir(foreign.Without("meta/source").With("effectiveDateTime", "2026-03-01"), bound)).ShouldBe(201);
        var found = await service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = "rom", ["sourceId"] = "obs-1" }, bound);
        Assert.Equal("2026-02-28T23:00:00Z", found.ShouldBe(200).String("sessions/0/occurredAt"));
        (await service.Post("/erasures", erasure.With("sourceSystem", "rom"), bound)).ShouldBe(200);
        (await service.Post("/sessions", session.With("measures/0/version", 2), other)).ShouldBe(201);
    }
}
