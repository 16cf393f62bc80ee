using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Pool;

/// <summary><c>POST /meta/pool</c> with effects in the body.</summary>
public sealed class PoolOfInlineEffectsTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private const string Four = """{ "r": 0.45, "n": 88 }, { "r": 0.31, "n": 120 }, { "r": 0.52, "n": 64 }, { "r": 0.28, "n": 143 }""";

    private readonly Service _service = empty.Service;

    [Fact]
    public async Task Correlations_with_n_are_pooled_on_Fisher_z()
    {
        var answer = await Pool(Four, """{ "estimator": "common", "test": "z" }""");
        var (sum, weight) = (0d, 0d);
        foreach (var (r, n) in new[] { (0.45, 88), (0.31, 120), (0.52, 64), (0.28, 143) })
        {
            (sum, weight) = (sum + Math.Atanh(r) * (n - 3), weight + n - 3);
        }

        Assert.Equal(sum / weight, answer.Number("pooled/effect"), 1e-14);
        Assert.Equal(1 / Math.Sqrt(weight), answer.Number("pooled/standardError"), 1e-14);
        Assert.Equal(Math.Tanh(sum / weight), answer.Number("correlation/r"), 1e-14);
        Assert.Equal(100, answer.At("studies")!.AsArray().Sum(s => s.At("weight")!.GetValue<double>()), 1e-10);
        Assert.Equal(100 * 85 / weight, answer.Number("studies/0/weight"), 1e-10);
        Assert.Equal((415, 0), (answer.Number("counts/participants"), answer.Number("counts/participantsUnknown")));
        Assert.Null(answer.At("pooled/predictionLower"));
        Assert.Null(answer.At("data/revision"));
    }

    [Fact]
    public async Task Resolved_choices_are_echoed_and_never_auto()
    {
        var answer = await Pool(Four, "{}");
        var model = answer.At("model")!;
        Assert.DoesNotContain("auto", model.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("""{"i2":"tau2Based","prediction":"confidenceDistribution","predicts":"newEffect","backTransform":"median"}""",
            model.At("definitions")!.ToJsonString());
        Assert.Equal(("fisherZ", "independent", "reml", "knappHartungAdHoc", "none", 0.95), (answer.String("model/measure"), answer.String("model/dependence"),
            answer.String("model/estimator"), answer.String("model/test"), answer.String("model/robust"), answer.Number("model/confidence")));
        Assert.Null(answer.At("model/rho"));
        Assert.Equal(("t", 3), (answer.String("pooled/statisticName"), answer.Number("pooled/df")));
    }

    [Fact]
    public async Task Effects_given_as_yi_and_vi_are_the_same_as_r_and_n()
    {
        var converted = string.Join(", ", new[] { (0.45, 88), (0.31, 120), (0.52, 64), (0.28, 143) }
            .Select(e => $$"""{ "yi": {{Math.Atanh(e.Item1):R}}, "vi": {{1d / (e.Item2 - 3):R}} }"""));
        var (ofR, ofZ) = (await Pool(Four, "{}"), await Pool(converted, "{}"));
        Assert.Equal(ofR.At("pooled")!.ToJsonString(), ofZ.At("pooled")!.ToJsonString());
        Assert.Equal((0, 4), (ofZ.Number("counts/participants"), ofZ.Number("counts/participantsUnknown")));
    }

    [Fact]
    public async Task Effects_given_as_statistics_are_converted_as_those_of_studies()
    {
        string[] statistics =
        [
            """{ "type": "kendall", "value": 0.3, "n": 60 }""", """{ "type": "counts", "a": 30, "b": 0, "c": 9, "d": 28, "dichotomized": "both" }""",
            """{ "type": "means", "mean1": 10.2, "sd1": 2.1, "n1": 40, "mean2": 8.9, "sd2": 2.4, "n2": 35 }""", """{ "type": "t", "value": 3, "df": 58 }""",
        ];
        var answer = await Pool(string.Join(", ", statistics.Select(s => $$"""{ "statistic": {{s}} }""")), "{}");
        foreach (var (i, statistic) in statistics.Index())
        {
            var converted = (await _service.PostText("/meta/convert", statistic)).ShouldBe(200);
            Assert.Equal(converted.Number("fisherZ/yi"), answer.Number($"studies/{i}/effect"), 1e-15);
            Assert.Equal(Math.Sqrt(converted.Number("fisherZ/vi")), answer.Number($"studies/{i}/standardError"), 1e-15);
            Assert.Equal(converted.Number("n"), answer.Number($"studies/{i}/n"));
        }

        Assert.Equal((60 + 67 + 75 + 60, 0), (answer.Number("counts/participants"), answer.Number("counts/participantsUnknown")));
        Assert.Equal(["emptyCell"], answer.At("studies/1/notes")!.AsArray().Select(note => note!.GetValue<string>()));
        Assert.Contains("emptyCell", answer.Warnings);
        Assert.Contains("designUnknown", answer.Warnings);
        Assert.Contains("identicalEffects", (await Pool($$"""{ "statistic": {{statistics[0]}} }, { "statistic": {{statistics[0]}} }""", "{}")).Warnings);
    }

    [Fact]
    public async Task Correlations_are_pooled_without_transformation_and_the_bias_is_said()
    {
        // v = (1 - r²)²/(n - 1): rma(measure = "COR", method = "EE").
        var answer = await Pool(Four, """{ "measure": "correlation", "estimator": "common", "test": "z" }""");
        var (sum, weight) = (0d, 0d);
        foreach (var (r, n) in new[] { (0.45, 88), (0.31, 120), (0.52, 64), (0.28, 143) })
        {
            var w = (n - 1) / Math.Pow(1 - r * r, 2);
            (sum, weight) = (sum + w * r, weight + w);
        }

        Assert.Equal(sum / weight, answer.Number("pooled/effect"), 1e-14);
        Assert.Equal(1 / Math.Sqrt(weight), answer.Number("pooled/standardError"), 1e-14);
        Assert.Equal(("correlation", "correlation"), (answer.String("pooled/scale"), answer.String("model/measure")));
        Assert.Equal((0.45, 0.45), (answer.Number("studies/0/effect"), answer.Number("studies/0/r")));
        Assert.Equal(0.45 - 1.959963984540054 * (1 - 0.45 * 0.45) / Math.Sqrt(87), answer.Number("studies/0/lower"), 1e-12);
        Assert.Null(answer.At("correlation"));
        Assert.Null(answer.At("cohensD"));
        Assert.Null(answer.At("model/definitions/backTransform"));
        Assert.Single(answer.Warnings, "untransformedCorrelations");
        Assert.True(answer.Number("pooled/effect") > Math.Tanh((await Pool(Four, """{ "estimator": "common" }""")).Number("pooled/effect")));
        Assert.DoesNotContain("untransformedCorrelations", (await Pool(Four, "{}")).Warnings);
    }

    [Fact]
    public async Task Converted_effects_keep_their_own_variance_without_transformation() // RBIS of reference/frontier/conversions.json
    {
        var answer = await Pool("""
            { "statistic": { "type": "d", "value": 0.8, "n1": 10, "n2": 90, "dichotomized": "one" } },
            { "statistic": { "type": "means", "mean1": 10.2, "sd1": 2.1, "n1": 40, "mean2": 8.9, "sd2": 2.4, "n2": 35 } }
            """, """{ "measure": "correlation", "estimator": "common" }""");
        Assert.Equal(0.40275832119436583, answer.Number("studies/0/effect"), 1e-10);
        Assert.Equal(Math.Sqrt(0.02397725991686785), answer.Number("studies/0/standardError"), 1e-10);
        Assert.Equal(Math.Sqrt(0.011148829565187748), answer.Number("studies/1/standardError"), 1e-10); // RPB
    }

    [Theory]
    [InlineData("/meta/moderators", ", \"by\": [\"a\"]")]
    [InlineData("/meta/regression", ", \"terms\": [\"a\"]")]
    [InlineData("/meta/bias", "")]
    [InlineData("/meta/sensitivity", "")]
    [InlineData("/meta/diagnostics", "")]
    [InlineData("/meta/multiverse", "")]
    [InlineData("/meta/bayes", "")]
    public async Task Every_analysis_of_untransformed_correlations_says_their_bias_once(string path, string question)
    {
        var effects = Enumerable.Range(0, 12).Select(i =>
            $$"""{ "r": 0.{{i % 5 + 1}}5, "n": {{40 + 7 * i}}, "sample": "s{{i / 2}}", "moderators": { "a": "{{(i % 4 < 2 ? "x" : "y")}}" } }""");
        foreach (var dependence in new[] { "aggregate", "correlatedHierarchical" })
        {
            var model = $$"""{ "measure": "correlation", "dependence": "{{dependence}}" }""";
            var answer = await _service.PostText(path, $$"""{ "effects": [{{string.Join(", ", effects)}}]{{question}}, "model": {{model}} }""");
            Assert.Single(answer.ShouldBe(200).Warnings, "untransformedCorrelations");
        }
    }

    [Fact]
    public async Task Raw_effects_are_not_transformed_back()
    {
        var answer = await Pool("""{ "yi": 20, "vi": 4 }, { "yi": 26, "vi": 4 }, { "yi": 23, "vi": 1 }""", """{ "measure": "raw" }""");
        Assert.Null(answer.At("correlation"));
        Assert.Null(answer.At("cohensD"));
        Assert.Null(answer.At("studies/0/r"));
        Assert.Null(answer.At("model/definitions/backTransform"));
        Assert.Equal("raw", answer.String("pooled/scale"));
        Assert.Equal(23, answer.Number("pooled/effect"), 1e-9);
        Assert.Equal(20 - 1.959963984540054 * 2, answer.Number("studies/0/lower"), 1e-12);
    }

    [Theory]
    [InlineData("reml")]
    [InlineData("common")]
    [InlineData("pmm")]
    [InlineData("sj")]
    public async Task One_effect_has_its_own_z_interval_under_every_estimator(string estimator)
    {
        var answer = await Pool("""{ "r": 0.4, "n": 52 }""", $$"""{ "estimator": "{{estimator}}" }""");
        Assert.Contains("oneEffect", answer.Warnings);
        Assert.Equal(0.4, answer.Number("correlation/r"), 1e-15);
        Assert.Equal(Math.Atanh(0.4) - 1.959963984540054 / 7, answer.Number("pooled/lower"), 1e-12);
        Assert.Equal("z", answer.String("pooled/statisticName"));
        foreach (var unknown in new[] { "pooled/df", "pooled/predictionLower", "correlation/predictionUpper", "heterogeneity/tau2", "heterogeneity/tau",
            "heterogeneity/i2", "heterogeneity/h2", "heterogeneity/probabilityAbove" })
        {
            Assert.Null(answer.At(unknown));
        }
    }

    [Fact]
    public async Task Two_effects_are_fitted_with_a_warning()
    {
        var answer = await Pool("""{ "r": 0.1, "n": 60 }, { "r": 0.5, "n": 60 }""", "{}");
        Assert.Contains("fewEffects", answer.Warnings);
        Assert.Equal(1, answer.Number("pooled/df"));
        Assert.True(answer.Number("heterogeneity/tau2") > 0);
    }

    [Fact]
    public async Task Underdispersed_effects_get_no_narrower_interval_than_z()
    {
        var effects = """{ "yi": 0.300, "vi": 0.011 }, { "yi": 0.301, "vi": 0.011 }, { "yi": 0.299, "vi": 0.011 }""";
        var answer = await Pool(effects, "{}");
        Assert.Contains("floorApplied", answer.Warnings);
        Assert.Equal((await Pool(effects, """{ "test": "z" }""")).Number("pooled/standardError"), answer.Number("pooled/standardError"), 1e-12);
        Assert.True((await Pool(effects, """{ "test": "knappHartung" }""")).Number("pooled/standardError") < 0.01);
    }

    [Fact]
    public async Task Confidence_widens_every_interval()
    {
        var (usual, sure) = (await Pool(Four, """{ "test": "z" }"""), await Pool(Four, """{ "test": "z", "confidence": 0.99 }"""));
        foreach (var part in new[] { "pooled/lower", "pooled/predictionLower", "correlation/lower", "cohensD/lower", "studies/0/lower" })
        {
            Assert.True(sure.Number(part) < usual.Number(part), part);
        }

        var se = usual.Number("pooled/standardError");
        Assert.Equal(usual.Number("pooled/effect") - 2.5758293035489004 * se, sure.Number("pooled/lower"), 1e-12);
    }

    [Fact]
    public async Task Equivalence_is_two_one_sided_tests_against_a_margin_on_r()
    {
        Assert.False((await Pool(Four, "{}")).Json.AsObject().ContainsKey("equivalence"));
        var far = await Pool(Four, """{ "equivalence": 0.1, "test": "z" }""");
        Assert.Equal((0.1, false), (far.Number("equivalence/margin"), far.At("equivalence/equivalent")!.GetValue<bool>()));
        var near = await Pool("""{ "r": 0.01, "n": 2000 }, { "r": -0.01, "n": 2000 }, { "r": 0.005, "n": 2000 }""",
            """{ "equivalence": 0.1, "test": "z", "estimator": "common" }""");
        Assert.True(near.At("equivalence/equivalent")!.GetValue<bool>());
        Assert.True(near.Number("equivalence/p") < 1e-6);
    }

    [Fact]
    public async Task Riley_prediction_has_one_degree_of_freedom_less()
    {
        var (auto, riley) = (await Pool(Four, """{ "test": "t", "prediction": "test" }"""), await Pool(Four, """{ "test": "t", "prediction": "riley" }"""));
        var reach = Math.Sqrt(auto.Number("heterogeneity/tau2") + Math.Pow(auto.Number("pooled/standardError"), 2));
        Assert.Equal(auto.Number("pooled/effect") - 3.182446305284263 * reach, auto.Number("pooled/predictionLower"), 1e-9);
        Assert.Equal(auto.Number("pooled/effect") - 4.302652729911275 * reach, riley.Number("pooled/predictionLower"), 1e-9);
    }

    [Fact]
    public async Task Effects_of_one_sample_are_nested_unless_independence_is_requested()
    {
        const string Dependent =
            """{ "r": 0.62, "n": 700, "sample": "s" }, { "r": 0.58, "n": 650, "sample": "s" }, { "r": 0.3, "n": 100 }, { "r": 0.2, "n": 90 }""";
        var nested = await Pool(Dependent, """{ "rho": 0.5 }""");
        Assert.Equal(("correlatedHierarchical", 0.5), (nested.String("model/dependence"), nested.Number("model/rho")));
        Assert.Equal((3, 4), (nested.Number("counts/samples"), nested.At("studies")!.AsArray().Count));
        var answer = await Pool(Dependent, """{ "rho": 0.5, "dependence": "aggregate" }""");
        Assert.Equal((4, 3, 890, 3),
            (answer.Number("counts/effects"), answer.Number("counts/samples"), answer.Number("counts/participants"), answer.At("studies")!.AsArray().Count));
        Assert.Contains("aggregated", answer.Warnings);
        Assert.Equal(4, (await Pool(Dependent, """{ "dependence": "independent" }""")).At("studies")!.AsArray().Count);
    }

    [Fact]
    public async Task An_effect_without_sample_has_its_own_sample_whatever_the_names()
    {
        var answer =
            await Pool(
                """{ "r": 0.3, "n": 50, "sample": "1" }, { "r": 0.4, "n": 60 }, { "r": 0.5, "n": 70, "id": "x" }, { "r": 0.2, "n": 80, "sample": "x" }""",
                "{}");
        Assert.Equal(4, answer.Number("counts/samples"));
        Assert.Equal("independent", answer.String("model/dependence"));
        Assert.Equal(["0", "1", "x", "3"], answer.At("studies")!.AsArray().Select(s => s.At("id")!.GetValue<string>()));
    }

    [Theory]
    [InlineData("""{ "r": 0.3 }""", "{}", "#/effects/0/n required", 400)]
    [InlineData("""{ "n": 50 }""", "{}", "#/effects/0/r required", 400)]
    [InlineData("""{ "yi": 0.3 }""", "{}", "#/effects/0/vi required", 400)]
    [InlineData("""{ "r": 0.3, "n": 50, "yi": 0.3, "vi": 0.1 }""", "{}", "#/effects/0/r notAllowed", 422)]
    [InlineData("""{ "r": 1, "n": 50 }""", "{}", "#/effects/0/r outOfRange", 422)]
    [InlineData("""{ "r": 0.3, "n": 3 }""", "{}", "#/effects/0/n tooSmall", 422)]
    [InlineData("""{ "yi": 0.3, "vi": 0 }""", "{}", "#/effects/0/vi outOfRange", 422)]
    [InlineData("""{ "yi": 16, "vi": 1 }""", "{}", "#/effects/0/yi outOfRange", 422)]
    [InlineData("""{ "r": 0.3, "n": 50 }""", """{ "measure": "raw" }""", "#/effects/0/r notAllowed", 422)]
    [InlineData("""{ "r": 0.3, "n": 50, "id": "a" }, { "r": 0.3, "n": 50, "id": "a" }""", "{}", "#/effects/1/id repeatedId", 422)]
    [InlineData("""{ "r": 0.3, "n": 50 }""", """{ "rho": 1 }""", "#/model/rho tooLarge", 422)]
    [InlineData("""{ "r": 0.3, "n": 50 }""", """{ "confidence": 2 }""", "#/model/confidence outOfRange", 422)]
    [InlineData("""{ "r": 0.3, "n": 50 }""", """{ "confidence": 0.5 }""", "#/model/confidence outOfRange", 422)]
    [InlineData("""{ "r": 0.3, "n": 50 }""", """{ "equivalence": 0 }""", "#/model/equivalence outOfRange", 422)]
    [InlineData("""{ "r": 0.3, "n": 50 }""", """{ "estimator": "REML" }""", "#/model/estimator notAValue", 400)]
    [InlineData("null", "{}", "#/effects/0 null", 400)]
    [InlineData("""{ "r": 0.3, "n": 50 }""", """{ "measure": "correlation", "equivalence": 0.1 }""", "#/model/equivalence notAllowed", 422)]
    [InlineData("""{ "r": 0.3, "n": 50 }""", """{ "artifacts": "reliability", "rangeRestriction": "direct" }""", "#/model/rangeRestriction notAllowed", 422)]
    [InlineData("""{ "r": 0.3, "n": 50 }""", """{ "measure": "correlation", "sequential": "anytime" }""", "#/model/sequential notAllowed", 422)]
    [InlineData("""{ "r": 0.3, "n": 50, "statistic": { "type": "r", "value": 0.3, "n": 50 } }""", "{}", "#/effects/0/statistic notAllowed", 422)]
    [InlineData("""{ "n": 50, "statistic": { "type": "r", "value": 0.3, "n": 50 } }""", "{}", "#/effects/0/statistic notAllowed", 422)]
    [InlineData("""{ "statistic": { "type": "r", "value": 0.3, "n": 50 } }""", """{ "measure": "raw" }""", "#/effects/0/statistic notAllowed", 422)]
    [InlineData("""{ "statistic": { "type": "kendall", "value": 0.3 } }""", "{}", "#/effects/0/statistic/n required", 400)]
    [InlineData("""{ "statistic": { "type": "counts", "a": 0, "b": 0, "c": 4, "d": 5 } }""", "{}", "#/effects/0/statistic/a emptyMargin", 422)]
    [InlineData("""{ "statistic": { "type": "pooled", "r": 0.3 } }""", "{}", "#/effects/0/statistic/type kindMismatch", 422)]
    [InlineData("""{ "statistic": { "type": "d", "value": 4.5, "n1": 30, "n2": 30, "dichotomized": "one" } }""", "{}",
        "#/effects/0/statistic/value outsideRange", 422)]
    public async Task Invalid_effects_are_reported_at_their_pointer(string effects, string model, string error, int status) =>
        Assert.Contains(error,
            (await _service.PostText("/meta/pool", $$"""{ "effects": [{{effects}}], "model": {{model}} }""")).ShouldBeProblem(status).Errors);

    [Fact]
    public async Task All_errors_of_a_body_are_reported_at_once()
    {
        var answer = await _service.PostText("/meta/pool",
            """{ "effects": [{ "r": 1.5, "n": 50 }, { "r": 0.2, "n": 60 }, { "yi": 0.3, "vi": -1 }], "model": { "rho": -1, "confidence": 7 } }""");
        Assert.Equal(["#/effects/0/r outOfRange", "#/effects/2/vi outOfRange", "#/model/confidence outOfRange", "#/model/rho tooSmall"],
            answer.ShouldBeProblem(422).Errors.Order());
    }

    [Fact]
    public async Task Effects_and_a_filter_together_are_malformed() =>
        (await _service.PostText("/meta/pool", $$"""{ "effects": [{{Four}}], "filter": {} }""")).ShouldBeProblem(400, "#/filter", "notAValue");

    [Fact]
    public async Task An_empty_list_of_effects_cannot_be_pooled()
    {
        (await _service.PostText("/meta/pool", """{ "effects": [] }""")).ShouldBeProblem(422, "#/effects", "noEffects");
        (await _service.PostText("/meta/pool", "{}")).ShouldBeProblem(422, "#", "noEffects");
        (await _service.Get("/meta/pool")).ShouldBeProblem(422, "#", "noEffects");
    }

    private async Task<ServiceResponse> Pool(string effects, string model) =>
        (await _service.PostText("/meta/pool", $$"""{ "effects": [{{effects}}], "model": {{model}} }""")).ShouldBe(200);
}
