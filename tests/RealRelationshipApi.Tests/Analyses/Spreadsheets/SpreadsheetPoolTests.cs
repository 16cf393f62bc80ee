using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Spreadsheets;

/// <summary><c>POST /meta/*</c> of CSV files as R, Excel and other programs write them.</summary>
public sealed class SpreadsheetPoolTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private const string Csv = "text/csv";

    private readonly Service _service = empty.Service;

    /// <summary><c>write.csv(dat.molloy2014)</c> against metafor's results.</summary>
    [Fact]
    public async Task A_data_set_of_metafor_pools_at_the_first_try()
    {
        var file = MetaforReference.Read("molloy2014");
        foreach (var (estimator, test) in new[] { ("REML", "knha"), ("DL", "z"), ("PM", "adhoc") })
        {
            var answer = (await _service.PostBytes($"/meta/pool?estimator={MetaforReference.EstimatorNames[estimator]}"
                + $"&test={MetaforReference.TestNames[test]}&prediction=test", Molloy, Csv)).ShouldBe(200);
            foreach (var (ours, theirs) in MetaforReference.PooledMembers)
            {
                MetaforReference.AssertAgrees($"{estimator}/{test} {ours}", Random(file, $"{estimator}/{test}", theirs), answer.At($"pooled/{ours}"));
            }

            Assert.Equal("Axelsson et al. (2009)", answer.String("studies/0/study"));
        }
    }

    [Fact]
    public async Task Every_notation_of_a_table_gives_the_same_answer()
    {
        var expected = Numbers(await Pool(Molloy, Csv));
        var text = Encoding.UTF8.GetString(Molloy);
        var german = string.Join('\n', text.Split('\n').Select(line => line.Replace(',', ';').Replace('.', ',')));
        var tab = text.Replace(',', '\t').Replace("\"", "", StringComparison.Ordinal);
        (string Name, byte[] Body, string Type)[] forms =
        [
            ("semicolon and decimal comma", Encoding.UTF8.GetBytes(german), Csv),
            ("tab", Encoding.UTF8.GetBytes(tab), Csv),
            ("Excel's hint", Encoding.UTF8.GetBytes("sep=;\n" + german), Csv),
            ("UTF-8 with byte order mark and CRLF",
                [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal))], Csv),
            ("UTF-16", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(tab)], Csv),
            ("a named encoding", Encoding.Latin1.GetBytes(text.Replace("Moran", "Morán", StringComparison.Ordinal)), $"{Csv}; charset=windows-1252"),
            ("no leading zeros",
                Encoding.UTF8.GetBytes(text.Replace(",0.", ",.", StringComparison.Ordinal).Replace("-0.", "−.", StringComparison.Ordinal)), Csv),
            ("other heads", Encoding.UTF8.GetBytes(text.Replace("\"ni\"", "\"Sample Size\"", StringComparison.Ordinal)
                .Replace("\"ri\"", "COR", StringComparison.Ordinal).Replace("authors", "Author(s)", StringComparison.Ordinal)), Csv),
            ("empty rows", Encoding.UTF8.GetBytes($"{text}\n,,,,,,,,,,\n\n"), Csv),
        ];
        foreach (var (name, body, type) in forms)
        {
            Assert.True(expected == Numbers(await Pool(body, type)), name);
        }
    }

    [Theory]
    [InlineData("jasp", "fisherZ", 4)]
    [InlineData("cma", "fisherZ", 3)]
    [InlineData("metapsy", "fisherZ", 3)]
    [InlineData("revman", "fisherZ", 3)]
    public async Task An_export_of_another_program_goes_in_with_its_own_heads(string file, string scale, int effects)
    {
        var answer = await Pool(Read(file), Csv);
        Assert.Equal((scale, effects), (answer.String("pooled/scale"), answer.At("counts/effects")!.GetValue<int>()));
    }

    // Comprehensive Meta-Analysis repeats its heads; the sign is that of the computed column.
    [Fact]
    public async Task The_computed_columns_of_comprehensive_meta_analysis_are_read()
    {
        var answer = await Pool(Read("cma"), Csv);
        var expected = (await _service.Post("/meta/pool", JsonNode.Parse("""
            { "effects": [ { "r": -0.3, "n": 100 }, { "r": 0.4, "n": 60 }, { "r": 0.25, "n": 80 } ] }
            """)!)).ShouldBe(200);
        Assert.Equal(expected.Number("pooled/effect"), answer.Number("pooled/effect"), 1e-9);
        Assert.Equal(240, answer.Number("counts/participants"));
    }

    [Fact]
    public async Task Standardized_differences_are_converted_or_pooled_as_they_are()
    {
        var converted = await Pool(Read("metapsy"), Csv);
        Assert.Contains("convertedEffects", converted.Warnings);
        var expected = (await _service.Get("/meta/convert?type=g&value=-0.3&n1=40&n2=35")).ShouldBe(200);
        Assert.Equal(expected.Number("fisherZ/yi"), converted.Number("studies/0/effect"), 1e-12);
        var raw = (await _service.PostBytes("/meta/pool?measure=raw", Read("metapsy"), Csv)).ShouldBe(200);
        Assert.Equal(-0.52, raw.Number("studies/1/effect"));
        Assert.Contains("rawScale", raw.Warnings);
    }

    [Theory]
    [InlineData("study,kendalls_tau,ni\nA,.3,80\nB,.1,60\n", "type=kendall&value=0.3&n=80")]
    [InlineData("study,ai,bi,ci,di\nA,30,12,9,28\nB,20,15,14,22\n", "type=counts&a=30&b=12&c=9&d=28")]
    [InlineData("study,ai,n1i,ci,n2i\nA,30,42,9,37\nB,20,35,14,36\n", "type=counts&a=30&b=12&c=9&d=28")]
    [InlineData("Study,Experimental cases,Experimental N,Control cases,Control N\nA,30,42,9,37\nB,20,35,14,36\n", "type=counts&a=30&b=12&c=9&d=28")]
    [InlineData("study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,10.2,2.1,40,8.9,2.4,35\nB,9,2,30,8,2,31\n",
        "type=means&mean1=10.2&sd1=2.1&n1=40&mean2=8.9&sd2=2.4&n2=35")]
    public async Task Counts_means_and_taus_are_converted(string sheet, string query)
    {
        var answer = await Pool(System.Text.Encoding.UTF8.GetBytes(sheet), Csv);
        var expected = (await _service.Get($"/meta/convert?{query}")).ShouldBe(200);
        Assert.Equal(expected.Number("fisherZ/yi"), answer.Number("studies/0/effect"), 1e-12);
        Assert.Equal(Math.Sqrt(expected.Number("fisherZ/vi")), answer.Number("studies/0/standardError"), 1e-12);
        Assert.Equal(expected.Number("n"), answer.Number("studies/0/n"));
        Assert.Contains("convertedEffects", answer.Warnings);
    }

    [Theory]
    [InlineData("study,ai,bi,ci,di\nA,30,12,9,28\nB,0,0,14,22\n", "line 3", "ai")]
    [InlineData("study,ai,n1i,ci,n2i\nA,30,42,9,37\nB,40,35,14,36\n", "line 3", "n1i")] // more cases than members
    [InlineData("study,m1i,sd1i,n1i,m2i,sd2i,n2i\nA,10.2,0,40,8.9,2.4,35\nB,9,2,30,8,2,31\n", "line 2", "sd1i")]
    [InlineData("study,kendall,n\nA,1.3,80\nB,.1,60\n", "line 2", "kendall")]
    public async Task A_count_or_spread_that_cannot_be_names_its_line_and_head(string sheet, string line, string head)
    {
        var detail = (await _service.PostText("/meta/pool", sheet, Csv)).ShouldBeProblem(400).String("errors/0/detail");
        Assert.Contains(line, detail, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(head, detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_rows_of_a_study_are_one_sample()
    {
        var answer = await Pool("study,r,n\nA 2001,.3,80\nA 2001,.4,80\nB 2002,.2,90\nC 2003,.5,70\n"u8.ToArray(), Csv);
        Assert.Equal((4, 3), (answer.At("counts/effects")!.GetValue<int>(), answer.At("counts/samples")!.GetValue<int>()));
        Assert.DoesNotContain("sameStudySeveralSamples", answer.Warnings);
        var numbered = await Pool("study,sample,r,n\nA 2001,1,.3,80\nA 2001,2,.4,80\nB 2002,1,.2,90\nC 2003,1,.5,70\n"u8.ToArray(), Csv);
        Assert.Equal(4, numbered.At("counts/samples")!.GetValue<int>());
    }

    [Fact]
    public async Task Heads_become_moderators_and_values_get_their_names()
    {
        var answer = (await _service.PostBytes("/meta/moderators?by=design&by=a_measure", Molloy, Csv)).ShouldBe(200);
        Assert.Equal(["concurrent", "prospective"],
            answer.At("moderators/0/levels")!.AsArray().Select(level => level.At("level")!.GetValue<string>()).Order());
        var regression = (await _service.PostBytes("/meta/regression?terms=meanage&terms=year", Molloy, Csv)).ShouldBe(200);
        Assert.Equal(3, regression.At("coefficients")!.AsArray().Count);
    }

    [Fact]
    public async Task Effects_on_a_score_whose_higher_values_are_worse_are_turned()
    {
        var answer = await Pool("study,r,n,outcomeDirection\nA,-.3,80,higher is worse\nB,.4,90,higherIsBetter\nC,-.2,70,worse\n"u8.ToArray(), Csv);
        Assert.Contains("signReversed", answer.Warnings);
        Assert.All(answer.At("studies")!.AsArray(), study => Assert.True(study.At("r")!.GetValue<double>() > 0));
        var all = (await _service.PostText("/meta/pool?outcomeDirection=higherIsWorse", "study,r,n\nA,-.3,80\nB,-.4,90\n", Csv)).ShouldBe(200);
        Assert.True(all.Number("pooled/effect") > 0);
    }

    [Fact]
    public async Task Rows_without_a_coefficient_are_left_out_and_counted()
    {
        var answer = await Pool("study,r,n\nA,.3,80\nB,NA,90\nC,,70\nD,.4,60\n"u8.ToArray(), Csv);
        Assert.Equal(2, answer.At("counts/effects")!.GetValue<int>());
        Assert.Contains("2 of 4 rows", answer.At("warnings")!.AsArray().Single(w => w.At("code")!.GetValue<string>() == "rowsWithoutEffect").At("detail")!
            .GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exported_effects_table_pools_as_it_does_in_the_store()
    {
        await using var demo = await Service.StartAsync(("Demo__Load", "true"));
        var table = (await demo.Get("/effects.csv")).ShouldBe(200);
        var stored = (await demo.Get("/meta/pool?synthetic=include")).ShouldBe(200);
        var pooled = (await demo.PostBytes("/meta/pool", table.Bytes, Csv)).ShouldBe(200);
        Assert.Equal(stored.Number("pooled/effect"), pooled.Number("pooled/effect"), 1e-9);
        Assert.Equal(stored.Number("heterogeneity/tau2"), pooled.Number("heterogeneity/tau2"), 1e-9);
    }

    [Fact]
    public async Task Every_operation_on_effects_accepts_the_same_table()
    {
        foreach (var path in new[] { "/meta/pool", "/meta/moderators?by=controls", "/meta/regression?terms=quality", "/meta/bias", "/meta/sensitivity" })
        {
            (await _service.PostBytes(path, Molloy, Csv)).ShouldBe(200);
        }

        foreach (var path in new[] { "/meta/forest.svg?by=controls", "/meta/funnel.svg", "/meta/cumulative.svg" })
        {
            var picture = (await _service.PostBytes(path, Molloy, Csv, ("Accept", "image/svg+xml"))).ShouldBe(200);
            Assert.Equal("image/svg+xml", picture.MediaType);
            Assert.DoesNotContain("(2009) 2009", picture.Text, StringComparison.Ordinal);
        }

        (await _service.PostBytes("/meta/changes", Molloy, Csv)).ShouldBeProblem(415);
    }

    [Fact]
    public async Task Validating_answers_how_the_columns_are_read()
    {
        var answer = (await _service.PostBytes("/meta/pool?validateOnly=true&as=quality:moderators.rating&ignore=controls", Molloy, Csv)).ShouldBe(200);
        Assert.Equal(16, answer.At("rows")!.GetValue<int>());
        Assert.Equal(["", "citation.authors", "citation.year", "n", "r", "", "design", "moderators.a_measure", "moderators.c_measure", "moderators.meanage",
            "moderators.rating"], answer.At("mapping")!.AsArray().Select(column => column!["member"]?.GetValue<string>() ?? ""));
        Assert.Equal("0.187", answer.String("mapping/4/example"));
        var incomplete = (await _service.PostText("/meta/pool?validateOnly=true", "study,coefficient\nA,.3\n", Csv)).ShouldBe(200);
        Assert.Equal("r", incomplete.String("missing/0/member"));
    }

    [Theory]
    [InlineData("study,coefficient\nA,.3\n", "", 400, "#/r required")]
    [InlineData("study,r,n\nA,0.3,80\nB,many,90\n", "", 400, "#/r notAValue")]
    [InlineData("study,r,n\nA,0.3,80\nB,\"0,4\",90\n", "", 400, "#/r notAValue")]
    [InlineData("study,r,n\nA,0.3,80.5\n", "", 400, "#/n notAValue")]
    [InlineData("study,r,n\nA,0.3,3\n", "", 422, "#/n tooSmall")]
    [InlineData("study,r,n\nA,1.3,30\n", "", 422, "#/r outOfRange")]
    [InlineData("study,r,n\nA,0.3,\n", "", 400, "# required")]
    [InlineData("study,r,n\nA,0.3,80,more\n", "", 400, "# badRow")]
    [InlineData("study,r,r,n\nA,0.3,0.4,80\n", "", 400, "#/r duplicateColumn")]
    [InlineData("study,r,n\nA,\"0.3,80\n", "", 400, "# notCsv")]
    [InlineData("study,r,n\n", "", 422, "# noEffects")]
    [InlineData("", "", 400, "#/r required")]
    [InlineData("study,r,n\nA,0.3,80\n", "?as=rr:r", 400, "?as notAValue")]
    [InlineData("study,r,n\nA,0.3,80\n", "?as=r:rho", 400, "?as notAValue")]
    [InlineData("study,r,n\nA,0.3,80\n", "?ignore=rr", 400, "?ignore notAValue")]
    [InlineData("study,r,n\nA,0.3,80\n", "?n=80", 400, "?n columnExists")]
    [InlineData("study,r,n\nA,0.3,80\n", "?estimater=dl", 400, "?estimater unknownParameter")]
    [InlineData("study,r,n\nA,0.3,80\n", "?confidence=2", 422, "?confidence outOfRange")]
    [InlineData("study,r,n\nA,0.3,80\n", "?sheet=Sheet1", 400, "?sheet notAValue")]
    [InlineData("study,r,n\nA,0.3,80\n", "?level=nowhere", 400, "?level notAValue")]
    public async Task A_fault_is_named(string table, string query, int status, string error) =>
        Assert.Contains(error, (await _service.PostText($"/meta/pool{query}", table, Csv)).ShouldBeProblem(status).Errors);

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_refused_with_line_and_column()
    {
        var table = Encoding.Latin1.GetBytes("study,r,n\nLee,.3,80\nMüller,.4,90\n");
        var answer = (await _service.PostBytes("/meta/pool", table, Csv)).ShouldBeProblem(400, "#/study", "notUnicode");
        Assert.StartsWith("line 3, column study: ", answer.String("errors/0/detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UTF_16_without_a_byte_order_mark_needs_its_name()
    {
        var table = Encoding.Unicode.GetBytes("study,r,n\nLee,.3,80\nRoe,.4,90\n");
        (await _service.PostBytes("/meta/pool", table, Csv)).ShouldBeProblem(400, "#", "notUnicode");
        (await _service.PostBytes("/meta/pool", table, $"{Csv}; charset=utf-16")).ShouldBe(200);
    }

    [Fact]
    public async Task A_cell_that_is_read_twice_is_counted_once() => Assert.StartsWith("line 2, column n:",
        (await _service.PostText("/meta/pool", "study,r,n\nA,.3,x\n", Csv)).ShouldBeProblem(400).String("errors/0/detail"), StringComparison.Ordinal);

    [Fact]
    public async Task A_rule_that_many_cells_break_is_one_error_with_a_count()
    {
        var table = new StringBuilder("study,r,n\n");
        for (var i = 0; i < 100_000; i++)
        {
            table.Append(CultureInfo.InvariantCulture, $"S{i},bad,{(i % 2 == 0 ? "80" : "x")}\n");
        }

        var answer = (await _service.PostText("/meta/pool", table.ToString(), Csv)).ShouldBeProblem(400);
        Assert.Equal(["#/n notAValue", "#/r notAValue"], answer.Errors.Order());
        Assert.Contains("lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 99,990 more, column r:", answer.Text, StringComparison.Ordinal);
    }

    [SlowFact("The table has more rows than an analysis may have.")]
    public async Task A_table_of_too_many_rows_is_refused()
    {
        (await _service.PostText("/meta/pool", $"r,n\n{string.Concat(Enumerable.Repeat(".3,80\n", 200_001))}", Csv)).ShouldBeProblem(413);
        (await _service.PostText("/meta/pool", $"r,n\n{string.Concat(Enumerable.Repeat(".3,80\n", 100_001))}", Csv)).ShouldBeProblem(422, "#", "tooMany");
        // Short rows under many heads.
        (await _service.PostText("/meta/pool", $"r,n{string.Concat(Enumerable.Range(0, 990).Select(i => $",m{i}"))}\n"
            + string.Concat(Enumerable.Repeat("1\n", 150_000)), Csv)).ShouldBeProblem(400, "#", "badRow");
    }

    [Fact]
    public async Task JSON_takes_no_query() => (await _service.Post("/meta/pool?estimator=dl", JsonNode.Parse("""
        { "effects": [ { "r": 0.3, "n": 80 } ] }
        """)!)).ShouldBeProblem(400, "?estimator", "notAValue");

    [Fact]
    public async Task The_heads_that_are_understood_are_listed()
    {
        var columns = (await _service.Get("/meta/options")).ShouldBe(200).At("spreadsheet")!.AsArray();
        Assert.Contains("ri", columns.Single(column => column.At("member")!.GetValue<string>() == "r").At("heads")!.AsArray()
            .Select(head => head!.GetValue<string>()));
        var design = columns.Single(column => column.At("member")!.GetValue<string>() == "design").At("values")!.AsArray();
        Assert.Contains("crosssectional", design.Single(v => v.At("value")!.GetValue<string>() == "concurrent").At("synonyms")!.AsArray()
            .Select(s => s!.GetValue<string>()));
    }

    private static byte[] Molloy => Read("molloy2014");

    private static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Analyses/Spreadsheets/Files", $"{name}.csv"));

    private static JsonNode? Random(JsonNode file, string key, string member) => file.At("random")!.AsObject()[key].At(member);

    private async Task<ServiceResponse> Pool(byte[] body, string type) => (await _service.PostBytes("/meta/pool", body, type)).ShouldBe(200);

    private static (double Effect, double TauSquared, double Participants) Numbers(ServiceResponse answer) =>
        (answer.Number("pooled/effect"), answer.Number("heterogeneity/tau2"), answer.Number("counts/participants"));
}
