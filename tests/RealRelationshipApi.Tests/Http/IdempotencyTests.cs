using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http;

public sealed class IdempotencyTests : IAsyncLifetime
{
    private static readonly (string, string) s_key = ("Idempotency-Key", "\"order-66\"");

    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_repeated_request_with_the_same_key_is_replayed()
    {
        var first = (await _service.Post("/studies", TestData.Study(), s_key)).ShouldBe(201);
        Assert.Null(first.Header("Idempotent-Replayed"));
        var second = (await _service.Post("/studies", TestData.Study(), s_key)).ShouldBe(201);
        Assert.Equal("true", second.Header("Idempotent-Replayed"));
        Assert.Equal((first.Text, first.ETag, first.Header("Location")), (second.Text, second.ETag, second.Header("Location")));
        Assert.Equal(1, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task An_unquoted_key_equals_a_quoted_one()
    {
        await _service.Post("/studies", TestData.Study(), s_key);
        Assert.Equal("true", (await _service.Post("/studies", TestData.Study(), ("Idempotency-Key", "order-66"))).ShouldBe(201).Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_refused()
    {
        await _service.Post("/studies", TestData.Study(), s_key);
        (await _service.Post("/studies", TestData.Study("kim-2021"), s_key)).ShouldBeProblem(422);
        (await _service.Post("/studies/batch", new JsonArray(TestData.Study()), s_key)).ShouldBeProblem(422);
        (await _service.Get("/studies/kim-2021")).ShouldBeProblem(404);
    }

    [Fact]
    public async Task The_key_of_a_rejected_request_can_be_reused_for_the_corrected_one()
    {
        (await _service.Post("/studies", TestData.Study("lee-2020", TestData.Effect(n: 3)), s_key)).ShouldBeProblem(422);
        (await _service.Post("/studies", TestData.Study(), s_key)).ShouldBe(201);
    }

    [Fact]
    public async Task Validate_only_does_not_consume_the_key()
    {
        (await _service.Post("/studies?validateOnly=true", TestData.Study(), s_key)).ShouldBe(200);
        Assert.Null((await _service.Post("/studies", TestData.Study(), s_key)).ShouldBe(201).Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task A_replay_survives_a_restart()
    {
        using var folder = new TemporaryFolder();
        await using (var first = await Service.StartInAsync(folder))
        {
            (await first.Post("/studies", TestData.Study(), s_key)).ShouldBe(201);
        }

        await using var second = await Service.StartInAsync(folder);
        Assert.Equal("true", (await second.Post("/studies", TestData.Study(), s_key)).ShouldBe(201).Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task A_batch_is_replayed_with_every_status_and_id()
    {
        var batch = new JsonArray(TestData.Study("a"), TestData.Study("bad", TestData.Effect(n: 3)), TestData.Study("b"));
        var first = (await _service.Post("/studies/batch", batch, s_key)).ShouldBe(207);
        var second = (await _service.Post("/studies/batch", batch, s_key)).ShouldBe(207);
        Assert.Equal("true", second.Header("Idempotent-Replayed"));
        Assert.Equal(["201 a", "422 bad", "201 b"], Results(first));
        Assert.Equal(Results(first), Results(second));
        Assert.Equal((first.Number("accepted"), first.Number("rejected")), (second.Number("accepted"), second.Number("rejected")));
        Assert.Equal(2, await _service.EvidenceRevision());
        (await _service.Post("/studies/batch", new JsonArray(TestData.Study("c")), s_key)).ShouldBeProblem(422);
    }

    [Fact]
    public async Task A_stream_refuses_an_idempotency_key()
    {
        (await _service.PostText("/studies/batch", TestData.Study().ToJsonString(), "application/x-ndjson", s_key)).ShouldBeProblem(422);
        Assert.Equal(0, await _service.EvidenceRevision());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    public async Task An_empty_key_is_malformed(string key) =>
        (await _service.Post("/studies", TestData.Study(), ("Idempotency-Key", key))).ShouldBeProblem(400);

    [Fact]
    public async Task A_key_has_at_most_255_characters()
    {
        (await _service.Post("/studies", TestData.Study(), ("Idempotency-Key", new string('k', 255)))).ShouldBe(201);
        (await _service.Post("/studies", TestData.Study("kim-2021"), ("Idempotency-Key", new string('k', 256)))).ShouldBeProblem(400);
    }

    [Fact]
    public async Task The_stored_idempotency_record_contains_no_request_content()
    {
        await _service.Post("/studies", TestData.Study().With("note", "needle in the note"), s_key);
        var record = string.Join('|', RawStore.Query(_service.StorePath, "SELECT * FROM idempotency"));
        Assert.Contains("lee-2020", record, StringComparison.Ordinal);
        Assert.DoesNotContain("needle", record, StringComparison.Ordinal);
        Assert.DoesNotContain("order-66", record, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Twenty_concurrent_equal_posts_are_stored_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _service.Post("/studies", TestData.Study())));
        Assert.Equal(1, answers.Count(a => a.Status == 201));
        Assert.Equal(19, answers.Count(a => a.Status == 200));
        Assert.Equal(1, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task Twenty_concurrent_equal_posts_with_one_key_are_stored_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _service.Post("/studies", TestData.Study(), s_key)));
        Assert.All(answers, a => Assert.True(a.Status == 201 || (a.Status == 409 && a.Header("Retry-After") is not null), $"{a.Status}"));
        Assert.Equal(1, answers.Count(a => a.Status == 201 && a.Header("Idempotent-Replayed") is null));
        Assert.Equal(1, await _service.EvidenceRevision());
    }

    private static IEnumerable<string> Results(ServiceResponse answer) => answer.At("results")!.AsArray().Select(r => $"{r.At("status")} {r.At("id")}");
}
