using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Pool;

/// <summary>Models of effects nested in samples through HTTP, against metafor's rma.mv and clubSandwich.</summary>
public sealed class NestedPoolReferenceTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private const double Tolerance = 2e-6;

    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData("konstantopoulos2011")]
    [InlineData("crede2010")]
    public async Task Three_level_models_agree_with_metafor(string name)
    {
        var file = MetaforReference.Read(name);
        foreach (var (key, expected) in file.At("dependent/threeLevel")!.AsObject())
        {
            var answer = await Pool(file, "threeLevel", key.Split('/')[0].ToLowerInvariant(), key.Split('/')[1], "none");
            foreach (var (ours, theirs) in MetaforReference.PooledMembers.Where(p => p.Theirs is "beta" or "se" or "stat" or "p" or "ciLower" or "ciUpper"))
            {
                MetaforReference.AssertAgrees($"{key} {ours}", expected.At(theirs), answer.At($"pooled/{ours}"), Tolerance);
            }

            MetaforReference.AssertAgrees($"{key} between", expected.At("sigma2/0"), answer.At("heterogeneity/betweenVariance"), Tolerance);
            MetaforReference.AssertAgrees($"{key} within", expected.At("sigma2/1"), answer.At("heterogeneity/withinVariance"), Tolerance);
            MetaforReference.AssertAgrees($"{key} logLik", expected.At("logLik"), answer.At("model/logLikelihood"), Tolerance);
        }
    }

    [Theory]
    [InlineData("CR0")]
    [InlineData("CR1")]
    [InlineData("CR2")]
    public async Task Robust_variances_agree_with_clubSandwich(string kind)
    {
        var file = MetaforReference.Read("konstantopoulos2011");
        var expected = file.At($"dependent/robust/threeLevel/{kind}");
        var answer = await Pool(file, "threeLevel", "reml", "t", kind.ToLowerInvariant());
        foreach (var (ours, theirs) in MetaforReference.PooledMembers.Where(p => p.Theirs is "beta" or "se" or "stat" or "df" or "p"))
        {
            MetaforReference.AssertAgrees($"{kind} {ours}", expected.At(theirs), answer.At($"pooled/{ours}"), Tolerance);
        }
    }

    [Fact]
    public async Task Heterogeneity_is_partitioned_as_in_Konstantopoulos_2011()
    {
        var answer = await Pool(MetaforReference.Read("konstantopoulos2011"), "threeLevel", "reml", "z", "none");
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
        var file = MetaforReference.Read("assink2016");
        var answer =
            (await _service.Post("/meta/pool", MetaforReference.NestedRequestBody(file).With("model", new JsonObject { ["measure"] = "raw" }))).ShouldBe(200);
        Assert.Equal("correlatedHierarchical", answer.String("model/dependence"));
        Assert.Equal("cr2", answer.String("model/robust"));
        Assert.Equal("t", answer.String("model/test"));
        MetaforReference.AssertAgrees("se", file.At("dependent/che/rho0.6/cr2/se"), answer.At("pooled/standardError"), Tolerance);
        MetaforReference.AssertAgrees("df", file.At("dependent/che/rho0.6/cr2/df"), answer.At("pooled/df"), Tolerance);
    }

    [Theory]
    [InlineData("konstantopoulos2011")]
    [InlineData("assink2016")]
    public async Task Regressions_agree_with_metafor_and_clubSandwich(string name)
    {
        var file = MetaforReference.Read(name);
        foreach (var (term, expected) in file.At("dependent/moderators")!.AsObject())
        {
            var plain = await Regression(file, term, "z", "none");
            var robust = await Regression(file, term, "t", "cr2");
            foreach (var (i, beta) in expected.At("beta")!.AsArray().Index())
            {
                MetaforReference.AssertAgrees($"{term} {i}", beta, plain.At($"coefficients/{i}/estimate"), Tolerance);
                MetaforReference.AssertAgrees($"{term} {i} se", expected.At($"se/{i}"), plain.At($"coefficients/{i}/standardError"), Tolerance);
                MetaforReference.AssertAgrees($"{term} {i} cr2", expected.At($"cr2/se/{i}"), robust.At($"coefficients/{i}/standardError"), Tolerance);
                MetaforReference.AssertAgrees($"{term} {i} df", expected.At($"cr2/df/{i}"), robust.At($"coefficients/{i}/df"), Tolerance);
            }
            MetaforReference.AssertAgrees($"{term} htz", expected.At("htz/f"), robust.At("robustTest/f"), 1e-5);
            // The approximation is undefined below one degree of freedom.
            var df = expected.At("htz/dfDen");
            MetaforReference.AssertAgrees($"{term} htz df", df?.GetValue<double>() < 1 ? null : df, robust.At("robustTest/df2"), 1e-5);
        }
    }

    [Fact]
    public async Task Options_unsupported_by_nested_models_are_reported_by_name()
    {
        var body = MetaforReference.NestedRequestBody(MetaforReference.Read("konstantopoulos2011"));
        var model = new JsonObject { ["dependence"] = "threeLevel", ["estimator"] = "pm", ["test"] = "knappHartung" };
        var answer = await _service.Post("/meta/pool", body.With("model", model));
        answer.ShouldBeProblem(422, "#/model/estimator", "notForNested").ShouldBeProblem(422, "#/model/test", "notForNested");
        (await _service.Post("/meta/pool", body.With("model", new JsonObject { ["dependence"] = "independent", ["robust"] = "cr2" })))
            .ShouldBeProblem(422, "#/model/robust", "notForIndependent");
        (await _service.Post("/meta/pool", body.With("model", new JsonObject { ["test"] = "z", ["robust"] = "cr1" })))
            .ShouldBeProblem(422, "#/model/test", "notForRobust");
    }

    [Fact]
    public async Task Bias_and_sensitivity_state_how_nested_effects_were_handled()
    {
        var body = MetaforReference.NestedRequestBody(MetaforReference.Read("assink2016")).With("model", new JsonObject { ["measure"] = "raw" });
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

    private async Task<ServiceResponse> Pool(JsonNode file, string dependence, string estimator, string test, string robust) =>
        (await _service.Post("/meta/pool",
            MetaforReference.NestedRequestBody(file)
                .With("model", MetaforReference.ModelJson(estimator, test).With("dependence", dependence).With("robust", robust)))).ShouldBe(200);

    private async Task<ServiceResponse> Regression(JsonNode file, string term, string test, string robust) =>
        (await _service.Post("/meta/regression", MetaforReference.NestedRequestBody(file, term)
            .With("model", MetaforReference.ModelJson("reml", test).With("dependence", "threeLevel").With("robust", robust)))).ShouldBe(200);
}
