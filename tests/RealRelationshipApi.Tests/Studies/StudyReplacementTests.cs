using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

public sealed class StudyReplacementTests : IAsyncLifetime
{
    private Service _service = null!;
    private string _eTag = "";

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartAsync();
        _eTag = (await _service.SubmitStudy(TestData.Study())).ETag!;
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Replacing_requires_If_Match()
    {
        (await _service.Put("/studies/lee-2020", TestData.Study("lee-2020", TestData.Effect(r: 0.4)))).ShouldBeProblem(428);
        Assert.Equal(1, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task Replacing_creates_a_new_version_with_another_ETag()
    {
        var put = (await _service.Put("/studies/lee-2020", TestData.Study("lee-2020", TestData.Effect(r: 0.4)), ("If-Match", _eTag))).ShouldBe(200);
        Assert.NotEqual(_eTag, put.ETag);
        Assert.Equal(2, put.Number("version"));
        Assert.Equal(0.4, (await _service.Get("/studies/lee-2020")).Number("effects/0/stored/r"), 1e-15);
        Assert.Equal(2, await _service.EvidenceRevision());
    }

    [Theory]
    [InlineData("\"1-0000000000000000\"")]
    [InlineData("nonsense")]
    public async Task Replacing_with_a_stale_ETag_is_refused(string tag)
    {
        (await _service.Put("/studies/lee-2020", TestData.Study("lee-2020", TestData.Effect(r: 0.4)), ("If-Match", tag))).ShouldBeProblem(412);
        Assert.Equal(1, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task A_weak_ETag_does_not_match() =>
        (await _service.Delete("/studies/lee-2020", ("If-Match", "W/" + _eTag))).ShouldBeProblem(412);

    [Fact]
    public async Task One_matching_ETag_of_several_is_sufficient() =>
        (await _service.Delete("/studies/lee-2020", ("If-Match", $"\"other\", {_eTag}"))).ShouldBe(204);

    [Fact]
    public async Task The_keys_of_path_and_body_must_match() =>
        (await _service.Put("/studies/lee-2020", TestData.Study("other-2020"), ("If-Match", "*"))).ShouldBeProblem(422, "#/key", "keyMismatch");

    [Fact]
    public async Task An_unknown_study_cannot_be_replaced_or_retracted()
    {
        (await _service.Put("/studies/other-2020", TestData.Study("other-2020"), ("If-Match", "*"))).ShouldBeProblem(404);
        (await _service.Delete("/studies/other-2020", ("If-Match", "*"))).ShouldBeProblem(404);
        (await _service.Get("/studies/other-2020/versions")).ShouldBeProblem(404);
    }

    [Fact]
    public async Task Retracting_removes_the_study_from_the_pool_but_keeps_its_history()
    {
        await _service.SubmitStudy(TestData.Study("kim-2021", TestData.Effect(r: 0.5)));
        (await _service.Delete("/studies/lee-2020")).ShouldBeProblem(428);
        (await _service.Delete("/studies/lee-2020", ("If-Match", "\"x\""))).ShouldBeProblem(412);
        (await _service.Delete("/studies/lee-2020", ("If-Match", _eTag))).ShouldBe(204);
        (await _service.Get("/studies/lee-2020")).ShouldBeProblem(410);
        var versions = (await _service.Get("/studies/lee-2020/versions")).ShouldBe(200).At("versions")!.AsArray();
        Assert.Equal(["accepted", "retracted"], versions.Select(v => v.At("status")!.GetValue<string>()));
        var pool = await _service.Get("/meta/pool");
        Assert.Equal((2, 1), (pool.Number("given"), pool.Number("used")));
        Assert.Equal("""[{"reason":"retracted","count":1}]""", pool.At("excluded")!.ToJsonString());
    }

    [Fact]
    public async Task A_retracted_study_is_gone_from_every_list()
    {
        await _service.Delete("/studies/lee-2020", ("If-Match", _eTag));
        Assert.Empty((await _service.Get("/studies")).At("studies")!.AsArray());
        Assert.Empty((await _service.Get("/effects")).At("effects")!.AsArray());
        Assert.DoesNotContain("lee-2020", (await _service.Get("/effects.csv")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retracted_study_is_restored_only_by_PUT_with_its_ETag()
    {
        (await _service.Delete("/studies/lee-2020", ("If-Match", _eTag))).ShouldBe(204);
        (await _service.Post("/studies", TestData.Study())).ShouldBeProblem(409);
        (await _service.Put("/studies/lee-2020", TestData.Study(), ("If-Match", _eTag))).ShouldBeProblem(412);
        var gone = (await _service.Get("/studies/lee-2020")).ShouldBeProblem(410);
        (await _service.Put("/studies/lee-2020", TestData.Study(), ("If-Match", gone.ETag!))).ShouldBe(200);
        (await _service.Get("/studies/lee-2020")).ShouldBe(200);
        Assert.Equal(1, (await _service.Get("/meta/pool")).Number("used"));
    }

    [Fact]
    public async Task Retracting_twice_returns_410()
    {
        await _service.Delete("/studies/lee-2020", ("If-Match", "*"));
        (await _service.Delete("/studies/lee-2020", ("If-Match", "*"))).ShouldBeProblem(410);
        Assert.Equal(2, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task Every_version_stays_readable_as_it_was()
    {
        await _service.Put("/studies/lee-2020", TestData.Study("lee-2020", TestData.Effect(r: 0.4), TestData.Effect(r: 0.2)), ("If-Match", "*"));
        await _service.Put("/studies/lee-2020", TestData.Study("lee-2020", TestData.Effect(r: 0.5)), ("If-Match", "*"));
        var versions = (await _service.Get("/studies/lee-2020/versions")).At("versions")!.AsArray();
        Assert.Equal([1, 2, 3], versions.Select(v => v.At("version")!.GetValue<int>()));
        Assert.Equal([1, 2, 1], versions.Select(v => v.At("effects")!.AsArray().Count));
        Assert.Equal([0.3, 0.4, 0.5], versions.Select(v => v.At("effects/0/stored/r")!.GetValue<double>()), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public async Task A_matching_If_None_Match_returns_304()
    {
        var answer = (await _service.Get("/studies/lee-2020", ("If-None-Match", _eTag))).ShouldBe(304);
        Assert.Empty(answer.Bytes);
        Assert.Equal(_eTag, answer.ETag);
    }

    [Fact]
    public async Task Replacing_by_an_effect_of_another_study_is_a_duplicate_and_changes_nothing()
    {
        await _service.SubmitStudy(TestData.Study("kim-2021"));
        var stolen = TestData.Study("lee-2020", TestData.Effect().With("sample", "kim-2021"));
        (await _service.Put("/studies/lee-2020", stolen, ("If-Match", _eTag))).ShouldBeProblem(409, "#/effects/0", "duplicateEffect");
        Assert.Equal(_eTag, (await _service.Get("/studies/lee-2020")).ETag);
        Assert.Equal(2, await _service.EvidenceRevision());
    }
}
