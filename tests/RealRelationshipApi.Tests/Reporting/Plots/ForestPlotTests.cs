using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Reporting.Plots;

/// <summary>The forest plot against the answers that it draws.</summary>
public sealed class ForestPlotTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Fact]
    public async Task Every_effect_has_a_square_and_what_is_pooled_a_diamond()
    {
        var picture = await Draw("");
        Assert.Equal(16, picture.Count("rect", "mark"));
        Assert.Equal(1, picture.Count("polygon", "pooled"));
        Assert.Equal(3, picture.Count("line", "prediction"));
        Assert.Contains("Synthetic illustration 2015 · illustration-01", picture.Texts);
        Assert.Contains(".38 [.25, .50]", picture.Texts);
        Assert.Contains("100.0%", picture.Texts);
    }

    [Fact]
    public async Task Published_results_stand_beside_ours_as_open_diamonds_unless_they_are_not_wanted()
    {
        var picture = await Draw("");
        Assert.Equal(3, picture.Count("polygon", "open"));
        Assert.Contains("Gelso, Kivlighan & Markin 2018", picture.Texts);
        Assert.Contains(".38 [.30, .44]", picture.Texts);
        Assert.Contains(".23 to .31", picture.Texts);
        Assert.Equal(0, (await Draw("?references=false")).Count("polygon", "open"));
    }

    [Fact]
    public async Task Subgroups_are_those_of_the_moderator_analysis()
    {
        var picture = await Draw("?by=outcomeType");
        Assert.Equal(3, picture.Count("polygon", "level"));
        var levels = (await _service.Get("/meta/moderators?by=outcomeType")).At("moderators/0/levels")!.AsArray();
        Assert.All(levels, level =>
        {
            var (r, lower, upper) = (Text(level.At("correlation/r")!), Text(level.At("correlation/lower")!), Text(level.At("correlation/upper")!));
            Assert.Contains($"{level.At("level")} ({level.At("counts/effects")} effects)", picture.Texts);
            Assert.Contains($"{r} [{lower}, {upper}]", picture.Texts);
        });
        Assert.Contains("cannot be told", picture.Text, StringComparison.Ordinal);

        static string Text(System.Text.Json.Nodes.JsonNode number) => number.GetValue<double>().ToString("F2")[1..];
    }

    [Fact]
    public async Task Effects_without_the_moderator_stand_in_a_group_of_their_own()
    {
        await using var service = await Service.StartAsync();
        await service.Submit(A.Study("a", A.Effect(0.3).With("timing", "early")));
        await service.Submit(A.Study("b", A.Effect(0.4).With("timing", "late")));
        await service.Submit(A.Study("c", A.Effect(0.5)));
        var picture = Picture.Of(await service.Get("/meta/forest.svg?by=timing"));
        Assert.Contains("not reported", picture.Texts);
        Assert.Equal(3, picture.Count("rect", "mark"));
        Assert.Equal(2, picture.Count("polygon", "level"));
    }

    [Theory]
    [InlineData("key", "illustration-01", "illustration-02")]
    [InlineData("size", "illustration-02", "illustration-01")]
    [InlineData("year", "illustration-04", "illustration-03")]
    public async Task Effects_stand_in_the_order_that_was_asked_for(string order, string before, string after)
    {
        var text = (await Draw($"?sort={order}")).Text;
        Assert.InRange(text.IndexOf(before, StringComparison.Ordinal), 1, text.IndexOf(after, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_filter_is_said_in_words() => Assert.Contains("Only outcomeType sessionOutcome.", (await Draw("?outcomeType=sessionOutcome")).Description, StringComparison.Ordinal);

    [Fact]
    public async Task A_moderator_that_is_a_number_or_unknown_is_refused_by_name()
    {
        (await _service.Get("/meta/forest.svg?by=year")).ShouldBeProblem(422, "?by", "notCategorical");
        (await _service.Get("/meta/forest.svg?by=moderators.none")).ShouldBeProblem(422, "?by", "unknownModerator");
        (await _service.PostText("/meta/forest.svg", """{ "effects": [{ "r": 0.3, "n": 50 }], "by": "none" }""")).ShouldBeProblem(422, "#/by", "unknownModerator");
    }

    [Fact]
    public async Task Two_effects_of_one_study_are_told_apart_by_their_keys()
    {
        await using var service = await Service.StartAsync();
        await service.Submit(A.Study("lee-2020", A.Effect(0.3).With("sample", "s"), A.Effect(0.4).With("sample", "s").With("outcomeMeasure", "ors")));
        await service.Submit(A.Study("other"));
        var picture = Picture.Of(await service.Get("/meta/forest.svg"));
        Assert.Contains("Lee et al. 2020 · lee-2020/e1", picture.Texts);
        Assert.Contains("Lee et al. 2020 · other", picture.Texts);
        Assert.Contains("correlated hierarchical", picture.Description, StringComparison.OrdinalIgnoreCase);
    }

    private async Task<Picture> Draw(string query) => Picture.Of(await _service.Get($"/meta/forest.svg{query}"));
}
