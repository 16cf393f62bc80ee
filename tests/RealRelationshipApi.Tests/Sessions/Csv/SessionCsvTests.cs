using System.Text;
using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Csv;

/// <summary>CSV files of scores as systems export them: heads, separators, numbers, days and encodings.</summary>
public sealed class SessionCsvTests(EmptyService fixture) : IClassFixture<EmptyService>
{
    private static int s_systems;

    private readonly string _system = $"rom{Interlocked.Increment(ref s_systems)}";

    static SessionCsvTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    [Fact]
    public async Task A_nightly_export_is_stored_and_again_nothing_is_new()
    {
        var file = RepositoryFiles.Read("tests/RealRelationshipApi.Tests/Fhir/Cases/17-rom-nightly.csv");
        var first = (await Post(file, "&timeZone=Europe/Berlin")).ShouldBe(201);
        Assert.Equal((2, 0), (first.Number("accepted"), first.Number("rejected")));
        (await Post(file, "&timeZone=Europe/Berlin")).ShouldBe(200);
        var session = Assert.Single(await Sessions("p1"))!;
        Assert.Equal(["phq-9 12 client", "rri-c 4.2 client"], session.At("measures")!.AsArray()
            .Select(m => $"{m.At("instrument")} {m.At("score")} {m.At("rater")}").Order(StringComparer.Ordinal));
        Assert.Equal("2026-02-28T23:00:00Z", session.At("occurredAt")!.GetValue<string>());
    }

    [Theory]
    [InlineData("patient,date,measure,score\nX,2026-03-01,rri-c-sf,4.25")]
    [InlineData("CLIENT ID;Completed_At;Tool;Total\nX;2026-03-01;RRI-C-SF;4,25")]
    [InlineData("clientId\tadministered\tquestionnaire\tresult\r\nX\t2026-03-01\trricsf\t4,25\r\n")]
    [InlineData("\uFEFFPatient,Date,Instrument,Value,Sub-scale,Informant,Therapist\n\nX,2026-03-01,Rri-C-Sf,\"4,25\",Total,PATIENT,NA\n")]
    [InlineData("sep=;\npatient;date;measure;score\nX;2026-03-01;rri-c-sf;4.25")]
    [InlineData("patient,date,measure,score\nX,2026-02-28T23:00:00Z,rri-c-sf,4.25")]
    [InlineData("patient,date,measure,score\nX,2026-03-01 00:00,rri-c-sf,4.25")]
    [InlineData("patient,date,measure,score\nX,2026-03-01 00:00:00.000,rri-c-sf,4.25")]
    [InlineData("patient,date,measure,score\nX,2026-03-01T00:00:00.000000000,rri-c-sf,4.25")]
    [InlineData("patient,date,measure,score\nX,2026-02-28T23:00:00.000000000Z,rri-c-sf,4.25\n,,,\n")]
    public async Task Files_of_all_habits_say_the_same(string file)
    {
        (await Post(file, "&timeZone=Europe/Berlin")).ShouldBe(201);
        (await Post("patient,date,measure,score\nX,2026-03-01,rri-c-sf,4.25", "&timeZone=Europe/Berlin")).ShouldBe(200);
        var session = Assert.Single(await Sessions("X"))!;
        Assert.Equal("4.25", session.At("measures/0/score")!.ToJsonString());
    }

    [Theory]
    [InlineData("utf-8", null)]
    [InlineData("utf-16", null)]
    [InlineData("utf-8", "utf-8")]
    [InlineData("windows-1252", "Windows-1252")]
    [InlineData("iso-8859-1", "iso-8859-1")]
    [InlineData("iso-8859-1", "latin1")]
    [InlineData("iso-8859-15", "ISO-8859-15")]
    [InlineData("windows-1252", "cp1252")]
    [InlineData("utf-8", "utf8")]
    public async Task Encodings_are_read_by_their_mark_or_their_name(string encoding, string? charset)
    {
        byte[] file = [.. encoding == "utf-16" ? Encoding.Unicode.GetPreamble() : [],
            .. Encoding.GetEncoding(encoding).GetBytes("patient,date,measure,score,slot\nX,2026-03-01,rri-c-sf,4.25,früh\n")];
        var answer = await fixture.Service.PostBytes($"/sessions?sourceSystem={_system}", file, $"text/csv{(charset is null ? "" : $"; charset={charset}")}");
        answer.ShouldBe(201);
        (await Post("patient,date,measure,score,slot\nX,2026-03-01,rri-c-sf,4.25,früh\n")).ShouldBe(200);
    }

    [Fact]
    public async Task Another_encoding_is_refused_with_line_and_column()
    {
        var row = await PostLatin1("patient,date,measure,score,slot\nX,2026-03-01,rri-c-sf,4.2,früh\nY,2026-03-01,rri-c-sf,4.2,spat\n");
        row.ShouldBe(207);
        Assert.Equal([400, 201], row.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
        Assert.StartsWith("line 2, column slot: character 3 is not UTF-8", row.String("results/0/errors/0/detail"), StringComparison.Ordinal);
        var header = (await PostLatin1("patient,date,measure,score,Prüfung\n")).ShouldBeProblem(400);
        Assert.Contains("line 1, column 5", header.Text, StringComparison.Ordinal);
        (await fixture.Service.PostBytes($"/sessions?sourceSystem={_system}", [65], "text/csv; charset=utf-7")).ShouldBeProblem(415);

        Task<ServiceResponse> PostLatin1(string text) =>
            fixture.Service.PostBytes($"/sessions?sourceSystem={_system}", Encoding.Latin1.GetBytes(text), "text/csv");
    }

    [Theory]
    [InlineData("patient", "", 400, "patient required")]
    [InlineData("patient", "Anna Miller", 422, "patient notAKey")]
    [InlineData("therapist", "Dr No", 422, "therapist notAKey")]
    [InlineData("date", "", 400, "date required")]
    [InlineData("date", "01.03.2026", 400, "date notAValue")]
    [InlineData("date", "2026-02-30", 400, "date notAValue")]
    [InlineData("date", "2999-01-01", 422, "date future")]
    [InlineData("measure", "", 400, "measure required")]
    [InlineData("measure", "nobody-knows", 422, "measure unknownInstrument")]
    [InlineData("measure", "wai", 422, "measure ambiguousInstrument")]
    [InlineData("measure", "OQ-45.2", 422, "measure unknownInstrument")]
    [InlineData("score", "", 422, "score nothingToScore")]
    [InlineData("score", "5.01", 422, "score outOfRange")]
    [InlineData("score", "4,2,1", 400, "score notAValue")]
    [InlineData("score", "1.234,5", 400, "score notAValue")]
    [InlineData("score", "NaN", 400, "score notAValue")]
    [InlineData("rater", "therapist", 422, "rater wrongRater")]
    [InlineData("rater", "mother", 400, "rater notAValue")]
    [InlineData("version", "1.5", 400, "version notAValue")]
    [InlineData("version", "0", 422, "version outOfRange")]
    [InlineData("version", "9007199254740993", 422, "version outOfRange")]
    [InlineData("status", "good", 400, "status notAValue")]
    [InlineData("sessionNo", "0", 422, "sessionNo outOfRange")]
    public async Task A_bad_cell_rejects_its_row_and_is_located(string head, string cell, int status, string error)
    {
        string[] heads = ["patient", "therapist", "date", "measure", "score", "rater", "version", "status", "sessionNo"];
        string[] cells = ["X", "t1", "2026-03-01", "rri-c-sf", "4.2", "", "", "", ""];
        var good = string.Join(';', cells);
        cells[Array.IndexOf(heads, head)] = cell;
        var answer = (await Post($"{string.Join(';', heads)}\n{good}\n{string.Join(';', cells)}\n")).ShouldBe(207);
        Assert.Equal([201, status], answer.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
        var found = answer.At("results/1/errors")!.AsArray().Concat(answer.At("results/1/measures")!.AsArray().SelectMany(m => m.At("errors")!.AsArray()))
            .Select(e => (Code: e.At("code")!.GetValue<string>(), Detail: e.At("detail")!.GetValue<string>())).ToList();
        var column = error.Split(' ');
        Assert.Contains(found, e => e.Code == column[1] && e.Detail.StartsWith($"line 3, column {column[0]}: ", StringComparison.Ordinal));
        Assert.DoesNotContain(found, e => e.Detail.Contains("Miller", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("patient:date:measure:score\nX:2026-03-01:rri-c-sf:4\n", "#/patient required", "comma, semicolon or tab")]
    [InlineData("Klient-Nr,date,measure,score\nX,2026-03-01,rri-c-sf,4\n", "#/Klient-Nr unknownColumn", "#/patient")]
    [InlineData("patient,date,measure,score,birthDate\nX,2026-03-01,rri-c-sf,4,1984-02-29\n", "#/birthDate unknownColumn", "known are")]
    [InlineData("patient,client,date,measure,score\n", "#/client duplicateColumn", "another column")]
    [InlineData("patient,date,measure\n", "#/score required", "total")]
    [InlineData("", "# required", "no header")]
    public async Task A_bad_header_refuses_the_file(string file, string error, string text)
    {
        var answer = (await Post(file)).ShouldBeProblem(400);
        Assert.Contains(error, answer.Errors);
        Assert.Contains(text, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("1984", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X,2026-03-01", "badRow")]
    [InlineData("X,2026-03-01,rri-c-sf,4.2,7", "badRow")]
    [InlineData("\"X,2026-03-01,rri-c-sf,4.2", "badRow")]
    [InlineData("X,2026-03-01,rri-c-sf,\"4.2\"5", "notCsv")]
    public async Task A_broken_row_rejects_no_other(string row, string code)
    {
        var answer = (await Post($"patient,date,measure,score\nX,2026-03-01,rri-c-sf,4\n{row}\nX,2026-03-02,rri-c-sf,4\n")).ShouldBe(207);
        Assert.Equal([201, 400, 201], answer.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
        Assert.Equal(code, answer.String("results/1/errors/0/code"));
        Assert.StartsWith("line 3: ", answer.String("results/1/errors/0/detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_scores_of_one_session_are_a_conflict_that_says_how_to_tell_them_apart()
    {
        var answer = (await Post("patient,date,measure,score\nX,2026-03-01,rri-c-sf,4.2\nX,2026-03-01,rri-c-sf,4.3\n")).ShouldBe(207);
        Assert.Equal(409, answer.At("results/1/status")!.GetValue<int>());
        Assert.Contains("line 3: is another score", answer.String("results/1/measures/0/errors/0/detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_that_cannot_be_read_is_one_error()
    {
        var answer = (await Post("patient,date,measure,score\nX,1.3.2026,rri-c-sf,4.2\n")).ShouldBe(207);
        Assert.Single(answer.At("results/0/errors")!.AsArray());
    }

    [Fact]
    public async Task Every_broken_row_of_many_is_located()
    {
        var file = new StringBuilder("patient,date,measure,score\n");
        for (var line = 2; line <= 3_001; line++)
        {
            file.Append($"p{line},2026-03-01,rri-c-sf,{(line % 10 == 0 ? "6" : "4")}\n");
        }

        var answer = (await Post(file.ToString())).ShouldBe(207);
        Assert.Equal((2_700, 300), (answer.Number("accepted"), answer.Number("rejected")));
        Assert.Equal(Enumerable.Range(1, 300).Select(i => $"line {10 * i}, column score"), answer.At("results")!.AsArray()
            .Where(r => r.At("status")!.GetValue<int>() == 422).Select(r => r.At("measures/0/errors/0/detail")!.GetValue<string>().Split(':')[0]));
    }

    [Fact]
    public async Task Rows_of_a_day_are_one_session_unless_slots_tell_them_apart()
    {
        (await Post("patient,date,measure,score\nX,2026-03-01,rri-c-sf,4\nX,2026-03-01T23:30:00+01:00,ses,4\nX,2026-03-02,ses,3\n",
            "&timeZone=Europe/Berlin")).ShouldBe(207);
        (await Post("patient,date,measure,score,rater\nX,2026-03-01,rri-c-sf,4,\nX,2026-03-01T23:30:00+01:00,ses,4,client\nX,2026-03-02,ses,3,client\n",
            "&timeZone=Europe/Berlin")).ShouldBe(201);
        Assert.Equal([1, 2], (await Sessions("X")).Select(s => s.At("measures")!.AsArray().Count).Order());
        var twice = (await Post("patient,date,measure,score\nY,2026-03-01,rri-c-sf,4\nY,2026-03-01,rri-c-sf,3\n")).ShouldBe(207);
        Assert.Equal(409, twice.At("results/1/status")!.GetValue<int>());
        (await Post("patient,date,measure,score,slot\nZ,2026-03-01,rri-c-sf,4,am\nZ,2026-03-01,rri-c-sf,3,pm\n")).ShouldBe(201);
        Assert.Equal(2, (await Sessions("Z")).Count);
    }

    [Fact]
    public async Task Items_are_scored_and_stand_in_columns_of_the_longest_form()
    {
        var heads = string.Join(',', Enumerable.Range(1, 9).Select(i => $"q{i}"));
        (await Post($"patient,date,measure,score,{heads}\nX,2026-03-01,PHQ9,,1,1,1,1,1,1,1,1,1\nX,2026-03-01,GAD7,7,1,1,1,1,1,1,1,,\n")).ShouldBe(201);
        Assert.Equal(["7", "9"], Assert.Single(await Sessions("X"))!.At("measures")!.AsArray().Select(m => m.At("score")!.ToJsonString()).Order());
        var missing = (await Post($"patient,date,measure,{heads}\nX,2026-03-02,PHQ9,1,1,1,1,1,1,1,1,\n")).ShouldBe(207);
        Assert.Equal("tooManyMissing", missing.String("results/0/measures/0/errors/0/code"));
    }

    [Fact]
    public async Task A_row_can_be_withdrawn_by_its_status()
    {
        (await Post("patient,date,measure,score\nX,2026-03-01,rri-c-sf,4\n")).ShouldBe(201);
        (await Post("patient,date,measure,score,status\nX,2026-03-01,rri-c-sf,4,entered-in-error\n")).ShouldBe(201);
        Assert.Empty(await Sessions("X"));
    }

    [Theory]
    [InlineData("", "?sourceSystem")]
    [InlineData("?sourceSystem=a b", "?sourceSystem")]
    [InlineData("?sourceSystem=rom&timeZone=Mars/Olympus", "?timeZone")]
    [InlineData("?sourceSystem=rom&exportedAt=2026-03-01", "?exportedAt")]
    [InlineData("?sourceSystem=rom&exportedAt=2999-03-01T00:00:00Z", "?exportedAt")]
    [InlineData("?sourceSystem=rom&period=2026-03-02/2026-03-01", "?period")]
    [InlineData("?sourceSystem=rom&complete=true&rows=1", "?period")]
    [InlineData("?sourceSystem=rom&complete=true&period=2026-03-01/2026-03-01", "?rows")]
    [InlineData("?sourceSystem=rom&atomic=true", "?atomic")]
    public async Task Bad_parameters_are_refused(string query, string pointer)
    {
        var answer = (await fixture.Service.PostText($"/sessions{query}", "patient,date,measure,score\n", "text/csv")).ShouldBeProblem(400);
        Assert.Contains(answer.Errors, e => e.StartsWith(pointer + " ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Parameters_of_files_are_refused_with_JSON() =>
        (await fixture.Service.Post("/sessions?sourceSystem=rom", SessionTestData.Session("p", 1, SessionTestData.Measure("m", "srs", 3))))
            .ShouldBeProblem(400, "?sourceSystem", "notAValue");

    [Theory]
    [InlineData("PHQ9", "phq-9?")]
    [InlineData("BDI", "bdi-ii?")]
    [InlineData("OQ-45.2", "oq-45?")]
    [InlineData("PHQ", "phq-2 or phq-4 or phq-8 or phq-9?")]
    public async Task In_JSON_a_misspelt_code_is_refused_with_the_right_one(string sent, string meant)
    {
        var answer = (await fixture.Service.Post("/sessions", SessionTestData.Session("p", 1, SessionTestData.Measure("m", sent, 3)))).ShouldBeProblem(422);
        Assert.Contains($"did you mean {meant}", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Byte_order_marks_are_skipped_in_JSON_and_NDJSON()
    {
        var session = SessionTestData.Session("bom", 1, SessionTestData.Measure("bom1", "phq-9", 3)).ToJsonString();
        (await fixture.Service.PostText("/sessions", $"\uFEFF{session}\n", "application/x-ndjson")).ShouldBe(201);
        (await fixture.Service.PostText("/sessions", $"\uFEFF{session}", "application/json")).ShouldBe(200);
        (await fixture.Service.PostText("/sessions", $"\uFEFF[{session}]", "application/json")).ShouldBe(200);
    }

    [Fact]
    public async Task A_stream_takes_no_idempotency_key() =>
        (await fixture.Service.PostText($"/sessions?sourceSystem={_system}", "patient", "text/csv", ("Idempotency-Key", "k"))).ShouldBeProblem(422);

    private Task<ServiceResponse> Post(string file, string query = "") =>
        fixture.Service.PostText($"/sessions?sourceSystem={_system}{query}", file, "text/csv");

    private async Task<JsonArray> Sessions(string patient) =>
        (await fixture.Service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = _system, ["patient"] = patient })).ShouldBe(200)
            .At("sessions")!.AsArray();
}
