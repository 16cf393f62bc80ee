using System.IO.Compression;
using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.WhatIf;

/// <summary>Studies with one and with two effects of a sample.</summary>
public sealed class WhatIfService : SharedService
{
    protected override async Task SeedAsync()
    {
        await Service.SubmitStudy(TestData.Study("a", TestData.Effect(0.25, 60).With("timing", "early"), TestData.Effect(0.5, 60).With("outcomeMeasure", "ses"))
            .With("effects/0/sample", "one").With("effects/1/sample", "one"));
        foreach (var (i, r) in new[] { 0.1, 0.3, 0.38, 0.6 }.Index())
        {
            await Service.SubmitStudy(TestData.Study($"s{i}", TestData.Effect(r, 40 + 20 * i).With("timing", i % 2 == 0 ? "early" : "late"))
                .With("citation/year", 2010 + i));
        }
    }
}

/// <summary>Hypothetical effects beside the stored ones.</summary>
public sealed class WhatIfTests(WhatIfService shared) : IClassFixture<WhatIfService>
{
    private readonly Service _service = shared.Service;

    [Fact]
    public async Task Certainty_is_that_of_the_stored_evidence()
    {
        var without = (await _service.Get("/meta/certainty")).ShouldBe(200);
        var answer = (await _service.Get("/meta/certainty?add=.2:3000")).ShouldBe(200);
        Assert.Equal(without.At("domains")!.ToJsonString(), answer.At("domains")!.ToJsonString());
        Assert.Equal(without.At("counts")!.ToJsonString(), answer.At("counts")!.ToJsonString());
        Assert.Contains("whatIf", answer.Warnings);
        var paragraph = (await _service.Get("/meta/report.txt?parts=certainty")).Text.Split('\n').Single(line => line.StartsWith("Certainty of the evidence, ",
            StringComparison.Ordinal));
        var report = (await _service.Get("/meta/report.txt?parts=certainty&add=.2:3000")).ShouldBe(200).Text;
        Assert.Contains(paragraph[..paragraph.IndexOf("No overall", StringComparison.Ordinal)], report, StringComparison.Ordinal);
        Assert.Contains("Hypothetical effects do not enter it.", report, StringComparison.Ordinal);
        (await _service.Get("/meta/certainty?add=.2:300&country=ZZ")).ShouldBeProblem(422);
        Assert.DoesNotContain("This answer for ever", (await _service.Get("/?add=.2:300")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_hypothetical_effects_have_no_certainty()
    {
        var pool = (await _service.Get("/meta/pool?add=.2:300&country=ZZ")).ShouldBe(200);
        Assert.Contains("The only effect is hypothetical", pool.Text, StringComparison.Ordinal);
        Assert.Contains("cannot be judged", (await _service.Get("/meta/report.txt?add=.2:300&country=ZZ")).ShouldBe(200).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("How certain it is", (await _service.Get("/?add=.2:300&country=ZZ")).ShouldBe(200).Text, StringComparison.Ordinal);
        (await _service.Get("/export.zip?add=.2:300&country=ZZ")).ShouldBe(200);
    }

    /// <summary>The calculator pools the same effects when all of them are sent.</summary>
    [Theory]
    [InlineData("independent", "reml", "auto")]
    [InlineData("independent", "common", "z")]
    [InlineData("independent", "pmm", "knappHartung")]
    [InlineData("aggregate", "dl", "t")]
    [InlineData("threeLevel", "ml", "auto")]
    [InlineData("auto", "reml", "auto")]
    public async Task An_added_effect_is_pooled_as_a_sample_of_its_own(string dependence, string estimator, string test)
    {
        var stored = (await _service.Get("/effects")).ShouldBe(200).At("effects")!.AsArray();
        var effects = stored.Select(e => (JsonNode)new JsonObject
        {
            ["sample"] = e.At("sample")!.GetValue<string>(), ["yi"] = e.At("yi")!.GetValue<double>(), ["vi"] = e.At("vi")!.GetValue<double>(),
        }).Append(new JsonObject { ["yi"] = Math.Atanh(0.45), ["vi"] = 1.0 / 77 });
        var model = new JsonObject { ["dependence"] = dependence, ["estimator"] = estimator, ["test"] = test };
        var expected = (await _service.Post("/meta/pool", new JsonObject { ["effects"] = new JsonArray([.. effects]), ["model"] = model.DeepClone() }))
            .ShouldBe(200);
        var options = $"dependence={dependence}&estimator={estimator}&test={test}";
        var answer = (await _service.Get($"/meta/pool?add=.45:80&{options}")).ShouldBe(200);
        foreach (var path in new[] { "pooled/effect", "pooled/lower", "pooled/upper", "heterogeneity/q", "heterogeneity/tau2" })
        {
            Assert.Equal(expected.Number(path), answer.Number(path), 1e-10);
        }

        var without = (await _service.Get($"/meta/pool?{options}")).ShouldBe(200);
        foreach (var part in new[] { "pooled", "correlation", "cohensD", "heterogeneity", "counts" })
        {
            Assert.Equal(without.At(part)!.ToJsonString(), answer.At($"withoutAdded/{part}")!.ToJsonString());
        }
    }

    [Fact]
    public async Task It_is_marked_and_neither_stored_nor_cached_nor_fingerprinted()
    {
        var before = (await _service.Get("/meta/pool")).ShouldBe(200);
        var answer = (await _service.Get("/meta/pool?add=.45:80&add=-.1:30")).ShouldBe(200);
        Assert.Equal(2, answer.Number("counts/hypothetical"));
        Assert.Equal(before.Number("counts/effects") + 2, answer.Number("counts/effects"));
        Assert.Equal(before.Number("given") + 2, answer.Number("given"));
        Assert.Equal(before.Number("counts/participants") + 110, answer.Number("counts/participants"));
        Assert.Contains("whatIf", answer.Warnings);
        Assert.Equal(before.String("data/fingerprint"), answer.String("data/fingerprint"));
        Assert.Equal(before.Number("data/revision"), answer.Number("data/revision"));
        Assert.Equal(("no-store", null), (answer.Header("Cache-Control"), answer.ETag));
        var studies = answer.At("studies")!.AsArray();
        Assert.Equal([true, true], studies.Where(s => s!["hypothetical"] is not null).Select(s => s!["hypothetical"]!.GetValue<bool>()));
        Assert.Equal([0.45, -0.1], studies.TakeLast(2).Select(s => Math.Round(s.At("r")!.GetValue<double>(), 10)));

        var after = (await _service.Get("/meta/pool")).ShouldBe(200);
        Assert.Equal(before.Text, after.Text);
        Assert.NotEqual(answer.Text, (await _service.Get("/meta/pool?add=.45:81&add=-.1:30")).ShouldBe(200).Text);
        var posted = (await _service.PostText("/meta/pool", """{ "filter": {}, "add": [{ "r": 0.45, "n": 80 }, { "r": -0.1, "n": 30 }] }""")).ShouldBe(200);
        Assert.Equal(answer.Text, posted.Text);
    }

    [Fact]
    public async Task With_the_name_of_a_stored_sample_it_is_of_the_same_people()
    {
        var answer = (await _service.PostText("/meta/pool", """{ "add": [{ "r": 0.45, "n": 60, "sample": "one", "study": "mine" }] }""")).ShouldBe(200);
        Assert.Equal((7, 5), (answer.Number("counts/effects"), answer.Number("counts/samples")));
        Assert.Equal("correlatedHierarchical", answer.String("model/dependence"));
        Assert.Equal((7, 6), ((await _service.Get("/meta/pool?add=.45:60")).Number("counts/effects"),
            (await _service.Get("/meta/pool?add=.45:60")).Number("counts/samples")));
    }

    [Fact]
    public async Task A_filter_does_not_apply_to_it()
    {
        var only = (await _service.Get("/meta/pool?timing=late&add=.2:50")).ShouldBe(200);
        Assert.Equal(3, only.Number("counts/effects"));
        var alone = (await _service.Get("/meta/pool?yearFrom=2050&add=.2:50")).ShouldBe(200);
        Assert.Equal((1, 1, 0.2), (alone.Number("counts/effects"), alone.Number("counts/hypothetical"), Math.Round(alone.Number("correlation/r"), 10)));
        Assert.False(alone.Json.AsObject().ContainsKey("withoutAdded"));
    }

    [Theory]
    [InlineData("1:80", 422, "outOfRange")]
    [InlineData("-1.2:80", 422, "outOfRange")]
    [InlineData(".45:3", 422, "outOfRange")]
    [InlineData(".45:-80", 422, "outOfRange")]
    [InlineData(".45:10000001", 422, "outOfRange")]
    [InlineData("0,45:80", 400, "notAValue")]
    [InlineData(".45:80.5", 400, "notAValue")]
    [InlineData(".45", 400, "notAValue")]
    [InlineData(".45:80:1", 400, "notAValue")]
    [InlineData("NaN:80", 400, "notAValue")]
    [InlineData("much:many", 400, "notAValue")]
    [InlineData("", 400, "notAValue")]
    public async Task What_is_no_correlation_with_a_sample_is_refused(string add, int status, string code)
    {
        (await _service.Get($"/meta/pool?add={add}")).ShouldBeProblem(status, "?add", code);
        var several = (await _service.Get($"/meta/pool?add=.45:80&add={add}&add=2:2")).ShouldBeProblem(status, "?add", code);
        Assert.Equal(3, several.Errors.Length);
    }

    [Theory]
    [InlineData("""{ "add": [{ "r": 1, "n": 80 }] }""", 422, "#/add/0/r", "outOfRange")]
    [InlineData("""{ "add": [{ "r": 0.2, "n": 80 }, { "r": 0.2, "n": 3 }] }""", 422, "#/add/1/n", "tooSmall")]
    [InlineData("""{ "add": [{ "r": 0.2 }] }""", 400, "#/add/0/n", "required")]
    [InlineData("""{ "add": [{ "r": "0.2", "n": 80 }] }""", 400, "#/add/0/r", "notAValue")]
    [InlineData("""{ "add": [{ "r": 0.2, "n": 80, "kind": "x" }] }""", 400, "#/add/0/kind", "unknownMember")]
    [InlineData("""{ "add": [null] }""", 400, "#/add/0", "null")]
    [InlineData("""{ "add": [] }""", 422, "#/add", "noEffects")]
    [InlineData("""{ "add": [{ "r": 0.2, "n": 80 }], "effects": [{ "r": 0.2, "n": 80 }] }""", 400, "#/add", "notAValue")]
    [InlineData("""{ "add": [{ "r": 0.2, "n": 80, "moderators": { "outcomeType": "good" } }] }""", 422, "#/add/0/moderators/outcomeType", "notAllowed")]
    [InlineData("""{ "add": [{ "r": 0.2, "n": 80 }], "model": { "measure": "raw" } }""", 422, "#/add/0/r", "notAllowed")]
    public async Task Errors_of_a_body_are_at_their_members(string body, int status, string pointer, string code) =>
        (await _service.PostText("/meta/pool", body)).ShouldBeProblem(status, pointer, code);

    [Fact]
    public async Task At_most_a_hundred_are_added()
    {
        static string Add(int count) => string.Join('&', Enumerable.Range(0, count).Select(i => $"add=.3:{i + 20}"));
        Assert.Equal(100, (await _service.Get($"/meta/pool?{Add(100)}")).ShouldBe(200).Number("counts/hypothetical"));
        (await _service.Get($"/meta/pool?{Add(101)}")).ShouldBeProblem(422, "?add", "tooMany");
    }

    [Fact]
    public async Task A_breakdown_has_it_in_its_level_or_leaves_it_out()
    {
        static string Body(string moderators) => $$"""{ "by": ["timing"], "add": [{ "r": 0.9, "n": 80{{moderators}} }] }""";
        var without = (await _service.Get("/meta/moderators?by=timing")).ShouldBe(200);
        (await _service.PostText("/meta/moderators", Body(""))).ShouldBeProblem(422, "#/add", "moderatorMissing");
        var oneOfTwo = (await _service.PostText("/meta/moderators", """
            { "by": ["timing"], "add": [{ "r": 0.9, "n": 80 }, { "r": 0.9, "n": 80, "moderators": { "timing": "late" } }] }
            """)).ShouldBe(200);
        Assert.Equal(Missing(without) + 1, Missing(oneOfTwo));
        var late = (await _service.PostText("/meta/moderators", Body(""", "moderators": { "timing": "late" }"""))).ShouldBe(200);
        Assert.Equal(Missing(without), Missing(late));
        Assert.Equal((3, 1), (late.Number("moderators/0/levels/1/counts/effects"), late.Number("moderators/0/levels/1/counts/hypothetical")));
        var year = (await _service.PostText("/meta/regression", """{ "terms": ["year"], "add": [{ "r": 0.2, "n": 80, "year": 2024 }] }""")).ShouldBe(200);
        Assert.DoesNotContain(year.At("excluded")!.AsArray(), e => e.At("reason")!.GetValue<string>() == "moderatorMissing");
        Assert.Equal((7, 1), (year.Number("counts/effects"), year.Number("counts/hypothetical")));
        var typo = (await _service.PostText("/meta/pool", """{ "add": [{ "r": 0.2, "n": 80, "moderators": { "timming": "late" } }] }""")).ShouldBe(200);
        Assert.Contains("unknownModerator", typo.Warnings);

        static double Missing(ServiceResponse answer) => answer.At("excluded")!.AsArray()
            .Where(e => e.At("reason")!.GetValue<string>() == "moderatorMissing").Sum(e => e.At("count")!.GetValue<double>());
    }

    /// <summary>An effect that can enter nothing of the answer is refused, rather than added for nothing.</summary>
    [Theory]
    [InlineData("moderators", "by=timing", """ "by": ["timing"] """, """ "timing": "late" """)]
    [InlineData("regression", "terms=timing&terms=year", """ "terms": ["timing", "year"] """, """ "timing": "late" """)]
    [InlineData("plan", "target=contrast&by=timing&a=early&b=late", """ "target": "contrast", "by": "timing", "a": "early", "b": "late" """,
        """ "timing": "late" """)]
    public async Task An_effect_without_the_moderators_of_the_question_is_refused(string analysis, string query, string members, string moderators)
    {
        var problem = (await _service.Get($"/meta/{analysis}?{query}&add=.45:80")).ShouldBeProblem(422, "?add", "moderatorMissing");
        Assert.Contains("A body of POST takes it", problem.Text, StringComparison.Ordinal);
        (await _service.PostText($"/meta/{analysis}", $$"""{ {{members}}, "add": [{ "r": 0.2, "n": 80 }] }"""))
            .ShouldBeProblem(422, "#/add", "moderatorMissing");
        var answer = (await _service.PostText($"/meta/{analysis}",
            $$"""{ {{members}}, "add": [{ "r": 0.2, "n": 80, "year": 2024, "moderators": { {{moderators}} } }] }""")).ShouldBe(200);
        Assert.Equal(1, answer.Number("counts/hypothetical"));
        Assert.Contains("hypothetical", SvgDocument.FromResponse(await _service.Get("/meta/forest.svg?by=timing&add=.45:80")).TextLines);
    }

    [Theory]
    [InlineData("/meta/bias?")]
    [InlineData("/meta/sensitivity?")]
    public async Task Every_analysis_counts_it(string address)
    {
        var answer = (await _service.Get($"{address}add=.45:80")).ShouldBe(200);
        Assert.Equal((7, 1), (answer.Number("counts/effects"), answer.Number("counts/hypothetical")));
        Assert.Contains("whatIf", answer.Warnings);
        Assert.Null(answer.ETag);
    }

    [Fact]
    public async Task History_and_coverage_have_no_place_for_it()
    {
        (await _service.Get("/meta/changes?from=0&add=.45:80")).ShouldBeProblem(400, "?add", "unknownParameter");
        (await _service.Get("/meta/coverage?add=.45:80")).ShouldBeProblem(400, "?add", "unknownParameter");
        (await _service.PostText("/meta/changes", """{ "from": 0, "add": [{ "r": 0.2, "n": 80 }] }""")).ShouldBeProblem(400, "#/add", "notAValue");
        (await _service.PostText("/meta/coverage", """{ "add": [{ "r": 0.2, "n": 80 }] }""")).ShouldBeProblem(422, "#/add", "notAllowed");
    }

    [Fact]
    public async Task Plots_show_it_hollow_beside_the_estimate_without_it()
    {
        var forest = SvgDocument.FromResponse(await _service.Get("/meta/forest.svg?add=.45:80"));
        Assert.Equal((6, 1), (forest.CountByClass("rect", "mark"), forest.CountByClass("rect", "hollow")));
        Assert.Contains("hypothetical", forest.TextLines);
        Assert.Contains("Hollow squares are hypothetical.", forest.TextLines);
        Assert.Contains("Without the hypothetical (6 effects)", forest.TextLines);
        var without = (await _service.Get("/meta/pool")).Json;
        Assert.Contains($"{Text("r")} [{Text("lower")}, {Text("upper")}]", forest.TextLines);
        Assert.Contains("Hollow squares", forest.Description, StringComparison.Ordinal);
        Assert.Equal(0, SvgDocument.FromResponse(await _service.Get("/meta/forest.svg")).CountByClass("rect", "hollow"));

        var funnel = SvgDocument.FromResponse(await _service.Get("/meta/funnel.svg?add=.45:80"));
        Assert.Equal(2, funnel.CountByClass("circle", "hollow"));
        Assert.Contains("hypothetical", funnel.TextLines);
        var cumulative = SvgDocument.FromResponse(await _service.Get("/meta/cumulative.svg?add=.45:80"));
        Assert.Equal("With 1 hypothetical effect", cumulative.TextLines.Last(line => line is "With 1 hypothetical effect" or "2013" or "2020"));
        Assert.Equal(1, cumulative.CountByClass("rect", "hollow"));
        Assert.DoesNotContain("hypothetical", cumulative.TextLines);
        var looks = SvgDocument.FromResponse(await _service.PostText("/meta/cumulative.svg", """
            { "add": [{ "r": 0.2, "n": 80, "study": "Mine 2026" }, { "r": 0.3, "n": 40 }], "model": { "sequential": "anytime" } }
            """));
        Assert.Contains("With 2 hypothetical effects", looks.TextLines);
        Assert.Contains("Mine 2026", looks.TextLines);
        Assert.Equal(1, looks.CountByClass("rect", "hollow"));
        var ofYear = SvgDocument.FromResponse(await _service.PostText("/meta/cumulative.svg", """{ "add": [{ "r": 0.2, "n": 80, "year": 2012 }] }"""));
        Assert.Equal((3, 3), (ofYear.CountByClass("rect", "hollow"), ofYear.TextLines.Count(line => line == "with 1 hypothetical effect")));
        var named = SvgDocument.FromResponse(await _service.PostText("/meta/forest.svg", """{ "add": [{ "r": 0.2, "n": 80, "study": "Mine 2026" }] }"""));
        Assert.Contains("Mine 2026 (hypothetical)", named.TextLines);

        string Text(string member) => without.At($"correlation/{member}")!.GetValue<double>().ToString("F2")[1..];
    }

    [Fact]
    public async Task Report_citation_and_archive_say_that_it_is_no_evidence()
    {
        var report = (await _service.Get("/meta/report.txt?add=.45:80")).ShouldBe(200).Text;
        Assert.StartsWith("This is a what-if: 1 of the 7 effects is hypothetical (r = .45, n = 80) and no evidence. Without it: r = ", report,
            StringComparison.Ordinal);
        Assert.Contains("with 1 hypothetical effect added", report, StringComparison.Ordinal);
        foreach (var format in new[] { "bib", "ris", "json" })
        {
            var citation = (await _service.Get($"/meta/citation.{format}?add=.45:80&add=.2:30")).ShouldBe(200).Text;
            Assert.Contains("with 2 hypothetical effects added", citation, StringComparison.Ordinal);
            Assert.Contains("add=.45", citation, StringComparison.Ordinal);
        }

        using var archive = new ZipArchive(new MemoryStream((await _service.Get("/export.zip?add=.45:80")).ShouldBe(200).Bytes));
        Assert.StartsWith("hypothetical,hypothetical,hypothetical,0.48", Read("effects.csv").TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.Contains(",80,,,,,hypothetical,", Read("effects.csv"), StringComparison.Ordinal);
        Assert.Contains("This is a what-if", Read("README.md"), StringComparison.Ordinal);
        Assert.DoesNotContain("hypothetical", Read("studies.bib"), StringComparison.Ordinal);

        string Read(string name)
        {
            using var reader = new StreamReader(archive.GetEntry(name)!.Open());
            return reader.ReadToEnd();
        }
    }

    [Fact]
    public async Task The_page_asks_for_it_by_two_fields()
    {
        var redirect = (await _service.Get("/?timing=late&add=.1:20&r=.45&n=80")).ShouldBe(302);
        Assert.Equal("/?timing=late&add=.45%3A80", redirect.Header("Location"));
        var page = (await _service.Get("/?timing=late&add=.45:80", ("Accept", "text/html"))).ShouldBe(200);
        Assert.Contains("1 of the 3 effects is hypothetical (r = .45, n = 80) and no evidence.", page.Text, StringComparison.Ordinal);
        Assert.Contains("""href="/?timing=late">Back""", page.Text, StringComparison.Ordinal);
        Assert.Contains("noindex", page.Text, StringComparison.Ordinal);
        Assert.Equal(("no-store", null), (page.Header("Cache-Control"), page.ETag));
        Assert.DoesNotContain("hypothetical", (await _service.Get("/")).ShouldBe(200).Text, StringComparison.Ordinal);
        (await _service.Get("/?add=.45:")).ShouldBeProblem(400, "?add", "notAValue");
        Assert.Equal("/?add=.45%3A", (await _service.Get("/?r=.45&n=")).Header("Location") is { } half && half.Contains("r=", StringComparison.Ordinal)
            ? (await _service.Get(half)).Header("Location") : "");
    }
}
