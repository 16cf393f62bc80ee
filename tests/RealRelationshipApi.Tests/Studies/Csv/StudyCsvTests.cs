using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies.Csv;

public sealed class StudyCsvTests : IAsyncLifetime
{
    private const string Header = "study,key,sample,citation.authors,citation.year,citation.title,kind,statistic.type,statistic.value,statistic.n,outcomeType,"
        + "relationshipRater,outcomeRater,relationshipMeasure,outcomeMeasure,outcomeDirection,level";

    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task An_exported_effects_csv_recreates_the_same_evidence_in_another_store()
    {
        await SeedEveryColumn();
        var table = await _service.Get("/effects.csv");
        await using var other = await Service.StartAsync();
        var answer = (await other.PostText("/studies/batch", table.Text, "text/csv")).ShouldBe(201);
        Assert.Equal(0, answer.Number("rejected"));
        Assert.Equal((await _service.Get("/meta/pool?level=all")).String("data/fingerprint"),
            (await other.Get("/meta/pool?level=all")).String("data/fingerprint"));
        Assert.Equal(table.Text, (await other.Get("/effects.csv")).Text);
    }

    [Fact]
    public async Task Text_that_a_spreadsheet_would_take_for_a_formula_is_escaped_on_request_only()
    {
        var study = TestData.Study().With("key", "formula");
        study["citation"]!["title"] = "=HYPERLINK(\"http://x\")";
        study["citation"]!["authors"] = "@Author";
        (await _service.Post("/studies", study)).ShouldBe(201);
        var (plain, escaped) = ((await _service.Get("/effects.csv")).Text, (await _service.Get("/effects.csv?spreadsheet=true")).Text);
        Assert.Contains("\"=HYPERLINK(", plain, StringComparison.Ordinal);
        Assert.Contains("\"'=HYPERLINK(", escaped, StringComparison.Ordinal);
        Assert.Contains(",'@Author,", escaped, StringComparison.Ordinal);
        Assert.Equal(plain, escaped.Replace("'=HYPER", "=HYPER", StringComparison.Ordinal).Replace("'@Author", "@Author", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Resubmitting_an_exported_effects_csv_changes_nothing()
    {
        await SeedEveryColumn();
        var revision = await _service.EvidenceRevision();
        foreach (var suffix in new[] { "", "?bom=true" })
        {
            var answer = await _service.PostBytes("/studies/batch", (await _service.Get("/effects.csv" + suffix)).Bytes, "text/csv; charset=utf-8");
            Assert.All(answer.ShouldBe(200).At("results")!.AsArray(), r => Assert.True(r.At("status")!.GetValue<int>() == 200, r!.ToJsonString()));
        }
        Assert.Equal(revision, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task Rows_of_one_study_become_its_effects()
    {
        await Send(Row("a", "e1", "s1"), Row("b", "e1", "s2"), Row("a", "e2", "s3"));
        var study = (await _service.Get("/studies/a")).ShouldBe(200);
        Assert.Equal(["e1", "e2"], study.At("effects")!.AsArray().Select(e => e.At("key")!.GetValue<string>()));
    }

    [Fact]
    public async Task Moderator_values_are_parsed_as_numbers_or_texts()
    {
        var answer = await _service.PostText("/studies/batch",
            $"{Header},moderators.meanAge,moderators.online\n{Row("a", "e1", "s1")},38.2,no\n{Row("b", "e1", "s2")},,\"yes, \"\"all\"\"\"", "text/csv");
        Assert.Equal(2, answer.ShouldBe(201).Number("accepted"));
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse("""{ "meanAge": 38.2, "online": "no" }"""), (await _service.Get("/studies/a")).At("effects/0/moderators")));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{ "online": "yes, \"all\"" }"""), (await _service.Get("/studies/b")).At("effects/0/moderators")));
    }

    [Fact]
    public async Task An_unknown_column_is_a_moderator()
    {
        (await _service.PostText("/studies/batch", $"{Header},colour,Mean age\n{Row("a", "e1", "s1")},red,38.5", "text/csv")).ShouldBe(201);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{ "Mean_age": 38.5, "colour": "red" }"""),
            (await _service.Get("/studies/a")).At("effects/0/moderators")));
    }

    [Theory]
    [InlineData("key,sample\n1,2", "#/study required")]
    [InlineData("study,key,key\n1,2,3", "#/key duplicateColumn")]
    [InlineData("study,key\n\"a,b\n", "# notCsv")]
    [InlineData("", "#/study required")]
    public async Task An_unreadable_table_is_refused_as_a_whole(string table, string error) =>
        Assert.Contains(error, (await _service.PostText("/studies/batch", table, "text/csv")).ShouldBeProblem(400).Errors);

    [Fact]
    public async Task A_row_with_a_wrong_cell_count_rejects_only_its_study()
    {
        var answer = await Send(Row("a", "e1", "s1"), Row("b", "e1", "s2") + ",more", "c,e1", Row("d", "e1", "s4"));
        Assert.Equal([201, 400, 400, 201], answer.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
        Assert.Equal("badRow", answer.String("results/1/errors/0/code"));
        Assert.Contains("line 3", answer.String("results/1/errors/0/detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_one_study_must_agree_on_it()
    {
        var answer = await Send(Row("a", "e1", "s1"), Row("a", "e2", "s2").Replace("2020", "2021", StringComparison.Ordinal));
        Assert.Equal(400, answer.Number("results/0/status"));
        Assert.Equal(("#/citation/year", "rowsDisagree"), (answer.String("results/0/errors/0/pointer"), answer.String("results/0/errors/0/code")));
        Assert.Contains("line 3", answer.String("results/0/errors/0/detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.3", "0,3")]
    [InlineData("0.3", "many")]
    [InlineData("2020", "MMXX")]
    [InlineData("primary", "Primery")]
    public async Task An_unparseable_cell_is_reported_by_line_and_column(string cell, string other)
    {
        var answer = await Send(Row("a", "e1", "s1"), Row("b", "e1", "s2").Replace(cell, $"\"{other}\"", StringComparison.Ordinal));
        Assert.Equal(400, answer.Number("results/1/status"));
        Assert.Matches("line 3, column [a-zA-Z.]+:", answer.String("results/1/errors/0/detail"));
    }

    [Theory]
    [InlineData("a; b")]
    [InlineData(" a")]
    public async Task A_name_that_does_not_survive_CSV_is_refused(string name) =>
        (await _service.Post("/studies", TestData.Study("a", TestData.Effect().With("adjustedFor", new JsonArray(name))))).ShouldBeProblem(422,
            "#/effects/0/adjustedFor/0", "notAllowed");

    [Fact]
    public async Task A_study_level_error_is_reported_by_line()
    {
        await Send(Row("a", "e1", "s1"));
        Assert.StartsWith("line 2, column study: ", (await Send(Row("a", "e1", "s2"))).String("results/0/errors/0/detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_violated_rule_is_reported_by_line_and_column()
    {
        var answer = await Send(Row("a", "e1", "s1"), Row("a", "e2", "s2").Replace(",80,", ",3,", StringComparison.Ordinal));
        Assert.Equal(422, answer.Number("results/0/status"));
        Assert.StartsWith("line 3, column statistic.n:", answer.String("results/0/errors/0/detail"), StringComparison.Ordinal);
    }

    private Task<ServiceResponse> Send(params string[] rows) => _service.PostText("/studies/batch", $"{Header}\n{string.Join('\n', rows)}\n", "text/csv");

    private static string Row(string study, string key, string sample) =>
        $"{study},{key},{sample},Lee et al.,2020,A study,primary,r,0.3,80,treatmentOutcome,client,client,rri-c,ors,higherIsBetter,betweenClient";

    // Every type of statistic, and every kind of text that a table can trip over.
    private async Task SeedEveryColumn()
    {
        foreach (var (i, row) in Studies.StatisticConversionTests.Known.Index())
        {
            await _service.SubmitStudy(TestData.Study($"statistic-{i}", TestData.Effect(JsonNode.Parse(row.Data.Item1)!.AsObject())));
        }

        await _service.SubmitStudy(TestData.Study("cut", TestData.Effect(JsonNode.Parse("""
            { "type": "r", "value": 0.3, "n": 80, "dichotomized": "both", "proportions": [0.25, 0.4] }
            """)!.AsObject())));
        await _service.SubmitStudy(TestData.Study("sessions", TestData.Effect(r: 0.3, n: 20).With("level", "withinClient").With("sessions", 120)));

        var texts = TestData.Effect(r: 0.1234567890123456, n: 81).With("outcomeDirection", "higherIsWorse").With("relationshipScale", "total, \"sum\"")
            .With("timing", "late")
            .With("relationshipReliability", 0.97).With("adjustedFor", JsonNode.Parse("""["age", "severity, at start"]"""))
            .With("moderators", JsonNode.Parse("""
                { "online": "no", "meanAge": 38.2, "large": 1e21, "small": -2.5e-9, "quoted": "say \"hi\", twice", "spaced": " both ends ",
                  "script": "Ä 第三 🙂" }
                """));
        await _service.SubmitStudy(TestData.Study("texts", texts, TestData.Effect().With("level", "withinClient"))
            .With("citation/authors", "O'Neil, \"Bob\"; Müller & 李").With("note", "First line.\nSecond, \"quoted\".\r\nThird\tline.").With("setting", "=1+1")
            .With("country", "IT")
            .With("published", false).With("therapists", 7).With("design", "prospective").With("citation/doi", "10.1037/pst0000183"));
    }
}
