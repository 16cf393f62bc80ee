using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Analyses;

/// <summary><c>/meta/bias</c> and <c>/meta/sensitivity</c> through HTTP, against metafor.</summary>
public sealed class BiasReferenceTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData("bcg")]
    [InlineData("molloy2014")]
    public async Task Every_small_study_test_gives_what_metafor_gives(string name)
    {
        var file = Metafor.Read(name);
        var answer = await Ask("/meta/bias", Metafor.Body(file));
        foreach (var (ours, theirs) in new[] { ("egger", "eggerLm"), ("eggerMixed", "eggerRma"), ("peese", "peeseLm") })
        {
            foreach (var (member, peers) in new[] { ("statistic", "stat"), ("df", "df"), ("p", "p"), ("limit", "limit"), ("limitLower", "limitLower"), ("limitUpper", "limitUpper") })
            {
                Metafor.Agree($"{ours} {member}", file.At($"bias/{theirs}/{peers}"), answer.At($"{ours}/{member}"));
            }
        }
        Metafor.Agree("tau", file.At("bias/rank/tau"), answer.At("rankCorrelation/tau"));
        Metafor.Agree("rank p", file.At("bias/rank/p"), answer.At("rankCorrelation/p"));
        foreach (var (ours, theirs) in new[] { ("rosenthal", "Rosenthal"), ("orwin", "Orwin"), ("rosenberg", "Rosenberg") })
        {
            Metafor.Agree(ours, file.At($"bias/failSafe/{theirs}/n"), answer.At($"failSafeN/{ours}"));
        }

        foreach (var member in new[] { "observed", "expected", "p" })
        {
            Metafor.Agree(member, file.At($"bias/excessSignificance/{member}"), answer.At($"excessSignificance/{member}"));
        }

        foreach (var (ours, theirs) in new[] { ("effect", "beta"), ("lower", "ciLower"), ("upper", "ciUpper"), ("tau2", "tau2") })
        {
            Metafor.Agree($"henmiCopas {ours}", file.At($"bias/henmiCopas/{theirs}"), answer.At($"henmiCopas/{ours}"), 2e-3); // metafor integrates coarsely
        }
    }

    [Fact]
    public async Task Trim_and_fill_gives_what_metafor_gives_with_every_estimator()
    {
        var file = Metafor.Read("molloy2014");
        foreach (var (key, expected) in file.At("bias/trimFill")!.AsObject())
        {
            var body = Metafor.Body(file).With("trimAndFill", key.Split('/')[0]).With("side", expected.At("side")!.GetValue<string>());
            var answer = await Ask("/meta/bias", body, Metafor.Estimators[key.Split('/')[1]]);
            foreach (var (ours, theirs) in new[] { ("missing", "k0"), ("effect", "beta"), ("standardError", "se"), ("tau2", "tau2") })
            {
                Metafor.Agree($"{key} {ours}", expected.At(theirs), answer.At($"trimAndFill/{ours}"), 1e-7);
            }

            Assert.Equal(answer.At("trimAndFill/missing")!.GetValue<int>(), answer.At("trimAndFill/filled")!.AsArray().Count);
        }
    }

    [Fact]
    public async Task Selection_models_give_what_metafor_gives_for_every_step_function()
    {
        var file = Metafor.Read("molloy2014");
        foreach (var (key, expected) in file.At("bias/selection")!.AsObject())
        {
            var steps = new JsonArray([.. key.Split(',').Select(step => JsonNode.Parse(step))]);
            var answer = await Ask("/meta/bias", Metafor.Body(file).With("steps", steps), "ml");
            Metafor.Agree($"{key} effect", expected.At("beta"), answer.At("selection/effect"), 1e-5);
            Metafor.Agree($"{key} ratio", expected.At("lrt"), answer.At("selection/likelihoodRatio"), 1e-5);
            foreach (var (i, weight) in expected.At("delta")!.AsArray().Index())
            {
                Metafor.Agree($"{key} weight {i}", weight, answer.At($"selection/weights/{i}"), 1e-4);
            }
        }
    }

    [Fact]
    public async Task Every_row_of_sensitivity_is_metafors()
    {
        var file = Metafor.Read("bcg");
        var answer = await Ask("/meta/sensitivity", Metafor.Body(file));
        for (var i = 0; i < file.At("data/yi")!.AsArray().Count; i++)
        {
            foreach (var (ours, theirs) in "effect:beta standardError:se lower:ciLower upper:ciUpper q:q tau2:tau2 i2:i2".Split(' ').Select(Pair))
            {
                Metafor.Agree($"leaveOneOut {i} {ours}", file.At($"sensitivity/leaveOneOut/{theirs}/{i}"), answer.At($"leaveOneOut/{i}/{ours}"), 1e-7);
            }

            foreach (var (ours, theirs) in ("studentizedResidual:rstudent dffits:dffits cooksDistance:cook.d covarianceRatio:cov.r tau2Deleted:tau2.del "
                + "qDeleted:QE.del hat:hat weight:weight dfbeta:dfbeta").Split(' ').Select(Pair))
            {
                Metafor.Agree($"influence {i} {ours}", file.At($"sensitivity/influence/{theirs}/{i}"), answer.At($"influence/{i}/{ours}"), 1e-7);
            }

            foreach (var (ours, theirs) in "effect:beta standardError:se tau2:tau2".Split(' ').Select(Pair))
            {
                Metafor.Agree($"cumulative {i} {ours}", file.At($"sensitivity/cumulative/{theirs}/{i}"), answer.At($"cumulative/{i}/{ours}"), 1e-7);
            }

            Metafor.Agree($"shrunken {i}", file.At($"sensitivity/blup/pred/{i}"), answer.At($"shrunken/{i}/effect"), 1e-7);
        }
        Assert.Equal(12, answer.At("estimators")!.AsArray().Count);
        Assert.Empty(answer.At("rho")!.AsArray());
    }

    private async Task<Answer> Ask(string path, JsonObject body, string estimator = "reml") =>
        (await _service.Post(path, body.With("model", Metafor.Model(estimator, "z").With("dependence", "independent")))).ShouldBe(200);

    private static (string Ours, string Theirs) Pair(string text) => (text.Split(':')[0], text.Split(':')[1]);
}
