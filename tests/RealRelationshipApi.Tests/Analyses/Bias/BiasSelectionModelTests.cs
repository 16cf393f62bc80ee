using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Bias;

/// <summary>Selection models, UWLS, WAAP and p-uniform* of <c>/meta/bias</c>, against <c>frontier/selectionPlus</c>.</summary>
public sealed class BiasSelectionModelTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private static readonly JsonArray s_cases = MetaforReference.Read("frontier/selectionPlus").At("cases")!.AsArray();

    private readonly Service _service = empty.Service;

    [Fact]
    public async Task Weight_functions_agree_with_the_reference()
    {
        foreach (var (type, function) in new[] { ("halfnorm", "halfNormal"), ("power", "power"), ("beta", "beta") })
        {
            var data = Case($"molloy2014 k=16: {type}");
            var answer = await PostAsync(data, new() { ["selectionModels"] = new JsonArray(function) });
            var model = answer.At("selectionModels/0")!;
            Assert.Equal((function, "greater", true), (Text(model, "function"), Text(model, "direction"), model.At("converged")!.GetValue<bool>()));
            AssertNear(data, "mu", Number(model, "effect"));
            AssertNear(data, "tau2", Number(model, "tau2"));
            AssertNear(data, "ciLower", Number(model, "lower"), 1e-5);
            AssertNear(data, "lrtP", Number(model, "p"));
            AssertNear(data, "logLik", Number(model, "logLikelihood"));
        }

        var atBound = (await PostAsync(Case("molloy2014 k=16: negexp"), new() { ["selectionModels"] = new JsonArray("negativeExponential") }));
        Assert.True(atBound.At("selectionModels/0/atBound")!.GetValue<bool>());
        Assert.Null(atBound.At("selectionModels/0/standardError"));
        Assert.Contains("atBoundary", atBound.Warnings);
    }

    [Fact]
    public async Task Assumed_weights_agree_with_the_reference()
    {
        var data = Case("molloy2014 k=16: stepfun 0.025,0.05,0.5 delta fixed 0.9,0.7,0.4");
        var options = new JsonObject { ["steps"] = new JsonArray(0.025, 0.05, 0.5), ["weights"] = new JsonArray(0.9, 0.7, 0.4) };
        var selection = (await PostAsync(data, options)).At("selection")!;
        AssertNear(data, "mu", Number(selection, "effect"));
        AssertNear(data, "se", Number(selection, "standardError"), 1e-5);
        Assert.True(selection.At("weightsAssumed")!.GetValue<bool>());
        Assert.Equal((null, null), (selection.At("p"), selection.At("likelihoodRatio")));
    }

    [Fact]
    public async Task Least_squares_and_p_uniform_star_agree_with_the_reference()
    {
        var data = Case("molloy2014 k=16: weighted least squares family");
        var answer = await PostAsync(data, new() { ["selectionModels"] = new JsonArray("pUniformStar") });
        AssertNear(data, "uwls/estimate", answer.Number("uwls/estimate"));
        AssertNear(data, "uwls/se", answer.Number("uwls/standardError"));
        AssertNear(data, "uwls/ciLower", answer.Number("uwls/lower"));
        AssertNear(data, "waap/estimate", answer.Number("waap/mean/estimate"));
        AssertNear(data, "waapPowered", answer.Number("waap/powered"));
        AssertNear(data, "uwlsPlus3/estimate", answer.Number("uwlsPlus3/estimate"));
        var star = Case("molloy2014 k=16: p-uniform*");
        AssertNear(star, "mu", answer.Number("pUniformStar/effect"));
        AssertNear(star, "ciUpper", answer.Number("pUniformStar/upper"));
        AssertNear(star, "significant", answer.Number("pUniformStar/significant"));
        Assert.Empty(answer.At("selectionModels")!.AsArray());
        Assert.Null((await PostAsync(data, [])).At("pUniformStar"));
    }

    [Fact]
    public async Task The_step_model_takes_moderators()
    {
        var effects = new JsonArray([.. Enumerable.Range(0, 14).Select(i => new JsonObject
        {
            ["r"] = 0.25 + (0.2 * Math.Sin(i)) + (i % 2 * 0.1), ["n"] = 60 + (10 * i),
            ["moderators"] = new JsonObject { ["form"] = i % 2 == 0 ? "long" : "short" },
        })]);
        var selection = (await PostAsync(new JsonObject { ["effects"] = effects, ["terms"] = new JsonArray("form") })).ShouldBe(200).At("selection")!;
        Assert.Equal(["intercept", "form:short"], selection.At("coefficients")!.AsArray().Select(c => Text(c!, "name")));
        Assert.Equal(Number(selection, "effect"), Number(selection, "coefficients/0/estimate"));
        Assert.Equal(1, Number(selection, "test/df1"));
        var unknown = new JsonObject { ["effects"] = effects.DeepClone(), ["terms"] = new JsonArray("shape") };
        (await PostAsync(unknown)).ShouldBeProblem(422, "#/terms/0", "unknownModerator");
    }

    [Theory]
    [InlineData("""{ "steps": [0.025, 0.5], "weights": [0.5] }""", 422, "#/weights", "badLength")]
    [InlineData("""{ "weights": [0] }""", 422, "#/weights/0", "outOfRange")]
    [InlineData("""{ "selectionModels": ["beta", "beta"] }""", 400, "#/selectionModels", "repeated")]
    public async Task Options_outside_their_range_are_refused(string options, int status, string pointer, string code)
    {
        var body = JsonNode.Parse(options)!.AsObject();
        body["effects"] = Effects(Case("molloy2014 k=16: beta"));
        (await PostAsync(body)).ShouldBeProblem(status, pointer, code);
    }

    private static double Number(JsonNode node, string path) => node.At(path)!.GetValue<double>();

    private static string Text(JsonNode node, string path) => node.At(path)!.GetValue<string>();

    private static JsonNode Case(string name) => s_cases.Single(c => Text(c!, "name") == name)!;

    private static JsonArray Effects(JsonNode data) => new([.. data.At("effects")!.AsArray().Select(e => new JsonObject
    {
        ["yi"] = Number(e!, "yi"), ["vi"] = Number(e!, "vi"),
    })]);

    private static void AssertNear(JsonNode data, string path, double ours, double tolerance = 1e-6)
    {
        var expected = Number(data, $"expected/{path}");
        Assert.True(Math.Abs(ours - expected) <= tolerance * Math.Max(1e-3, Math.Abs(expected)), $"{path}: {ours}, reference {expected}");
    }

    private async Task<ServiceResponse> PostAsync(JsonNode data, JsonObject options)
    {
        options["effects"] = Effects(data);
        return (await PostAsync(options)).ShouldBe(200);
    }

    private Task<ServiceResponse> PostAsync(JsonObject body) => _service.Post("/meta/bias", body);
}
