using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Fhir;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Refusals;

/// <summary>What was refused is counted by day and reason, whatever the format.</summary>
public sealed class RefusalTests(EmptyService fixture) : IClassFixture<EmptyService>
{
    private readonly Service _service = fixture.Service;

    [Fact]
    public async Task Each_refused_measure_counts_for_its_first_error()
    {
        var session = SessionTestData.Session("p1", 1, SessionTestData.Measure("good", "rri-c-sf", 4), SessionTestData.Measure("high", "phq-9", 99),
            SessionTestData.Measure("low", "phq-9", -1), SessionTestData.Measure("unknown", "nothing-known", 3));
        await Counts(["outOfRange=2", "unknownInstrument=1"], () => _service.PostSessions(session), 207);
        // Sent again, it is refused again.
        await Counts(["outOfRange=2", "unknownInstrument=1"], () => _service.PostSessions(session), 207);
    }

    [Fact]
    public async Task A_session_that_cannot_be_read_counts_once() =>
        await Counts(["required=1"],
            () => _service.PostSessions(SessionTestData.Session("p2", 1, SessionTestData.Measure("a", "phq-9", 4)).Without("patient")), 400);

    [Fact]
    public async Task Other_content_of_a_stored_version_is_a_refusal()
    {
        (await _service.PostSessions(SessionTestData.Session("p3", 1, SessionTestData.Measure("p3", "phq-9", 4)))).ShouldBe(201);
        await Counts(["otherContent=1"], () => _service.PostSessions(SessionTestData.Session("p3", 1, SessionTestData.Measure("p3", "phq-9", 5))), 409);
    }

    [Fact]
    public async Task Of_an_atomic_request_only_the_measures_with_an_error_count() =>
        await Counts(["outOfRange=1"], () => _service.Post("/sessions?atomic=true",
            new JsonArray(SessionTestData.Session("p4", 1, SessionTestData.Measure("p4a", "phq-9", 4)),
                SessionTestData.Session("p4", 2, SessionTestData.Measure("p4b", "phq-9", 40)))), 207);

    [Fact]
    public async Task A_validation_counts_nothing()
    {
        await Counts([], () => _service.Post("/sessions?validateOnly=true",
            SessionTestData.Session("p5", 1, SessionTestData.Measure("p5", "phq-9", 40))), 422);
        await Counts([], () => _service.PostText("/sessions?sourceSystem=rom&validateOnly=true", "patient;nothing\n", "text/csv"), 400);
    }

    [Fact]
    public async Task Lines_rows_and_files_count() // of a stream, of a CSV file, and one whose header is wrong
    {
        await Counts(["notJson=1", "outOfRange=1"], () => _service.PostText("/sessions",
            $"{SessionTestData.Session("p6", 1, SessionTestData.Measure("p6", "phq-9", 28)).ToJsonString()}\n{{ nonsense\n", "application/x-ndjson"), 207);
        await Counts(["outOfRange=2"], () => _service.PostText("/sessions?sourceSystem=rom&timeZone=Europe/Berlin",
            "patient,date,measure,rater,score\np7,2026-03-01,phq-9,client,3\np7,2026-03-02,phq-9,client,31\np8,2026-03-02,phq-9,client,32\n", "text/csv"), 207);
        await Counts(["required=1"], () => _service.PostText("/sessions?sourceSystem=rom2", "patient,date,measure\n", "text/csv"), 400);
    }

    [Fact]
    public async Task Resources_and_bundles_count()
    {
        await Counts(["outOfRange=1"], () => _service.PostFhir(FhirTestData.Observation("r1", 40)), 422);
        await Counts(["wrongType=1"], () => _service.PostText("/fhir/Observation",
            FhirTestData.Phq9("r2").ToJsonString(), "application/fhir+json"), 400);
        await Counts(["outOfRange=1"],
            () => _service.PostFhir(FhirTestData.Bundle("batch", FhirTestData.Observation("r3"), FhirTestData.Observation("r4", 40))), 200);
        await Counts(["notSupported=1"], () => _service.PostFhir(FhirTestData.Bundle("history", FhirTestData.Observation("r5"))), 422);
        await Counts(["unknownInstrument=1"], () => _service.PostFhir(FhirTestData.Bundle("transaction", FhirTestData.Observation("r6"),
            FhirTestData.Observation("r7", code: "1234-5"))), 422);
    }

    [Fact]
    public async Task Counts_are_of_the_own_site_and_of_the_days_asked_for()
    {
        var writer = _service.Services.GetRequiredService<GroupCommitWriter>();
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        await writer.WriteAsync(transaction =>
        {
            foreach (var (age, count) in new[] { (0, 5), (6, 7), (7, 11), (365, 13), (366, 17) })
            {
                transaction.ForTenant("north").Enqueue("INSERT INTO refusal_count (tenant, day, reason, refused) VALUES (@tenant, @day, 'outOfRange', @count)",
                    new { day = today.AddDays(-age).ToString("yyyy-MM-dd", null), count = (long)count });
            }

            return true;
        });
        var key = await ProductionService.CreateKeyAsync(_service, "north", [Scopes.SessionsRead, Scopes.SessionsWrite]);
        Assert.Equal("7, 5", await Read("?days=7"));
        Assert.Equal("11, 7, 5", await Read(""));
        Assert.Equal("13, 11, 7, 5", await Read("?days=366"));
        // The next refusal removes those older than a year.
        (await _service.Post("/sessions", SessionTestData.Session("p", 1, SessionTestData.Measure("m", "phq-9", 30)), ("X-API-Key", key))).ShouldBe(422);
        Assert.Equal("13, 11, 7, 6", await Read("?days=366"));
        Assert.Equal(4, await writer.WriteAsync(transaction =>
            transaction.ForTenant("north").EnqueueQuery<long>("SELECT count(*) FROM refusal_count WHERE tenant = @tenant").Value.Single()));
        (await _service.Get("/sessions/refusals?days=367", ("X-API-Key", key))).ShouldBeProblem(422, "?days", "outOfRange");

        async Task<string> Read(string query) => string.Join(", ",
            (await _service.Get($"/sessions/refusals{query}", ("X-API-Key", key))).ShouldBe(200).At("refusals")!.AsArray().Select(r => r.At("count")));
    }

    // What a request adds to the counts of today.
    private async Task Counts(string[] expected, Func<Task<ServiceResponse>> request, int status)
    {
        var before = await Read();
        (await request()).ShouldBe(status);
        var after = await Read();
        Assert.Equal(expected, after.Where(r => r.Value != before.GetValueOrDefault(r.Key))
            .Select(r => $"{r.Key}={r.Value - before.GetValueOrDefault(r.Key)}").Order(StringComparer.Ordinal));

        async Task<Dictionary<string, long>> Read() => (await _service.Get("/sessions/refusals?days=1")).ShouldBe(200).At("refusals")!.AsArray()
            .ToDictionary(r => r.At("reason")!.GetValue<string>(), r => r.At("count")!.GetValue<long>(), StringComparer.Ordinal);
    }
}
