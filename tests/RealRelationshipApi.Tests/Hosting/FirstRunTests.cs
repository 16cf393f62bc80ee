using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Hosting;

/// <summary>Development on an empty store: all operations work before anything was submitted.</summary>
public sealed class FirstRunTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Fact]
    public async Task The_first_pool_reproduces_the_published_summary()
    {
        var answer = (await _service.Get("/meta/pool?test=z")).ShouldBe(200);
        Assert.Equal(16, answer.Number("counts/studies"));
        Assert.Equal(16, answer.Number("counts/effects"));
        Assert.Equal(16, answer.At("studies")!.AsArray().Count);
        Assert.Equal(1502, answer.Number("counts/participants"));
        Assert.Equal(0.372, answer.Number("correlation/r"), 3);
        Assert.Equal(0.300, answer.Number("correlation/lower"), 3);
        Assert.Equal(0.440, answer.Number("correlation/upper"), 3);
        Assert.Equal(0.80, answer.Number("cohensD/d"), 2);
        Assert.Equal("z", answer.String("pooled/statisticName"));
        Assert.Equal(["synthetic", "repeatedLooks"], answer.Warnings);
    }

    [Fact]
    public async Task No_moderator_of_the_demo_data_is_significant()
    {
        var answer = (await _service.Get("/meta/moderators?by=outcomeType&by=relationshipRater&by=outcomeRater")).ShouldBe(200);
        var moderators = answer.At("moderators")!.AsArray();
        Assert.Equal(["outcomeType", "relationshipRater", "outcomeRater"], moderators.Select(m => m.At("name")!.GetValue<string>()));
        Assert.All(moderators, m => Assert.NotEqual("differ", m.At("verdict")!.GetValue<string>()));
        Assert.All(moderators, m => Assert.Equal(16, m.At("levels")!.AsArray().Sum(l => l.At("counts/effects")!.GetValue<int>())));
        Assert.Equal(["sessionOutcome", "treatmentOutcome", "treatmentProgress"],
            moderators[0]!.At("levels")!.AsArray().Select(l => l.At("level")!.GetValue<string>()));
        Assert.Contains("synthetic", answer.Warnings);
    }

    [Fact]
    public async Task The_HTML_page_shows_the_estimate_and_marks_it_as_synthetic()
    {
        var page = (await _service.Get("/", ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"))).ShouldBe(200);
        Assert.Equal("text/html", page.MediaType);
        Assert.Contains("r = .37", page.Text, StringComparison.Ordinal);
        Assert.Contains("1,502", page.Text, StringComparison.Ordinal);
        Assert.Contains("synthetic", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_link_of_the_page_resolves()
    {
        var page = await _service.Get("/");
        var links = page.Text.Split("href=\"").Skip(1).Select(part => System.Net.WebUtility.HtmlDecode(part[..part.IndexOf('"')])).ToList();
        Assert.True(links.Count >= 4);
        foreach (var link in links)
        {
            Assert.True((await _service.Get(link)).Status is 200 or 301 or 302, link);
        }
    }

    [Fact]
    public async Task The_published_result_is_shown_with_the_midpoint_of_its_interval()
    {
        var references = (await _service.Get("/meta/references")).ShouldBe(200).At("references")!.AsArray();
        var gelso = references.Single(r => r.At("key")!.GetValue<string>() == "gelso-2018")!;
        Assert.Equal(0.38, gelso.At("r")!.GetValue<double>());
        Assert.Equal(0.372, gelso.At("intervalMidpoint")!.GetValue<double>(), 3);
        Assert.Equal(16, gelso.At("k")!.GetValue<int>());
        Assert.Equal("10.1037/pst0000183", gelso.At("citation/doi")!.GetValue<string>());
        Assert.All(references, r => Assert.False(r.At("synthetic")!.GetValue<bool>()));
    }

    [Fact]
    public async Task References_are_never_pooled()
    {
        var answer = await _service.Get("/meta/pool?level=all");
        Assert.Equal(16, answer.Number("given"));
        Assert.DoesNotContain("gelso-2018", answer.At("studies")!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_options_list_every_filter_and_model_option_with_its_default()
    {
        var options = (await _service.Get("/meta/options")).ShouldBe(200);
        string[] filters =
            [.. "adjusted converted outcomeType relationshipRater outcomeRater relationshipMeasure outcomeMeasure level design timing country".Split(' '),
            .. "relationshipScale outcomeScale setting therapists riskOfBias scales bounds moderators.NAME outcomeConstruct".Split(' '),
            .. "published kind synthetic yearFrom yearTo source exclude asOf minRevision".Split(' ')];
        Assert.Equal(filters.Order(), Names("filter").Order());
        string[] model = ["measure", "dependence", "rho", "estimator", "test", "robust", "prediction", "equivalence", "confidence"];
        Assert.Empty(model.Except(Names("model")));
        Assert.Equal("betweenClient", Default("filter", "level"));
        Assert.Equal("reml", Default("model", "estimator"));
        Assert.Equal("0.6", Default("model", "rho"));

        IEnumerable<string> Names(string part) => options.At(part)!.AsArray().Select(o => o.At("name")!.GetValue<string>());

        string? Default(string part, string name) =>
            options.At(part)!.AsArray().Single(o => o.At("name")!.GetValue<string>() == name)!.At("default")?.GetValue<string>();
    }

    [Fact]
    public async Task Swagger_UI_and_the_OpenAPI_document_are_served()
    {
        var document = (await _service.Get("/openapi/v1.json")).ShouldBe(200);
        Assert.StartsWith("3.1", document.String("openapi"), StringComparison.Ordinal);
        var page = (await _service.Get("/swagger/index.html")).ShouldBe(200);
        Assert.Contains("swagger-ui", page.Text, StringComparison.Ordinal);
        Assert.Contains("/openapi/v1.json", (await _service.Get("/swagger/index.js")).Text + page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_start_does_not_reload_the_demo_data()
    {
        using var folder = new TemporaryFolder();
        long revision;
        await using (var first = await Service.StartInAsync(folder, settings: ("Demo__Load", "true")))
        {
            (await first.Delete("/studies/illustration-01", ("If-Match", "*"))).ShouldBe(204);
            revision = await first.EvidenceRevision();
        }
        await using var second = await Service.StartInAsync(folder, settings: ("Demo__Load", "true"));
        Assert.Equal(revision, await second.EvidenceRevision());
        (await second.Get("/studies/illustration-01")).ShouldBeProblem(410);
    }
}

/// <summary>The first thing that a newcomer sends: a real study, two effects of one sample.</summary>
public sealed class FirstStudyTests
{
    [Fact]
    public async Task Two_effects_of_one_sample_count_as_one_sample()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        var before = await service.Get("/meta/pool");
        await service.SubmitStudy(Stefana2025);
        var after = (await service.Get("/meta/pool?synthetic=include&scales=all")).ShouldBe(200);
        Assert.True(after.Number("correlation/r") > before.Number("correlation/r") + 0.005);
        Assert.Equal("correlatedHierarchical", after.String("model/dependence"));
        Assert.Equal("cr2", after.String("model/robust"));
        Assert.Equal("none", (await service.Get("/meta/pool?test=z&synthetic=include&scales=all")).ShouldBe(200).String("model/robust"));
        Assert.Equal(0.6, after.Number("model/rho"));
        Assert.Equal((18, 17, 17, 2202),
            (after.Number("counts/effects"), after.Number("counts/samples"), after.Number("counts/studies"), after.Number("counts/participants")));
        Assert.Equal("independent", before.String("model/dependence"));
    }

    [Fact]
    public async Task Independence_is_assumed_only_on_request()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        await service.SubmitStudy(Stefana2025);
        var answer = (await service.Get("/meta/pool?dependence=independent&synthetic=include&scales=all")).ShouldBe(200);
        Assert.Equal("independent", answer.String("model/dependence"));
        Assert.Equal(18, answer.At("studies")!.AsArray().Count);
        Assert.DoesNotContain("aggregated", answer.Warnings);
    }

    [Fact]
    public async Task Effects_of_one_sample_are_aggregated_on_request_with_a_warning()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        await service.SubmitStudy(Stefana2025);
        var answer = (await service.Get("/meta/pool?dependence=aggregate&synthetic=include&scales=all")).ShouldBe(200);
        Assert.Equal((18, 17), (answer.Number("counts/effects"), answer.At("studies")!.AsArray().Count));
        Assert.Contains("aggregated", answer.Warnings);
    }

    [Fact]
    public async Task Without_synthetic_studies_the_only_sample_is_reported_as_one_effect()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        await service.SubmitStudy(Stefana2025);
        var answer = (await service.Get("/meta/sensitivity?synthetic=include&scales=all")).ShouldBe(200);
        var subset = answer.At("subsets")!.AsArray().Single(s => s.At("name")!.GetValue<string>() == "withoutSynthetic");
        Assert.Equal((2, 1), (subset.At("counts/effects")!.GetValue<int>(), subset.At("counts/samples")!.GetValue<int>()));
        Assert.Equal("z", subset.At("pooled/statisticName")!.GetValue<string>());
        Assert.Null(subset.At("pooled/predictionLower"));
        Assert.Equal(17, answer.At("influence")!.AsArray().Count);
    }

    [Fact]
    public async Task A_single_sample_in_an_empty_store_can_be_pooled()
    {
        await using var service = await Service.StartAsync();
        await service.SubmitStudy(Stefana2025);
        var answer = (await service.Get("/meta/pool?scales=all")).ShouldBe(200);
        Assert.Equal("aggregate", answer.String("model/dependence"));
        Assert.Contains("oneEffect", answer.Warnings);
        Assert.Contains("aggregated", answer.Warnings);
        Assert.Null(answer.At("heterogeneity/tau2"));
    }

    [Fact]
    public async Task The_first_real_study_takes_the_place_of_the_illustration()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        var before = (await service.Get("/meta/pool")).ShouldBe(200);
        Assert.Equal(("only", 16, 19), (before.String("data/synthetic"), before.Number("counts/effects"), before.Number("counts/registered")));
        await service.SubmitStudy(Stefana2025);
        var after = (await service.Get("/meta/pool")).ShouldBe(200);
        Assert.Equal("exclude", after.String("data/synthetic"));
        Assert.Equal(["partOfTotal 1", "synthetic 16"], after.At("excluded")!.AsArray().Select(e => $"{e.At("reason")} {e.At("count")}").Order());
        Assert.Equal(0.62, after.Number("correlation/r"), 12);
        Assert.Contains("syntheticLeftOut", after.Warnings);
        Assert.Equal(before.At("correlation")!.ToJsonString(), (await service.Get("/meta/pool?asOf=39")).At("correlation")!.ToJsonString());
        Assert.Equal(17, (await service.Get("/meta/pool?synthetic=include")).Number("counts/samples"));

        // The whole difference is dated to the revision of the real study.
        var changes = (await service.Get("/meta/changes?from=39")).ShouldBe(200);
        Assert.Equal(["40"], changes.At("changes")!.AsArray().Select(c => c.At("revision")!.ToString()).Distinct());
        Assert.Equal(["excluded", "new"], changes.At("changes")!.AsArray().Select(c => c.At("change")!.ToString()).Distinct().Order());
        Assert.Equal(17, changes.At("changes")!.AsArray().Count);
    }

    [Fact]
    public async Task Unedited_demonstration_data_of_release_0_1_is_replaced()
    {
        using var folder = new TemporaryFolder();
        await using (var first = await Service.StartInAsync(folder))
        {
            var earlier = JsonNode.Parse(RepositoryFiles.Read("tests/RealRelationshipApi.Tests/Studies/Release01/illustration.json"))!;
            foreach (var study in earlier.At("studies")!.AsArray())
            {
                await first.SubmitStudy(study!.AsObject());
            }

            (await first.Put("/studies/illustration-02", JsonNode.Parse((await first.Get("/studies/illustration-02")).Text)!.AsObject().With("note", "edited"),
                ("If-Match", "*"))).ShouldBe(200);
            (await first.Delete("/studies/illustration-03", ("If-Match", "*"))).ShouldBe(204);
        }

        await using var second = await Service.StartInAsync(folder, settings: ("Demo__Load", "true"));
        Assert.Equal(2, (await second.Get("/studies/illustration-01")).Number("version"));
        Assert.Equal(100, (await second.Get("/studies/illustration-01")).Number("effects/0/statistic/n"));
        Assert.Equal("edited", (await second.Get("/studies/illustration-02")).String("note"));
        (await second.Get("/studies/illustration-03")).ShouldBeProblem(410);
    }

    private static JsonObject Stefana2025
    {
        get
        {
            var long24 = TestData.Effect(r: 0.62, n: 700).With("sample", "stefana-online-us-700").With("outcomeType", "sessionOutcome")
                .With("outcomeMeasure", "ses");
            var short12 = long24.With("statistic/value", 0.58).With("relationshipMeasure", "rri-c-12");
            return TestData.Study("stefana-2025", long24, short12).With("citation/year", 2025).With("country", "US").With("design", "concurrent");
        }
    }
}
