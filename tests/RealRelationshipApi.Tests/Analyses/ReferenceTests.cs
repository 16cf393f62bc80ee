using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Analyses;

/// <summary>Published data sets through HTTP, against metafor's answers as the tests of the statistics library keep them.</summary>
public sealed class ReferenceTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData("bcg")]
    [InlineData("molloy2014")]
    public async Task Every_estimator_and_test_gives_what_metafor_gives(string name)
    {
        var file = Metafor.Read(name);
        foreach (var (key, expected) in file.At("random")!.AsObject())
        {
            var answer = await Ask("/meta/pool", Metafor.Body(file), Metafor.Estimators[key.Split('/')[0]], Metafor.Tests[key.Split('/')[1]]);
            foreach (var (ours, theirs) in Metafor.Pooled)
            {
                Metafor.Agree($"{key} {ours}", expected.At(theirs), answer.At($"pooled/{ours}"));
            }

            foreach (var (ours, theirs) in new[] { ("tau2", "tau2"), ("i2", "i2"), ("h2", "h2"), ("q", "q"), ("p", "qP") })
            {
                Metafor.Agree($"{key} {ours}", expected.At(theirs), answer.At($"heterogeneity/{ours}"));
            }
        }
    }

    [Theory]
    [InlineData("reml", "REML")]
    [InlineData("pm", "PM")]
    public async Task The_interval_of_tau_squared_is_metafors(string ours, string theirs)
    {
        var file = Metafor.Read("bcg");
        var answer = await Ask("/meta/pool", Metafor.Body(file), ours, "z");
        Metafor.Agree("lower", file.At($"qProfile/{theirs}/tau2/1"), answer.At("heterogeneity/tau2Lower"), 1e-6);
        Metafor.Agree("upper", file.At($"qProfile/{theirs}/tau2/2"), answer.At("heterogeneity/tau2Upper"), 1e-6);
    }

    [Theory]
    [InlineData("alloc")]
    [InlineData("ablat")]
    public async Task A_moderator_gives_what_metafors_regression_gives(string moderator)
    {
        var file = Metafor.Read("bcg");
        foreach (var (key, expected) in file.At($"moderators/{moderator}")!.AsObject().Where(m => m.Key != "subgroup"))
        {
            var answer = await Ask("/meta/moderators", Metafor.Body(file, moderator), Metafor.Estimators[key.Split('/')[0]], Metafor.Tests[key.Split('/')[1]]);
            var part = answer.At("moderators/0");
            Metafor.Agree($"{key} test", expected.At("qm"), part.At("test/statistic"));
            Metafor.Agree($"{key} p", expected.At("qmP"), part.At("test/p"));
            Metafor.Agree($"{key} tau2", expected.At("tau2"), part.At("residual/tau2"));
            foreach (var (i, beta) in expected.At("beta")!.AsArray().Index())
            {
                Metafor.Agree($"{key} coefficient {i}", beta, part.At($"coefficients/{i}/estimate"));
            }
        }
    }

    [Fact]
    public async Task Levels_with_tau_squared_of_their_own_give_what_metafor_gives_for_each()
    {
        var file = Metafor.Read("bcg");
        var answer = await Ask("/meta/moderators", Metafor.Body(file, "alloc").With("tauSquared", "separate"), "reml", "knappHartung");
        foreach (var (level, expected) in file.At("moderators/alloc/subgroup")!.AsObject())
        {
            var ours = answer.At("moderators/0/levels")!.AsArray().Single(l => l.At("level")!.GetValue<string>() == level);
            Metafor.Agree($"{level} effect", expected.At("beta"), ours.At("pooled/effect"));
            Metafor.Agree($"{level} lower", expected.At("ciLower"), ours.At("pooled/lower"));
            Metafor.Agree($"{level} tau2", expected.At("tau2"), ours.At("heterogeneity/tau2"));
        }
    }

    [Theory]
    [InlineData("rho0", 0)]
    [InlineData("rho0.5", 0.5)]
    public async Task Aggregated_samples_give_what_metafor_gives(string key, double rho)
    {
        var file = Metafor.Read("assink2016");
        var body = Metafor.Body(file);
        foreach (var (i, cluster) in file.At("data/cluster")!.AsArray().Index())
        {
            body.At($"effects/{i}")!.AsObject()["sample"] = cluster!.ToString();
        }

        var answer = (await _service.Post("/meta/pool", body.With("model", Metafor.Model("reml", "knappHartung").With("dependence", "aggregate").With("rho", rho)))).ShouldBe(200);
        foreach (var (ours, theirs) in Metafor.Pooled.Where(p => p.Theirs[0] != 'p' || p.Theirs == "p"))
        {
            Metafor.Agree($"{key} {ours}", file.At($"dependent/aggregate/{key}/fit/{theirs}"), answer.At($"pooled/{ours}"));
        }
    }

    private async Task<Answer> Ask(string path, JsonObject body, string estimator, string test) =>
        (await _service.Post(path, body.With("model", Metafor.Model(estimator, test).With("dependence", "independent")))).ShouldBe(200);
}
