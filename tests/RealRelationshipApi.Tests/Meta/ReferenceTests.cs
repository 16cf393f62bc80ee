using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Meta;

/// <summary>Published data sets through HTTP, against metafor's answers as the tests of the statistics library keep them.</summary>
public sealed class ReferenceTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private static readonly Dictionary<string, string> s_estimators = "EE:common DL:dl HE:he HS:hs HSk:hsk SJ:sj ML:ml REML:reml EB:eb PM:pm PMM:pmm DLIT:dlit".Split(' ')
        .Select(pair => pair.Split(':')).ToDictionary(pair => pair[0], pair => pair[1]);

    private static readonly Dictionary<string, string> s_tests = new() { ["z"] = "z", ["t"] = "t", ["knha"] = "knappHartung", ["adhoc"] = "knappHartungAdHoc" };

    // Our path, and metafor's name.
    private static readonly (string Ours, string Theirs)[] s_pooled =
    [
        ("effect", "beta"), ("standardError", "se"), ("statistic", "stat"), ("df", "df"), ("p", "p"), ("lower", "ciLower"), ("upper", "ciUpper"),
        ("predictionLower", "piLower"), ("predictionUpper", "piUpper"),
    ];

    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData("bcg")]
    [InlineData("molloy2014")]
    public async Task Every_estimator_and_test_gives_what_metafor_gives(string name)
    {
        var file = Read(name);
        foreach (var (key, expected) in file.At("random")!.AsObject())
        {
            var answer = await Ask("/meta/pool", Body(file), s_estimators[key.Split('/')[0]], s_tests[key.Split('/')[1]]);
            foreach (var (ours, theirs) in s_pooled)
                Agree($"{key} {ours}", expected.At(theirs), answer.At($"pooled/{ours}"));
            foreach (var (ours, theirs) in new[] { ("tau2", "tau2"), ("i2", "i2"), ("h2", "h2"), ("q", "q"), ("p", "qP") })
                Agree($"{key} {ours}", expected.At(theirs), answer.At($"heterogeneity/{ours}"));
        }
    }

    [Theory]
    [InlineData("reml", "REML")]
    [InlineData("pm", "PM")]
    public async Task The_interval_of_tau_squared_is_metafors(string ours, string theirs)
    {
        var file = Read("bcg");
        var answer = await Ask("/meta/pool", Body(file), ours, "z");
        Agree("lower", file.At($"qProfile/{theirs}/tau2/1"), answer.At("heterogeneity/tau2Lower"), 1e-6);
        Agree("upper", file.At($"qProfile/{theirs}/tau2/2"), answer.At("heterogeneity/tau2Upper"), 1e-6);
    }

    [Theory]
    [InlineData("alloc")]
    [InlineData("ablat")]
    public async Task A_moderator_gives_what_metafors_regression_gives(string moderator)
    {
        var file = Read("bcg");
        foreach (var (key, expected) in file.At($"moderators/{moderator}")!.AsObject().Where(m => m.Key != "subgroup"))
        {
            var answer = await Ask("/meta/moderators", Body(file, moderator), s_estimators[key.Split('/')[0]], s_tests[key.Split('/')[1]]);
            var part = answer.At("moderators/0");
            Agree($"{key} test", expected.At("qm"), part.At("test/statistic"));
            Agree($"{key} p", expected.At("qmP"), part.At("test/p"));
            Agree($"{key} tau2", expected.At("tau2"), part.At("residual/tau2"));
            foreach (var (i, beta) in expected.At("beta")!.AsArray().Index())
                Agree($"{key} coefficient {i}", beta, part.At($"coefficients/{i}/estimate"));
        }
    }

    [Fact]
    public async Task Levels_with_tau_squared_of_their_own_give_what_metafor_gives_for_each()
    {
        var file = Read("bcg");
        var answer = await Ask("/meta/moderators", Body(file, "alloc").With("tauSquared", "separate"), "reml", "knappHartung");
        foreach (var (level, expected) in file.At("moderators/alloc/subgroup")!.AsObject())
        {
            var ours = answer.At("moderators/0/levels")!.AsArray().Single(l => l.At("level")!.GetValue<string>() == level);
            Agree($"{level} effect", expected.At("beta"), ours.At("pooled/effect"));
            Agree($"{level} lower", expected.At("ciLower"), ours.At("pooled/lower"));
            Agree($"{level} tau2", expected.At("tau2"), ours.At("heterogeneity/tau2"));
        }
    }

    [Theory]
    [InlineData("rho0", 0)]
    [InlineData("rho0.5", 0.5)]
    public async Task Aggregated_samples_give_what_metafor_gives(string key, double rho)
    {
        var file = Read("assink2016");
        var body = Body(file);
        foreach (var (i, cluster) in file.At("data/cluster")!.AsArray().Index())
            body.At($"effects/{i}")!.AsObject()["sample"] = cluster!.ToString();
        var answer = (await _service.Post("/meta/pool", body.With("model", Model("reml", "knappHartung").With("dependence", "aggregate").With("rho", rho)))).ShouldBe(200);
        foreach (var (ours, theirs) in s_pooled.Where(p => p.Theirs[0] != 'p' || p.Theirs == "p"))
            Agree($"{key} {ours}", file.At($"dependent/aggregate/{key}/fit/{theirs}"), answer.At($"pooled/{ours}"));
    }

    private async Task<Answer> Ask(string path, JsonObject body, string estimator, string test) =>
        (await _service.Post(path, body.With("model", Model(estimator, test).With("dependence", "independent")))).ShouldBe(200);

    private static JsonObject Model(string estimator, string test) => new() { ["measure"] = "raw", ["estimator"] = estimator, ["test"] = test };

    private static JsonNode Read(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reference", $"{name}.json")))!;

    private static JsonObject Body(JsonNode file, string? moderator = null)
    {
        var effects = file.At("data/yi")!.AsArray().Select((yi, i) => new JsonObject { ["yi"] = yi!.DeepClone(), ["vi"] = file.At($"data/vi/{i}")!.DeepClone() }).ToList();
        if (moderator is not null)
        {
            foreach (var (i, effect) in effects.Index())
                effect["moderators"] = new JsonObject { [moderator] = file.At($"data/mods/{moderator}/{i}")!.DeepClone() };
        }
        var body = new JsonObject { ["effects"] = new JsonArray([.. effects]) };
        if (moderator is not null)
            body["by"] = new JsonArray(moderator);
        return body;
    }

    private static void Agree(string what, JsonNode? expected, JsonNode? actual, double tolerance = 1e-8)
    {
        if (expected is null)
        {
            Assert.True(actual is null, $"{what}: should be null, but is {actual}");
            return;
        }
        var (theirs, ours) = (expected.GetValue<double>(), actual?.GetValue<double>() ?? double.NaN);
        Assert.True(Math.Abs(ours - theirs) <= tolerance * Math.Max(Math.Abs(theirs), 1e-3), $"{what}: {ours:R} should be {theirs:R}");
    }
}
