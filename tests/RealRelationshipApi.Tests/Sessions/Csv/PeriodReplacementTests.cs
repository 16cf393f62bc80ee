using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Csv;

/// <summary>Nightly files that follow each other: versions by the time of export, and files that have all of a period.</summary>
public sealed class PeriodReplacementTests(EmptyService fixture) : IClassFixture<EmptyService>
{
    private const string Period = "&complete=true&period=2026-03-01/2026-03-10";

    private static int s_systems;

    private readonly string _system = $"night{Interlocked.Increment(ref s_systems)}";

    [Fact]
    public async Task A_later_export_corrects_and_an_older_one_is_refused()
    {
        (await Post(Night(1), Rows(1, 2))).ShouldBe(201);
        var second = (await Post(Night(2), [Row(1), Row(2, score: "2.5")])).ShouldBe(201);
        Assert.Equal([200, 201], second.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
        (await Post(Night(2), [Row(1), Row(2, score: "2.5")])).ShouldBe(200);
        (await Post(Night(1), Rows(1, 2))).ShouldBeProblem(409);
        (await Post(Night(1) + "&validateOnly=true", Rows(1, 2))).ShouldBeProblem(409);
        Assert.Equal(["2.5", "4"], await Scores());
        (await Post(Night(2), [Row(2, score: "3")])).ShouldBe(207);
    }

    [Fact]
    public async Task A_complete_file_withdraws_what_it_does_not_have()
    {
        (await Post(Night(1), [.. Rows(1, 4), "p,2026-03-11,rri-c-sf,4.9"])).ShouldBe(201);
        var validated = (await Post(Night(2) + Period + "&rows=3&validateOnly=true", Rows(1, 3))).ShouldBe(200);
        Assert.Equal("""{"stored":4,"missing":1,"withdrawn":0,"errors":[]}""", validated.At("replacement")!.ToJsonString());
        Assert.Equal(5, (await Scores()).Length);
        var answer = (await Post(Night(2) + Period + "&rows=3", Rows(1, 3))).ShouldBe(201);
        Assert.Equal("""{"stored":4,"missing":1,"withdrawn":1,"errors":[]}""", answer.At("replacement")!.ToJsonString());
        Assert.Equal(["4", "4", "4", "4.9"], await Scores());
        (await Post(Night(2) + Period + "&rows=3", Rows(1, 3))).ShouldBe(200);
    }

    [Fact]
    public async Task A_row_that_comes_back_counts_again()
    {
        (await Post(Night(1), Rows(1, 4))).ShouldBe(201);
        (await Post(Night(2) + Period + "&rows=3", Rows(1, 3))).ShouldBe(201);
        var back = (await Post(Night(3) + Period + "&rows=4", Rows(1, 4))).ShouldBe(201);
        Assert.Equal([200, 200, 200, 201], back.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
        Assert.Equal(4, (await Scores()).Length);
        (await Post(Night(4) + Period + "&rows=3", Rows(1, 3))).ShouldBe(201);
        Assert.Equal(3, (await Scores()).Length);
    }

    [Fact]
    public async Task A_row_with_a_version_that_comes_back_counts_again_and_its_corrections_too()
    {
        const string WithVersion = "patient,date,measure,score,version";
        (await Post(Night(1) + Period + "&rows=2", [Row(1) + ",1", Row(2) + ",1"], WithVersion)).ShouldBe(201);
        (await Post(Night(2) + Period + "&rows=1", [Row(1) + ",1"], WithVersion)).ShouldBe(201);
        Assert.Equal(["4"], await Scores());
        (await Post(Night(3) + Period + "&rows=2", [Row(1) + ",1", Row(2) + ",1"], WithVersion)).ShouldBe(201);
        Assert.Equal(["4", "4"], await Scores());
        (await Post(Night(4) + Period + "&rows=2", [Row(1) + ",1", Row(2) + ",1"], WithVersion)).ShouldBe(200);
        (await Post(Night(5) + Period + "&rows=2", [Row(1) + ",1", Row(2, score: "3") + ",2"], WithVersion)).ShouldBe(201);
        Assert.Equal(["3", "4"], await Scores());
        (await Post(Night(6) + Period + "&rows=2", [Row(1) + ",1", Row(2) + ",3"], WithVersion)).ShouldBe(201); // as it was
        Assert.Equal(["4", "4"], await Scores());
        (await Post(Night(7) + Period + "&rows=1", [Row(1) + ",1"], WithVersion)).ShouldBe(201);
        (await Post(Night(8) + Period + "&rows=2", [Row(1) + ",1", Row(2) + ",3"], WithVersion)).ShouldBe(201);
        Assert.Equal(["4", "4"], await Scores());
    }

    [Fact]
    public async Task A_row_that_a_file_of_the_same_export_withdrew_is_a_conflict()
    {
        (await Post(Night(1) + Period + "&rows=3", Rows(1, 3))).ShouldBe(201);
        (await Post(Night(2) + Period + "&rows=2", Rows(1, 2))).ShouldBe(201); // the wrong file
        var right = (await Post(Night(2) + Period + "&rows=3", Rows(1, 3))).ShouldBe(207);
        Assert.Equal([200, 200, 409], right.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
        Assert.Contains("withdrawnByExport", right.Text, StringComparison.Ordinal);
        (await Post(Night(3) + Period + "&rows=3", Rows(1, 3))).ShouldBe(201);
        Assert.Equal(3, (await Scores()).Length);
    }

    [Fact]
    public async Task Two_scores_of_one_key_conflict_every_night()
    {
        foreach (var night in Enumerable.Range(1, 3))
        {
            var answer = (await Post(Night(night) + Period + "&rows=2", [Row(1), Row(1, score: "2")])).ShouldBe(207);
            Assert.Equal([night == 1 ? 201 : 200, 409], answer.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
            Assert.Contains("rowsRejected", answer.Text, StringComparison.Ordinal);
            Assert.Equal(["4"], await Scores());
        }

        (await Post(Night(4), [Row(1), Row(1)])).ShouldBe(200);
    }

    /// <summary>The first file has the row as it was, which is no new version.</summary>
    [Fact]
    public async Task Two_scores_of_one_key_in_two_files_of_an_export_conflict()
    {
        (await Post(Night(1), Rows(1, 2))).ShouldBe(201);
        foreach (var night in (int[])[2, 3])
        {
            (await Post(Night(night), Rows(1, 1))).ShouldBe(200);
            var second = (await Post(Night(night), [Row(1, score: "2"), Row(2)])).ShouldBe(207);
            Assert.Equal([409, 200], second.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
            Assert.Contains("line 2: is another score", second.String("results/0/measures/0/errors/0/detail"), StringComparison.Ordinal);
            Assert.Equal(["4", "4"], await Scores());
            (await Post(Night(night), Rows(1, 2))).ShouldBe(200);
        }

        (await Post(Night(4), [Row(1, score: "2")])).ShouldBe(201);
        (await Post(Night(4), [Row(2, score: "3")])).ShouldBe(201);
        (await Post(Night(4), Rows(1, 1))).ShouldBe(207);
        Assert.Equal(["2", "3"], await Scores());
        Assert.Empty(fixture.Service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Rows_of_empty_cells_do_not_count()
    {
        (await Post(Night(1), Rows(1, 2))).ShouldBe(201);
        (await Post(Night(2) + Period + "&rows=1", [Row(1), ",,,", " , ,\t,"])).ShouldBe(201);
        Assert.Single(await Scores());
    }

    [Fact]
    public async Task Nothing_is_withdrawn_by_a_doubtful_file()
    {
        (await Post(Night(1), Rows(1, 4))).ShouldBe(201);
        await ShouldRefuse("&rows=1", Rows(1, 1), "?confirm mostOfPeriod");
        await ShouldRefuse("&rows=4", Rows(1, 3), "?rows wrongRowCount");
        await ShouldRefuse("&rows=3", [Row(1), Row(2), Row(3, score: "6")], "?complete rowsRejected");
        await ShouldRefuse("&rows=3", [Row(1), Row(2), "p,2026-03-11,rri-c-sf,4"], "?complete rowsRejected");
        await ShouldRefuse("&rows=0", [], "?confirm mostOfPeriod");
        Assert.Equal(4, (await Scores()).Length);
        var confirmed = (await Post(Night(2) + Period + "&rows=1&confirm=true", Rows(1, 1))).ShouldBe(201);
        Assert.Equal(3, confirmed.At("replacement/withdrawn")!.GetValue<int>());
        Assert.Single(await Scores());

        async Task ShouldRefuse(string query, string[] rows, string error)
        {
            var answer = (await Post(Night(2) + Period + query, rows)).ShouldBe(207);
            Assert.Equal(0, answer.At("replacement/withdrawn")!.GetValue<int>());
            Assert.Equal(error, $"{answer.String("replacement/errors/0/pointer")} {answer.String("replacement/errors/0/code")}");
        }
    }

    [Fact]
    public async Task Only_scores_of_the_same_system_that_came_by_CSV_are_withdrawn()
    {
        (await Post(Night(1), Rows(1, 2))).ShouldBe(201);
        var other = SessionTestData.Session("p", 1, SessionTestData.Measure("json", "srs", 30)).With("sourceSystem", _system)
            .With("occurredAt", "2026-03-03T10:00:00Z");
        (await fixture.Service.Post("/sessions", other)).ShouldBe(201);
        (await fixture.Service.PostText($"/sessions?sourceSystem={_system}-2&exportedAt=2026-03-12T00:00:00Z{Period}&rows=1",
            "patient,date,measure,score\np,2026-03-01,rri-c-sf,4", "text/csv")).ShouldBe(201);
        Assert.Equal(3, (await Scores()).Length);
    }

    [Fact]
    public async Task An_erasure_leaves_no_row_of_a_file()
    {
        (await Post(Night(1), Rows(1, 2))).ShouldBe(201);
        var before = long.Parse(RawStore.Query(fixture.Service.StorePath, "SELECT count(*) FROM csv_measure")[0], null);
        (await fixture.Service.Post("/erasures", new JsonObject { ["sourceSystem"] = _system, ["patient"] = "p" })).ShouldBe(200);
        Assert.Equal([$"{before - 2}"], RawStore.Query(fixture.Service.StorePath, "SELECT count(*) FROM csv_measure"));
        var again = (await Post(Night(2), Rows(1, 2))).ShouldBe(207);
        Assert.All(again.At("results")!.AsArray(), r => Assert.Equal(410, r.At("status")!.GetValue<int>()));
    }

    private static string Night(int n) => $"&exportedAt=2026-03-{10 + n:00}T02:00:00Z";

    private static string[] Rows(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(day => Row(day))];

    private static string Row(int day, string score = "4") => $"p,2026-03-{day:00},rri-c-sf,{score}";

    private Task<ServiceResponse> Post(string query, string[] rows, string head = "patient,date,measure,score") => fixture.Service.PostText(
        $"/sessions?sourceSystem={_system}{query}", $"{head}\n{string.Join('\n', rows)}\n", "text/csv");

    private async Task<string[]> Scores() =>
        [.. (await fixture.Service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = _system, ["patient"] = "p" })).ShouldBe(200)
            .At("sessions")!.AsArray().SelectMany(s => s.At("measures")!.AsArray()).Select(m => m.At("score")!.ToJsonString()).Order(StringComparer.Ordinal)];
}
