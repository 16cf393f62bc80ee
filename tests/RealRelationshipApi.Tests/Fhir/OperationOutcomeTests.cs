using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Under <c>/fhir</c> every error is an OperationOutcome, whichever component reports it.</summary>
public sealed class OperationOutcomeTests(EmptyService empty, ProductionService guarded) : IClassFixture<EmptyService>, IClassFixture<ProductionService>
{
    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData("POST", "/fhir/Patient", 404, "not-found")]
    [InlineData("GET", "/fhir/Observation/1", 404, "not-found")]
    [InlineData("GET", "/fhir/Observation", 405, "not-supported")]
    [InlineData("GET", "/fhir/Observation?code=44261-6", 405, "not-supported")]
    [InlineData("PUT", "/fhir", 405, "not-supported")]
    [InlineData("GET", "/fhir/metadata?mode=full", 400, "value")]
    public async Task Routing_errors_under_fhir_return_an_OperationOutcome(string method, string path, int status, string code) =>
        Assert.Equal(code,
            (await _service.Send(new HttpMethod(method), path, null, ("Accept", "application/fhir+json"))).ShouldBeOutcome(status).String("issue/0/code"));

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/fhir+xml")]
    [InlineData("application/xml")]
    [InlineData("application/fhir+json; fhirVersion=5.0")]
    [InlineData("application/fhir+json; charset=iso-8859-1")]
    [InlineData(null)]
    public async Task Only_R4_JSON_is_accepted(string? mediaType) =>
        (await _service.PostBytes("/fhir/Observation", System.Text.Encoding.UTF8.GetBytes(FhirTestData.Observation().ToJsonString()),
            mediaType)).ShouldBeOutcome(415);

    [Theory]
    [InlineData("application/fhir+xml")]
    [InlineData("text/html")]
    public async Task Only_JSON_is_produced(string accept)
    {
        (await _service.PostFhir(FhirTestData.Observation(), ("Accept", accept))).ShouldBeOutcome(406);
        (await _service.Get("/fhir/metadata", ("Accept", accept))).ShouldBeOutcome(406);
    }

    [Theory]
    [InlineData("application/fhir+json", "application/fhir+json")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/fhir+json;fhirVersion=4.0", "application/fhir+json")]
    [InlineData("application/fhir+json;q=0.9, application/json;q=0.1", "application/fhir+json")]
    [InlineData("*/*", "application/fhir+json")]
    public async Task Both_JSON_media_types_are_produced(string accept, string mediaType)
    {
        Assert.Equal(mediaType, (await _service.Get("/fhir/metadata", ("Accept", accept))).ShouldBe(200).MediaType);
        var posted = await _service.PostText("/fhir/Observation", FhirTestData.Observation("accepted").ToJsonString(), "application/json; charset=utf-8",
            ("Accept", accept));
        Assert.InRange(posted.Status, 200, 201);
        Assert.Equal(mediaType, posted.MediaType);
    }

    [Fact]
    public async Task Without_key_or_scope_an_OperationOutcome_is_returned_and_nothing_stored()
    {
        var service = guarded.Service;
        Assert.Equal("login", (await service.PostFhir(FhirTestData.Observation())).ShouldBeOutcome(401).String("issue/0/code"));
        Assert.Equal("forbidden",
            (await service.PostFhir(FhirTestData.Observation(), await guarded.CreateKeyHeaderAsync("clinic", "sessions:read"))).ShouldBeOutcome(403)
                .String("issue/0/code"));
        foreach (var resource in new[] { FhirTestData.Observation(), FhirTestData.Phq9(), FhirTestData.Bundle("batch", FhirTestData.Gad7()) })
        {
            (await service.PostFhir(resource)).ShouldBeOutcome(401);
            Assert.InRange((await service.PostFhir(resource, await guarded.CreateKeyHeaderAsync("clinic", "sessions:write"))).Status, 200, 201);
        }

        (await service.Get("/fhir/metadata")).ShouldBe(200);
    }

    [Fact]
    public async Task Outside_fhir_errors_stay_problem_details() => (await _service.Get("/fhirs")).ShouldBeProblem(404);

    [Fact]
    public async Task A_too_large_body_returns_an_OperationOutcome()
    {
        await using var small = await Service.StartAsync(("Limits__MaxBodyBytes", "2000"));
        (await small.PostFhir(FhirTestData.Bundle("batch", Enumerable.Range(0, 20).Select(i => FhirTestData.Observation($"o-{i}"))))).ShouldBeOutcome(413);
    }
}
