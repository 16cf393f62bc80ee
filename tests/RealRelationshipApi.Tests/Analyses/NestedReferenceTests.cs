using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Analyses;

/// <summary>Models of effects nested in samples through HTTP, against metafor's rma.mv and clubSandwich.</summary>
public sealed class NestedReferenceTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private const double Tolerance = 2e-6;

    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData("konstantopoulos2011")]
    [InlineData("crede2010")]
    public async Task Three_levels_give_what_metafor_gives(string name)
    {
        var file = Metafor.Read(name);
        foreach (var (key, expected) in file.At("dependent/threeLevel")!.AsObject())
        {
            var answer = await Pool(file, "threeLevel", key.Split('/')[0].ToLowerInvariant(), key.Split('/')[1], "none");
            foreach (var (ours, theirs) in Metafor.Pooled.Where(p => p.Theirs is "beta" or "se" or "stat" or "p" or "ciLower" or "ciUpper"))
            {
                Metafor.Agree($"{key} {ours}", expected.At(theirs), answer.At($"pooled/{ours}"), Tolerance);
            }

            Metafor.Agree($"{key} between", expected.At("sigma2/0"), answer.At("heterogeneity/betweenVariance"), Tolerance);
            Metafor.Agree($"{key} within", expected.At("sigma2/1"), answer.At("heterogeneity/withinVariance"), Tolerance);
            Metafor.Agree($"{key} logLik", expected.At("logLik"), answer.At("model/logLikelihood"), Tolerance);
        }
    }

    [Theory]
    [InlineData("CR0")]
    [InlineData("CR1")]
    [InlineData("CR2")]
    public async Task Robust_variances_give_what_clubSandwich_gives(string kind)
    {
        var file = Metafor.Read("konstantopoulos2011");
        var expected = file.At($"dependent/robust/threeLevel/{kind}");
        var answer = await Pool(file, "threeLevel", "reml", "t", kind.ToLowerInvariant());
        foreach (var (ours, theirs) in Metafor.Pooled.Where(p => p.Theirs is "beta" or "se" or "stat" or "df" or "p"))
        {
            Metafor.Agree($"{kind} {ours}", expected.At(theirs), answer.At($"pooled/{ours}"), Tolerance);
        }
    }

    [Fact]
    public async Task Heterogeneity_is_split_as_in_Konstantopoulos_2011()
    {
        var answer = await Pool(Metafor.Read("konstantopoulos2011"), "threeLevel", "reml", "z", "none");
        Assert.Equal(95.19, answer.Number("heterogeneity/i2"), 0.005);
        Assert.Equal(63.32, answer.Number("heterogeneity/i2Between"), 0.005);
        Assert.Equal(31.86, answer.Number("heterogeneity/i2Within"), 0.005);
        Assert.Equal(-0.4502, answer.Number("pooled/predictionLower"), 5e-5);
        Assert.Equal(0.8197, answer.Number("pooled/predictionUpper"), 5e-5);
        Assert.True(answer.Number("heterogeneity/betweenLower") < answer.Number("heterogeneity/betweenVariance"));
        Assert.True(answer.Number("heterogeneity/betweenVariance") < answer.Number("heterogeneity/betweenUpper"));
    }

    [Fact]
    public async Task Auto_is_the_correlated_hierarchical_model_with_CR2()
    {
        var file = Metafor.Read("assink2016");
        var answer = (await _service.Post("/meta/pool", Metafor.NestedBody(file).With("model", new JsonObject { ["measure"] = "raw" }))).ShouldBe(200);
        Assert.Equal("correlatedHierarchical", answer.String("model/dependence"));
        Assert.Equal("cr2", answer.String("model/robust"));
        Assert.Equal("t", answer.String("model/test"));
        Metafor.Agree("se", file.At("dependent/che/rho0.6/cr2/se"), answer.At("pooled/standardError"), Tolerance);
        Metafor.Agree("df", file.At("dependent/che/rho0.6/cr2/df"), answer.At("pooled/df"), Tolerance);
    }

    [Theory]
    [InlineData("konstantopoulos2011")]
    [InlineData("assink2016")]
    public async Task Regressions_give_what_metafor_and_clubSandwich_give(string name)
    {
        var file = Metafor.Read(name);
        foreach (var (term, expected) in file.At("dependent/moderators")!.AsObject())
        {
            var plain = await Regression(file, term, "z", "none");
            var robust = await Regression(file, term, "t", "cr2");
            foreach (var (i, beta) in expected.At("beta")!.AsArray().Index())
            {
                Metafor.Agree($"{term} {i}", beta, plain.At($"coefficients/{i}/estimate"), Tolerance);
                Metafor.Agree($"{term} {i} se", expected.At($"se/{i}"), plain.At($"coefficients/{i}/standardError"), Tolerance);
                Metafor.Agree($"{term} {i} cr2", expected.At($"cr2/se/{i}"), robust.At($"coefficients/{i}/standardError"), Tolerance);
                Metafor.Agree($"{term} {i} df", expected.At($"cr2/df/{i}"), robust.At($"coefficients/{i}/df"), Tolerance);
            }
            Metafor.Agree($"{term} htz", expected.At("htz/f"), robust.At("robustTest/f"), 1e-5);
            // Below one degree of freedom the approximation says nothing, and so do we.
            var df = expected.At("htz/dfDen");
            Metafor.Agree($"{term} htz df", df?.GetValue<double>() < 1 ? null : df, robust.At("robustTest/df2"), 1e-5);
        }
    }

    [Fact]
    public async Task What_nested_models_cannot_do_is_refused_by_name()
    {
        var body = Metafor.NestedBody(Metafor.Read("konstantopoulos2011"));
        var model = new JsonObject { ["dependence"] = "threeLevel", ["estimator"] = "pm", ["test"] = "knappHartung" };
        var answer = await _service.Post("/meta/pool", body.With("model", model));
        answer.ShouldBeProblem(422, "#/model/estimator", "notForNested").ShouldBeProblem(422, "#/model/test", "notForNested");
        (await _service.Post("/meta/pool", body.With("model", new JsonObject { ["dependence"] = "independent", ["robust"] = "cr2" })))
            .ShouldBeProblem(422, "#/model/robust", "notForIndependent");
        (await _service.Post("/meta/pool", body.With("model", new JsonObject { ["test"] = "z", ["robust"] = "cr1" })))
            .ShouldBeProblem(422, "#/model/test", "notForRobust");
    }

    [Fact]
    public async Task Bias_and_sensitivity_say_on_what_they_rest_where_effects_are_nested()
    {
        var body = Metafor.NestedBody(Metafor.Read("assink2016")).With("model", new JsonObject { ["measure"] = "raw" });
        var bias = (await _service.Post("/meta/bias", body)).ShouldBe(200);
        Assert.Equal("clusterRobust", bias.String("egger/basis"));
        Assert.Equal("clusterRobust", bias.String("peese/basis"));
        Assert.Equal("aggregated", bias.String("trimAndFill/basis"));
        var sensitivity = (await _service.Post("/meta/sensitivity", body)).ShouldBe(200);
        var samples = sensitivity.At("counts/samples")!.GetValue<int>();
        Assert.Equal(samples, sensitivity.At("leaveOneOut")!.AsArray().Count);
        Assert.Equal(samples, sensitivity.At("cumulative")!.AsArray().Count);
        Assert.Equal(10, sensitivity.At("rho")!.AsArray().Count);
    }

    private async Task<Answer> Pool(JsonNode file, string dependence, string estimator, string test, string robust) =>
        (await _service.Post("/meta/pool", Metafor.NestedBody(file).With("model", Metafor.Model(estimator, test).With("dependence", dependence).With("robust", robust)))).ShouldBe(200);

    private async Task<Answer> Regression(JsonNode file, string term, string test, string robust) =>
        (await _service.Post("/meta/regression", Metafor.NestedBody(file, term)
            .With("model", Metafor.Model("reml", test).With("dependence", "threeLevel").With("robust", robust)))).ShouldBe(200);
}
