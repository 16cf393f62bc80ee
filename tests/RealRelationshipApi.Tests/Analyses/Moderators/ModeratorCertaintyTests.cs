using System.Globalization;
using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Moderators;

/// <summary>No level, contrast, slope or verdict is more certain than the data, in JSON, CSV and pictures.</summary>
public sealed class ModeratorCertaintyTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private readonly Service _service = empty.Service;

    // Twelve samples with one effect of level a; the last has one of level b too, the only one: its mean depends on how tau² is parted.
    private static readonly (double Y, double V, int Sample, string Level)[] s_ridge =
    [
        (0.10, 0.012, 0, "a"), (0.52, 0.02, 1, "a"), (0.28, 0.01, 2, "a"), (0.41, 0.03, 3, "a"), (0.05, 0.015, 4, "a"), (0.33, 0.011, 5, "a"),
        (0.60, 0.02, 6, "a"), (0.22, 0.018, 7, "a"), (0.37, 0.009, 8, "a"), (0.48, 0.025, 9, "a"), (0.15, 0.014, 10, "a"), (0.62, 0.01, 11, "a"),
        (0.58, 0.01, 11, "b"),
    ];

    [Theory]
    [InlineData("independent", "model")]
    [InlineData("correlatedHierarchical", "robust")]
    [InlineData("threeLevel", "robust")]
    public async Task A_level_of_one_sample_has_the_interval_of_the_model_and_no_verdict(string dependence, string basis)
    {
        // Level b has two effects of one sample, which agree.
        var effects = Effects([.. s_ridge[..12], (0.8, 0.01, 20, "b"), (0.8, 0.01, 20, "b")]);
        var answer = (await PostAsync("/meta/moderators", effects, dependence)).At("moderators/0")!;
        var (several, one) = (answer.At("levels/0/pooled")!, answer.At("levels/1/pooled")!);
        Assert.Equal((basis, false), (several.At("basis")!.GetValue<string>(), several.At("oneSampleLevel")!.GetValue<bool>()));
        Assert.Equal(("model", true), (one.At("basis")!.GetValue<string>(), one.At("oneSampleLevel")!.GetValue<bool>()));
        Assert.True(one.At("standardError")!.GetValue<double>() > 0.1, one.ToJsonString());
        Assert.Equal(["oneSampleLevel"], Codes(one));
        var contrast = answer.At("contrasts/0")!;
        Assert.True(contrast.At("oneSampleLevel")!.GetValue<bool>());
        Assert.Null(contrast.At("pAdjusted"));
        Assert.True(answer.At("coefficients/1/oneSampleLevel")!.GetValue<bool>());
        Assert.Equal("cannotTell", answer.At("verdict")!.GetValue<string>());
        Assert.Equal(["oneSampleLevel"], answer.At("cannotTellBecause")!.AsArray().Select(c => c!.GetValue<string>()));

        var regression = await PostAsync("/meta/regression", effects, dependence);
        Assert.Contains("oneSampleLevel", regression.Warnings);
        Assert.Equal("model", regression.String("coefficients/1/basis"));
        Assert.True(regression.Number("coefficients/1/standardError") > 0.1);
    }

    [Fact]
    public async Task What_a_flat_likelihood_does_not_tell_is_a_range()
    {
        var answer = await PostAsync("/meta/moderators", Effects(s_ridge), "threeLevel");
        Assert.Contains("varianceNotIdentified", answer.Warnings);
        var level = answer.At("moderators/0/levels/1")!;
        foreach (var nothing in new[] { "effect", "standardError", "statistic", "p", "lower", "upper", "predictionLower" })
        {
            Assert.Null(level.At($"pooled/{nothing}"));
        }

        Assert.Null(level.At("correlation/r"));
        var range = level.At("pooled/range")!;
        Assert.Equal(0.58, range.At("upper")!.GetValue<double>(), 1e-6);
        Assert.True(range.At("lower")!.GetValue<double>() < 0.48);
        Assert.Equal(Math.Tanh(0.58), level.At("correlation/range/upper")!.GetValue<double>(), 1e-6);
        Assert.Contains("varianceNotIdentified", Codes(level.At("pooled")!));
        Assert.Null(answer.At("moderators/0/contrasts/0/difference"));
        Assert.NotNull(answer.At("moderators/0/contrasts/0/range/lower"));
        Assert.Null(answer.At("moderators/0/coefficients/1/estimate"));
        Assert.NotNull(answer.At("moderators/0/levels/0/pooled/p"));

        var picture = (await _service.Post("/meta/forest.svg", Body(Effects(s_ridge), "threeLevel").With("by", "x"))).ShouldBe(200).Text;
        Assert.Contains($"{Percent(range.At("lower")!)} to .52", picture, StringComparison.Ordinal);
        static string Percent(JsonNode z) => Math.Tanh(z.GetValue<double>()).ToString("F2", CultureInfo.InvariantCulture)[1..];
    }

    [Fact]
    public async Task Several_moderators_are_tested_together()
    {
        // x differs at p = .03 or so, and its copy parts the effects alike; z has nothing to do with them.
        double[] y = [0.14, 0.24, 0.19, 0.34, 0.09, 0.35, 0.45, 0.3, 0.25, 0.5];
        JsonArray effects = [.. y.Select((effect, i) => (JsonNode)new JsonObject
        {
            ["yi"] = effect, ["vi"] = 0.01,
            ["moderators"] = new JsonObject
            {
                ["x"] = i < 5 ? "a" : "b", ["copy"] = i < 5 ? "p" : "q", ["z"] = i % 2 == 0 ? "a" : "b", ["w"] = i % 3 == 0 ? "a" : "b",
            },
        })];
        var alone = await ModeratorsAsync(effects, "x");
        var p = alone[0].At("test/p")!.GetValue<double>();
        Assert.True(p is > 0.017 and < 0.05, $"{p}");
        Assert.Equal((p, "differ"), (alone[0].At("test/pHolm")!.GetValue<double>(), alone[0].At("verdict")!.GetValue<string>()));

        var copied = await ModeratorsAsync(effects, "x", "copy");
        Assert.All(copied, m => Assert.Equal((p, "differ"), (m!.At("test/pHolm")!.GetValue<double>(), m.At("verdict")!.GetValue<string>())));

        var several = await ModeratorsAsync(effects, "x", "copy", "z", "w");
        Assert.Equal(3 * p, several[0].At("test/pHolm")!.GetValue<double>(), 1e-12);
        Assert.Equal("cannotTell", several[0].At("verdict")!.GetValue<string>());
        Assert.Equal("multiplicity", Assert.Single(several[0].At("cannotTellBecause")!.AsArray())!.GetValue<string>());
        Assert.Equal(p, several[0].At("test/p")!.GetValue<double>(), 1e-15);
    }

    [Fact]
    public async Task A_robust_test_is_confirmed_by_that_of_the_model()
    {
        var effects = Effects([.. s_ridge[..12].Select((e, i) => e with { Sample = i / 2, Level = i < 6 ? "a" : "b" })]);
        var moderator = (await PostAsync("/meta/moderators", effects, "correlatedHierarchical")).At("moderators/0")!;
        Assert.Equal(("F", 1, 4), (moderator.At("confirmingTest/name")!.GetValue<string>(), moderator.At("confirmingTest/df1")!.GetValue<int>(),
            moderator.At("confirmingTest/df2")!.GetValue<int>()));
        Assert.True(moderator.At("confirmingTest/p")!.GetValue<double>() is > 0 and < 1);
        var independent = (await PostAsync("/meta/moderators", effects, "independent")).At("moderators/0")!.AsObject();
        Assert.False(independent.ContainsKey("confirmingTest"));
    }

    [Fact]
    public async Task Pictures_mark_what_deserves_no_trust()
    {
        var effects = Effects([.. s_ridge[..12], (0.8, 0.01, 20, "b")]);
        var forest = (await _service.Post("/meta/forest.svg", Body(effects, "independent").With("by", "x"))).ShouldBe(200).Text;
        Assert.Contains("] ᵃᵇ", forest, StringComparison.Ordinal);
        Assert.Contains("ᵃ A level has only one effect.", forest, StringComparison.Ordinal);
        Assert.Contains("ᵇ A level, contrast or slope rests on one sample", forest, StringComparison.Ordinal);
        Assert.Contains("cannot be told: a level rests on one sample", forest, StringComparison.Ordinal);
        Assert.DoesNotContain("x: A level has only one effect.", forest, StringComparison.Ordinal);

        var cumulative = (await _service.Post("/meta/cumulative.svg", Body(effects, "independent").Without("by"))).ShouldBe(200).Text;
        Assert.Contains("ᵃ One effect is not a meta-analysis", cumulative, StringComparison.Ordinal);
        Assert.Contains("ᵇ So few effects say very little", cumulative, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Levels_with_an_empty_Q_profile_say_so()
    {
        var effects = Effects([.. s_ridge[..12], .. Enumerable.Range(20, 4).Select(i => (0.3, 0.02, i, "b"))]);
        var answer = (await _service.Post("/meta/moderators", Body(effects, "independent").With("tauSquared", "separate"))).ShouldBe(200);
        Assert.Contains("emptyInterval", answer.Warnings);
        Assert.Equal(["emptyInterval"], Codes(answer.At("moderators/0/levels/1/pooled")!));
        Assert.Null(answer.At("moderators/0/levels/1/heterogeneity/tau2Upper"));
    }

    [Fact]
    public async Task Every_code_beside_a_number_has_its_words_in_the_warnings()
    {
        var effects = Effects([.. s_ridge[..12].Select((e, i) => e with { Sample = i / 2, Level = "abc"[i / 4].ToString() })]);
        var answer = await PostAsync("/meta/moderators", effects, "correlatedHierarchical");
        var codes = answer.At("moderators/0/levels")!.AsArray().SelectMany(level => Codes(level!.At("pooled")!)).ToList();
        Assert.Contains("fewDegreesOfFreedom", codes);
        Assert.All(codes, code => Assert.Contains(code, answer.Warnings));
        Assert.All(codes, code => Assert.Contains(code, Codes(answer.At("moderators/0")!)));
    }

    [Fact]
    public async Task Nearly_aliased_terms_have_a_warning()
    {
        JsonArray effects = [.. Enumerable.Range(0, 8).Select(i => (JsonNode)new JsonObject
        {
            ["yi"] = 0.1 * (i % 3), ["vi"] = 0.02, ["moderators"] = new JsonObject { ["x"] = i, ["z"] = i + 1e-5 * (i % 2) },
        })];
        var answer = (await _service.Post("/meta/regression", new JsonObject { ["effects"] = effects, ["terms"] = new JsonArray("x", "z") })).ShouldBe(200);
        Assert.Contains("nearlyAliased", answer.Warnings);
    }

    private async Task<JsonArray> ModeratorsAsync(JsonArray effects, params string[] by) => (await _service.Post("/meta/moderators",
        new JsonObject { ["effects"] = effects.DeepClone(), ["by"] = new JsonArray([.. by.Select(name => JsonValue.Create(name))]) }))
        .ShouldBe(200).At("moderators")!.AsArray();

    private async Task<ServiceResponse> PostAsync(string path, JsonArray effects, string dependence)
    {
        var body = Body(effects, dependence);
        if (path == "/meta/regression")
        {
            body = body.Without("by").With("terms", new JsonArray("x"));
        }

        return (await _service.Post(path, body)).ShouldBe(200);
    }

    private static JsonObject Body(JsonArray effects, string dependence) => new()
    {
        ["effects"] = effects.DeepClone(), ["by"] = new JsonArray("x"), ["model"] = new JsonObject { ["dependence"] = dependence },
    };

    private static JsonArray Effects(IReadOnlyList<(double Y, double V, int Sample, string Level)> effects) => [.. effects.Select(e => (JsonNode)new JsonObject
    {
        ["yi"] = e.Y, ["vi"] = e.V, ["sample"] = $"s{e.Sample}", ["moderators"] = new JsonObject { ["x"] = e.Level },
    })];

    private static IEnumerable<string> Codes(JsonNode pooled) => pooled.At("warningCodes")!.AsArray().Select(code => code!.GetValue<string>());
}
