using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Regression;

/// <summary><c>/meta/regression</c>: interactions, powers, kinds, predicted values, tests of terms, likelihood ratios and location–scale models.</summary>
public sealed class RegressionTermTests(DemoService demo) : IClassFixture<DemoService>
{
    // The first seven trials of Colditz and others 1994 (metafor's dat.bcg).
    private const string Trials = """
        { "terms": ["ablat"], "model": { "measure": "raw", "test": "z", "robust": "none", "prediction": "test" }, "effects": [
          { "yi": -0.889311333920205, "vi": 0.325584765003961, "moderators": { "ablat": 44, "alloc": "random", "code": 2 } },
          { "yi": -1.58538865720143, "vi": 0.194581121398144, "moderators": { "ablat": 55, "alloc": "random", "code": 10 } },
          { "yi": -1.34807314829969, "vi": 0.415367965367965, "moderators": { "ablat": 42, "alloc": "random", "code": 2 } },
          { "yi": -1.44155119002131, "vi": 0.0200100319022476, "moderators": { "ablat": 52, "alloc": "random", "code": 10 } },
          { "yi": -0.217547322211296, "vi": 0.0512101721696309, "moderators": { "ablat": 13, "alloc": "other", "code": 1 } },
          { "yi": -0.786115585818864, "vi": 0.00690561845590876, "moderators": { "ablat": 44, "alloc": "other", "code": 1 } },
          { "yi": -1.62089822359839, "vi": 0.223017247572315, "moderators": { "ablat": 19, "alloc": "random", "code": 1 } },
          { "yi": 0.0119523335238405, "vi": 0.00396157929781773, "moderators": { "ablat": 13, "alloc": "random", "code": 2 } } ] }
        """;

    private readonly Service _service = demo.Service;

    [Fact]
    public async Task Interactions_and_powers_have_names_tests_and_inflation()
    {
        var answer = (await Ask(("terms", Names("ablat", "alloc", "ablat:alloc", "ablat^2")))).ShouldBe(200);
        Assert.Equal(["intercept", "ablat", "alloc:random", "ablat:alloc:random", "ablat^2"],
            answer.At("coefficients")!.AsArray().Select(c => c.At("name")!.GetValue<string>()));
        Assert.Equal(["ablat", "alloc", "ablat:alloc", "ablat^2"], answer.At("termTests")!.AsArray().Select(t => t.At("term")!.GetValue<string>()));
        var statistic = answer.Number("coefficients/4/statistic");
        Assert.Equal(statistic * statistic, answer.Number("termTests/3/test/statistic"), 1e-9 * statistic * statistic);
        Assert.Equal(answer.Number("coefficients/4/vif"), answer.Number("termTests/3/gvif"), 1e-6);
        Assert.False(answer.Json["coefficients"]![0]!.AsObject().ContainsKey("vif"));
        Assert.True(answer.Number("residual/intervals/tau2Upper") > answer.Number("residual/tau2"));
        Assert.True(answer.Number("residual/intervals/profileUpper") > answer.Number("residual/tau2"));
        Assert.Contains("lowerTermMissing", (await Ask(("terms", Names("alloc", "ablat^2")))).Warnings);
    }

    [Fact]
    public async Task Numeric_codes_are_levels_if_their_kind_says_so()
    {
        var answer = (await Ask(("terms", Names("code")), ("kind", new JsonObject { ["code"] = "categorical" }), ("marginalMeans", true))).ShouldBe(200);
        Assert.Equal(["intercept", "code:2", "code:10"], answer.At("coefficients")!.AsArray().Select(c => c.At("name")!.GetValue<string>()));
        Assert.Equal(3, answer.At("marginalMeans")!.AsArray().Count);
        Assert.Equal("10", answer.String("marginalMeans/2/at/code"));
        Assert.Equal(answer.Number("coefficients/0/estimate") + answer.Number("coefficients/2/estimate"), answer.Number("marginalMeans/2/effect"), 1e-10);
    }

    [Fact]
    public async Task Predictions_are_those_of_the_coefficients_and_do_not_depend_on_centring()
    {
        var at = Points(new JsonObject { ["ablat"] = 20, ["alloc"] = "random" }, []);
        var answer = (await Ask(("terms", Names("ablat", "alloc", "ablat^2")), ("at", at.DeepClone()))).ShouldBe(200);
        double B(int j) => answer.Number($"coefficients/{j}/estimate");
        Assert.Equal(B(0) + 20 * B(1) + B(2) + 400 * B(3), answer.Number("predicted/0/effect"), 1e-9);
        Assert.True(answer.Number("predicted/0/predictionLower") < answer.Number("predicted/0/lower"));
        var mean = new[] { 44, 55, 42, 52, 13, 44, 19, 13 }.Average();
        Assert.Equal(B(0) + mean * B(1) + B(2) / 2 + mean * mean * B(3), answer.Number("predicted/1/effect"), 1e-9);
        var centred = (await Ask(("terms", Names("ablat", "alloc", "ablat^2")), ("at", at), ("centred", true))).ShouldBe(200);
        Assert.Equal(answer.Number("predicted/0/effect"), centred.Number("predicted/0/effect"), 1e-9);
        Assert.Equal(mean, centred.Number("centres/0/mean"), 1e-12);
        Assert.True(centred.Number("coefficients/1/vif") < answer.Number("coefficients/1/vif"));
    }

    [Fact]
    public async Task Likelihood_ratios_are_of_maximum_likelihood_whatever_the_estimator()
    {
        var answer = (await Ask(("terms", Names("ablat", "alloc")), ("drop", Names("alloc")))).ShouldBe(200);
        Assert.Equal("ml", answer.String("likelihoodRatio/estimator"));
        var model = MetaforReference.ModelJson("ml", "z");
        var ml = (await Ask(("terms", Names("ablat", "alloc")), ("model", model))).ShouldBe(200);
        Assert.Equal(ml.Number("model/logLikelihood"), answer.Number("likelihoodRatio/full/logLikelihood"), 1e-9);
        Assert.Equal(4, answer.Number("likelihoodRatio/full/parameters"));
        Assert.Equal(2 * (answer.Number("likelihoodRatio/full/logLikelihood") - answer.Number("likelihoodRatio/reduced/logLikelihood")),
            answer.Number("likelihoodRatio/statistic"), 1e-9);
        Assert.Equal(2, ml.Number("likelihoodRatio/df"));
    }

    [Fact]
    public async Task Each_coefficient_has_a_permutation_p_value()
    {
        var answer = (await Ask(("permutations", 300), ("terms", Names("alloc")))).ShouldBe(200);
        Assert.True(answer.At("permutationTest/exact")!.GetValue<bool>());
        Assert.Equal(28, answer.Number("permutationTest/permutations"));
        Assert.Equal(answer.Number("permutationTest/p"), answer.Number("coefficients/1/permutationP"), 1e-12);
    }

    [Fact]
    public async Task A_location_scale_model_stands_beside_the_regression()
    {
        var body = MetaforReference.RequestBody(MetaforReference.Read("bangertdrowns2004"), "length");
        body.Remove("by");
        var answer = (await _service.Post("/meta/regression", body.With("terms", Names("length")).With("scaleTerms", Names("length"))
            .With("model", MetaforReference.ModelJson("reml", "z")))).ShouldBe(200);
        Assert.Equal("length", answer.String("locationScale/scale/1/name"));
        Assert.Equal(0.0471563030454067, answer.Number("locationScale/scale/1/estimate"), 1e-6); // metafor 5.1.12
        Assert.Equal(-14.296186737100244, answer.Number("locationScale/logLikelihood"), 1e-8);
        Assert.True(answer.Number("locationScale/homogeneity/statistic") >= 0);
        Assert.Contains("scaleNotEstimable", (await Ask(("terms", Names("alloc")), ("scaleTerms", Names("ablat")))).ShouldBe(200).Warnings);
        (await Ask(("terms", Names("alloc")), ("scaleTerms", Names("ablat")), ("model", JsonNode.Parse("""{ "measure": "raw", "estimator": "dl" }"""))))
            .ShouldBeProblem(422, "#/scaleTerms", "needsLikelihood");
    }

    [Theory]
    [InlineData("""{ "terms": ["ablat^9"] }""", "#/terms/0 notATerm")]
    [InlineData("""{ "terms": ["ablat:colour"] }""", "#/terms/0 unknownModerator")]
    [InlineData("""{ "terms": ["alloc^2"] }""", "#/terms/0 powerOfCategorical")]
    [InlineData("""{ "terms": ["ablat:alloc", "alloc:ablat"] }""", "#/terms/1 sameTerm")]
    [InlineData("""{ "terms": ["alloc"], "kind": { "alloc": "continuous" } }""", "#/terms/0 notANumber")]
    [InlineData("""{ "terms": ["alloc"], "kind": { "ablat": "continuous" } }""", "#/kind unknownModerator")]
    [InlineData("""{ "terms": ["alloc"], "at": [{ "alloc": "nobody" }] }""", "#/at/0 unknownLevel")]
    [InlineData("""{ "terms": ["alloc"], "at": [{}, { "ablat": 3 }] }""", "#/at/1 unknownModerator")]
    [InlineData("""{ "terms": ["ablat"], "at": [{ "ablat": "north" }] }""", "#/at/0 notANumber")]
    [InlineData("""{ "terms": ["ablat", "ablat^2"], "drop": ["ablat"] }""", "#/drop partOfTerm")]
    [InlineData("""{ "terms": ["ablat"], "drop": ["alloc"] }""", "#/drop/0 unknownTerm")]
    [InlineData("""{ "terms": ["ablat", "ablat^2", "ablat^3", "ablat^4", "ablat^5", "ablat^6"] }""", "# rankDeficient")]
    [InlineData("""{ "terms": ["ablat:alloc", "alloc", "ablat", "code", "code:ablat", "code^2", "code^3"] }""", "# rankDeficient")]
    public async Task What_cannot_be_computed_is_named(string members, string error)
    {
        var body = JsonNode.Parse(Trials)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(members)!.AsObject())
        {
            body[name] = value!.DeepClone();
        }

        var answer = await _service.Post("/meta/regression", body);
        answer.ShouldBeProblem(422, error.Split(' ')[0], error.Split(' ')[1]);
    }

    [Fact]
    public async Task Points_and_kinds_are_read_from_a_query()
    {
        var answer = (await _service.Get(
            "/meta/regression?terms=year&terms=outcomeType&terms=year^2&at=year:2015,outcomeType:treatmentOutcome&at=year:2010&drop=year^2")).ShouldBe(200);
        Assert.Equal(2, answer.At("predicted")!.AsArray().Count);
        Assert.Equal(2015, answer.Number("predicted/0/at/year"));
        Assert.Equal(1, answer.Number("likelihoodRatio/df"));
        var codes = (await _service.Get("/meta/regression?terms=year&moderatorKind=year:categorical")).ShouldBe(200);
        Assert.Matches("^year:20[0-9]{2}$", codes.String("coefficients/1/name"));
        (await _service.Get("/meta/regression?terms=year&moderatorKind=year:number")).ShouldBeProblem(400, "?moderatorKind", "notAValue");
        (await _service.Get("/meta/regression?terms=year&moderatorKind=level:categorical")).ShouldBeProblem(422, "?moderatorKind", "unknownModerator");
        (await _service.Get("/meta/regression?terms=year&at=2015")).ShouldBeProblem(400, "?at", "notAValue");
    }

    private Task<ServiceResponse> Ask(params (string Name, JsonNode? Value)[] members)
    {
        var body = JsonNode.Parse(Trials)!.AsObject();
        foreach (var (name, value) in members)
        {
            body[name] = value;
        }

        return _service.Post("/meta/regression", body);
    }

    private static JsonArray Names(params string[] names) => [.. names.Select(name => (JsonNode)name)];

    private static JsonArray Points(params JsonObject[] points) => [.. points];
}
