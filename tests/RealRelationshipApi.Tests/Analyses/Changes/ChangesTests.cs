using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Changes;

/// <summary><c>/meta/changes</c> against <c>/meta/pool</c>: three studies, then at revision 4 another result of a, at 5 no b any more, at 6 a new d.</summary>
public sealed class ChangesTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartAsync();
        await _service.SubmitStudy(TestData.Study("a", TestData.Effect(r: 0.2)));
        await _service.SubmitStudy(TestData.Study("b", TestData.Effect(r: 0.4)));
        await _service.SubmitStudy(TestData.Study("c", TestData.Effect(r: 0.6)));
        await Replace(TestData.Study("a", TestData.Effect(r: 0.5, n: 90)));
        await Retract("b");
        await _service.SubmitStudy(TestData.Study("d", TestData.Effect(r: 0.1)));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [SlowTheory("It pools again before and after each change.")]
    [InlineData("")]
    [InlineData("&estimator=dl&test=z")]
    [InlineData("&estimator=common&confidence=0.9")]
    [InlineData("&dependence=aggregate&rho=0.3")]
    [InlineData("&dependence=correlatedHierarchical")]
    [InlineData("&dependence=threeLevel&estimator=ml&robust=none")]
    [InlineData("&measure=raw")]
    [InlineData("&measure=correlation")]
    public async Task The_shift_of_a_single_change_is_the_difference_of_two_pools(string model)
    {
        var answer = (await _service.Get($"/meta/changes?from=3&to=6{model}")).ShouldBe(200);
        Assert.Equal(["a/e1 changed 4", "b/e1 removed 5", "d/e1 added 6"], Rows(answer));
        foreach (var (i, row) in answer.At("changes")!.AsArray().Index())
        {
            var (before, after) = (await Pool(3 + i, model), await Pool(4 + i, model));
            Assert.Equal(after.Number("pooled/effect") - before.Number("pooled/effect"), row.At("shift")!.GetValue<double>(), 1e-12);
            Assert.Equal(after.String("data/asOf"), row.At("recordedAt")!.GetValue<string>());
            if (!model.Contains("measure", StringComparison.Ordinal))
            {
                Assert.Equal(after.Number("correlation/r") - before.Number("correlation/r"), row.At("shiftR")!.GetValue<double>(), 1e-12);
            }
        }
        ShiftsShouldAddUp(answer);
        await ShouldEqualPool(answer, "from", 3, model);
        await ShouldEqualPool(answer, "to", 6, model);
        Assert.Empty(answer.Warnings.Intersect(["otherModelAtFrom", "oneSample", "noShift"]));
    }

    [Fact]
    public async Task A_change_has_the_effect_before_and_after()
    {
        var answer = (await _service.Get("/meta/changes?from=3&to=6")).ShouldBe(200);
        var changed = answer.At("changes/0");
        Assert.Equal("a", changed.At("study")!.GetValue<string>());
        Assert.Equal(["replaced", "retracted", "new"], answer.At("changes")!.AsArray().Select(row => row.At("change")!.GetValue<string>()));
        Assert.All(answer.At("changes")!.AsArray(), row => Assert.False(row.At("first")!.GetValue<bool>()));
        var effect = changed.At("effects/0");
        Assert.Equal(Math.Atanh(0.2), effect.At("before/effect")!.GetValue<double>(), 1e-15);
        Assert.Equal(Math.Sqrt(1 / 77.0), effect.At("before/standardError")!.GetValue<double>(), 1e-15);
        Assert.Equal(80, effect.At("before/n")!.GetValue<double>());
        Assert.Equal("a", effect.At("before/sample")!.GetValue<string>());
        Assert.Equal(Math.Atanh(0.5), effect.At("after/effect")!.GetValue<double>(), 1e-15);
        Assert.Equal(90, effect.At("after/n")!.GetValue<double>());
        Assert.Equal([null, "retracted", null], answer.At("changes")!.AsArray().Select(row => row.At("effects/0/reason")?.GetValue<string>()));
        Assert.Null(answer.At("changes/1/effects/0/after"));
        Assert.Null(answer.At("changes/2/effects/0/before"));
    }

    [Fact]
    public async Task Data_and_model_describe_the_later_revision()
    {
        var (answer, pool) = ((await _service.Get("/meta/changes?from=3")).ShouldBe(200), await _service.Get("/meta/pool"));
        foreach (var part in new[] { "data", "counts", "given", "used", "excluded" })
        {
            Assert.Equal(pool.At(part)!.ToJsonString(), answer.At(part)!.ToJsonString());
        }
    }

    [Fact]
    public async Task Only_net_changes_are_reported()
    {
        // b was added and removed; a was changed.
        Assert.Equal(["c/e1 added 3", "a/e1 changed 4", "d/e1 added 6"], Rows(await _service.Get("/meta/changes?from=1&to=6")));
        await Replace(TestData.Study("a", TestData.Effect(r: 0.2)));
        Assert.Equal(["b/e1 removed 5", "d/e1 added 6"], Rows(await _service.Get("/meta/changes?from=3")));
    }

    [Fact]
    public async Task Edits_that_leave_the_numbers_unchanged_are_not_changes()
    {
        await Replace(TestData.Study("a", TestData.Effect(r: 0.5, n: 90)).With("citation/title", "The same in other words"));
        await Replace(TestData.Study("c", TestData.Effect(r: 0.6)).With("note", "Seen again"));
        Assert.Equal(["a/e1 changed 4", "b/e1 removed 5", "d/e1 added 6"], Rows(await _service.Get("/meta/changes?from=3")));
        Assert.Empty(Rows((await _service.Get("/meta/changes?from=6")).ShouldBe(200)));
    }

    [Fact]
    public async Task A_study_retracted_and_restored_with_other_numbers_changed_once()
    {
        await Replace(TestData.Study("b", TestData.Effect(r: 0.45)));
        Assert.Contains("b/e1 changed 7", Rows(await _service.Get("/meta/changes?from=3")));
        Assert.Contains("b/e1 added 7", Rows(await _service.Get("/meta/changes?from=6")));
    }

    [Fact]
    public async Task Effects_of_one_study_are_one_row_whatever_their_keys()
    {
        await _service.SubmitStudy(
            TestData.Study("e", TestData.Effect(r: 0.3).With("key", "z"), TestData.Effect(r: 0.35).With("key", "x"), TestData.Effect(r: 0.4).With("key", "y")));
        var answer = (await _service.Get("/meta/changes?from=6")).ShouldBe(200);
        Assert.Equal(["e/x added 7", "e/y added 7", "e/z added 7"], Rows(answer));
        Assert.Equal(answer.Number("moved/effect"), Assert.Single(answer.At("changes")!.AsArray()).At("shift")!.GetValue<double>());
        var table = (await _service.Get("/meta/changes.csv?from=6")).ShouldBe(200).Text.Split('\n');
        Assert.StartsWith("study,change,revision,recordedAt,first,shift,shiftR,shiftStandardError", table[0], StringComparison.Ordinal);
        Assert.StartsWith("e,new,7,", table[1], StringComparison.Ordinal);
        Assert.Equal(["e/x", "e/y", "e/z"], (await _service.Get("/meta/changes.csv?from=6&table=changes.effects")).ShouldBe(200).Text.Split('\n')[1..4]
            .Select(row => row.Split(',')[0]));
    }

    [Fact]
    public async Task Another_sample_is_a_change_and_a_dropped_effect_says_so()
    {
        await _service.SubmitStudy(TestData.Study("e", TestData.Effect(r: 0.3), TestData.Effect(r: 0.35).With("outcomeMeasure", "gad-7")));
        await Replace(TestData.Study("e", TestData.Effect(r: 0.3).With("sample", "others")));
        var answer = (await _service.Get("/meta/changes?from=7")).ShouldBe(200);
        Assert.Equal(["e/e1 changed 8", "e/e2 removed 8"], Rows(answer));
        Assert.Equal("e.1 others", $"{answer.String("changes/0/effects/0/before/sample")} {answer.String("changes/0/effects/0/after/sample")}");
        Assert.Equal("dropped", answer.String("changes/0/effects/1/reason"));
        Assert.Equal("replaced", answer.String("changes/0/change"));
        ShiftsShouldAddUp(answer);
    }

    [Fact]
    public async Task No_warning_is_repeated()
    {
        await _service.SubmitStudy(TestData.Study("made-up", TestData.Effect(r: 0.3)).With("synthetic", true));
        await _service.SubmitStudy(TestData.Study("e", TestData.Effect(r: 0.3)));
        var answer = (await _service.Get("/meta/changes?from=7&exclude=a&exclude=c&synthetic=include")).ShouldBe(200);
        Assert.Contains("synthetic", answer.Warnings);
        Assert.Equal(answer.Warnings.Distinct(), answer.Warnings);
    }

    [Fact]
    public async Task A_filter_is_applied_to_both_ends()
    {
        await _service.SubmitStudy(TestData.Study("it", TestData.Effect(r: 0.3)).With("country", "IT"));
        await Replace(TestData.Study("c", TestData.Effect(r: 0.6)).With("country", "IT"));
        await Replace(TestData.Study("it", TestData.Effect(r: 0.3)).With("country", "DE"));
        var answer = (await _service.Get("/meta/changes?from=7&country=IT")).ShouldBe(200);
        Assert.Equal(["c/e1 added 8", "it/e1 removed 9"], Rows(answer));
        Assert.Equal("country", answer.String("changes/1/effects/0/reason"));
        ShiftsShouldAddUp(answer);
        Assert.Empty(Rows((await _service.Get("/meta/changes?from=7")).ShouldBe(200)));
        Assert.Equal(["d/e1 added 6"], Rows((await _service.Get("/meta/changes?from=3&to=6&exclude=a&exclude=b")).ShouldBe(200)));
    }

    [Fact]
    public async Task The_model_of_the_later_state_is_used_for_both()
    {
        await _service.SubmitStudy(
            TestData.Study("e", TestData.Effect(r: 0.3).With("sample", "e"), TestData.Effect(r: 0.35).With("sample", "e").With("outcomeMeasure", "gad-7")));
        var answer = (await _service.Get("/meta/changes?from=3")).ShouldBe(200);
        Assert.Equal("correlatedHierarchical", answer.String("model/dependence"));
        Assert.Contains("otherModelAtFrom", answer.Warnings);
        await ShouldEqualPool(answer, "from", 3, "&dependence=correlatedHierarchical");
        await ShouldEqualPool(answer, "to", 7, "");
        ShiftsShouldAddUp(answer);

        await Retract("e");
        var back = (await _service.Get("/meta/changes?from=7")).ShouldBe(200);
        Assert.Equal("independent", back.String("model/dependence"));
        Assert.Contains("otherModelAtFrom", back.Warnings);
        await ShouldEqualPool(back, "from", 7, "&dependence=independent");
        ShiftsShouldAddUp(back);
    }

    [Fact]
    public async Task One_sample_alone_enters_a_nested_model_as_one_composite()
    {
        await _service.SubmitStudy(
            TestData.Study("e", TestData.Effect(r: 0.3).With("sample", "e"), TestData.Effect(r: 0.35).With("sample", "e").With("outcomeMeasure", "gad-7")));
        var answer = (await _service.Get("/meta/changes?from=1")).ShouldBe(200);
        Assert.Equal("correlatedHierarchical", answer.String("model/dependence"));
        Assert.Contains("oneSample", answer.Warnings);
        Assert.Equal(Math.Atanh(0.2), answer.Number("from/pooled/effect"), 1e-12);
        ShiftsShouldAddUp(answer);
    }

    [Theory]
    [InlineData("from=6")]
    [InlineData("from=6&to=6")]
    [InlineData("from=3&to=3&estimator=dl")]
    public async Task Without_changes_the_estimate_does_not_move(string range)
    {
        var answer = (await _service.Get($"/meta/changes?{range}")).ShouldBe(200);
        Assert.Empty(Rows(answer));
        Assert.Equal("""{"effect":0,"r":0}""", answer.At("moved")!.ToJsonString());
        Assert.Equal(answer.At("from")!.ToJsonString(), answer.At("to")!.ToJsonString());
    }

    [Fact]
    public async Task From_an_empty_pool_only_shifts_after_the_first_are_reported()
    {
        var answer = (await _service.Get("/meta/changes?from=0&to=3")).ShouldBe(200);
        Assert.Equal(["a/e1 added 1", "b/e1 added 2", "c/e1 added 3"], Rows(answer));
        Assert.Null(answer.At("moved"));
        Assert.Null(answer.At("from/pooled"));
        Assert.Null(answer.At("from/recordedAt"));
        Assert.Equal("noEffects", answer.String("from/reason/code"));
        Assert.Equal(0, answer.Number("from/counts/effects"));
        Assert.Null(answer.At("changes/0/shift"));
        Assert.Equal([true, false, false], answer.At("changes")!.AsArray().Select(row => row.At("first")!.GetValue<bool>()));
        Assert.DoesNotContain("noShift", answer.Warnings);
        Assert.Equal(answer.Number("to/pooled/effect") - Math.Atanh(0.2), answer.Number("changes/1/shift") + answer.Number("changes/2/shift"), 1e-12);
    }

    [Fact]
    public async Task To_an_empty_pool_no_movement_is_reported()
    {
        foreach (var key in "acd")
        {
            await Retract(key.ToString());
        }

        var answer = (await _service.Get("/meta/changes?from=6")).ShouldBe(200);
        Assert.Null(answer.At("moved"));
        Assert.Equal("noEffects", answer.String("to/reason/code"));
        Assert.Contains("retracted", answer.String("to/reason/detail"), StringComparison.Ordinal);
        Assert.Equal([true, true, false], answer.At("changes")!.AsArray().Select(row => row.At("shift") is not null));
        (await _service.Get("/meta/changes?from=9")).ShouldBeProblem(422, "#", "noEffects");
        (await _service.Get("/meta/changes?from=0&to=0")).ShouldBeProblem(422, "#", "noEffects");
    }

    [Fact]
    public async Task An_empty_pool_in_between_is_skipped()
    {
        await Retract("d");
        await _service.SubmitStudy(TestData.Study("f", TestData.Effect(r: 0.7)));
        var answer = (await _service.Get("/meta/changes?from=6&exclude=a&exclude=c")).ShouldBe(200);
        Assert.Equal(["d/e1 removed 7", "f/e1 added 8"], Rows(answer));
        Assert.Null(answer.At("changes/0/shift"));
        Assert.Equal(Math.Atanh(0.7) - Math.Atanh(0.1), answer.Number("moved/effect"), 1e-12);
        Assert.Equal(0.6, answer.Number("changes/1/shiftR"), 1e-12);
        Assert.Contains("noShift", answer.Warnings);
        ShiftsShouldAddUp(answer);
    }

    [Fact]
    public async Task Responses_about_past_revisions_stay_byte_identical()
    {
        const string Question = "/meta/changes?from=2&to=5&level=all";
        var before = (await _service.Get(Question)).ShouldBe(200);
        await Replace(TestData.Study("a", TestData.Effect(r: 0.9)));
        await Retract("c");
        await _service.SubmitStudy(TestData.Study("e", TestData.Effect(r: 0.3)));
        var after = (await _service.Get(Question)).ShouldBe(200);
        Assert.Equal(before.Bytes, after.Bytes);
        Assert.Equal(before.ETag, after.ETag);
    }

    [Fact]
    public async Task A_timestamp_selects_the_last_revision_recorded_by_then()
    {
        var (third, sixth) = ((await Pool(3, "")).String("data/asOf"), (await Pool(6, "")).String("data/asOf"));
        var answer = (await _service.Get("/meta/changes?from=3&to=6")).ShouldBe(200);
        Assert.Equal(answer.Text, (await _service.Get($"/meta/changes?from={third}&to={sixth}")).Text);
        Assert.Equal(answer.Text, (await _service.Get($"/meta/changes?from={third}")).Text);
        Assert.Equal(answer.Text, (await _service.PostText("/meta/changes", $$"""{ "from": "{{third}}", "to": 6 }""")).ShouldBe(200).Text);
        Assert.Equal(0, (await _service.Get("/meta/changes?from=1999-12-31T23:59:59Z&to=1")).ShouldBe(200).Number("from/revision"));
    }

    [Fact]
    public async Task POST_gives_the_same_result_as_GET()
    {
        var query = (await _service.Get("/meta/changes?from=1&exclude=c&estimator=dl&test=z")).ShouldBe(200);
        var body =
            (await _service.PostText("/meta/changes", """{ "from": 1, "filter": { "exclude": "c" }, "model": { "estimator": "dl", "test": "z" } }""")).ShouldBe(
                200);
        Assert.Equal(query.Text, body.Text);
    }

    [Fact]
    public async Task The_ETag_depends_on_both_revisions_and_the_query()
    {
        async Task<string> Tag(string question) => (await _service.Get(question)).ShouldBe(200).ETag!;
        var tag = await Tag("/meta/changes?from=3");
        (await _service.Get("/meta/changes?from=3", ("If-None-Match", tag))).ShouldBe(304);
        Assert.Equal(tag, await Tag("/meta/changes?to=6&from=3"));
        string[] all = [tag, await Tag("/meta/changes?from=4"), await Tag("/meta/changes?from=3&to=5"), await Tag("/meta/changes?from=3&test=z"),
            await Tag("/meta/pool")];
        Assert.Equal(all.Length, all.Distinct().Count());
        await _service.SubmitStudy(TestData.Study("e"));
        Assert.Equal(tag, await Tag("/meta/changes?from=3&to=6"));
        (await _service.Get("/meta/changes?from=3", ("If-None-Match", tag))).ShouldBe(200);
    }

    private static string[] Rows(ServiceResponse answer) =>
        [.. answer.ShouldBe(200).At("changes")!.AsArray().SelectMany(row => row.At("effects")!.AsArray()
            .Select(effect => $"{effect.At("id")} {effect.At("change")} {row.At("revision")}"))];

    private static void ShiftsShouldAddUp(ServiceResponse answer)
    {
        var rows = answer.At("changes")!.AsArray();
        Assert.Equal(answer.Number("moved/effect"), rows.Sum(row => row.At("shift")?.GetValue<double>() ?? 0), 1e-12);
        Assert.Equal(answer.Number("to/pooled/effect") - answer.Number("from/pooled/effect"), answer.Number("moved/effect"), 1e-15);
        if (answer.At("to/correlation") is not null)
        {
            Assert.Equal(answer.Number("moved/r"), rows.Sum(row => row.At("shiftR")?.GetValue<double>() ?? 0), 1e-12);
            Assert.Equal(answer.Number("to/correlation/r") - answer.Number("from/correlation/r"), answer.Number("moved/r"), 1e-15);
        }
        else
        {
            Assert.Null(answer.At("moved/r"));
            Assert.All(rows, row => Assert.Null(row.At("shiftR")));
        }
    }

    private async Task ShouldEqualPool(ServiceResponse answer, string end, int revision, string model)
    {
        var pool = await Pool(revision, model);
        Assert.Equal(revision, answer.Number($"{end}/revision"));
        Assert.Equal(pool.String("data/asOf"), answer.String($"{end}/recordedAt"));
        foreach (var part in new[] { "pooled", "correlation", "heterogeneity", "counts" })
        {
            Assert.True(JsonNode.DeepEquals(pool.At(part), answer.At($"{end}/{part}")), $"{end}/{part}");
        }
        Assert.Null(answer.At($"{end}/reason"));
    }

    private async Task<ServiceResponse> Pool(int revision, string model) => (await _service.Get($"/meta/pool?asOf={revision}{model}")).ShouldBe(200);

    private async Task Replace(JsonObject study) => (await _service.Put($"/studies/{study.At("key")}", study, ("If-Match", "*"))).ShouldBe(200);

    private async Task Retract(string key) => (await _service.Delete($"/studies/{key}", ("If-Match", "*"))).ShouldBe(204);
}
