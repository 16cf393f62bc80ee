using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Reporting.Page;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Plan;

/// <summary><c>/meta/plan</c>: how large a new study must be, or how many.</summary>
public sealed class PlanTests(DemoService demo) : IClassFixture<DemoService>
{
    private const string Few = """
        "effects": [ { "r": 0.3, "n": 40, "moderators": { "rater": "client" } }, { "r": 0.05, "n": 60, "moderators": { "rater": "therapist" } },
          { "r": 0.25, "n": 50, "moderators": { "rater": "client" } }, { "r": 0.1, "n": 80, "moderators": { "rater": "therapist" } } ]
        """;

    private readonly Service _service = demo.Service;

    [Fact]
    public async Task The_planned_study_reaches_the_power_and_a_smaller_one_does_not()
    {
        var plan = await Post("""{ "target": "excludesZero", "assumedR": 0.3, "power": 0.7, EFFECTS }""");
        Assert.Equal((false, false, 1), (Flag(plan, "alreadyReached"), Flag(plan, "notReachable"), plan.Number("studies")));
        Assert.InRange(plan.Number("achieved"), 0.7, 0.72);
        var curve = plan.At("curve")!.AsArray()
            .Select(step => (N: step.At("n")!.GetValue<long>(), Power: step.At("achieved")!.GetValue<double>())).ToList();
        Assert.Equal(curve.OrderBy(step => step.N), curve);
        Assert.All(curve, step => Assert.Equal(step.N >= plan.Number("n"), step.Power >= 0.7));
        Assert.Contains(curve, step => step.N == plan.Number("n") - 1);
        Assert.True(plan.Number("limit") > 0.7);
    }

    [Fact]
    public async Task With_the_expected_effect_the_planned_width_is_that_of_a_what_if()
    {
        // Under the common-effect model, the width depends on the new effect by the centre alone.
        var plan = (await _service.Get("/meta/plan?target=width&value=.07&estimator=common&test=z")).ShouldBe(200);
        var pool = (await _service.Get($"/meta/pool?estimator=common&test=z&add={plan.At("assumedR")}:{plan.At("n")}")).ShouldBe(200);
        var width = pool.Number("correlation/upper") - pool.Number("correlation/lower");
        Assert.Equal(width, plan.Number("achieved"), 1e-4);
        Assert.InRange(plan.Number("achieved"), 0.0695, 0.07);
        var now = (await _service.Get("/meta/pool?estimator=common&test=z")).ShouldBe(200);
        Assert.Equal(now.Number("correlation/upper") - now.Number("correlation/lower"), plan.Number("present/correlation/width"), 1e-12);
    }

    [Fact]
    public async Task If_no_single_study_suffices_the_limit_and_a_number_of_studies_are_given()
    {
        var plan = (await _service.Get("/meta/plan?target=width&value=.12")).ShouldBe(200);
        Assert.Equal((true, null), (Flag(plan, "notReachable"), plan.At("n")));
        Assert.True(plan.Number("limit") > 0.12);
        Assert.Contains("notReachable", plan.Warnings);
        var several = (await _service.Get("/meta/plan?target=width&value=.12&n=100")).ShouldBe(200);
        Assert.False(Flag(several, "notReachable"));
        Assert.Equal((100, 100), (several.Number("n"), several.Number("curve/0/n")));
        Assert.InRange(several.Number("achieved"), 0.1, 0.12);
        Assert.InRange(several.Number("studies"), 2, 100);
        var never = await Post("""{ "target": "excludesMargin", "value": 0.5, "n": 50, EFFECTS }""");
        Assert.Equal((true, null), (Flag(never, "notReachable"), never.At("studies")));
        Assert.InRange(never.Number("limit"), 0, 0.1);
    }

    [Fact]
    public async Task What_the_present_interval_has_needs_no_study()
    {
        foreach (var target in new[] { "excludesZero", "excludesMargin", "width&value=.9" })
        {
            var plan = (await _service.Get($"/meta/plan?target={target}")).ShouldBe(200);
            Assert.Equal((true, 0, 0), (Flag(plan, "alreadyReached"), plan.Number("n"), plan.Number("studies")));
            Assert.Empty(plan.At("curve")!.AsArray());
        }

        Assert.Equal(0.1, (await _service.Get("/meta/plan?target=excludesMargin")).Number("value"));
        Assert.Equal(0.2, (await _service.Get("/meta/plan?target=excludesMargin&equivalence=.2")).Number("value"));
    }

    [Theory]
    [InlineData("""{ "dependence": "threeLevel" }""")]
    [InlineData("""{ "dependence": "correlatedHierarchical" }""")]
    [InlineData("""{ "dependence": "aggregate", "estimator": "dl", "test": "t" }""")]
    public async Task Every_model_is_planned_for(string model)
    {
        const string nested = """
            "effects": [ { "r": 0.35, "n": 40, "sample": "a" }, { "r": 0.05, "n": 40, "sample": "a" }, { "r": 0.25, "n": 50, "sample": "b" },
              { "r": 0.1, "n": 80, "sample": "c" }, { "r": -0.1, "n": 60, "sample": "d" } ]
            """;
        foreach (var target in new[] { """ "target": "excludesZero", "power": 0.5, "assumedR": 0.4 """, """ "target": "width", "value": 0.3 """ })
        {
            var plan = (await _service.PostText("/meta/plan", $$"""{ {{target}}, "model": {{model}}, "n": 60, {{nested}} }""")).ShouldBe(200);
            Assert.InRange(plan.Number("studies"), 1, 200);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(""", "sample": "x" """)]
    public async Task A_contrast_is_planned_by_studies_of_its_first_level(string sample)
    {
        var body = """{ "target": "contrast", "by": "rater", "a": "client", "b": "therapist", "assumedR": 0.5, "power": 0.6, EFFECTS }""";
        if (sample.Length > 0)
        {
            body = body.Replace("EFFECTS", Few.Replace("\"r\": 0.1,", "\"sample\": \"x\", \"r\": 0.1,", StringComparison.Ordinal)
                .Replace("\"r\": 0.05,", "\"sample\": \"x\", \"r\": 0.05,", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        var plan = await Post(body.Replace("\"power\"", "\"n\": 80, \"power\"", StringComparison.Ordinal));
        Assert.InRange(plan.Number("studies"), 1, 200);
        Assert.Null(plan.At("present/correlation"));
        Assert.InRange(plan.Number("present/upper"), 0, 5);
        var backwards = await Post(body.Replace("\"a\": \"client\", \"b\": \"therapist\"", "\"a\": \"therapist\", \"b\": \"client\"",
            StringComparison.Ordinal));
        Assert.Equal(-plan.Number("present/upper"), backwards.Number("present/lower"), 1e-12);
    }

    [Theory]
    [InlineData("", 400, "?target", "required")]
    [InlineData("target=narrow", 400, "?target", "notAValue")]
    [InlineData("target=width", 400, "?value", "required")]
    [InlineData("target=width&value=0,1", 400, "?value", "notAValue")]
    [InlineData("target=width&value=2", 422, "?value", "outOfRange")]
    [InlineData("target=width&value=.1&power=.9", 422, "?power", "notAllowed")]
    [InlineData("target=excludesMargin&value=1.2", 422, "?value", "outOfRange")]
    [InlineData("target=excludesZero&value=.1", 422, "?value", "notAllowed")]
    [InlineData("target=excludesZero&power=1", 422, "?power", "outOfRange")]
    [InlineData("target=excludesZero&assumedR=1", 422, "?assumedR", "outOfRange")]
    [InlineData("target=excludesZero&n=3", 422, "?n", "outOfRange")]
    [InlineData("target=excludesZero&by=outcomeType", 422, "?by", "notAllowed")]
    [InlineData("target=contrast&by=outcomeType&a=sessionOutcome", 400, "?b", "required")]
    [InlineData("target=contrast&by=outcomeType&a=sessionOutcome&b=sessionOutcome", 422, "?b", "notAllowed")]
    [InlineData("target=contrast&by=outcomeType&a=good&b=sessionOutcome", 422, "?a", "unknownLevel")]
    [InlineData("target=contrast&by=nothing&a=good&b=bad", 422, "?by", "unknownModerator")]
    [InlineData("target=contrast&by=year&a=2015&b=2012", 422, "?by", "notCategorical")]
    [InlineData("target=excludesZero&measure=raw", 422, "?measure", "notAllowed")]
    public async Task A_question_that_makes_no_sense_is_refused_at_its_member(string query, int status, string pointer, string code) =>
        (await _service.Get($"/meta/plan?{query}")).ShouldBeProblem(status, pointer, code);

    [Fact]
    public void A_page_over_much_evidence_does_without_a_plan() =>
        Assert.Equal(default, PlanSection.Cost(new AnalysisSize(1e6, 5e5, 4, 4, IsNested: true, IsRobust: true, [])));

    [Theory]
    [InlineData("", "can narrow the 95% confidence interval of r from a width of .15 to .12; about 9 new studies of n = 90 each would.")]
    [InlineData("?yearTo=2006&add=-.3:100&add=.1:30&exclude=illustration-14",
        "No single new study, however large, can make the 95% confidence interval exclude 0 with 80% power; about 31 new studies of n = 100 each would.")]
    [InlineData("?yearTo=2006&estimator=common&test=z", "would be needed to narrow the 95% confidence interval of r from a width of ")]
    public async Task The_page_says_what_another_study_could_add(string query, string sentence)
    {
        var page = (await _service.Get($"/{query}", ("Accept", "text/html"))).ShouldBe(200).Text;
        Assert.Contains(sentence, page, StringComparison.Ordinal);
        var link = page.Split("href=\"").Single(part => part.StartsWith("/meta/plan?", StringComparison.Ordinal)).Split('"')[0];
        (await _service.Get(System.Net.WebUtility.HtmlDecode(link))).ShouldBe(200);
    }

    [Fact]
    public async Task All_forms_give_one_answer()
    {
        var answer = (await _service.Get("/meta/plan?target=width&value=.14")).ShouldBe(200);
        var posted = (await _service.PostText("/meta/plan", """{ "target": "width", "value": 0.14, "filter": {} }""")).ShouldBe(200);
        Assert.Equal(answer.Text, posted.Text);
        var csv = (await _service.Get("/meta/plan.csv?target=width&value=.14")).ShouldBe(200).Text.Split('\n');
        Assert.Equal("n,studies,achieved", csv[0].TrimEnd('\r'));
        Assert.Equal(answer.At("curve")!.AsArray().Count, csv.Length - 2);
        Assert.NotNull(answer.ETag);
    }

    private async Task<ServiceResponse> Post(string body) =>
        (await _service.PostText("/meta/plan", body.Replace("EFFECTS", Few, StringComparison.Ordinal))).ShouldBe(200);

    private static bool Flag(ServiceResponse answer, string member) => answer.At(member)!.GetValue<bool>();
}
