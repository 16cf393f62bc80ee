using System.Globalization;
using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Analyses.Moderators;
using RealRelationshipApi.Tests.Analyses.Pool;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses;

/// <summary>Edge cases of all analyses, where other programs return wrong numbers or crash. Those of one and two effects, homogeneous effects and
/// invalid r and n are in <see cref="PoolOfInlineEffectsTests"/>, those of levels in <see cref="ModeratorsOfInlineEffectsTests"/>.</summary>
public sealed class EdgeCaseTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private static readonly string[] s_estimators = ["reml", "common", "dl", "he", "hs", "hsk", "sj", "ml", "eb", "pm", "pmm", "dlit"];

    private static readonly string[] s_tests = ["z", "t", "knappHartung", "knappHartungAdHoc"];

    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData("/meta/moderators", """{ "by": ["x"] }""")]
    [InlineData("/meta/bias", "{}")]
    [InlineData("/meta/sensitivity", "{}")]
    [InlineData("/meta/regression", """{ "terms": ["x"] }""")]
    public async Task One_effect_is_analysed_everywhere_with_a_warning(string path, string question)
    {
        var effects = Effects((0.3, 0.02, "a"));
        effects[0]!["moderators"] = new JsonObject { ["x"] = "p" };
        Assert.NotEmpty((await PostOk(path, effects, "{}", question)).Warnings);
    }

    [Theory]
    [InlineData("a", """{ "terms": ["x"], "permutations": 10 }""")]
    [InlineData("b", """{ "terms": ["x"], "bootstrap": 10 }""")]
    public async Task A_term_with_one_level_has_no_test_and_a_warning(string sample, string question)
    {
        var effects = Effects((0.3, 0.02, sample), (0.1, 0.03, "b"), (0.5, 0.01, "c"));
        foreach (var effect in effects)
        {
            effect!["moderators"] = new JsonObject { ["x"] = "p" };
        }
        var answer = await PostOk("/meta/regression", effects, "{}", question);
        Assert.Contains("singleLevel", answer.Warnings);
        Assert.False(answer.Json.AsObject().TryGetPropertyValue("permutationTest", out var test) && test is not null);
        Assert.Equal("intercept", Assert.Single(answer.At("coefficients")!.AsArray()).At("name")!.GetValue<string>());
    }

    [Fact]
    public async Task As_many_terms_as_effects_give_a_saturated_model_with_a_warning()
    {
        var effects = Effects((0.3, 0.02, "a"), (0.1, 0.03, "b"));
        foreach (var (i, effect) in effects.Index())
        {
            effect!["moderators"] = new JsonObject { ["x"] = i };
        }
        var answer = await PostOk("/meta/regression", effects, "{}", """{ "terms": ["x"] }""");
        Assert.Contains("noResidualDegreesOfFreedom", answer.Warnings);
        Assert.Equal(-0.2, answer.Number("coefficients/1/estimate"), 1e-12);
        Assert.Null(answer.At("coefficients/1/p"));
        Assert.Null(answer.At("residual/tau2"));
    }

    [Fact]
    public async Task The_first_cumulative_row_is_one_effect_with_tau_squared_0()
    {
        var answer = await PostOk("/meta/sensitivity", Effects((0.3, 0.02, "a"), (0.5, 0.01, "b"), (0.1, 0.03, "c")));
        Assert.Equal((0.3, 0), (answer.Number("cumulative/0/effect"), answer.Number("cumulative/0/tau2")));
        Assert.Equal(0.3 - 1.959963984540054 * Math.Sqrt(0.02), answer.Number("cumulative/0/lower"), 1e-12);
    }

    [Fact]
    public async Task Two_effects_have_one_degree_of_freedom_and_a_prediction_by_it()
    {
        var answer = await PostOk("/meta/pool", Effects((0.1, 0.02, "a"), (0.5, 0.02, "b")), """{ "prediction": "test" }""");
        Assert.Equal(1, answer.Number("pooled/df"));
        var reach = 12.706204736174698 * Math.Sqrt(answer.Number("heterogeneity/tau2") + Math.Pow(answer.Number("pooled/standardError"), 2));
        Assert.Equal(0.3 + reach, answer.Number("pooled/predictionUpper"), 1e-9);
        Assert.Null((await PostOk("/meta/pool", Effects((0.1, 0.02, "a"), (0.5, 0.02, "b")), """{ "prediction": "riley" }""")).At("pooled/predictionUpper"));
    }

    [Theory]
    [InlineData("reml", "test", true)]
    [InlineData("reml", "confidenceDistribution", false)]
    [InlineData("common", "test", false)]
    public async Task A_prediction_interval_from_two_effects_that_takes_tau_squared_as_known_has_a_warning(string estimator, string prediction, bool isSaid)
    {
        var answer = await PostOk("/meta/pool", Effects((0.1, 0.02, "a"), (0.5, 0.02, "b")),
            $$"""{ "estimator": "{{estimator}}", "prediction": "{{prediction}}" }""");
        var warning = answer.At("warnings")!.AsArray().Single(w => w.At("code")!.GetValue<string>() == "fewEffects");
        Assert.Equal(isSaid, warning.At("detail")!.GetValue<string>().Contains("prediction interval", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Equal_effects_have_no_heterogeneity_and_an_empty_Q_profile()
    {
        var answer = await PostOk("/meta/pool", Effects((0.3, 0.02, "a"), (0.3, 0.05, "b"), (0.3, 0.01, "c"), (0.3, 0.03, "d")));
        foreach (var nothing in new[] { "q", "tau2", "i2" })
        {
            Assert.Equal(0, answer.Number($"heterogeneity/{nothing}"));
        }
        foreach (var bound in new[] { "tau2Lower", "tau2Upper", "i2Lower", "i2Upper", "h2Lower", "h2Upper" })
        {
            Assert.Null(answer.At($"heterogeneity/{bound}"));
        }
        Assert.Contains("emptyInterval", answer.Warnings);
        Assert.Contains("floorApplied", answer.Warnings);
        Assert.Equal(0.3, answer.Number("pooled/effect"), 1e-15);
        Assert.True(answer.Number("pooled/standardError") > 0.05);
    }

    [Fact]
    public async Task The_common_effect_model_predicts_nothing_and_takes_I_squared_from_Q()
    {
        var answer = await PostOk("/meta/pool", Effects((0.1, 0.01, "a"), (0.5, 0.01, "b"), (0.6, 0.02, "c")), """{ "estimator": "common" }""");
        Assert.Null(answer.At("pooled/predictionLower"));
        Assert.Equal("qBased", answer.String("model/definitions/i2"));
        var q = answer.Number("heterogeneity/q");
        Assert.Equal(100 * (q - 2) / q, answer.Number("heterogeneity/i2"), 1e-10);
        Assert.Equal(q / 2, answer.Number("heterogeneity/h2"), 1e-12);
    }

    [Fact] // metafor gives τ² .05470389 and μ .1136832, whose likelihood is lower
    public async Task The_global_maximum_of_a_multimodal_likelihood_is_used_with_a_warning()
    {
        double[] y = [0.0498363659350279, 0.298088146720953, -0.326010430857922, -0.602586543764002, 0.25403501137368, 0.291598711641876], n = [40, 5000, 15,
            15, 5000, 5000];
        var answer = await PostOk("/meta/pool", Effects([.. y.Zip(n, (yi, ni) => (yi, 1 / (ni - 3), $"{yi}"))]), """{ "test": "z" }""");
        Assert.Contains("severalModes", answer.Warnings);
        Assert.Equal(0.000442470539782, answer.Number("heterogeneity/tau2"), 1e-13);
        Assert.Equal(0.2756954, answer.Number("pooled/effect"), 5e-8);
        Assert.Equal(-1.272787, answer.Number("model/logLikelihood"), 5e-7);
    }

    [Theory]
    [InlineData("threeLevel")]
    [InlineData("correlatedHierarchical")]
    public async Task One_effect_per_sample_cannot_separate_the_two_variances(string dependence)
    {
        var effects = Effects((0.1, 0.01, "a"), (0.5, 0.02, "b"), (0.6, 0.03, "c"), (0.2, 0.01, "d"), (0.4, 0.05, "e"));
        var nested = await PostOk("/meta/pool", effects, $$"""{ "dependence": "{{dependence}}", "robust": "none" }""");
        var independent = await PostOk("/meta/pool", effects, """{ "test": "t", "prediction": "test" }""");
        Assert.Contains("varianceNotIdentified", nested.Warnings);
        Assert.DoesNotContain("varianceNotIdentified", independent.Warnings);
        foreach (var part in new[] { "between", "within" })
        {
            Assert.Null(nested.At($"heterogeneity/{part}Variance"));
            Assert.Null(nested.At($"heterogeneity/i2{char.ToUpperInvariant(part[0])}{part[1..]}"));
            Assert.Equal(0, nested.Number($"heterogeneity/{part}Range/lower"), 1e-12);
            Assert.Equal(independent.Number("heterogeneity/tau2"), nested.Number($"heterogeneity/{part}Range/upper"), 1e-9);
        }
        foreach (var same in new[] { "pooled/effect", "pooled/standardError", "pooled/lower", "pooled/predictionUpper", "heterogeneity/tau2",
            "heterogeneity/i2", "model/logLikelihood" })
        {
            Assert.Equal(independent.Number(same), nested.Number(same), 1e-9);
        }
    }

    [Theory]
    [InlineData("/meta/pool", "{}")]
    [InlineData("/meta/moderators", """{ "by": ["x"] }""")]
    [InlineData("/meta/regression", """{ "terms": ["x"] }""")]
    public async Task One_sample_cannot_estimate_between_sample_variance(string path, string question)
    {
        var effects = Effects((0.1, 0.01, "a"), (0.5, 0.02, "a"), (0.6, 0.03, "a"));
        foreach (var (i, effect) in effects.Index())
        {
            effect!["moderators"] = new JsonObject { ["x"] = i };
        }
        foreach (var dependence in new[] { "threeLevel", "correlatedHierarchical" })
        {
            (await PostAsync(path, effects, $$"""{ "dependence": "{{dependence}}" }""", question)).ShouldBeProblem(422, "#", "oneSample");
        }
    }

    [Fact]
    public async Task One_sample_under_auto_is_analysed_as_one_effect()
    {
        var answer = await PostOk("/meta/pool", Effects((0.1, 0.01, "a"), (0.5, 0.02, "a"), (0.6, 0.03, "a")));
        Assert.Equal("aggregate", answer.String("model/dependence"));
        Assert.Contains("oneEffect", answer.Warnings);
        Assert.Null(answer.At("heterogeneity/tau2"));
    }

    [Fact]
    public async Task Two_samples_are_fitted_with_a_warning()
    {
        var answer = await PostOk("/meta/pool", Effects((0.1, 0.01, "a"), (0.5, 0.02, "a"), (0.6, 0.03, "b")));
        Assert.Contains("fewSamples", answer.Warnings);
        Assert.Contains("fewDegreesOfFreedom", answer.Warnings);
        Assert.True(answer.Number("pooled/df") < 4);
    }

    [Fact]
    public async Task Rho_must_be_below_1()
    {
        var effects = Effects((0.1, 0.01, "a"), (0.5, 0.011, "a"), (0.6, 0.03, "b"), (0.4, 0.02, "c"));
        foreach (var dependence in new[] { "aggregate", "correlatedHierarchical" })
        {
            Assert.InRange((await PostOk("/meta/pool", effects, $$"""{ "dependence": "{{dependence}}", "rho": 0.999 }""")).Number("pooled/standardError"), 1e-6,
                10);
        }
        (await PostAsync("/meta/pool", effects, """{ "rho": 1 }""")).ShouldBeProblem(422, "#/model/rho", "tooLarge");
        (await _service.Get("/meta/pool?rho=1")).ShouldBeProblem(422, "?rho", "tooLarge");
    }

    [Fact]
    public async Task A_composite_with_negative_weights_says_so_and_the_plain_mean_has_none()
    {
        var effects = Effects((0.1, 0.001, "a"), (0.5, 0.1, "a"), (0.6, 0.03, "b"), (0.2, 0.02, "c"));
        var weighted = await PostOk("/meta/pool", effects, """{ "dependence": "aggregate", "rho": 0.9 }""");
        var plain = await PostOk("/meta/pool", effects, """{ "dependence": "aggregate", "rho": 0.9, "aggregation": "simple" }""");
        Assert.Contains("negativeWeights", weighted.Warnings);
        Assert.True(weighted.Number("studies/0/effect") < 0.1);
        Assert.DoesNotContain("negativeWeights", plain.Warnings);
        Assert.Equal(0.3, plain.Number("studies/0/effect"), 1e-15);
    }

    [Fact]
    public async Task Studies_of_equal_size_have_no_small_study_slope()
    {
        var answer = await PostOk("/meta/bias", Effects((0.1, 0.02, "a"), (0.5, 0.02, "b"), (0.6, 0.02, "c"), (0.3, 0.02, "d")));
        Assert.Contains("equalStandardErrors", answer.Warnings);
        Assert.Contains("tooFewForBiasTests", answer.Warnings);
        foreach (var part in new[] { "egger/p", "egger/limit", "eggerMixed/p", "peese/p", "petPeese/limit", "rankCorrelation/tau" })
        {
            Assert.Null(answer.At(part));
        }
        Assert.InRange(answer.Number("trimAndFill/effect"), 0.1, 0.6);
    }

    [Fact]
    public async Task Nested_effects_of_equal_size_have_no_small_study_slope()
    {
        var answer = await PostOk("/meta/bias", Effects((0.1, 0.02, "a"), (0.5, 0.02, "a"), (0.6, 0.02, "c"), (0.3, 0.02, "d")));
        Assert.Null(answer.At("egger"));
        Assert.Null(answer.At("peese"));
        Assert.Contains("rankDeficient", answer.Warnings);
    }

    [Fact]
    public async Task A_selection_model_without_effects_in_an_interval_is_not_identified()
    {
        var answer = await PostOk("/meta/bias", Effects((0.1, 0.02, "a"), (0.05, 0.03, "b"), (-0.1, 0.02, "c"), (0.2, 0.05, "d")));
        Assert.Contains("weightsNotIdentified", answer.Warnings);
        Assert.Null(answer.At("selection/effect"));
        Assert.Equal((1, null), (answer.Number("selection/weights/0"), answer.At("selection/weights/1")));
    }

    [Fact]
    public async Task An_empty_p_value_interval_has_weight_0_at_the_boundary()
    {
        var answer = await PostOk("/meta/bias", Effects((0.5, 0.01, "a"), (0.6, 0.02, "b"), (-0.1, 0.02, "c"), (0.7, 0.03, "d"), (-0.05, 0.04, "e")), "{}",
            """{ "steps": [0.025, 0.4] }""");
        Assert.Contains("atBoundary", answer.Warnings);
        Assert.Equal(0, answer.Number("selection/weights/1"));
    }

    [Fact]
    public async Task Fewer_than_three_effects_have_no_small_study_test()
    {
        var answer = await PostOk("/meta/bias", Effects((0.1, 0.02, "a"), (0.5, 0.03, "b")));
        Assert.Contains("tooFewEffects", answer.Warnings);
        Assert.Null(answer.At("egger/p"));
        Assert.Null(answer.At("selection/effect"));
    }

    [Fact]
    public async Task Collinear_effects_have_a_limit_estimate_but_no_test()
    {
        var answer = await PostOk("/meta/bias", Effects((0.25, 0.01, "a"), (0.25, 0.04, "b"), (0.25, 0.09, "c")));
        Assert.Contains("noResidualVariance", answer.Warnings);
        Assert.Null(answer.At("egger/p"));
        Assert.Equal(0.25, answer.Number("egger/limit"), 1e-12);
    }

    public static TheoryData<string, string> Extremes => new()
    {
        { "one weight dominates", "0.3 1e-9, 0.5 0.1, -0.2 0.2, 0.7 0.05" },
        { "two weights dominate and disagree", "0.3 1e-9, 0.9 1e-9, -0.2 0.2, 0.7 0.05" },
        { "large z", "14.9 0.01, -14.9 0.02, 14 0.05, 13 0.01" },
        { "large z that agree", "14.9 0.01, 14.9 0.01, 14.9 0.01, 14.9 0.01" },
        { "variances span twelve orders", "0.3 1e-9, 0.5 1e-3, -0.2 1, 0.7 1e3" },
        { "variances span twelve orders and effects agree", "0.3 1e-9, 0.3 1e-3, 0.3 1, 0.3 1e3" },
        { "hardly any variance", "0.3 1e-12, 0.30000001 1e-12, 0.3 1e-12, 0.29999999 1e-12" },
        { "nothing but variance", "0.3 1e6, 0.5 1e6, -0.2 1e6, 0.7 1e6" },
    };

    [SlowTheory("It asks with every estimator and every test.")]
    [MemberData(nameof(Extremes))]
    public async Task Every_estimator_and_test_gives_finite_results_within_the_range_of_effects(string what, string effects)
    {
        var parsed = Parse(effects, _ => null);
        var estimates = parsed.Select(e => e.At("yi")!.GetValue<double>()).ToArray();
        foreach (var estimator in s_estimators)
        {
            foreach (var test in s_tests)
            {
                var answer = await PostOk("/meta/pool", parsed, $$"""{ "estimator": "{{estimator}}", "test": "{{test}}" }""");
                Assert.InRange(answer.Number("pooled/effect"), estimates.Min() - 1e-9, estimates.Max() + 1e-9);
                Assert.True(answer.Number("heterogeneity/tau2") >= 0, $"{what}: {estimator} {test}");
                Assert.True(answer.Number("pooled/lower") <= answer.Number("pooled/upper"), $"{what}: {estimator} {test}");
                Assert.True(estimator == "common" || answer.Number("pooled/predictionLower") <= answer.Number("pooled/lower") + 1e-12,
                    $"{what}: {estimator} {test}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Extremes))]
    public async Task Every_other_analysis_gives_a_result_or_a_named_error(string what, string effects)
    {
        foreach (var sample in new Func<int, string?>[] { _ => null, i => i < 2 ? "a" : null })
        {
            foreach (var (path, question) in new[] { ("/meta/bias", "{}"), ("/meta/sensitivity", "{}"), ("/meta/moderators", """{ "by": ["x"] }"""),
                ("/meta/regression", """{ "terms": ["x"] }""") })
            {
                var answer = await PostAsync(path, Parse(effects, sample), "{}", question);
                Assert.True(answer.Status is 200 or 422, $"{what}: {path} {answer.Status}");
                Assert.True(answer.Status == 200 || !string.IsNullOrEmpty(answer.String("errors/0/code")), $"{what}: {path} has no reason");
            }
        }
    }

    private static JsonArray Effects(params (double Yi, double Vi, string Sample)[] effects) =>
        new([.. effects.Select(e => new JsonObject { ["yi"] = e.Yi, ["vi"] = e.Vi, ["sample"] = e.Sample })]);

    private static JsonArray Parse(string effects, Func<int, string?> sample) => new([.. effects.Split(", ").Select((text, i) =>
    {
        var numbers = text.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        var effect = new JsonObject { ["yi"] = numbers[0], ["vi"] = numbers[1], ["moderators"] = new JsonObject { ["x"] = i * i } };
        if (sample(i) is { } name)
        {
            effect["sample"] = name;
        }
        return effect;
    })]);

    private async Task<ServiceResponse> PostOk(string path, JsonArray effects, string model = "{}", string question = "{}") =>
        (await PostAsync(path, effects, model, question)).ShouldBe(200);

    private Task<ServiceResponse> PostAsync(string path, JsonArray effects, string model, string question = "{}") =>
        _service.Post(path, JsonNode.Parse(question)!.AsObject().With("effects", effects.DeepClone()).With("model", JsonNode.Parse(model)));
}
