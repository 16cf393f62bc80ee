using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Evidence;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Coverage;

/// <summary><c>/meta/coverage</c>: how much evidence there is, and what is missing.</summary>
public sealed class CoverageTests
{
    [Fact]
    public async Task Every_combination_has_a_cell_and_every_effect_is_in_one()
    {
        await using var service = await Service.StartAsync();
        var nothing = (await service.Get("/meta/coverage")).ShouldBe(200);
        Assert.Equal(3 * 3 * 4 * 3, nothing.At("cells")!.AsArray().Count);
        Assert.All(nothing.At("cells")!.AsArray(), cell => Assert.Equal((0, 0), (Number(cell, "effects"), Number(cell, "samples"))));

        await service.SubmitStudy(TestData.Study("a", TestData.Effect(0.3, 50).With("sample", "one"),
            TestData.Effect(0.4, 60).With("sample", "one").With("outcomeMeasure", "ses")).With("country", "IT"));
        await service.SubmitStudy(TestData.Study("b", TestData.Effect(0.2, 40).With("outcomeRater", "therapist").With("level", "withinClient")
            .With("sessions", 200)).With("country", "US"));
        await service.SubmitStudy(RegisteredStudyTestsData("waiting").With("country", "IT"));
        var answer = (await service.Get("/meta/coverage")).ShouldBe(200);
        var cells = answer.At("cells")!.AsArray();
        Assert.Equal((2 * 108) + 1, cells.Count);
        Assert.Equal(3, cells.Sum(cell => Number(cell, "effects")));
        Assert.Equal("client client treatmentOutcome betweenClient IT 2 1 60 0", Describe(cells.Single(cell => Number(cell, "effects") == 2)));
        Assert.Equal("client therapist treatmentOutcome withinClient US 1 1 40 0", Describe(cells.Single(cell => Number(cell, "effects") == 1)));
        Assert.Equal("- - - - IT 0 0 0 1", Describe(cells[^1]));
        Assert.Equal(cells.Count, cells.Select(Describe).Select(text => text[..text.LastIndexOf(' ')]).Distinct().Count());

        // Filters narrow the combinations, too.
        var clients = (await service.Get("/meta/coverage?relationshipRater=client&outcomeType=treatmentOutcome&level=betweenClient&country=IT")).ShouldBe(200);
        Assert.Equal(3 + 1, clients.At("cells")!.AsArray().Count);
        Assert.Equal("client client treatmentOutcome betweenClient XX 0 0 0 0",
            Describe((await service.Get("/meta/coverage?country=XX")).At("cells/0")));
        Assert.Equal(1, clients.At("excluded")!.AsArray().Sum(e => Number(e, "count")));
        var csv = (await service.Get("/meta/coverage.csv")).ShouldBe(200).Text.TrimEnd('\n').Split('\n');
        Assert.Equal("relationshipRater,outcomeRater,outcomeType,level,country,effects,samples,participants,registered", csv[0].TrimEnd('\r'));
        Assert.Equal(cells.Count, csv.Length - 1);
        Assert.Equal(clients.At("cells")!.ToJsonString(), (await service.PostText("/meta/coverage", """
            { "filter": { "relationshipRater": "client", "outcomeType": "treatmentOutcome", "level": "betweenClient", "country": "IT" } }
            """)).ShouldBe(200).At("cells")!.ToJsonString());

        var svg = SvgDocument.FromResponse(await service.Get("/meta/coverage.svg"));
        Assert.Equal(2 * 36, svg.ElementsNamed("rect").Count(e => e.Attribute("class")!.Value.StartsWith("cell", StringComparison.Ordinal)));
        Assert.Equal((2 * 36) - 2, svg.CountByClass("rect", "cell empty"));
        Assert.Contains("2 effects, N = 60", svg.TextLines);
        Assert.Contains(svg.TextLines, line => line.Contains("No effect at all: between therapists.", StringComparison.Ordinal));
        Assert.Contains(svg.TextLines, line => line.StartsWith("1 registered study", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Empty_cells_of_many_countries_are_bounded()
    {
        await using var service = await Service.StartAsync();
        var studies = Enumerable.Range(0, 22).Select(i => TestData.Study($"s{i}", TestData.Effect(0.3)).With("country", $"A{(char)('A' + i)}"));
        (await service.Post("/studies/batch", new JsonArray([.. studies]))).ShouldBe(201);
        var answer = (await service.Get("/meta/coverage?level=betweenClient")).ShouldBe(200);
        Assert.Equal((20 * 36) + 2, answer.At("cells")!.AsArray().Count);
        Assert.Contains("emptyCellsLeftOut", answer.Warnings);
        Assert.Equal(36, (await service.Get("/meta/coverage?level=betweenClient&country=AV")).At("cells")!.AsArray().Count);
    }

    [Fact]
    public async Task A_model_does_not_apply()
    {
        await using var service = await Service.StartAsync();
        (await service.Get("/meta/coverage?estimator=dl")).ShouldBeProblem(400);
        (await service.PostText("/meta/coverage", """{ "model": { "estimator": "dl" } }""")).ShouldBeProblem(422, "#/model", "notAllowed");
        (await service.Get("/meta/coverage?defaults=0.1")).ShouldBe(200);
        (await service.Get("/meta/coverage.svg?rater=client")).ShouldBeProblem(400);
        (await service.Get("/meta/coverage?level=patient")).ShouldBeProblem(400);
    }

    private static JsonNode RegisteredStudyTestsData(string key) =>
        RegisteredEvidence.Registered(key, """{ "state": "notReported", "direction": "positive", "n": 50 }""");

    private static double Number(JsonNode? node, string member) => node.At(member)!.GetValue<double>();

    private static string Describe(JsonNode? cell) => string.Join(' ', cell!.AsObject().Select(member => member.Value?.ToString() ?? "-"));
}
