using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Diagnostics;

/// <summary><c>/meta/diagnostics</c>, against <c>frontier/diagnostics</c>.</summary>
public sealed class DiagnosticsTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private static readonly JsonArray s_cases = MetaforReference.Read("frontier/diagnostics").At("cases")!.AsArray();

    private readonly Service _service = empty.Service;

    [Fact]
    public async Task Numbers_agree_with_the_reference()
    {
        const string name = "aloe2013 k=5";
        var answer = (await PostAsync(Effects(Case($"{name}: gosh REML")))).ShouldBe(200);
        for (var i = 0; i < 5; i++)
        {
            AssertNear(Case($"{name}: baujat REML"), $"x/{i}", answer.Number($"baujat/{i}/heterogeneity"));
            AssertNear(Case($"{name}: baujat REML"), $"y/{i}", answer.Number($"baujat/{i}/influence"));
            AssertNear(Case($"{name}: radial REML"), $"z/{i}", answer.Number($"radial/points/{i}/standardised"));
        }

        foreach (var member in new[] { "tau2", "lower", "upper", "logLik" })
        {
            AssertNear(Case($"{name}: profile REML"), member, answer.Number($"profile/{(member == "logLik" ? "logLikelihood" : member)}"));
        }

        for (var i = 0; i < 7; i++)
        {
            AssertNear(Case($"{name}: gosh REML"), $"muAtLeastTwo/{i}", answer.Number($"gosh/quantiles/{i}/effect"));
            AssertNear(Case($"{name}: gosh REML"), $"i2AtLeastTwo/{i}", answer.Number($"gosh/quantiles/{i}/i2"));
        }

        Assert.Equal((31, true), (answer.Number("gosh/subsets"), answer.At("gosh/exhaustive")!.GetValue<bool>()));
        Assert.Equal("effects", answer.String("basis"));
    }

    [Fact]
    public async Task More_than_20_effects_are_sampled_by_a_seed()
    {
        JsonObject Body(int seed) => new()
        {
            ["effects"] = new JsonArray([.. Enumerable.Range(0, 30).Select(i => new JsonObject { ["r"] = 0.3 + (0.2 * Math.Sin(i)), ["n"] = 40 + i })]),
            ["subsets"] = 200, ["seed"] = seed,
        };
        var (first, again, other) = (await PostAsync(Body(1)), await PostAsync(Body(1)), await PostAsync(Body(2)));
        Assert.Equal(first.ShouldBe(200).Bytes, again.Bytes);
        Assert.NotEqual(first.Number("gosh/meanEffect"), other.Number("gosh/meanEffect"));
        Assert.Equal((200, 30), (first.Number("gosh/subsets"), first.At("gosh/members")!.AsArray().Count));
        Assert.False(first.At("gosh/exhaustive")!.GetValue<bool>());
    }

    [Fact]
    public async Task Dependent_effects_are_composites_of_samples()
    {
        var answer = (await PostAsync(MetaforReference.NestedRequestBody(MetaforReference.Read("konstantopoulos2011")))).ShouldBe(200);
        Assert.Equal(("aggregated", 11), (answer.String("basis"), answer.At("baujat")!.AsArray().Count));
        Assert.Contains("aggregated", answer.Warnings);
    }

    [Fact]
    public async Task One_and_two_effects_are_answers()
    {
        var one = (await PostAsync(new() { ["effects"] = new JsonArray(new JsonObject { ["r"] = 0.3, ["n"] = 50 }) })).ShouldBe(200);
        Assert.Equal((null, null), (one.At("profile"), one.At("gosh")));
        Assert.Contains("oneEffect", one.Warnings);
        var two = (await PostAsync(new()
        {
            ["effects"] = new JsonArray(new JsonObject { ["r"] = 0.3, ["n"] = 50 }, new JsonObject { ["r"] = 0.4, ["n"] = 60 }),
        })).ShouldBe(200);
        Assert.Equal(3, two.Number("gosh/subsets"));
    }

    [Theory]
    [InlineData("subsets", 0)]
    [InlineData("subsets", 100_001)]
    [InlineData("seed", -1)]
    public async Task Options_outside_their_range_are_422(string member, int value)
    {
        var body = Effects(Case("aloe2013 k=5: gosh REML"));
        body[member] = value;
        (await PostAsync(body)).ShouldBeProblem(422, $"#/{member}", "outOfRange");
    }

    private static JsonNode Case(string name) => s_cases.Single(c => c.At("name")!.GetValue<string>() == name)!;

    private static JsonObject Effects(JsonNode data) => new()
    {
        ["effects"] = new JsonArray([.. data.At("effects")!.AsArray().Select(e => new JsonObject
        {
            ["yi"] = e.At("yi")!.DeepClone(), ["vi"] = e.At("vi")!.DeepClone(),
        })]),
    };

    private static void AssertNear(JsonNode data, string path, double ours)
    {
        var expected = data.At($"expected/{path}")!.GetValue<double>();
        Assert.True(Math.Abs(ours - expected) <= 1e-8 * Math.Max(1e-3, Math.Abs(expected)), $"{path}: {ours}, reference {expected}");
    }

    private Task<ServiceResponse> PostAsync(JsonObject body) => _service.Post("/meta/diagnostics", body);
}
