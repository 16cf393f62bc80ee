using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses;

/// <summary>ETags of responses, and fingerprints of the analysed effects.</summary>
public sealed class ETagTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartAsync();
        await _service.SubmitStudy(TestData.Study("a", TestData.Effect(r: 0.2)));
        await _service.SubmitStudy(TestData.Study("b", TestData.Effect(r: 0.4)).With("citation/year", 2010));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("/meta/pool")]
    [InlineData("/meta/moderators?by=year")]
    [InlineData("/meta/references")]
    [InlineData("/meta/options")]
    [InlineData("/meta/convert?type=t&value=3&df=58")]
    public async Task A_matching_If_None_Match_returns_304(string question)
    {
        var first = (await _service.Get(question)).ShouldBe(200);
        Assert.Matches("^\"[^\"]+\"$", first.ETag);
        var second = (await _service.Get(question, ("If-None-Match", first.ETag!))).ShouldBe(304);
        Assert.Empty(second.Bytes);
        Assert.Equal(first.ETag, second.ETag);
        (await _service.Get(question, ("If-None-Match", $"\"other\", W/{first.ETag}"))).ShouldBe(304);
        (await _service.Get(question, ("If-None-Match", "\"other\""))).ShouldBe(200);
    }

    [Fact]
    public async Task The_ETag_changes_only_with_the_evidence_revision()
    {
        var before = (await _service.Get("/meta/pool")).ETag;
        await _service.Post("/studies", TestData.Study("a", TestData.Effect(r: 0.2)));
        await _service.Post("/studies", TestData.Study("a", TestData.Effect(r: 0.3)));
        await _service.Post("/studies?validateOnly=true", TestData.Study("c"));
        await _service.PostText("/meta/pool", """{ "effects": [{ "r": 0.3, "n": 50 }] }""");
        Assert.Equal(before, (await _service.Get("/meta/pool")).ETag);
        await _service.SubmitStudy(TestData.Study("c"));
        var after = await _service.Get("/meta/pool", ("If-None-Match", before!));
        Assert.NotEqual(before, after.ShouldBe(200).ETag);
    }

    [Fact]
    public async Task The_ETag_depends_on_the_query_but_not_on_parameter_order()
    {
        var pool = (await _service.Get("/meta/pool")).ETag;
        Assert.NotEqual(pool, (await _service.Get("/meta/pool?test=z")).ETag);
        Assert.NotEqual(pool, (await _service.Get("/meta/references")).ETag);
        Assert.Equal((await _service.Get("/meta/pool?test=z&estimator=dl")).ETag, (await _service.Get("/meta/pool?estimator=dl&test=z")).ETag);
    }

    [Fact]
    public async Task An_error_response_has_no_ETag() => Assert.Null((await _service.Get("/meta/pool?country=XX")).ShouldBeProblem(422).ETag);

    [Fact]
    public async Task Equal_effects_have_equal_fingerprints_however_selected()
    {
        var all = await Fingerprint("/meta/pool");
        Assert.Matches("^sha256:[0-9a-f]{64}$", all);
        Assert.Equal(all, await Fingerprint("/meta/pool?yearFrom=1900&test=z&estimator=dl"));
        Assert.Equal(all, await Fingerprint("/meta/moderators?by=year"));
        var first = await Fingerprint("/meta/pool?yearFrom=2015");
        Assert.NotEqual(all, first);
        Assert.Equal(first, await Fingerprint("/meta/pool?exclude=b"));
        await _service.SubmitStudy(TestData.Study("c"));
        Assert.Equal(all, await Fingerprint("/meta/pool?exclude=c"));
        await _service.Put("/studies/a", TestData.Study("a", TestData.Effect(r: 0.21)), ("If-Match", "*"));
        Assert.NotEqual(all, await Fingerprint("/meta/pool?exclude=c"));
    }

    [Fact]
    public async Task The_fingerprint_does_not_depend_on_submission_order()
    {
        await using var other = await Service.StartAsync();
        await other.SubmitStudy(TestData.Study("b", TestData.Effect(r: 0.4)).With("citation/year", 2010));
        await other.SubmitStudy(TestData.Study("a", TestData.Effect(r: 0.2)));
        Assert.Equal(await Fingerprint("/meta/pool"), (await other.Get("/meta/pool")).String("data/fingerprint"));
    }

    [Theory]
    [InlineData("""{ "id": "x", "r": 0.2, "n": 50 }""", """{ "id": "y", "r": 0.4, "n": 60, "sample": "s" }""",
        """{ "id": "z", "r": 0.5, "n": 70, "sample": "s" }""")]
    [InlineData("""{ "r": 0.2, "n": 50 }""", """{ "r": 0.4, "n": 60, "sample": "s" }""", """{ "r": 0.5, "n": 70, "sample": "s" }""")]
    [InlineData("""{ "yi": 0.2, "vi": 0.01 }""", """{ "yi": 0.2, "vi": 0.01 }""", """{ "yi": 0.5, "vi": 0.02 }""")]
    public async Task Fingerprint_and_result_do_not_depend_on_the_order_of_inline_effects(string a, string b, string c)
    {
        var answers = new List<ServiceResponse>();
        foreach (var order in new[] { (a, b, c), (a, c, b), (b, a, c), (b, c, a), (c, a, b), (c, b, a) })
        {
            answers.Add((await _service.PostText("/meta/pool", $$"""{ "effects": [{{order.Item1}}, {{order.Item2}}, {{order.Item3}}] }""")).ShouldBe(200));
        }

        Assert.Single(answers.Select(x => x.String("data/fingerprint")).Distinct());
        foreach (var number in new[] { "pooled/effect", "pooled/lower", "heterogeneity/tau2", "heterogeneity/q" })
        {
            Assert.All(answers, x => Assert.Equal(answers[0].Number(number), x.Number(number), 1e-12));
        }
    }

    [Theory]
    [InlineData("""{ "id": "x", "r": 0.2, "n": 51 }""")]
    [InlineData("""{ "id": "x", "r": 0.21, "n": 50 }""")]
    [InlineData("""{ "id": "x", "r": 0.2, "n": 50, "sample": "s" }""")]
    [InlineData("""{ "id": "w", "r": 0.2, "n": 50 }""")]
    public async Task Different_effects_have_different_fingerprints(string effect)
    {
        async Task<string> Of(string e) =>
            (await _service.PostText("/meta/pool", $$"""{ "effects": [{{e}}, { "id": "y", "r": 0.4, "n": 60, "sample": "s" }] }""")).String("data/fingerprint");
        Assert.NotEqual(await Of("""{ "id": "x", "r": 0.2, "n": 50 }"""), await Of(effect));
    }

    private async Task<string> Fingerprint(string question) => (await _service.Get(question)).ShouldBe(200).String("data/fingerprint");
}
