using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Plots;

/// <summary>The forest plot compared with the responses that it shows.</summary>
public sealed class ForestPlotTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Fact]
    public async Task Every_effect_is_a_square_and_the_pooled_estimate_a_diamond()
    {
        var picture = await Draw("");
        Assert.Equal(16, picture.CountByClass("rect", "mark"));
        Assert.Equal(1, picture.CountByClass("polygon", "pooled"));
        Assert.Equal(3, picture.CountByClass("line", "prediction"));
        Assert.Contains("Synthetic illustration 2015 · illustration-01", picture.TextLines);
        Assert.Contains(".54 [.38, .66]", picture.TextLines);
        Assert.Contains("100.0%", picture.TextLines);
    }

    [Fact]
    public async Task Published_results_are_open_diamonds_unless_turned_off()
    {
        var picture = await Draw("");
        Assert.Equal(2, picture.CountByClass("polygon", "open"));
        Assert.Equal(1, picture.CountByClass("circle", "open"));
        Assert.Contains("Gelso et al. 2018", picture.TextLines);
        Assert.Contains(".38 [.30, .44]", picture.TextLines);
        Assert.Contains(".23 to .31", picture.TextLines);
        Assert.Equal(0, (await Draw("?references=false")).CountByClass("polygon", "open"));
    }

    [Fact]
    public async Task Subgroups_are_those_of_the_moderator_analysis()
    {
        var picture = await Draw("?by=outcomeType");
        Assert.Equal(3, picture.CountByClass("polygon", "level"));
        var levels = (await _service.Get("/meta/moderators?by=outcomeType")).At("moderators/0/levels")!.AsArray();
        Assert.All(levels, level =>
        {
            var (r, lower, upper) = (Text(level.At("correlation/r")!), Text(level.At("correlation/lower")!), Text(level.At("correlation/upper")!));
            var words = level.At("level")!.GetValue<string>() switch
            {
                "treatmentOutcome" => "Treatment outcome",
                "treatmentProgress" => "Treatment progress",
                "sessionOutcome" => "Session outcome",
                var other => other,
            };
            Assert.Contains($"{words} ({level.At("counts/effects")} effects)", picture.TextLines);
            Assert.Contains($"{r} [{lower}, {upper}]", picture.TextLines);
            var (q, df, i2) = (level.At("heterogeneity/q")!.GetValue<double>(), level.At("heterogeneity/df")!.GetValue<int>(),
                level.At("heterogeneity/i2")!.GetValue<double>());
            Assert.Contains(picture.TextLines, line => line.StartsWith($"Heterogeneity: Q({df}) = {q:F2}, p ", StringComparison.Ordinal)
                && line.Contains($"I² = {i2:F0}%; τ² = ", StringComparison.Ordinal));
        });
        Assert.Contains("Study, by outcome type", picture.TextLines);
        Assert.Equal(4, picture.TextLines.Count(line => line.StartsWith("Heterogeneity: ", StringComparison.Ordinal)));
        Assert.Contains("cannot be told", picture.JoinedText, StringComparison.Ordinal);

        static string Text(System.Text.Json.Nodes.JsonNode number) => number.GetValue<double>().ToString("F2")[1..];
    }

    [Fact]
    public async Task Effects_without_the_moderator_form_their_own_group()
    {
        await using var service = await Service.StartAsync();
        await service.SubmitStudy(TestData.Study("a", TestData.Effect(0.3).With("timing", "early")));
        await service.SubmitStudy(TestData.Study("b", TestData.Effect(0.4).With("timing", "late")));
        await service.SubmitStudy(TestData.Study("c", TestData.Effect(0.5)));
        var picture = SvgDocument.FromResponse(await service.Get("/meta/forest.svg?by=timing"));
        Assert.Contains("not reported", picture.TextLines);
        Assert.Equal(3, picture.CountByClass("rect", "mark"));
        Assert.Equal(2, picture.CountByClass("polygon", "level"));
    }

    [Theory]
    [InlineData("key", "illustration-01", "illustration-02")]
    [InlineData("size", "illustration-03", "illustration-02")]
    [InlineData("year", "illustration-04", "illustration-03")]
    public async Task Effects_are_sorted_as_requested(string order, string before, string after)
    {
        var text = (await Draw($"?sort={order}")).JoinedText;
        Assert.InRange(text.IndexOf(before, StringComparison.Ordinal), 1, text.IndexOf(after, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_description_states_the_filter() =>
        Assert.Contains("Only outcomeType sessionOutcome.", (await Draw("?outcomeType=sessionOutcome")).Description, StringComparison.Ordinal);

    [Fact]
    public async Task A_moderator_that_is_a_number_or_unknown_is_refused_by_name()
    {
        (await _service.Get("/meta/forest.svg?by=year")).ShouldBeProblem(422, "?by", "notCategorical");
        (await _service.Get("/meta/forest.svg?by=moderators.none")).ShouldBeProblem(422, "?by", "unknownModerator");
        (await _service.PostText("/meta/forest.svg", """{ "effects": [{ "r": 0.3, "n": 50 }], "by": "none" }""")).ShouldBeProblem(422, "#/by",
            "unknownModerator");
    }

    [Fact]
    public async Task Two_effects_of_one_study_are_labelled_by_what_they_differ_in()
    {
        await using var service = await Service.StartAsync();
        await service.SubmitStudy(
            TestData.Study("lee-2020", TestData.Effect(0.3).With("sample", "s"), TestData.Effect(0.4).With("sample", "s").With("outcomeMeasure", "gad-7")));
        await service.SubmitStudy(TestData.Study("other"));
        var picture = SvgDocument.FromResponse(await service.Get("/meta/forest.svg"));
        Assert.Contains("Lee et al. 2020 · lee-2020 · gad-7", picture.TextLines);
        Assert.Equal(2, picture.TextLines.Count(line => line.StartsWith("Lee et al. 2020 · lee-2020 · ", StringComparison.Ordinal)));
        Assert.Contains("Lee et al. 2020 · other", picture.TextLines);
        Assert.Contains("correlated hierarchical", picture.Description, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Effects_that_differ_in_nothing_are_labelled_by_their_keys()
    {
        await using var service = await Service.StartAsync();
        await service.SubmitStudy(TestData.Study("lee-2020", TestData.Effect(0.3).With("sample", "women"), TestData.Effect(0.4).With("sample", "men")));
        var lines = SvgDocument.FromResponse(await service.Get("/meta/forest.svg")).TextLines;
        Assert.Equal(2, lines.Count(line => line.StartsWith("Lee et al. 2020 · e", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(320)]
    [InlineData(390)]
    [InlineData(1200)]
    public async Task A_plot_has_the_width_that_was_asked_for_and_all_its_numbers(int width)
    {
        var (picture, wide) = (await Draw($"?by=outcomeType&width={width}"), await Draw("?by=outcomeType"));
        Assert.Equal(width, picture.Width);
        Assert.Equal(16, picture.CountByClass("rect", "mark"));
        Assert.Equal(3, picture.CountByClass("polygon", "level"));
        Assert.Equal(wide.TextLines.Where(IsEstimate).Order(), picture.TextLines.Where(IsEstimate).Order());
        Assert.All(picture.ElementsNamed("text"), text => Assert.InRange(SvgDocument.Number(text, "x"), 0, width));
        Assert.Contains(picture.TextLines, line => line.Contains("150", StringComparison.Ordinal));

        static bool IsEstimate(string line) => line[0] is '.' or '−' or '[' && line.Contains('[', StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(319)]
    [InlineData(1601)]
    public async Task Other_widths_are_refused(int width) =>
        (await _service.Get($"/meta/forest.svg?width={width}")).ShouldBeProblem(422, "?width", "outOfRange");

    [Fact]
    public async Task Zero_divides_what_goes_with_worse_and_with_better_outcome()
    {
        Assert.Contains("with better outcome →", (await Draw("")).TextLines);
        var body = SvgDocument.FromResponse(await _service.PostText("/meta/forest.svg", """{ "effects": [{ "r": 0.3, "n": 50 }, { "r": 0.4, "n": 60 }] }"""));
        Assert.DoesNotContain("with better outcome →", body.TextLines);
    }

    [Fact]
    public async Task A_name_from_right_to_left_is_isolated_from_the_numbers_beside_it()
    {
        var text = SvgDocument.FromResponse(await _service.PostText("/meta/forest.svg",
            """{ "effects": [{ "study": "כהן ולוי 2018 a", "r": 0.3, "n": 50 }, { "study": "Lee", "r": 0.4, "n": 60 }] }""")).JoinedText;
        Assert.Contains("\u2068כהן ולוי\u2069 2018 a", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u2068Lee", text, StringComparison.Ordinal);
    }

    private async Task<SvgDocument> Draw(string query) => SvgDocument.FromResponse(await _service.Get($"/meta/forest.svg{query}"));
}
