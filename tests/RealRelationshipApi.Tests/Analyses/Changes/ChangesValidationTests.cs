using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Changes;

/// <summary>One study whose effect changes once: revisions 1 and 2.</summary>
public sealed class ReplacedStudy : SharedService
{
    protected override async Task SeedAsync()
    {
        await Service.SubmitStudy(TestData.Study("a", TestData.Effect(r: 0.2)));
        (await Service.Put("/studies/a", TestData.Study("a", TestData.Effect(r: 0.3)), ("If-Match", "*"))).ShouldBe(200);
    }
}

/// <summary>Questions of change that cannot be followed.</summary>
public sealed class ChangesValidationTests(ReplacedStudy study) : IClassFixture<ReplacedStudy>
{
    private readonly Service _service = study.Service;

    [Theory]
    [InlineData("", 400, "?from required")]
    [InlineData("to=2", 400, "?from required")]
    [InlineData("from=", 400, "?from notAValue")]
    [InlineData("from=yesterday&to=-1", 400, "?from notAValue", "?to notAValue")]
    [InlineData("from=1.5", 400, "?from notAValue")]
    [InlineData("from=2026-01-01", 400, "?from notAValue")]
    [InlineData("from=0001-01-01T00:00:00Z", 400, "?from notAValue")]
    [InlineData("from=1&from=2", 400, "?from repeated")]
    [InlineData("from=1&asOf=2", 400, "?asOf unknownParameter")]
    [InlineData("from=1&by=year", 400, "?by unknownParameter")]
    [InlineData("from=1&confidence=2", 422, "?confidence outOfRange")]
    [InlineData("from=1&yearFrom=2020&yearTo=2010", 422, "?yearTo tooSmall")]
    [InlineData("from=1&robust=cr2", 422, "?robust notForIndependent")]
    [InlineData("from=3", 422, "?from future")]
    [InlineData("from=1&to=3", 422, "?to future")]
    [InlineData("from=3&to=2999-01-01T00:00:00Z", 422, "?from future", "?to future")]
    [InlineData("from=2&to=1", 422, "?from afterTo")]
    [InlineData("from=1&to=2000-01-01T00:00:00Z", 422, "?from afterTo")]
    [InlineData("from=1999-01-01T00:00:00Z&to=1998-01-01T00:00:00Z", 422, "?from afterTo")]
    public async Task An_invalid_range_is_refused(string query, int status, params string[] errors)
    {
        var answer = (await _service.Get($"/meta/changes?{query}")).ShouldBeProblem(status);
        Assert.Equal(errors, answer.Errors);
        Assert.Null(answer.ETag);
    }

    [Theory]
    [InlineData("{}", 400, "#/from required")]
    [InlineData("""{ "from": null }""", 400, "#/from null")]
    [InlineData("""{ "from": true }""", 400, "#/from notAValue")]
    [InlineData("""{ "from": 1, "to": "soon" }""", 400, "#/to notAValue")]
    [InlineData("""{ "from": "0001-01-01T00:00:00Z" }""", 400, "#/from notAValue")]
    [InlineData("""{ "from": 1, "effects": [{ "r": 0.3, "n": 50 }] }""", 400, "#/effects notAValue")]
    [InlineData("""{ "from": 1, "filter": { "asOf": 2 } }""", 400, "#/filter/asOf notAValue")]
    [InlineData("""{ "from": 1, "by": ["year"] }""", 400, "#/by unknownMember")]
    [InlineData("""{ "from": 1, "model": { "rho": 1 } }""", 422, "#/model/rho tooLarge")]
    [InlineData("""{ "from": 1, "model": { "robust": "cr2" } }""", 422, "#/model/robust notForIndependent")]
    [InlineData("""{ "from": 3, "to": 4 }""", 422, "#/from future", "#/to future")]
    [InlineData("""{ "from": 2, "to": 1 }""", 422, "#/from afterTo")]
    public async Task An_invalid_body_is_refused(string body, int status, params string[] errors) =>
        Assert.Equal(errors, (await _service.PostText("/meta/changes", body)).ShouldBeProblem(status).Errors);

    [Fact]
    public async Task Inline_effects_are_refused_with_the_reason() => Assert.Contains("have no history",
        (await _service.PostText("/meta/changes", """{ "from": 1, "effects": [{ "r": 0.3, "n": 50 }] }""")).ShouldBeProblem(400).String("detail"),
        StringComparison.Ordinal);

    [Fact]
    public async Task Too_many_changes_are_refused_until_the_range_is_narrowed()
    {
        await using var service = await Service.StartAsync();
        await service.SubmitStudy(TestData.Study("first"));
        var many = new JsonArray([.. Enumerable.Range(0, 21).Select(i =>
            TestData.Study($"s{i}", [.. Enumerable.Range(0, i == 0 ? 1 : 100).Select(j => TestData.Effect(r: 0.3 + 0.001 * (j % 7), n: 50 + j))]))]);
        (await service.Post("/studies/batch", many)).ShouldBe(201);
        (await service.Get("/meta/changes?from=1")).ShouldBeProblem(422, "?from", "tooManyChanges");
        (await service.PostText("/meta/changes", """{ "from": 1 }""")).ShouldBeProblem(422, "#/from", "tooManyChanges");
        var answer = (await service.Get("/meta/changes?from=1&exclude=s0")).ShouldBe(200);
        Assert.Equal(20, answer.At("changes")!.AsArray().Count);
        Assert.Equal(2_000, answer.At("changes")!.AsArray().Sum(row => row.At("effects")!.AsArray().Count));
        Assert.Equal(answer.Number("moved/effect"), answer.At("changes")!.AsArray().Sum(row => row.At("shift")!.GetValue<double>()), 1e-12);
        Assert.Equal(20, (await service.Get("/meta/changes?from=2")).ShouldBe(200).At("changes")!.AsArray().Count);
    }
}
