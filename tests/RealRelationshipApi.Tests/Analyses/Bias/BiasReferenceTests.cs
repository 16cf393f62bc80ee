using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Bias;

/// <summary><c>/meta/bias</c> and <c>/meta/sensitivity</c> through HTTP, against metafor.</summary>
public sealed class BiasReferenceTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData("bcg")]
    [InlineData("molloy2014")]
    public async Task Small_study_tests_agree_with_metafor(string name)
    {
        var file = MetaforReference.Read(name);
        var answer = await PostAsync("/meta/bias", MetaforReference.RequestBody(file));
        foreach (var (ours, theirs) in new[] { ("egger", "eggerLm"), ("eggerMixed", "eggerRma"), ("peese", "peeseLm") })
        {
            foreach (var (member, peers) in new[] { ("statistic", "stat"), ("df", "df"), ("p", "p"), ("limit", "limit"), ("limitLower", "limitLower"),
                ("limitUpper", "limitUpper") })
            {
                MetaforReference.AssertAgrees($"{ours} {member}", file.At($"bias/{theirs}/{peers}"), answer.At($"{ours}/{member}"));
            }
        }
        MetaforReference.AssertAgrees("tau", file.At("bias/rank/tau"), answer.At("rankCorrelation/tau"));
        MetaforReference.AssertAgrees("rank p", file.At("bias/rank/p"), answer.At("rankCorrelation/p"));
        foreach (var (ours, theirs) in new[] { ("rosenthal", "Rosenthal"), ("rosenberg", "Rosenberg") })
        {
            MetaforReference.AssertAgrees(ours, file.At($"bias/failSafe/{theirs}/n"), answer.At($"failSafeN/{ours}"));
        }

        foreach (var member in new[] { "observed", "expected", "p" })
        {
            MetaforReference.AssertAgrees(member, file.At($"bias/excessSignificance/{member}"), answer.At($"excessSignificance/{member}"));
        }

        foreach (var (ours, theirs) in new[] { ("effect", "beta"), ("lower", "ciLower"), ("upper", "ciUpper"), ("tau2", "tau2") })
        {
            // metafor integrates coarsely
            MetaforReference.AssertAgrees($"henmiCopas {ours}", file.At($"bias/henmiCopas/{theirs}"), answer.At($"henmiCopas/{ours}"), 2e-3);
        }
    }

    [Fact]
    public async Task Trim_and_fill_agrees_with_metafor_for_every_estimator()
    {
        var file = MetaforReference.Read("molloy2014");
        foreach (var (key, expected) in file.At("bias/trimFill")!.AsObject())
        {
            var body = MetaforReference.RequestBody(file).With("trimAndFill", key.Split('/')[0]).With("side", expected.At("side")!.GetValue<string>());
            var answer = await PostAsync("/meta/bias", body, MetaforReference.EstimatorNames[key.Split('/')[1]]);
            foreach (var (ours, theirs) in new[] { ("missing", "k0"), ("effect", "beta"), ("standardError", "se"), ("tau2", "tau2") })
            {
                MetaforReference.AssertAgrees($"{key} {ours}", expected.At(theirs), answer.At($"trimAndFill/{ours}"), 1e-7);
            }

            Assert.Equal(answer.At("trimAndFill/missing")!.GetValue<int>(), answer.At("trimAndFill/filled")!.AsArray().Count);
        }
    }

    [Fact]
    public async Task Selection_models_agree_with_metafor_for_every_step_function()
    {
        var file = MetaforReference.Read("molloy2014");
        foreach (var (key, expected) in file.At("bias/selection")!.AsObject())
        {
            var steps = new JsonArray([.. key.Split(',').Select(step => JsonNode.Parse(step))]);
            var answer = await PostAsync("/meta/bias", MetaforReference.RequestBody(file).With("steps", steps), "ml");
            MetaforReference.AssertAgrees($"{key} effect", expected.At("beta"), answer.At("selection/effect"), 1e-5);
            MetaforReference.AssertAgrees($"{key} ratio", expected.At("lrt"), answer.At("selection/likelihoodRatio"), 1e-5);
            foreach (var (i, weight) in expected.At("delta")!.AsArray().Index())
            {
                MetaforReference.AssertAgrees($"{key} weight {i}", weight, answer.At($"selection/weights/{i}"), 1e-4);
            }
        }
    }

    [Fact]
    public async Task Sensitivity_rows_agree_with_metafor()
    {
        var file = MetaforReference.Read("bcg");
        var answer = await PostAsync("/meta/sensitivity", MetaforReference.RequestBody(file));
        for (var i = 0; i < file.At("data/yi")!.AsArray().Count; i++)
        {
            foreach (var (ours, theirs) in "effect:beta standardError:se lower:ciLower upper:ciUpper q:q tau2:tau2 i2:i2".Split(' ').Select(Pair))
            {
                MetaforReference.AssertAgrees($"leaveOneOut {i} {ours}", file.At($"sensitivity/leaveOneOut/{theirs}/{i}"), answer.At($"leaveOneOut/{i}/{ours}"),
                    1e-7);
            }

            foreach (var (ours, theirs) in ("studentizedResidual:rstudent dffits:dffits cooksDistance:cook.d covarianceRatio:cov.r tau2Deleted:tau2.del "
                + "qDeleted:QE.del hat:hat weight:weight dfbeta:dfbeta").Split(' ').Select(Pair))
            {
                MetaforReference.AssertAgrees($"influence {i} {ours}", file.At($"sensitivity/influence/{theirs}/{i}"), answer.At($"influence/{i}/{ours}"),
                    1e-7);
            }

            foreach (var (ours, theirs) in "effect:beta standardError:se tau2:tau2".Split(' ').Select(Pair))
            {
                MetaforReference.AssertAgrees($"cumulative {i} {ours}", file.At($"sensitivity/cumulative/{theirs}/{i}"), answer.At($"cumulative/{i}/{ours}"),
                    1e-7);
            }

            MetaforReference.AssertAgrees($"shrunken {i}", file.At($"sensitivity/blup/pred/{i}"), answer.At($"shrunken/{i}/effect"), 1e-7);
        }
        Assert.Equal(12, answer.At("estimators")!.AsArray().Count);
        Assert.Empty(answer.At("rho")!.AsArray());
    }

    private async Task<ServiceResponse> PostAsync(string path, JsonObject body, string estimator = "reml") =>
        (await _service.Post(path, body.With("model", MetaforReference.ModelJson(estimator, "z").With("dependence", "independent")))).ShouldBe(200);

    private static (string Ours, string Theirs) Pair(string text) => (text.Split(':')[0], text.Split(':')[1]);
}
