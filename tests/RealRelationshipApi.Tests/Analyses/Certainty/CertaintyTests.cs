using System.Text.Json.Nodes;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Certainty;

/// <summary><c>/meta/certainty</c>: what numbers propose, and what people sign.</summary>
public sealed class CertaintyTests
{
    private static readonly string[] s_domains = ["riskOfBias", "inconsistency", "indirectness", "imprecision", "publicationBias"];

    [Theory]
    // Twelve alike correlations in samples of different sizes: nothing to propose.
    [InlineData(".3 .31 .29 .3 .32 .28 .3 .31 .29 .3 .3 .3", 100, "none", "none", "none")]
    // Nine: publication bias cannot be assessed, and is never none.
    [InlineData(".3 .3 .3 .3 .3 .3 .3 .3 .3", 100, "none", "none", "notAssessable")]
    // 3 × 60 and more participants are fewer than 783.
    [InlineData(".4 .42 .44", 60, "none", "serious", "notAssessable")]
    // True effects on both sides of .10, and far on both sides of 0.
    [InlineData(".15 .25 .35 .45 .3 .4", 400, "serious", "none", "notAssessable")]
    [InlineData("-.6 -.3 0 .3 .6 .2", 400, "verySerious", "verySerious", "notAssessable")]
    // The interval covers the margin, but not 0.
    [InlineData(".1 .12 .14 .16", 200, "serious", "serious", "notAssessable")]
    // A single effect has no prediction interval.
    [InlineData(".4", 1000, "notAssessable", "none", "notAssessable")]
    public async Task Numbers_propose_by_the_rules(string correlations, int n, string inconsistency, string imprecision, string publicationBias)
    {
        await using var service = await Service.StartAsync();
        var effects = correlations.Split(' ').Select((r, i) =>
            new JsonObject { ["r"] = double.Parse(r), ["n"] = n + (i % 4 * 20), ["study"] = $"s{i}" }).ToArray<JsonNode>();
        var answer = (await service.Post("/meta/certainty", new JsonObject { ["effects"] = new JsonArray(effects) })).ShouldBe(200);
        Assert.Equal(s_domains, answer.At("domains")!.AsArray().Select(d => d.At("domain")!.GetValue<string>()));
        Assert.Equal(["notAssessable", inconsistency, "notAssessable", imprecision, publicationBias],
            answer.At("domains")!.AsArray().Select(d => d.At("proposed")!.GetValue<string>()));
        Assert.Equal(783, answer.Number("domains/3/numbers/imprecision/optimalInformationSize"));
        Assert.All(answer.At("domains")!.AsArray(), d => Assert.Null(d.At("signed")));
        Assert.Null(answer.At("overall"));
    }

    [Fact]
    public async Task Small_studies_with_large_effects_propose_publication_bias()
    {
        await using var service = await Service.StartAsync();
        var effects = Enumerable.Range(0, 12).Select(i => new JsonObject { ["r"] = 0.2 + (0.035 * i), ["n"] = 400 - (30 * i) }).ToArray<JsonNode>();
        var answer = (await service.Post("/meta/certainty", new JsonObject { ["effects"] = new JsonArray(effects) })).ShouldBe(200);
        Assert.Equal("serious", answer.String("domains/4/proposed"));
        var body = new JsonObject { ["effects"] = new JsonArray([.. effects.Select(e => e.DeepClone())]) };
        var egger = (await service.Post("/meta/bias", body)).Number("egger/p");
        Assert.Equal(egger, answer.Number("domains/4/numbers/publicationBias/eggerP"));
        Assert.True(egger < 0.1);
    }

    [Fact]
    public async Task Risk_of_bias_is_weighed_and_left_out()
    {
        await using var service = await Service.StartAsync();
        await Submit(service, "low", 4, 0.2, 300);
        var low = (await service.Get("/meta/certainty")).ShouldBe(200);
        Assert.Equal(("none", 4, 4), (low.String("domains/0/proposed"), low.Number("domains/0/numbers/riskOfBias/studies"),
            low.Number("domains/0/numbers/riskOfBias/assessed")));
        Assert.Equal(100, low.Number("domains/0/numbers/riskOfBias/lowWeight"), 9);
        Assert.Null(low.At("domains/0/numbers/riskOfBias/withoutHigh"));

        // With two studies at high risk the interval covers 0 and the margin, and not without them.
        await Submit(service, "high", 2, -0.2, 300);
        var some = (await service.Get("/meta/certainty")).ShouldBe(200);
        Assert.Equal("serious", some.String("domains/0/proposed"));
        var numbers = some.At("domains/0/numbers/riskOfBias")!;
        var pool = (await service.Get("/meta/pool?riskOfBias=low")).ShouldBe(200);
        Assert.Equal(pool.Number("correlation/r"), numbers.At("withoutHigh")!.GetValue<double>(), 12);
        Assert.Equal(pool.Number("correlation/lower"), numbers.At("withoutHighLower")!.GetValue<double>(), 12);
        Assert.Equal(100, numbers.At("lowWeight")!.GetValue<double>() + numbers.At("highWeight")!.GetValue<double>(), 9);

        await Submit(service, "high", 5, 0.2, 300, first: 2);
        Assert.Equal("verySerious", (await service.Get("/meta/certainty")).String("domains/0/proposed"));
        await Submit(service, null, 20, 0.2, 300);
        Assert.Equal("notAssessable", (await service.Get("/meta/certainty")).String("domains/0/proposed"));
        Assert.Contains("Risk of bias: not assessable proposed", (await service.Get("/meta/report")).String("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_overall_certainty_needs_numbers_and_signatures()
    {
        await using var service = await Service.StartAsync();
        await Submit(service, "low", 10, 0.4, 100);
        var empty = (await service.Get("/certainty")).ShouldBe(200);
        Assert.Equal(0, empty.Number("version"));
        var unsigned = (await service.Get("/meta/certainty")).ShouldBe(200);
        Assert.Contains("notSigned", unsigned.Warnings);

        var record = Record();
        (await service.Put("/certainty", record)).ShouldBeProblem(428);
        var partly = record.DeepClone();
        partly["judgements"]!.AsArray().RemoveAt(4);
        (await service.Put("/certainty", partly, ("If-Match", empty.ETag!))).ShouldBe(200);
        var open = (await service.Get("/meta/certainty", ("If-None-Match", unsigned.ETag!))).ShouldBe(200);
        Assert.Null(open.At("overall"));
        Assert.Equal("serious", open.String("domains/1/signed/judgement"));
        Assert.Contains("publicationBias is missing", open.Text, StringComparison.Ordinal);

        var signed = (await service.Put("/certainty", record, ("If-Match", "*"))).ShouldBe(200);
        Assert.Equal((2, 10), (signed.Number("version"), signed.Number("judgements/0/evidenceRevision")));
        var graded = (await service.Get("/meta/certainty")).ShouldBe(200);
        Assert.Equal(("low", "high", 2), (graded.String("overall/level"), graded.String("overall/startsAt"), graded.Number("overall/downgrades")));
        Assert.Equal("Curator, A.", graded.String("domains/1/signed/by"));
        Assert.DoesNotContain("signedForOtherRevision", graded.Warnings);
        Assert.Contains("Overall certainty: low, from high", (await service.Get("/meta/report")).String("text"), StringComparison.Ordinal);
        Assert.Contains("Overall certainty: low, from high", (await service.Get("/")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("GRADE", graded.Text, StringComparison.Ordinal);
        Assert.StartsWith("domain,proposed,because,", (await service.Get("/meta/certainty.csv")).ShouldBe(200).Text, StringComparison.Ordinal);

        // Of another selection, of effects in the body, and after the evidence moved.
        var other = (await service.Get("/meta/certainty?outcomeType=treatmentOutcome")).ShouldBe(200);
        Assert.Null(other.At("overall"));
        Assert.Null(other.At("domains/1/signed"));
        Assert.Contains("signedForOtherQuestion", other.Warnings);
        Assert.NotNull((await service.Get("/meta/certainty?asOf=10&estimator=dl")).At("overall"));
        await Submit(service, "low", 11, 0.4, 100, first: 10);
        Assert.Contains("signedForOtherRevision", (await service.Get("/meta/certainty")).Warnings);

        // What is sent again keeps its signature; what changes is signed anew.
        var again = Record();
        again["judgements"]![1]!["reason"] = "Another reason.";
        var resigned = (await service.Put("/certainty", again, ("If-Match", "*"))).ShouldBe(200);
        Assert.Equal((10, 11), (resigned.Number("judgements/0/evidenceRevision"), resigned.Number("judgements/1/evidenceRevision")));
        Assert.Equal(signed.String("judgements/0/at"), resigned.String("judgements/0/at"));
        Assert.NotEqual(signed.String("judgements/1/at"), resigned.String("judgements/1/at"));
        Assert.Equal(3, (await service.Put("/certainty", resigned.Json, ("If-Match", resigned.ETag!))).ShouldBe(200).Number("version"));
        Assert.Empty(service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Invented_effects_and_few_samples_get_no_overall_certainty()
    {
        await using var service = await Service.StartAsync();
        await service.SubmitStudy(TestData.Study("invented", TestData.Effect(0.4)).With("synthetic", true));
        var record = Record();
        record["judgements"]![4]!["judgement"] = "none";
        (await service.Put("/certainty", record, ("If-Match", "*"))).ShouldBe(200);
        var synthetic = (await service.Get("/meta/certainty")).ShouldBe(200);
        Assert.Null(synthetic.At("overall"));
        Assert.Contains("syntheticNotGraded", synthetic.Warnings);
        Assert.Contains("signedNotAssessable", synthetic.Warnings);
        await service.SubmitStudy(TestData.Study("real", TestData.Effect(0.4)));
        var few = (await service.Get("/meta/certainty")).ShouldBe(200);
        Assert.Null(few.At("overall"));
        Assert.DoesNotContain("syntheticNotGraded", few.Warnings);
        Assert.Contains("signedNotAssessable", few.Warnings);
    }

    [Fact]
    public async Task All_faults_of_a_record_are_listed()
    {
        await using var service = await Service.StartAsync();
        (await service.Put("/certainty", JsonNode.Parse("""
            { "startsAt": { "level": "high", "reason": " ", "by": "", "evidenceRevision": -1 },
              "judgements": [{ "domain": "imprecision", "judgement": "none", "reason": "x", "by": "y" },
                { "domain": "imprecision", "judgement": "serious", "reason": "x", "by": "y" }] }
            """)!, ("If-Match", "*"))).ShouldBeProblem(422, "#/startsAt/reason", "empty").ShouldBeProblem(422, "#/startsAt/by", "empty")
            .ShouldBeProblem(422, "#/startsAt/evidenceRevision", "tooSmall").ShouldBeProblem(422, "#/judgements/1", "repeatedValue");
        (await service.Put("/certainty", Record().With("judgements/0/evidenceRevision", 7), ("If-Match", "*")))
            .ShouldBeProblem(422, "#/judgements/0/evidenceRevision", "future");
        (await service.Put("/certainty", Record().With("judgements/0/judgement", "grave"), ("If-Match", "*"))).ShouldBeProblem(400);
        (await service.Put("/certainty", new JsonObject { ["judgments"] = new JsonArray() }, ("If-Match", "*"))).ShouldBeProblem(400);
        (await service.Get("/meta/certainty")).ShouldBeProblem(422);
        (await service.Get("/meta/certainty?margin=.2")).ShouldBeProblem(400);
        var key = await ProductionService.CreateKeyAsync(service, "host", [Scopes.Admin]);
        (await service.Put("/certainty", Record(), ("If-Match", "*"), ("X-API-Key", key))).ShouldBeProblem(403);
    }

    private static async Task Submit(Service service, string? overall, int upTo, double r, int n, int first = 0)
    {
        for (var i = first; i < upTo; i++)
        {
            var study = TestData.Study($"{overall ?? "open"}-{i}", TestData.Effect(r + (0.01 * (i % 3)), n + i));
            await service.SubmitStudy(overall is null ? study
                : study.With("riskOfBias", new JsonObject { ["tool"] = "QUIPS", ["domains"] = new JsonArray(), ["overall"] = overall }));
        }
    }

    private static JsonNode Record() => JsonNode.Parse("""
        { "startsAt": { "level": "high", "reason": "Associations are asked for.", "by": "Curator, B." },
          "judgements": [
            { "domain": "riskOfBias", "judgement": "none", "reason": "Low risk.", "by": "Curator, A." },
            { "domain": "inconsistency", "judgement": "serious", "reason": "Effects vary.", "by": "Curator, A." },
            { "domain": "indirectness", "judgement": "none", "reason": "As asked.", "by": "Curator, A." },
            { "domain": "imprecision", "judgement": "none", "reason": "Precise.", "by": "Curator, A." },
            { "domain": "publicationBias", "judgement": "serious", "reason": "Many studies report no coefficient.", "by": "Curator, B." }] }
        """)!;
}
