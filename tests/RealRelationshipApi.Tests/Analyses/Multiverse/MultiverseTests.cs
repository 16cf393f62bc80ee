using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Multiverse;

/// <summary><c>/meta/multiverse</c>: each specification is the pool of its choices.</summary>
public sealed class MultiverseTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private readonly Service _service = empty.Service;

    [Fact]
    public async Task Each_specification_is_the_pool_of_its_choices()
    {
        var body = Body(16);
        (body["estimators"], body["by"]) = (new JsonArray("reml", "dl", "common"), new JsonArray("form", "rater"));
        var answer = (await PostAsync(body)).ShouldBe(200);
        var specifications = answer.At("specifications")!.AsArray();
        Assert.Equal(3 * 3 * 3, specifications.Count + answer.At("leftOut")!.AsArray().Sum(reason => (int)Number(reason!, "count")));
        Assert.Equal(specifications.Select(s => Number(s!, "effect")).Order(), specifications.Select(s => Number(s!, "effect")));
        foreach (var s in specifications)
        {
            var pool = await _service.Post("/meta/pool", new JsonObject
            {
                ["effects"] = new JsonArray([.. body["effects"]!.AsArray()
                    .Where(e => Has(e!, "form", s.At("selection/0")) && Has(e!, "rater", s.At("selection/1"))).Select(e => e!.DeepClone())]),
                ["model"] = new JsonObject { ["estimator"] = s.At("estimator")!.DeepClone(), ["dependence"] = s.At("dependence")!.DeepClone() },
            });
            Assert.Equal(pool.ShouldBe(200).Number("pooled/effect"), Number(s!, "effect"), 1e-12);
            Assert.Equal(pool.Number("pooled/lower"), Number(s!, "lower"), 1e-12);
            Assert.Equal(pool.Number("counts/effects"), Number(s!, "effects"));
        }
    }

    [Fact]
    public async Task The_curve_summarises_the_specifications()
    {
        var answer = (await PostAsync(Body(16))).ShouldBe(200);
        double[] effects = [.. answer.At("specifications")!.AsArray().Select(s => Number(s!, "effect"))];
        Assert.Equal(5, effects.Length);
        Assert.Equal((effects[0], effects[2], effects[4]), (answer.Number("curve/minimum"), answer.Number("curve/median"), answer.Number("curve/maximum")));
        Assert.InRange(answer.Number("curve/test/p"), 0.001, 0.05);
        Assert.Equal(999, answer.Number("curve/test/permutations"));
        Assert.Equal(5, answer.At("choices")!.AsArray().Count(choice => choice.At("dimension")!.GetValue<string>() == "estimator"));
        Assert.Equal(answer.Bytes, (await PostAsync(Body(16))).Bytes);
    }

    [Fact]
    public async Task Dependent_effects_have_treatments_and_rho()
    {
        var body = MetaforReference.NestedRequestBody(MetaforReference.Read("konstantopoulos2011"));
        (body["rhos"], body["estimators"]) = (new JsonArray(0, 0.6), new JsonArray("reml", "dl"));
        var answer = (await PostAsync(body)).ShouldBe(200);
        // correlatedHierarchical and aggregate at two rho, threeLevel at none; dl for aggregate alone.
        Assert.Equal(["aggregate reml 0", "aggregate reml 0.6", "aggregate dl 0", "aggregate dl 0.6", "correlatedHierarchical reml 0",
            "correlatedHierarchical reml 0.6", "threeLevel reml "],
            answer.At("specifications")!.AsArray().Select(s => $"{s.At("dependence")} {s.At("estimator")} {s.At("rho")}")
                .OrderBy(s => s.Split(' ')[0]).ThenByDescending(s => s.Split(' ')[1]).ThenBy(s => s.Split(' ')[2]));
        Assert.Equal("notAvailable", answer.At("leftOut/0/reason")!.GetValue<string>());
        Assert.True(answer.At("curve/test/exact")!.GetValue<bool>()); // 11 samples
    }

    [Theory]
    [InlineData("""{ "by": ["age"] }""", "#/by/0", "notCategorical")]
    [InlineData("""{ "by": ["shape"] }""", "#/by/0", "unknownModerator")]
    [InlineData("""{ "permutations": 0 }""", "#/permutations", "outOfRange")]
    [InlineData("""{ "rhos": [1] }""", "#/rhos/0", "outOfRange")]
    [InlineData("""{ "by": ["id", "form", "rater"] }""", "#/by", "tooManySpecifications")]
    public async Task Choices_that_cannot_be_made_are_422(string choices, string pointer, string code)
    {
        var body = JsonNode.Parse(choices)!.AsObject();
        body["effects"] = Body(90)["effects"]!.DeepClone();
        (await PostAsync(body)).ShouldBeProblem(422, pointer, code);
    }

    private static JsonObject Body(int count) => new()
    {
        ["effects"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => new JsonObject
        {
            ["r"] = 0.3 + (0.25 * Math.Sin(i)), ["n"] = 40 + (7 * i),
            ["moderators"] = new JsonObject
            {
                ["form"] = i % 2 == 0 ? "long" : "short", ["rater"] = i % 3 == 0 ? "client" : "therapist", ["age"] = 20 + i, ["id"] = $"e{i}",
            },
        })]),
    };

    private static bool Has(JsonNode effect, string moderator, JsonNode? level) =>
        level is null || effect.At($"moderators/{moderator}")!.GetValue<string>() == level.GetValue<string>();

    private static double Number(JsonNode node, string member) => node.At(member)!.GetValue<double>();

    private Task<ServiceResponse> PostAsync(JsonObject body) => _service.Post("/meta/multiverse", body);
}
