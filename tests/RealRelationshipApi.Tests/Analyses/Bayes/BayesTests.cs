using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Analyses.WhatIf;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Bayes;

/// <summary><c>/meta/bayes</c>, against <c>frontier/bayes</c>.</summary>
public sealed class BayesTests(WhatIfService shared) : IClassFixture<WhatIfService>
{
    private const string Molloy = "molloy2014 k=16, tau halfNormal";
    private static readonly (string Ours, string Theirs)[] s_members =
    [
        ("mean", "mean"), ("standardDeviation", "sd"), ("median", "median"), ("lower", "lower"), ("upper", "upper"), ("shortestLower", "shortestLower"),
        ("shortestUpper", "shortestUpper"), ("probabilityAboveZero", "pAboveZero"),
    ];

    private readonly Service _service = shared.Service;

    // Flat priors, which have no average, are of the library only.
    public static TheoryData<string> Cases => [.. MetaforReference.Read("frontier/bayes").At("cases")!.AsArray()
        .Where(c => c!.At("expected/average") is not null).Select(c => c!.At("name")!.GetValue<string>())];

    [Theory, MemberData(nameof(Cases))]
    public async Task Posteriors_and_averages_agree_with_the_reference(string name)
    {
        var (expected, answer) = (Case(name).At("expected")!, (await PostAsync(Body(name))).ShouldBe(200));
        foreach (var (ours, theirs) in new[] { ("mean", "mu"), ("tau", "tau"), ("prediction", "prediction") })
        {
            foreach (var (member, theirMember) in s_members.Where(m => expected[theirs]!.AsObject().ContainsKey(m.Theirs)))
            {
                AssertNear($"{ours}/{member}", expected.At($"{theirs}/{theirMember}"), answer.Number($"{ours}/{member}"));
            }
        }

        var rows = expected.At("shrinkage")!.AsArray();
        Assert.Equal(rows.Count, answer.At("studies")!.AsArray().Count);
        var studies = answer.At("studies")!;
        foreach (var (i, row) in rows.Index())
        {
            foreach (var (member, theirMember) in s_members.Where(m => row!.AsObject().ContainsKey(m.Theirs)))
            {
                AssertNear($"studies/{i}/{member}", row.At(theirMember), studies.At($"{i}/{member}")!.GetValue<double>());
            }
        }

        foreach (var (i, model) in new[] { "fixedNull", "fixedEffect", "randomNull", "randomEffect" }.Index())
        {
            Assert.Equal((model, 0.25), (answer.String($"models/{i}/model"), answer.Number($"models/{i}/priorProbability")));
            var theirs = model.Replace("Effect", "Alternative", StringComparison.Ordinal);
            AssertNear(model, expected.At($"average/probabilities/{theirs}"), answer.Number($"models/{i}/probability"));
            AssertNear(model, expected.At($"average/logMarginals/{theirs}"), answer.Number($"models/{i}/logMarginalLikelihood"));
        }

        Assert.Equal(("effect", "heterogeneity"), (answer.String("inclusion/0/component"), answer.String("inclusion/1/component")));
        foreach (var (ours, theirs) in new[]
        {
            ("inclusion/0/bayesFactor", "bfEffect"), ("inclusion/1/bayesFactor", "bfHeterogeneity"), ("inclusion/0/logBayesFactor", "logBfEffect"),
            ("inclusion/1/logBayesFactor", "logBfHeterogeneity"), ("averaged/mean", "meanAll"), ("averaged/lower", "lowerAll"),
            ("averaged/upper", "upperAll"), ("meanGivenEffect/mean", "meanGivenEffect"), ("meanGivenEffect/lower", "lowerGivenEffect"),
            ("meanGivenEffect/upper", "upperGivenEffect"),
        })
        {
            AssertNear(ours, expected.At($"average/{theirs}"), answer.Number(ours));
        }
    }

    [Fact]
    public async Task Limits_are_transformed_to_r()
    {
        var answer = (await PostAsync(Body(Molloy))).ShouldBe(200);
        var expected = Case(Molloy).At("expected")!;
        foreach (var (part, theirs) in new[] { ("mean", "mu"), ("prediction", "prediction") })
        {
            AssertNear(part, Math.Tanh(Value(expected, $"{theirs}/lower")), answer.Number($"{part}/r/lower"));
            AssertNear(part, Math.Tanh(Value(expected, $"{theirs}/upper")), answer.Number($"{part}/r/upper"));
        }

        AssertNear("median", Math.Tanh(Value(expected, "mu/median")), answer.Number("mean/r/median"));
        AssertNear("averaged", Math.Tanh(Value(expected, "average/upperAll")), answer.Number("averaged/r/upper"));
        AssertNear("study", Math.Tanh(Value(expected, "shrinkage/3/lower")), answer.Number("studies/3/r/lower"));
        Assert.False(answer.At("tau")!.AsObject().ContainsKey("r"));

        var body = Body(Molloy);
        body["model"]!["measure"] = "raw";
        var raw = (await PostAsync(body)).ShouldBe(200);
        Assert.Equal(answer.Number("mean/median"), raw.Number("mean/median"));
        Assert.Contains("priorsForFisherZ", raw.Warnings);
        Assert.Null(raw.At("averaged/r"));
    }

    [Fact]
    public async Task Stored_and_given_effects_have_one_answer_in_any_order()
    {
        var stored = (await _service.Get("/meta/bayes?exclude=a&priorSensitivity=true")).ShouldBe(200);
        Assert.Equal(stored.Bytes, (await _service.PostText("/meta/bayes", """{ "filter": { "exclude": ["a"] }, "priorSensitivity": true }""")).Bytes);
        Assert.Equal(stored.Bytes, (await _service.Get("/meta/bayes?exclude=a&priorSensitivity=true")).Bytes);
        foreach (var order in new int[][] { [0, 1, 2, 3], [2, 0, 3, 1] })
        {
            double[] r = [0.1, 0.3, 0.38, 0.6];
            var given = (await PostAsync(new JsonObject
            {
                ["effects"] = new JsonArray([.. order.Select(i => new JsonObject { ["r"] = r[i], ["n"] = 40 + (20 * i) })]), ["priorSensitivity"] = true,
            })).ShouldBe(200);
            foreach (var part in new[] { "prior", "mean", "tau", "prediction", "meanGivenEffect", "averaged", "models", "inclusion", "priorSensitivity" })
            {
                Assert.Equal(stored.At(part)!.ToJsonString(), given.At(part)!.ToJsonString());
            }

            Assert.Equal(Value(stored.At($"studies/{order[0]}")!, "mean"), given.Number("studies/0/mean"));
        }

        Assert.Equal(304, (await _service.Get("/meta/bayes?exclude=a&priorSensitivity=true", ("If-None-Match", stored.ETag!))).Status);
    }

    [Fact]
    public async Task Dependent_effects_enter_as_composites_of_samples()
    {
        var body = MetaforReference.NestedRequestBody(MetaforReference.Read("konstantopoulos2011"));
        var answer = (await PostAsync(body)).ShouldBe(200);
        Assert.Equal(("aggregated", 11), (answer.String("mean/basis"), answer.At("studies")!.AsArray().Count));
        Assert.Contains("aggregated", answer.Warnings);
        body["model"] = new JsonObject { ["dependence"] = "independent" };
        Assert.Equal(56, (await PostAsync(body)).ShouldBe(200).At("studies")!.AsArray().Count);
        var stored = (await _service.Get("/meta/bayes")).ShouldBe(200);
        Assert.Equal((5, 6, "one"), ((int)stored.Number("counts/samples"), (int)stored.Number("counts/effects"), stored.String("studies/0/id")));
    }

    [Fact]
    public async Task Other_priors_are_each_the_answer_under_that_prior()
    {
        var rows = (await _service.Get("/meta/bayes?exclude=a&priorSensitivity=true")).ShouldBe(200).At("priorSensitivity")!.AsArray();
        Assert.Equal(9, rows.Count);
        Assert.Equal([true, .. Enumerable.Repeat(false, 8)], rows.Select(row => row.At("chosen")!.GetValue<bool>()));
        foreach (var row in rows)
        {
            var prior = row.At("prior")!;
            var alone = (await _service.Get($"/meta/bayes?exclude=a&priorMuSd={prior.At("muSd")}&priorTau={prior.At("tau")}&priorTauScale="
                + prior.At("tauScale"))).ShouldBe(200);
            Assert.Equal(prior.ToJsonString(), alone.At("prior")!.ToJsonString());
            Assert.Equal((alone.Number("mean/median"), alone.Number("tau/upper"), alone.Number("inclusion/0/logBayesFactor"), alone.Number("prediction/lower")),
                (Value(row, "median"), Value(row, "tauUpper"), Value(row, "logBayesFactorEffect"), Value(row, "predictionLower")));
        }
    }

    [Fact]
    public async Task The_scale_of_a_uniform_prior_is_1_unless_given()
    {
        Assert.Equal(1, (await _service.Get("/meta/bayes?priorTau=uniform")).ShouldBe(200).Number("prior/tauScale"));
        Assert.Equal(0.5, (await _service.Get("/meta/bayes?priorTau=uniform&priorTauScale=0.5")).ShouldBe(200).Number("prior/tauScale"));
        var plain = (await _service.Get("/meta/bayes")).ShouldBe(200);
        Assert.DoesNotContain("priorChosen", plain.Warnings);
        var defaults = await _service.Get("/meta/bayes?priorMuMean=0&priorMuSd=0.5&priorTau=halfNormal&priorTauScale=0.3&priorSensitivity=false");
        Assert.Equal(plain.Bytes, defaults.ShouldBe(200).Bytes);
        Assert.Contains("priorChosen", (await _service.Get("/meta/bayes?priorMuMean=0.2")).ShouldBe(200).Warnings);
    }

    [Fact]
    public async Task One_effect_is_an_answer()
    {
        var answer = (await _service.PostText("/meta/bayes", """{ "effects": [{ "r": 0.4, "n": 50 }] }""")).ShouldBe(200);
        Assert.Contains("oneEffect", answer.Warnings);
        Assert.True(answer.Number("prediction/upper") > answer.Number("mean/upper"));
        var long_ = (await _service.PostText("/meta/bayes", """{ "effects": [{ "r": 0.4, "n": 50 }], "model": { "priorTau": "halfCauchy" } }""")).ShouldBe(200);
        Assert.Contains("noMoments", long_.Warnings);
        Assert.Null(long_.At("prediction/standardDeviation"));
    }

    [Theory]
    [InlineData("priorMuMean=2.1", "priorMuMean outOfRange")]
    [InlineData("priorMuSd=0.05", "priorMuSd outOfRange")]
    [InlineData("priorMuSd=0&priorTauScale=1.5", "priorMuSd outOfRange, priorTauScale outOfRange")]
    [InlineData("priorTauScale=-1", "priorTauScale outOfRange")]
    public async Task Priors_outside_their_limits_are_422(string priors, string errors)
    {
        string[] expected = errors.Split(", ");
        Assert.Equal(expected.Select(e => $"?{e}"), (await _service.Get($"/meta/bayes?{priors}")).ShouldBeProblem(422).Errors);
        var model = string.Join(", ", priors.Split('&').Select(p => $"\"{p.Split('=')[0]}\": {p.Split('=')[1]}"));
        Assert.Equal(expected.Select(e => $"#/model/{e}"),
            (await _service.PostText("/meta/bayes", $$"""{ "model": { {{model}} } }""")).ShouldBeProblem(422).Errors);
    }

    [Theory]
    [InlineData("/meta/bayes?priorTau=flat", 400, "?priorTau notAValue")]
    [InlineData("/meta/bayes?sequential=anytime", 400, "?sequential notAllowed")]
    [InlineData("/meta/pool?priorTau=uniform", 400, "?priorTau notAllowed")]
    [InlineData("/meta/sensitivity?sequential=anytime&priorMuMean=0", 400, "?priorMuMean notAllowed")]
    public async Task Options_on_which_nothing_depends_are_refused(string path, int status, string error) =>
        Assert.Equal([error], (await _service.Get(path)).ShouldBeProblem(status).Errors);

    [Fact]
    public async Task Options_of_estimation_have_no_effect_and_that_is_said()
    {
        var plain = (await _service.Get("/meta/bayes?exclude=a")).ShouldBe(200);
        Assert.DoesNotContain("noEffect", plain.Warnings);
        foreach (var option in new[] { "estimator=dl", "test=z", "prediction=riley", "equivalence=0.1" })
        {
            var answer = (await _service.Get($"/meta/bayes?exclude=a&{option}")).ShouldBe(200);
            Assert.Contains("noEffect", answer.Warnings);
            Assert.Equal(plain.At("mean")!.ToJsonString(), answer.At("mean")!.ToJsonString());
        }
    }

    [Fact]
    public async Task Tables_have_the_numbers_of_the_answer()
    {
        var answer = (await _service.Get("/meta/bayes")).ShouldBe(200);
        string[] studies = (await _service.Get("/meta/bayes.csv")).ShouldBe(200).Text.TrimEnd().Split('\n');
        Assert.Equal(1 + answer.At("studies")!.AsArray().Count, studies.Length);
        Assert.StartsWith("id,study,sample,effect,standardError,mean,standardDeviation,lower,upper,r.effect,r.mean,", studies[0], StringComparison.Ordinal);
        Assert.Equal(studies, (await _service.Get("/meta/bayes", ("Accept", "text/csv"))).ShouldBe(200).Text.TrimEnd().Split('\n'));
        string[] parts = (await _service.Get("/meta/bayes.csv?table=parts")).ShouldBe(200).Text.TrimEnd().Split('\n');
        Assert.Equal(["mean", "tau", "prediction", "meanGivenEffect", "averaged"], parts.Skip(1).Select(row => row.Split(',')[0]));
        Assert.Contains(answer.At("mean/median")!.ToJsonString(), parts[1].Split(','));
        Assert.Equal(5, (await _service.Get("/meta/bayes.csv?table=models")).ShouldBe(200).Text.TrimEnd().Split('\n').Length);
        Assert.Equal(10, (await _service.Get("/meta/bayes.csv?table=priorSensitivity&priorSensitivity=true")).ShouldBe(200).Text.TrimEnd().Split('\n').Length);
    }

    [Theory]
    [InlineData("bayes", "Bayes factor of an effect")]
    [InlineData("priorSensitivity", "N(0, 0.25); τ half-normal(0.3)")]
    public async Task Pictures_have_the_numbers_of_the_answer(string name, string text)
    {
        var answer = (await _service.Get("/meta/bayes?exclude=a&priorMuMean=-0.25")).ShouldBe(200);
        string Hundredths(string path) => answer.Number(path).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)[1..];
        var picture = SvgDocument.FromResponse(await _service.Get($"/meta/{name}.svg?exclude=a&priorMuMean=-0.25"));
        Assert.Contains($"r = {Hundredths("mean/r/median")} [{Hundredths("mean/r/lower")}, {Hundredths("mean/r/upper")}]",
            picture.Description, StringComparison.Ordinal);
        Assert.Contains(text.Replace("N(0,", "N(−0.25,", StringComparison.Ordinal), picture.JoinedText, StringComparison.Ordinal);
        (await _service.Get($"/meta/{name}.svg?priorMuSd=3")).ShouldBeProblem(422, "?priorMuSd", "outOfRange");
        (await _service.Get($"/meta/{name}.svg?sequential=anytime")).ShouldBeProblem(400, "?sequential", "notAllowed");
    }

    private static JsonNode Case(string name) =>
        MetaforReference.Read("frontier/bayes").At("cases")!.AsArray().Single(c => c!.At("name")!.GetValue<string>() == name)!;

    private static JsonObject Body(string name) => new()
    {
        ["effects"] = new JsonArray([.. Case(name).At("effects")!.AsArray().Select(e => new JsonObject { ["yi"] = Value(e, "yi"), ["vi"] = Value(e, "vi") })]),
        ["model"] = new JsonObject(new[] { "priorMuMean", "priorMuSd", "priorTau", "priorTauScale" }
            .Select(option => KeyValuePair.Create(option, Case(name).At($"options/{option}")?.DeepClone()))),
    };

    private static double Value(JsonNode? node, string path) => node.At(path)!.GetValue<double>();

    private static void AssertNear(string what, JsonNode? expected, double actual) => MetaforReference.AssertAgrees(what, expected, JsonValue.Create(actual));

    private Task<ServiceResponse> PostAsync(JsonObject body) => _service.Post("/meta/bayes", body);
}
