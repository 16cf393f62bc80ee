using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

public sealed class StudyBatchTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Results_are_in_the_order_of_the_array()
    {
        await _service.SubmitStudy(TestData.Study("known"));
        var answer =
            (await _service.Post("/studies/batch",
                new JsonArray(TestData.Study("new-1"), TestData.Study("known"), TestData.Study("bad", TestData.Effect(n: 3)),
                    TestData.Study("new-2")))).ShouldBe(207);
        Assert.Equal(["0 201 new-1", "1 200 known", "2 422 bad", "3 201 new-2"], Results(answer));
        Assert.Equal((3, 1), (answer.Number("accepted"), answer.Number("rejected")));
        Assert.Equal("#/effects/0/statistic/n", answer.String("results/2/errors/0/pointer"));
        Assert.Empty(answer.At("results/0/errors")!.AsArray());
        (await _service.Get("/studies/new-2")).ShouldBe(200);
        (await _service.Get("/studies/bad")).ShouldBeProblem(404);
    }

    [Fact]
    public async Task Malformed_studies_are_reported_per_study()
    {
        var answer =
            (await _service.Post("/studies/batch",
                new JsonArray(null, TestData.Study("a").With("colour", "red"), TestData.Study("b").Without("kind"), TestData.Study("c")))).ShouldBe(207);
        Assert.Equal([400, 400, 400, 201], answer.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
        Assert.Equal("#/colour", answer.String("results/1/errors/0/pointer"));
        Assert.Equal("#/kind", answer.String("results/2/errors/0/pointer"));
        Assert.Equal("b", answer.String("results/2/id"));
    }

    [Fact]
    public async Task Studies_of_one_batch_can_conflict_with_each_other()
    {
        var answer = await _service.Post("/studies/batch",
            new JsonArray(TestData.Study("a", TestData.Effect().With("sample", "s")), TestData.Study("b", TestData.Effect().With("sample", "s")),
                TestData.Study("a", TestData.Effect(r: 0.7))));
        Assert.Equal(["0 201 a", "1 409 b", "2 409 a"], Results(answer));
    }

    /// <summary>The second one has an effect of its own, which it must not keep from the third when it is rejected.</summary>
    [Fact]
    public async Task A_rejected_study_keeps_no_effect_from_later_ones()
    {
        var answer = await _service.Post("/studies/batch", new JsonArray(Study("a", "x"), Study("b", "y", "x"), Study("c", "y"), Study("a", "z"),
            Study("d", "z"), Study("c", "y"), Study("e", "u")));
        Assert.Equal(["0 201 a", "1 409 b", "2 201 c", "3 409 a", "4 201 d", "5 200 c", "6 201 e"], Results(answer));
        Assert.Contains("a/", answer.String("results/1/errors/0/detail"), StringComparison.Ordinal);
        Assert.Equal(4, await _service.EvidenceRevision());
        (await _service.Post("/studies", Study("b", "y"))).ShouldBeProblem(409);

        static JsonObject Study(string key, params string[] samples) =>
            TestData.Study(key, [.. samples.Select((sample, i) => TestData.Effect(r: 0.1 * (i + 2)).With("sample", sample))]);
    }

    [Fact]
    public async Task A_long_batch_keeps_its_order()
    {
        var keys = Enumerable.Range(0, 600).Select(i => $"s-{i * 7 % 600:000}").ToArray();
        var answer = (await _service.Post("/studies/batch", new JsonArray([.. keys.Select(k => (JsonNode)TestData.Study(k))]))).ShouldBe(201);
        Assert.Equal(keys.Select((k, i) => $"{i} 201 {k}"), Results(answer));
        Assert.Equal(600, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task An_atomic_batch_stores_all()
    {
        var answer = (await _service.Post("/studies/batch?atomic=true", new JsonArray(TestData.Study("a"), TestData.Study("b")))).ShouldBe(201);
        Assert.Equal(["0 201 a", "1 201 b"], Results(answer));
        Assert.Equal(2, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task An_atomic_batch_with_one_invalid_study_stores_nothing_and_marks_the_valid_ones()
    {
        var answer =
            (await _service.Post("/studies/batch?atomic=true",
                new JsonArray(TestData.Study("a"), TestData.Study("bad", TestData.Effect(n: 3)), TestData.Study("b")))).ShouldBe(207);
        Assert.Equal(["0 424 a", "1 422 bad", "2 424 b"], Results(answer));
        Assert.Equal((0, 3), (answer.Number("accepted"), answer.Number("rejected")));
        Assert.Equal(0, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task An_atomic_batch_that_conflicts_with_stored_studies_stores_nothing()
    {
        await _service.SubmitStudy(TestData.Study("known"));
        var answer = await _service.Post("/studies/batch?atomic=true",
            new JsonArray(TestData.Study("a"), TestData.Study("known", TestData.Effect(r: 0.9)), TestData.Study("b")));
        Assert.Equal(["0 424 a", "1 409 known", "2 424 b"], Results(answer));
        Assert.Equal(1, await _service.EvidenceRevision());
        Assert.Single((await _service.Get("/studies")).At("studies")!.AsArray());
    }

    [Theory]
    [InlineData("?validateOnly=true")]
    [InlineData("?validateOnly=true&atomic=true")]
    public async Task Validate_only_reports_every_error_and_stores_nothing(string query)
    {
        await _service.SubmitStudy(TestData.Study("known"));
        var answer =
            (await _service.Post("/studies/batch" + query,
                new JsonArray(TestData.Study("a"), TestData.Study("bad", TestData.Effect(n: 3)), TestData.Study("known", TestData.Effect(r: 0.9)),
                    TestData.Study("a", TestData.Effect(r: 0.8))))).ShouldBe(207);
        Assert.Equal([200, 422, 409, 409], answer.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
        Assert.Equal(1, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task An_atomic_batch_has_at_most_ten_thousand_studies()
    {
        var studies = string.Join(',', Enumerable.Repeat("{}", 10_001));
        (await _service.PostText("/studies/batch?atomic=true", $"[{studies}]")).ShouldBeProblem(413);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("3")]
    [InlineData("null")]
    public async Task A_batch_that_is_not_an_array_is_malformed(string body) => (await _service.PostText("/studies/batch", body)).ShouldBeProblem(400);

    [Fact]
    public async Task An_empty_batch_is_accepted()
    {
        var answer = (await _service.PostText("/studies/batch", "[]")).ShouldBe(200);
        Assert.Equal((0, 0), (answer.Number("accepted"), answer.Number("rejected")));
    }

    [Fact]
    public async Task In_NDJSON_only_the_malformed_line_is_rejected()
    {
        var lines =
            $"\uFEFF{TestData.Study("a").ToJsonString()}\r\n\n{{\"key\": "
                + $"\"broken\"\n{TestData.Study("b").ToJsonString()}\n[]\n{TestData.Study("c").ToJsonString()}";
        var answer = (await _service.PostText("/studies/batch", lines, "application/x-ndjson")).ShouldBe(207);
        Assert.Equal([201, 400, 201, 400, 201], answer.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
        Assert.Contains("line 3", answer.String("results/1/errors/0/detail"), StringComparison.Ordinal);
        Assert.Equal(3, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task Warnings_of_overlap_come_with_each_result()
    {
        var answer = await _service.Post("/studies/batch", new JsonArray(TestData.Study("a"), TestData.Study("b")));
        Assert.Equal("alikeSamples", answer.String("results/1/warnings/0/code"));
    }

    private static IEnumerable<string> Results(ServiceResponse answer) =>
        answer.At("results")!.AsArray().Select(r => $"{r.At("index")} {r.At("status")} {r.At("id")}");
}
