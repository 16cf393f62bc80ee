using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies.Csv;

/// <summary>Studies from a spreadsheet as people keep it: with heads of their own, and what is the same for all rows in the query.</summary>
public sealed class StudySpreadsheetTests : IAsyncLifetime
{
    private const string Table = """
        Author(s);Year;Title;ri;ni;Patient rated;Design;Mean age
        Lee & Kim;2019;A study;0,31;84;patient;longitudinal;34,5
        Lee & Kim;2019;A study;0,28;84;clinician;longitudinal;34,5
        Müller;2021;Another study;,45;60;patient;cross-sectional;NA
        """;

    private const string Defaults = "kind=primary&outcomeType=treatmentOutcome&outcomeRater=client&relationshipMeasure=rri-c&outcomeMeasure=ors"
        + "&outcomeDirection=higherIsBetter&level=betweenClient&as=Patient rated:relationshipRater";

    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Studies_keys_and_samples_are_derived()
    {
        (await _service.PostText($"/studies/batch?{Defaults}", Table, "text/csv")).ShouldBe(201);
        var study = (await _service.Get("/studies/lee-kim-2019")).ShouldBe(200);
        Assert.Equal(("Lee & Kim", "A study", "prospective"), (study.String("citation/authors"), study.String("citation/title"), study.String("design")));
        Assert.Equal(["e1", "e2"], study.At("effects")!.AsArray().Select(e => e.At("key")!.GetValue<string>()));
        Assert.Equal(("client", "therapist"), (study.String("effects/0/relationshipRater"), study.String("effects/1/relationshipRater")));
        Assert.Equal(("lee-kim-2019", 0.31, 84, 34.5), (study.String("effects/0/sample"), study.Number("effects/0/statistic/value"),
            study.Number("effects/0/statistic/n"), study.Number("effects/0/moderators/Mean_age")));
        var other = (await _service.Get("/studies/muller-2021")).ShouldBe(200);
        Assert.Equal((0.45, "concurrent"), (other.Number("effects/0/statistic/value"), other.String("design")));
        Assert.Empty(other.At("effects/0/moderators")!.AsObject());
    }

    [Fact]
    public async Task The_same_table_again_changes_nothing()
    {
        (await _service.PostText($"/studies/batch?{Defaults}", Table, "text/csv")).ShouldBe(201);
        (await _service.PostText($"/studies/batch?{Defaults}", Table, "text/csv")).ShouldBe(200);
    }

    [Fact]
    public async Task Validating_answers_mapping_defaults_and_what_is_missing_once()
    {
        var answer = (await _service.PostText("/studies/batch?validateOnly=true&kind=primary", Table, "text/csv")).ShouldBe(200);
        Assert.Equal(["citation.authors", "citation.year", "citation.title", "r", "n", "moderators.Patient_rated", "design", "moderators.Mean_age"],
            answer.At("mapping")!.AsArray().Select(column => column.At("member")!.GetValue<string>()));
        Assert.Equal("primary", answer.String("defaults/kind"));
        Assert.Equal(["outcomeType", "relationshipRater", "outcomeRater", "relationshipMeasure", "outcomeMeasure", "outcomeDirection", "level"],
            answer.At("missing")!.AsArray().Select(missing => missing.At("member")!.GetValue<string>()));
        Assert.Empty(answer.At("results")!.AsArray());
        var complete = (await _service.PostText($"/studies/batch?validateOnly=true&{Defaults}", Table, "text/csv")).ShouldBe(200);
        Assert.Equal((2, 0), (complete.At("accepted")!.GetValue<int>(), complete.At("missing")!.AsArray().Count));
        (await _service.Get("/studies/lee-kim-2019")).ShouldBeProblem(404);
    }

    [Fact]
    public async Task What_is_missing_is_an_error_with_the_head_that_looks_like_it()
    {
        var table = Table.Replace("Design", "Outcome typ", StringComparison.Ordinal);
        var answer = (await _service.PostText($"/studies/batch?{Defaults.Replace("&outcomeType=treatmentOutcome", "", StringComparison.Ordinal)}", table,
            "text/csv")).ShouldBeProblem(400, "#/outcomeType", "required");
        Assert.Contains("as=Outcome typ:outcomeType", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_that_breaks_a_rule_is_named_by_line_and_head()
    {
        var answer = await _service.PostText($"/studies/batch?{Defaults}", Table.Replace(";60;", ";3;", StringComparison.Ordinal)
            .Replace("0,28", "many", StringComparison.Ordinal), "text/csv");
        Assert.Equal(207, answer.ShouldBe(207).Status);
        Assert.StartsWith("line 3, column ri: ", answer.String("results/0/errors/0/detail"), StringComparison.Ordinal);
        Assert.StartsWith("line 4, column ni: ", answer.String("results/1/errors/0/detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_that_is_wrong_throughout_refuses_the_table_with_one_error()
    {
        var rows = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"Lee;{1000 + i};T;bad;80\n"));
        var answer = (await _service.PostText($"/studies/batch?{Defaults[..Defaults.IndexOf("&as", StringComparison.Ordinal)]}&relationshipRater=client",
            $"authors;year;title;r;n\n{rows}", "text/csv")).ShouldBeProblem(400);
        Assert.Equal(["#/r notAValue"], answer.Errors);
        Assert.Contains("and 9,990 more, column r:", answer.String("errors/0/detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task JSON_takes_no_values_in_the_query() => (await _service.Post("/studies/batch?kind=primary", new JsonArray()))
        .ShouldBeProblem(400, "?kind", "notAValue");
}
