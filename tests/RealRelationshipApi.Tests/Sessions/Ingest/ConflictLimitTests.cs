using System.Text.Json.Nodes;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Fhir;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Ingest;

/// <summary>A key that may write, but not read, cannot find a score by trying all of them.</summary>
public sealed class ConflictLimitTests
{
    private const int Score = 17;

    [Fact]
    public async Task A_score_cannot_be_guessed()
    {
        await using var service = await Service.StartAsync();
        (await service.Post("/sessions", Session(Score))).ShouldBe(201);
        var attacker = ("X-API-Key", await ProductionService.CreateKeyAsync(service, Caller.DevelopmentTenant, [Scopes.SessionsWrite]));
        for (var guess = 0; guess < 5; guess++)
        {
            (await service.Post("/sessions", Session(guess), attacker)).ShouldBeProblem(409, "#/measures/0", "otherContent");
            // The same content again is no further guess.
            (await service.Post("/sessions", Session(guess), attacker)).ShouldBe(guess < 4 ? 409 : 429);
        }

        var refused = (await service.Post("/sessions", Session(Score), attacker)).ShouldBeProblem(429, "#/measures/0", "tooManyConflicts");
        Assert.InRange(int.Parse(refused.Header("Retry-After")!), 1, 86_400);
        // Other measures and versions are not affected.
        (await service.Post("/sessions", Session(Score, version: 2), attacker)).ShouldBe(201);
        (await service.Post("/sessions", Session(Score, "another"), attacker)).ShouldBe(201);
    }

    [Fact]
    public async Task Guesses_of_one_request_and_of_rejected_transactions_count()
    {
        await using var service = await Service.StartAsync();
        (await service.Post("/sessions", Session(Score))).ShouldBe(201);
        var many = await service.Post("/sessions", new JsonArray([.. Enumerable.Range(Score - 7, 8).Select(guess => Session(guess))]));
        Assert.Equal([409, 409, 409, 409, 409, 429, 429, 429],
            many.At("results")!.AsArray().Select(r => r.At("measures/0/status")!.GetValue<int>()));

        (await service.PostFhir(FhirTestData.Observation(score: Score))).ShouldBe(201);
        for (var guess = 0; guess < 5; guess++)
        {
            (await service.PostFhir(FhirTestData.Bundle("transaction", FhirTestData.Observation(score: guess)))).ShouldBe(409);
        }

        var right = FhirTestData.Bundle("transaction", FhirTestData.Observation(score: Score));
        Assert.NotNull((await service.PostFhir(right)).ShouldBe(429).Header("Retry-After"));
        Assert.NotNull((await service.PostFhir(FhirTestData.Observation(score: Score))).ShouldBe(429).Header("Retry-After"));
    }

    private static JsonObject Session(int score, string sourceId = "secret", int version = 1) =>
        SessionTestData.Session("p1", 1, SessionTestData.Measure(sourceId, "phq-9", score, version: version));
}
