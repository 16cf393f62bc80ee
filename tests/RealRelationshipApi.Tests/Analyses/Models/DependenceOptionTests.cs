using System.Text.Json.Nodes;

using RealRelationship.Statistics;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Models;

/// <summary>Studies with two samples each, of which one has three effects: two of one outcome, two of one rater, two of one form.</summary>
public sealed class DependentStudiesService : SharedService
{
    protected override async Task SeedAsync()
    {
        foreach (var (i, r) in new[] { 0.62, 0.31, 0.12, 0.44, 0.25 }.Index())
        {
            await Service.SubmitStudy(TestData.Study($"s{i}",
                TestData.Effect(r, 90).With("sample", $"s{i} a"),
                TestData.Effect(r - 0.15, 85).With("sample", $"s{i} a").With("outcomeMeasure", "gad-7"),
                TestData.Effect(r - 0.05, 80).With("sample", $"s{i} a").With("outcomeType", "treatmentProgress").With("outcomeRater", "therapist"),
                TestData.Effect(r + 0.1 - 0.02 * i, 70).With("sample", $"s{i} b").With("relationshipRater", "therapist")).With("citation/year", 2010 + i));
        }
    }
}

/// <summary>Correlations by kind of pair and clusters above samples, in every analysis that fits the model.</summary>
public sealed class DependenceOptionTests(DependentStudiesService shared) : IClassFixture<DependentStudiesService>
{
    private readonly Service _service = shared.Service;

    /// <summary>Analyses that fit the model, with what they need.</summary>
    public static TheoryData<string> Analyses =>
    [
        "pool?", "moderators?by=outcomeType&", "regression?terms=year&bootstrap=99&seed=1&", "sensitivity?", "bias?", "plan?target=width&value=0.1&",
        "certainty?", "changes?from=2&", "news?", "cumulative.svg?", "forest.svg?", "report?", "multiverse?",
    ];

    [Theory]
    [InlineData("", null, null, null)]
    [InlineData("rhoSameOutcome=0.9", 0.9, null, null)]
    [InlineData("rhoSameRater=0.8&rhoSameOutcome=0.7", 0.7, 0.8, null)]
    [InlineData("rhoSameForm=0.95", null, null, 0.95)]
    public async Task Pairs_of_the_sample_have_the_largest_correlation_of_what_they_share(string query, double? outcome, double? rater, double? form)
    {
        var answer = (await _service.Get($"/meta/pool?rho=0.6&{query}")).ShouldBe(200);
        // The first two effects of a sample share everything but the outcome's measure, the third shares the form with them.
        int?[] outcomes = [1, 1, 2, 1], raters = [1, 1, 2, 3], forms = [1, 1, 1, 1];
        double[] r = [0.62, 0.31, 0.12, 0.44, 0.25];
        double[] y = [.. r.SelectMany((value, i) => new[] { value, value - 0.15, value - 0.05, value + 0.1 - 0.02 * i }).Select(Math.Atanh)];
        double[] v = [.. r.SelectMany(_ => new[] { 1 / 87.0, 1 / 82.0, 1 / 77.0, 1 / 67.0 })];
        int[] samples = [.. r.SelectMany((_, i) => new[] { 2 * i, 2 * i, 2 * i, (2 * i) + 1 })];
        var fit = MultilevelModel.Fit(y, v, samples, new()
        {
            Correlations = new SamplingCorrelations(0.6, Repeat(outcomes, outcome), Repeat(raters, rater), Repeat(forms, form)),
        });
        Assert.Equal(fit.Mean.Estimate, answer.Number("pooled/effect"), 1e-9);
        Assert.Equal(fit.Mean.StandardError, answer.Number("pooled/standardError"), 1e-9);
        Assert.Equal(outcome, answer.Json["model"]!["rhoSameOutcome"]?.GetValue<double>());
        Assert.Equal(rater, answer.Json["model"]!["rhoSameRater"]?.GetValue<double>());
        Assert.Equal(form, answer.Json["model"]!["rhoSameForm"]?.GetValue<double>());

        SharedTrait Repeat(int?[] codes, double? rho) => new([.. r.SelectMany(_ => codes)], rho ?? 0.6);
    }

    [Fact]
    public async Task Robust_variances_are_by_study_if_asked_for()
    {
        var (bySample, byStudy) = ((await _service.Get("/meta/pool")).ShouldBe(200), (await _service.Get("/meta/pool?cluster=study")).ShouldBe(200));
        Assert.Equal(bySample.Number("pooled/effect"), byStudy.Number("pooled/effect"), 1e-12);
        Assert.NotEqual(bySample.Number("pooled/standardError"), byStudy.Number("pooled/standardError"), 1e-4);
        // Five studies of the same design; exactly four only if all effects of a study had the same variance.
        Assert.InRange(byStudy.Number("pooled/df"), 3.99, 4.01);
        Assert.Equal("study", byStudy.String("model/cluster"));
        Assert.Null(bySample.Json["model"]!["cluster"]);
        Assert.Contains("fewClusters", byStudy.Warnings);
        var report = (await _service.Get("/meta/report.txt?cluster=study&rhoSameOutcome=0.9&parts=dependence&parts=model")).ShouldBe(200).Text;
        Assert.Contains("Variances are cluster-robust (CR2, by study)", report, StringComparison.Ordinal);
        Assert.Contains("rho = .60, .90 with the same type of outcome.", report, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Analyses))]
    public async Task Every_analysis_takes_them(string analysis)
    {
        var plain = (await _service.Get($"/meta/{analysis}")).ShouldBe(200);
        foreach (var option in new[] { "rhoSameOutcome=0.9", "cluster=study" })
        {
            var answer = (await _service.Get($"/meta/{analysis}{option}")).ShouldBe(200);
            Assert.NotEqual(plain.Text, answer.Text);
        }
    }

    [Fact]
    public async Task Four_levels_have_a_variance_of_studies()
    {
        var answer = (await _service.Get("/meta/pool?dependence=fourLevel&rho=0.5")).ShouldBe(200);
        double[] r = [0.62, 0.31, 0.12, 0.44, 0.25];
        double[] y = [.. r.SelectMany((value, i) => new[] { value, value - 0.15, value - 0.05, value + 0.1 - 0.02 * i }).Select(Math.Atanh)];
        double[] v = [.. r.SelectMany(_ => new[] { 1 / 87.0, 1 / 82.0, 1 / 77.0, 1 / 67.0 })];
        int[] samples = [.. r.SelectMany((_, i) => new[] { 2 * i, 2 * i, 2 * i, (2 * i) + 1 })], studies = [.. r.SelectMany((_, i) => new[] { i, i, i, i })];
        var fit = MultilevelModel.Fit(y, v, samples, new() { Model = DependenceModel.FourLevel, Rho = 0.5, Clusters = studies });
        Assert.True(fit.StudyVariance > 0.01);
        foreach (var (name, expected) in new (string, double)[]
        {
            ("pooled/effect", fit.Mean.Estimate), ("pooled/standardError", fit.Mean.StandardError), ("pooled/df", fit.Mean.DegreesOfFreedom!.Value),
            ("pooled/studyPredictionUpper", fit.StudyMeanPredictionInterval!.Value.Upper), ("pooled/predictionLower", fit.PredictionInterval!.Value.Lower),
            ("heterogeneity/studyVariance", fit.StudyVariance!.Value), ("heterogeneity/studyUpper", fit.StudyInterval!.Value.Upper),
            ("heterogeneity/betweenVariance", fit.BetweenVariance), ("heterogeneity/withinVariance", fit.WithinVariance),
            ("heterogeneity/tau2", fit.TauSquared), ("heterogeneity/i2Study", fit.ISquaredStudy!.Value), ("heterogeneity/i2", fit.ISquared),
        })
        {
            Assert.Equal(expected, answer.Number(name), 1e-9);
        }

        Assert.Equal(("fourLevel", "study", "cr2"), (answer.String("model/dependence"), answer.String("model/cluster"), answer.String("model/robust")));
        const string parts = "parts=dependence&parts=model&parts=heterogeneity&parts=prediction";
        var report = (await _service.Get($"/meta/report.txt?dependence=fourLevel&{parts}")).ShouldBe(200).Text;
        foreach (var words in new[] { "four-level random-effects model", "samples in studies", "between studies", "of the mean of a new study" })
        {
            Assert.Contains(words, report, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Analyses))]
    [InlineData("bayes?")]
    [InlineData("diagnostics?")]
    public async Task Every_analysis_takes_four_levels(string analysis) =>
        Assert.NotEqual((await _service.Get($"/meta/{analysis}")).ShouldBe(200).Text,
            (await _service.Get($"/meta/{analysis}dependence=fourLevel")).ShouldBe(200).Text);

    [Theory]
    [InlineData("cluster=sample", "notForFourLevel")]
    [InlineData("estimator=dl", "notForNested")]
    [InlineData("test=knappHartung", "notForNested")]
    public async Task Four_levels_refuse_what_they_cannot_have(string query, string code) =>
        Assert.Contains(code, (await _service.Get($"/meta/pool?dependence=fourLevel&{query}")).ShouldBe(422).Text, StringComparison.Ordinal);

    /// <summary>One study, one sample a study, and one sample in all.</summary>
    [Fact]
    public async Task Four_levels_of_few_studies_have_an_answer_or_a_reason()
    {
        static JsonNode Effect(string id, string study, string sample, double yi) =>
            new JsonObject { ["id"] = id, ["study"] = study, ["sample"] = sample, ["yi"] = yi, ["vi"] = 0.01 };

        Task<ServiceResponse> Pool(params JsonNode[] effects) => _service.Post("/meta/pool",
            new JsonObject { ["model"] = new JsonObject { ["dependence"] = "fourLevel" }, ["effects"] = new JsonArray(effects) });

        Assert.Contains("one study", (await Pool(Effect("1", "a", "a1", 0.1), Effect("2", "a", "a2", 0.4))).ShouldBe(422).Text, StringComparison.Ordinal);
        Assert.Contains("one sample", (await Pool(Effect("1", "a", "a1", 0.1), Effect("2", "a", "a1", 0.4))).ShouldBe(422).Text, StringComparison.Ordinal);
        var answer = (await Pool(Effect("1", "a", "a", 0.1), Effect("2", "a", "a", 0.4), Effect("3", "b", "b", 0.9), Effect("4", "c", "c", 0.3),
            Effect("5", "d", "d", 0.6))).ShouldBe(200);
        Assert.Contains("varianceNotIdentified", answer.Warnings);
        Assert.Null(answer.Json["heterogeneity"]!["studyVariance"]);
        Assert.Equal(0, answer.Number("heterogeneity/studyRange/lower"));
        Assert.Equal(answer.Number("heterogeneity/studyRange/upper"), answer.Number("heterogeneity/betweenRange/upper"), 1e-6);
        Assert.NotNull(answer.Json["heterogeneity"]!["tau2"]);
    }

    [Theory]
    [InlineData("diagnostics?")]
    [InlineData("bayes?")]
    [InlineData("bias?")]
    [InlineData("sensitivity?")]
    [InlineData("pool?sequential=anytime&")]
    public async Task What_is_computed_from_composites_warns_that_it_has_no_cluster(string analysis)
    {
        Assert.DoesNotContain("clusterIgnored", (await _service.Get($"/meta/{analysis}")).ShouldBe(200).Warnings);
        var warned = (await _service.Get($"/meta/{analysis}cluster=study")).ShouldBe(200);
        Assert.Single(warned.Warnings, "clusterIgnored");
        Assert.Contains("10 samples of 5 studies enter as independent", warned.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("funnel.svg")]
    [InlineData("baujat.svg")]
    [InlineData("gosh.svg")]
    [InlineData("bayes.svg")]
    public async Task Pictures_of_composites_say_it_too(string picture)
    {
        const string note = "computed from composites has no robust variance";
        Assert.DoesNotContain(note, await TextAsync(""), StringComparison.Ordinal);
        Assert.Contains(note, await TextAsync("?cluster=study"), StringComparison.Ordinal);

        async Task<string> TextAsync(string query) =>
            SvgDocument.FromResponse(await _service.Get($"/meta/{picture}{query}")).JoinedText.Replace('\n', ' ');
    }

    [Fact]
    public async Task Where_robust_variances_are_by_study_nothing_is_ignored() =>
        Assert.DoesNotContain("clusterIgnored", (await _service.Get("/meta/pool?cluster=study")).ShouldBe(200).Warnings);

    [Fact]
    public async Task Leave_one_out_and_cumulative_analysis_are_those_of_the_model()
    {
        const string Question = "rhoSameOutcome=0.9&rhoSameRater=0.8&cluster=study";
        var all = (await _service.Get($"/meta/pool?{Question}")).ShouldBe(200);
        var sensitivity = (await _service.Get($"/meta/sensitivity?{Question}")).ShouldBe(200);
        Assert.Equal(10, sensitivity.At("leaveOneOut")!.AsArray().Count);
        Assert.Equal(all.Number("pooled/effect"), sensitivity.Number("cumulative/9/effect"), 1e-10);
        Assert.Equal(all.Number("pooled/standardError"), sensitivity.Number("cumulative/9/standardError"), 1e-10);
        Assert.Equal(10, sensitivity.At("rho")!.AsArray().Count);
        var without = (await _service.Get($"/meta/pool?{Question}&exclude=s0%20b")).ShouldBe(200);
        var row = sensitivity.At("leaveOneOut")!.AsArray().Single(r => r!["id"]!.GetValue<string>() == "s0 b")!;
        Assert.Equal(without.Number("pooled/effect"), row["effect"]!.GetValue<double>(), 1e-10);
    }

    [Theory]
    [InlineData("rhoSameOutcome=1", 422, "?rhoSameOutcome")]
    [InlineData("rhoSameOutcome=0.5", 422, "?rhoSameOutcome belowRho")]
    [InlineData("dependence=threeLevel&rhoSameForm=0.7", 422, "?rhoSameForm notForDependence")]
    [InlineData("dependence=independent&rhoSameForm=0.7&cluster=study", 422, "?cluster notForIndependent")]
    [InlineData("dependence=aggregate&cluster=study", 422, "?cluster notForIndependent")]
    [InlineData("robust=none&cluster=study", 422, "?cluster notForModelVariance")]
    [InlineData("test=z&cluster=study", 422, "?cluster notForModelVariance")]
    [InlineData("cluster=country", 400, "?cluster")]
    public async Task Options_that_contradict_each_other_are_refused(string query, int status, string error) =>
        Assert.Contains((await _service.Get($"/meta/pool?{query}")).ShouldBeProblem(status).Errors, found => found.StartsWith(error, StringComparison.Ordinal));

    [Fact]
    public async Task Effects_in_the_body_have_their_own_moderators()
    {
        var body = new JsonObject
        {
            ["effects"] = new JsonArray([.. new[] { ("symptoms", "client"), ("symptoms", "therapist"), ("progress", "client"), ("progress", "therapist") }
                .SelectMany((pair, i) => new[] { "a", "b", "c" }.Select(sample => (JsonNode)new JsonObject
                {
                    ["sample"] = sample,
                    ["r"] = 0.1 + (0.1 * i) + (sample[0] - 'a') * 0.05,
                    ["n"] = 100,
                    ["moderators"] = new JsonObject { ["outcomeType"] = pair.Item1, ["relationshipRater"] = pair.Item2, ["outcomeRater"] = pair.Item2 },
                }))]),
            ["model"] = new JsonObject { ["rho"] = 0.2, ["rhoSameOutcome"] = 0.8, ["rhoSameRater"] = 0.8 },
        };
        var problem = (await _service.Post("/meta/pool", body)).ShouldBeProblem(422, "#/model/rhoSameOutcome", "correlationsContradict");
        Assert.Contains("in sample a", problem.Text, StringComparison.Ordinal);
        (await _service.Post("/meta/pool", body.With("model/rho", 0.7))).ShouldBe(200);
        (await _service.Post("/meta/pool", body.With("model", new JsonObject { ["rhoSameForm"] = 0.8 })))
            .ShouldBeProblem(422, "#/model/rhoSameForm", "unknownModerator");
    }
}
