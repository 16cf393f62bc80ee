using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Pool;

/// <summary>Published data sets through HTTP, compared with the metafor results of the statistics tests.</summary>
public sealed class PoolReferenceTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData("bcg")]
    [InlineData("molloy2014")]
    public async Task Every_estimator_and_test_agrees_with_metafor(string name)
    {
        var file = MetaforReference.Read(name);
        foreach (var (key, expected) in file.At("random")!.AsObject())
        {
            var answer = await PostAsync("/meta/pool", MetaforReference.RequestBody(file), MetaforReference.EstimatorNames[key.Split('/')[0]],
                MetaforReference.TestNames[key.Split('/')[1]]);
            foreach (var (ours, theirs) in MetaforReference.PooledMembers)
            {
                MetaforReference.AssertAgrees($"{key} {ours}", expected.At(theirs), answer.At($"pooled/{ours}"));
            }

            foreach (var (ours, theirs) in new[] { ("tau2", "tau2"), ("i2", "i2"), ("h2", "h2"), ("q", "q"), ("p", "qP") })
            {
                MetaforReference.AssertAgrees($"{key} {ours}", expected.At(theirs), answer.At($"heterogeneity/{ours}"));
            }
        }
    }

    [Theory]
    [InlineData("reml", "REML")]
    [InlineData("pm", "PM")]
    public async Task The_interval_of_tau_squared_agrees_with_metafor(string ours, string theirs)
    {
        var file = MetaforReference.Read("bcg");
        var answer = await PostAsync("/meta/pool", MetaforReference.RequestBody(file), ours, "z");
        MetaforReference.AssertAgrees("lower", file.At($"qProfile/{theirs}/tau2/1"), answer.At("heterogeneity/tau2Lower"), 1e-6);
        MetaforReference.AssertAgrees("upper", file.At($"qProfile/{theirs}/tau2/2"), answer.At("heterogeneity/tau2Upper"), 1e-6);
    }

    [Theory]
    [InlineData("alloc")]
    [InlineData("ablat")]
    public async Task A_moderator_agrees_with_metafors_regression(string moderator)
    {
        var file = MetaforReference.Read("bcg");
        foreach (var (key, expected) in file.At($"moderators/{moderator}")!.AsObject().Where(m => m.Key != "subgroup"))
        {
            var answer = await PostAsync("/meta/moderators", MetaforReference.RequestBody(file, moderator), MetaforReference.EstimatorNames[key.Split('/')[0]],
                MetaforReference.TestNames[key.Split('/')[1]]);
            var part = answer.At("moderators/0");
            MetaforReference.AssertAgrees($"{key} test", expected.At("qm"), part.At("test/statistic"));
            MetaforReference.AssertAgrees($"{key} p", expected.At("qmP"), part.At("test/p"));
            MetaforReference.AssertAgrees($"{key} tau2", expected.At("tau2"), part.At("residual/tau2"));
            foreach (var (i, beta) in expected.At("beta")!.AsArray().Index())
            {
                MetaforReference.AssertAgrees($"{key} coefficient {i}", beta, part.At($"coefficients/{i}/estimate"));
            }
        }
    }

    [Fact]
    public async Task Levels_with_separate_tau_squared_agree_with_metafor()
    {
        var file = MetaforReference.Read("bcg");
        var answer = await PostAsync("/meta/moderators", MetaforReference.RequestBody(file, "alloc").With("tauSquared", "separate"), "reml", "knappHartung");
        foreach (var (level, expected) in file.At("moderators/alloc/subgroup")!.AsObject())
        {
            var ours = answer.At("moderators/0/levels")!.AsArray().Single(l => l.At("level")!.GetValue<string>() == level);
            MetaforReference.AssertAgrees($"{level} effect", expected.At("beta"), ours.At("pooled/effect"));
            MetaforReference.AssertAgrees($"{level} lower", expected.At("ciLower"), ours.At("pooled/lower"));
            MetaforReference.AssertAgrees($"{level} tau2", expected.At("tau2"), ours.At("heterogeneity/tau2"));
        }
    }

    [Theory]
    [InlineData("rho0", 0)]
    [InlineData("rho0.5", 0.5)]
    public async Task Aggregated_samples_agree_with_metafor(string key, double rho)
    {
        var file = MetaforReference.Read("assink2016");
        var body = MetaforReference.RequestBody(file);
        foreach (var (i, cluster) in file.At("data/cluster")!.AsArray().Index())
        {
            body.At($"effects/{i}")!.AsObject()["sample"] = cluster!.ToString();
        }

        var answer =
            (await _service.Post("/meta/pool",
                body.With("model", MetaforReference.ModelJson("reml", "knappHartung").With("dependence", "aggregate").With("rho", rho)))).ShouldBe(200);
        foreach (var (ours, theirs) in MetaforReference.PooledMembers.Where(p => p.Theirs[0] != 'p' || p.Theirs == "p"))
        {
            MetaforReference.AssertAgrees($"{key} {ours}", file.At($"dependent/aggregate/{key}/fit/{theirs}"), answer.At($"pooled/{ours}"));
        }
    }

    private async Task<ServiceResponse> PostAsync(string path, JsonObject body, string estimator, string test) =>
        (await _service.Post(path, body.With("model", MetaforReference.ModelJson(estimator, test).With("dependence", "independent")))).ShouldBe(200);
}
