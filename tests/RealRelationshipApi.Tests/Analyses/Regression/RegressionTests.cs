using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Regression;

/// <summary><c>/meta/regression</c>: terms over the store and over a body, and the tests by chance from a seed.</summary>
public sealed class RegressionTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Fact]
    public async Task Terms_from_the_store_are_named_by_level()
    {
        var answer = (await _service.Get("/meta/regression?terms=outcomeType&terms=year")).ShouldBe(200);
        Assert.Equal(["intercept", "outcomeType:treatmentOutcome", "outcomeType:treatmentProgress", "year"],
            answer.At("coefficients")!.AsArray().Select(c => c.At("name")!.GetValue<string>()));
        Assert.Equal((3, 12), (answer.Number("test/df1"), answer.Number("test/df2")));
    }

    [Fact]
    public async Task Every_unusable_term_is_reported()
    {
        var answer = (await _service.Get("/meta/regression?terms=colour&terms=year&terms=moderators.x")).ShouldBeProblem(422);
        Assert.Equal(2, answer.Errors.Count(f => f == "?terms unknownModerator"));
        (await _service.Get("/meta/regression")).ShouldBeProblem(400, "?terms", "required");
    }

    [Fact]
    public async Task Effects_without_a_term_are_counted_as_excluded()
    {
        var answer = (await _service.Post("/meta/regression", Body("""
            { "r": 0.1, "n": 50, "moderators": { "x": 1 } }, { "r": 0.2, "n": 60, "moderators": { "x": 2 } }, { "r": 0.4, "n": 70, "moderators": { "x": 4 } },
            { "r": 0.3, "n": 70 }, { "r": 0.35, "n": 80, "moderators": { "x": 3 } }
            """))).ShouldBe(200);
        Assert.Equal((5, 4), (answer.Number("given"), answer.Number("used")));
        Assert.Equal("moderatorMissing", answer.String("excluded/0/reason"));
    }

    [Fact]
    public async Task A_collinear_term_is_reported()
    {
        var answer = await _service.Post("/meta/regression", Body("""
            { "r": 0.1, "n": 50, "moderators": { "x": 1, "y": 2 } }, { "r": 0.2, "n": 60, "moderators": { "x": 2, "y": 4 } },
            { "r": 0.4, "n": 70, "moderators": { "x": 4, "y": 8 } }, { "r": 0.3, "n": 70, "moderators": { "x": 3, "y": 6 } }
            """).With("terms", new JsonArray("x", "y")));
        answer.ShouldBeProblem(422, "#", "rankDeficient");
        Assert.Contains("y", answer.String("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Permutation_tests_are_reproducible_by_seed()
    {
        const string Question = "/meta/regression?terms=year&permutations=500&seed=";
        var (first, again) = (await _service.Get(Question + "7"), await _service.Get(Question + "7"));
        var others = new HashSet<double>();
        foreach (var seed in new[] { "8", "9", "10", "11" })
        {
            others.Add((await _service.Get(Question + seed)).Number("permutationTest/p"));
        }

        Assert.Equal(500, first.ShouldBe(200).Number("permutationTest/permutations"));
        Assert.Equal(first.Bytes, again.Bytes);
        Assert.True(others.Count > 1, "the seed changes nothing");
        Assert.InRange(first.Number("permutationTest/p"), first.Number("test/p") - 0.1, first.Number("test/p") + 0.1);
    }

    [Fact]
    public async Task The_wild_bootstrap_requires_nested_effects_and_is_reproducible_by_seed()
    {
        var nested = MetaforReference.NestedRequestBody(MetaforReference.Read("konstantopoulos2011"), "year")
            .With("model", new JsonObject { ["measure"] = "raw" });
        var answer = (await _service.Post("/meta/regression", nested.With("bootstrap", 99).With("seed", 3))).ShouldBe(200);
        Assert.Equal(99, answer.Number("wildBootstrap/replicates"));
        Assert.Equal(answer.Bytes, (await _service.Post("/meta/regression", nested.With("bootstrap", 99).With("seed", 3))).Bytes);
        (await _service.Post("/meta/regression", nested.With("permutations", 99))).ShouldBeProblem(422, "#/permutations", "notForNested");
        (await _service.Get("/meta/regression?terms=year&bootstrap=99")).ShouldBeProblem(422, "?bootstrap", "notForIndependent");
    }

    private static JsonObject Body(string effects) => JsonNode.Parse($$"""{ "terms": ["x"], "effects": [ {{effects}} ] }""")!.AsObject();
}
