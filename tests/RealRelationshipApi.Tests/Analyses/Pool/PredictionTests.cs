using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Pool;

/// <summary>Where new effects are expected: by the confidence distribution unless asked otherwise, and as release 0.1 had it with
/// <c>defaults=0.1</c>.</summary>
public sealed class PredictionTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private const string Six = """
        { "yi": 0.1, "vi": 0.012, "sample": "a" }, { "yi": 0.52, "vi": 0.02, "sample": "b" }, { "yi": 0.28, "vi": 0.01, "sample": "c" },
        { "yi": 0.41, "vi": 0.03, "sample": "d" }, { "yi": 0.05, "vi": 0.015, "sample": "e" }, { "yi": 0.33, "vi": 0.011, "sample": "f" }
        """;

    private readonly Service _service = empty.Service;

    [Fact]
    public async Task Independent_effects_predict_by_the_confidence_distribution_whatever_estimator_and_test()
    {
        var usual = await PoolAsync("{}");
        Assert.Equal("confidenceDistribution", usual.String("model/definitions/prediction"));
        Assert.Equal("newEffect", usual.String("model/definitions/predicts"));
        var other = await PoolAsync("""{ "estimator": "sj", "test": "z", "prediction": "confidenceDistribution" }""");
        Assert.Equal(usual.Number("pooled/predictionLower"), other.Number("pooled/predictionLower"), 1e-12);
        Assert.NotEqual(usual.Number("pooled/lower"), other.Number("pooled/lower"));
        var test = await PoolAsync("""{ "prediction": "test" }""");
        Assert.Equal("tKMinusP", test.String("model/definitions/prediction"));
        Assert.NotEqual(usual.Number("pooled/predictionLower"), test.Number("pooled/predictionLower"), 1e-3);
    }

    [Fact]
    public async Task Aggregated_effects_predict_the_composite_of_a_new_sample()
    {
        var answer = await PoolAsync("""{ "dependence": "aggregate" }""", Six + """, { "yi": 0.2, "vi": 0.02, "sample": "a" }""");
        Assert.Equal(("confidenceDistribution", "newSampleComposite"),
            (answer.String("model/definitions/prediction"), answer.String("model/definitions/predicts")));
        Assert.Contains("the composite of a new sample", answer.At("warnings")!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nested_effects_predict_by_the_test_and_refuse_the_confidence_distribution()
    {
        const string nested = Six + """, { "yi": 0.2, "vi": 0.02, "sample": "a" }""";
        var answer = await PoolAsync("{}", nested);
        Assert.Equal("tSatterthwaite", answer.String("model/definitions/prediction"));
        Assert.Contains("intervalNotAvailable", answer.Warnings);
        Assert.Null(answer.At("heterogeneity/probabilityAbove/lower"));
        (await _service.Post("/meta/pool", Body("""{ "prediction": "confidenceDistribution" }""", nested))).ShouldBeProblem(422, "#/model/prediction",
            "notForNested");
    }

    [Fact]
    public async Task Defaults_of_0_1_predict_by_the_test_and_what_is_asked_for_by_name_stays()
    {
        var test = await PoolAsync("""{ "prediction": "test" }""");
        var defaults = (await _service.Post("/meta/pool", Body("{}").With("defaults", "0.1"))).ShouldBe(200);
        Assert.Equal(test.At("pooled")!.ToJsonString(), defaults.At("pooled")!.ToJsonString());
        var asked = (await _service.Post("/meta/pool", Body("""{ "prediction": "riley" }""").With("defaults", "0.1"))).ShouldBe(200);
        Assert.Equal("tKMinusPMinus1", asked.String("model/definitions/prediction"));
        (await _service.Post("/meta/pool", Body("{}").With("defaults", "0.0"))).ShouldBeProblem(400, "#/defaults", "notAValue");
        (await _service.Get("/meta/pool?defaults=0.3")).ShouldBeProblem(400, "?defaults", "notAValue");
        Assert.Contains("0.1", (await _service.Get("/meta/options")).ShouldBe(200).At("all/0/values")!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_share_of_effects_above_a_threshold_has_limits_and_counts_the_uncertainty_of_the_mean()
    {
        // Without heterogeneity the share was 1 for certain, over an interval from −.41 to .78.
        var answer = await PoolAsync("{}", """{ "r": 0.3, "n": 10 }, { "r": 0.301, "n": 10 }, { "r": 0.299, "n": 10 }""");
        Assert.Equal(0, answer.Number("heterogeneity/tau2"));
        Assert.True(answer.Number("heterogeneity/probabilityAbove/p") < 0.95, answer.Text);
        Assert.True(answer.Number("heterogeneity/probabilityAbove/lower") < 0.05);
        var test = await PoolAsync("""{ "prediction": "test" }""", """{ "r": 0.3, "n": 10 }, { "r": 0.301, "n": 10 }, { "r": 0.299, "n": 10 }""");
        Assert.True(test.Number("heterogeneity/probabilityAbove/p") < 0.95);
        Assert.Null(test.At("heterogeneity/probabilityAbove/upper"));
        Assert.Contains("intervalNotAvailable", test.Warnings);
    }

    private async Task<ServiceResponse> PoolAsync(string model, string effects = Six) =>
        (await _service.Post("/meta/pool", Body(model, effects))).ShouldBe(200);

    private static JsonObject Body(string model, string effects = Six) =>
        new() { ["effects"] = JsonNode.Parse($"[{effects}]"), ["model"] = JsonNode.Parse(model) };
}
