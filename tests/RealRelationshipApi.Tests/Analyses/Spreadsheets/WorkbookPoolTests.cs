using System.Globalization;
using System.IO.Compression;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Spreadsheets;

/// <summary><c>POST /meta/*</c> and <c>POST /studies/batch</c> of workbooks.</summary>
public sealed class WorkbookPoolTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    private static readonly object?[] s_heads = ["Study", "r", "N", "Rater"];
    private static readonly object?[][] s_rows =
        [s_heads, ["Lee 2019", 0.31, 84, "client"], ["Müller 2021", 0.45, 60, "therapist"], ["Roe 2022", "0,2", 75, null]];

    private readonly Service _service = empty.Service;

    [Fact]
    public async Task A_workbook_pools_as_the_same_table_in_CSV()
    {
        var molloy = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Analyses/Spreadsheets/Files/molloy2014.csv"));
        var rows = molloy.Select(line => line.Split(',').Select(cell => cell.Trim('"'))
            .Select(cell => double.TryParse(cell, CultureInfo.InvariantCulture, out var number) ? (object?)number : cell).ToArray()).ToArray();
        var answer = (await Pool(new Workbook().Add("molloy", rows).ToBytes(), "?prediction=test")).ShouldBe(200);
        var expected = MetaforReference.Read("molloy2014").At("random")!.AsObject()["REML/adhoc"];
        MetaforReference.AssertAgrees("effect", expected.At("beta"), answer.At("pooled/effect"));
        MetaforReference.AssertAgrees("tau2", expected.At("tau2"), answer.At("heterogeneity/tau2"));
    }

    [Fact]
    public async Task The_first_sheet_is_read_or_the_one_that_is_named()
    {
        var workbook = new Workbook().Add("Effects", s_rows).Add("Notes", ["Study", "r", "N"], ["Other", 0.1, 50], ["Another", 0.2, 60]).ToBytes();
        var first = (await Pool(workbook)).ShouldBe(200);
        Assert.Equal(3, first.At("counts/effects")!.GetValue<int>());
        Assert.Contains("Notes", Detail(first, "otherSheets"), StringComparison.Ordinal);
        var second = (await Pool(workbook, "?sheet=Notes")).ShouldBe(200);
        Assert.Equal(110, second.Number("counts/participants"));
        Assert.DoesNotContain("otherSheets", second.Warnings);
        Assert.Contains("Effects, Notes", (await Pool(workbook, "?sheet=Data")).ShouldBeProblem(400, "?sheet", "notAValue").Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Formulas_are_read_by_their_stored_values_with_a_warning()
    {
        var stored = (await Pool(Sheet(["Lee", new Workbook.Formula(0.31), 84], ["Roe", 0.4, 60]))).ShouldBe(200);
        Assert.Equal(0.31, stored.Number("studies/0/r"), 1e-12);
        Assert.Contains("1 cell is a formula (B2)", Detail(stored, "formulas"), StringComparison.Ordinal);
        var unknown = (await Pool(Sheet(["Lee", new Workbook.Formula(null), 84], ["Roe", 0.4, 60]))).ShouldBeProblem(400, "#/r", "notAValue");
        Assert.StartsWith("row 2, column r: is a formula without a stored value", unknown.String("errors/0/detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_that_became_a_date_is_named()
    {
        var answer = (await Pool(Sheet(["Lee", new Workbook.Date(45000), 84], ["Roe", 0.4, 60]))).ShouldBeProblem(400, "#/r", "notAValue");
        Assert.StartsWith("row 2, column r: is a date in the workbook (2023-03-15)", answer.String("errors/0/detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_in_a_cell_is_named_and_NA_is_missing()
    {
        var answer = (await Pool(Sheet(["Lee", new Workbook.Error("#DIV/0!"), 84], ["Roe", 0.4, 60]))).ShouldBeProblem(400, "#/r", "notAValue");
        Assert.Contains("row 2, column r: is the error #DIV/0!", answer.Text, StringComparison.Ordinal);
        Assert.Contains("rowsWithoutEffect", (await Pool(Sheet(["Lee", new Workbook.Error("#N/A"), 84], ["Roe", 0.4, 60], ["Doe", 0.3, 50]))).Warnings);
    }

    [Fact]
    public async Task Merged_cells_are_refused_by_name()
    {
        var answer = (await Pool(new Workbook().Add("S", "B1:C1", s_rows).ToBytes())).ShouldBeProblem(400, "#", "mergedCells");
        Assert.Contains("B1:C1", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_beyond_the_heads_is_named() =>
        Assert.Contains("row 3: has 4 cells where the header has 3",
            (await Pool(Sheet(["Lee", 0.3, 84], ["Roe", 0.4, 60, "more"]))).ShouldBeProblem(400, "#", "badRow").Text, StringComparison.Ordinal);

    [Theory]
    [InlineData("xls", "save it as .xlsx")]
    [InlineData("xlsb", ".xlsb workbook")]
    [InlineData("zip", "zip file")]
    [InlineData("text", "is not an XLSX workbook")]
    [InlineData("cut", "damaged")]
    public async Task Another_file_is_refused_with_what_to_do(string kind, string words)
    {
        var workbook = new Workbook().Add("S", s_rows).ToBytes();
        var body = kind switch
        {
            "xls" => [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
            "xlsb" => Zip(("xl/workbook.bin", "x"u8.ToArray())),
            "zip" => Zip(("readme.txt", "x"u8.ToArray())),
            "text" => "study,r,n\nA,.3,80\n"u8.ToArray(),
            _ => workbook[..(workbook.Length / 2)],
        };
        Assert.Contains(words, (await Pool(body)).ShouldBeProblem(400, "#", "notXlsx").Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workbook_sent_as_CSV_is_told_from_it() => Assert.Contains("spreadsheetml",
        (await _service.PostBytes("/meta/pool", new Workbook().Add("S", s_rows).ToBytes(), "text/csv")).ShouldBeProblem(400, "#", "notCsv").Text,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_bomb_is_refused_before_it_is_read()
    {
        (await Pool(new Workbook().Add("S", s_rows).With("xl/media/a.bin", new byte[2_000_000]).ToBytes())).ShouldBeProblem(413);
        (await Pool(Zip([.. Enumerable.Range(0, 1_001).Select(i => ($"{i}", Array.Empty<byte>()))]))).ShouldBeProblem(413);
        var noise = new byte[13_000_000];
        new Random(1).NextBytes(noise);
        Array.Clear(noise, 0, 10_000_000);
        (await Pool(new Workbook().Add("S", s_rows).With("a", noise).With("b", noise).With("c", noise).With("d", noise).ToBytes())).ShouldBeProblem(413);
    }

    [Fact]
    public async Task A_cell_far_away_does_not_make_a_million_rows()
    {
        const string sheet = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>"
            + "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"CV1048576\"><v>1</v></c></row></sheetData></worksheet>";
        (await Pool(new Workbook().Add("S", s_rows).With("xl/worksheets/sheet1.xml", System.Text.Encoding.UTF8.GetBytes(sheet)).ToBytes()))
            .ShouldBeProblem(413);
    }

    [Fact]
    public async Task Studies_go_in_from_a_workbook()
    {
        await using var service = await Service.StartAsync();
        var workbook = new Workbook().Add("Studies", ["Author(s)", "Year", "Title", "r", "n", "Coded"],
            ["Lee", 2019, "A study", 0.31, 84, 45000], ["Roe", 2022, "Another", 0.45, 60, 45000]).ToBytes();
        const string query = "kind=primary&outcomeType=treatmentOutcome&outcomeRater=client&relationshipRater=client&relationshipMeasure=rri-c"
            + "&outcomeMeasure=ors&outcomeDirection=higherIsBetter&level=betweenClient";
        Assert.Equal(2, (await service.PostBytes($"/studies/batch?{query}", workbook, Xlsx)).ShouldBe(201).At("accepted")!.GetValue<int>());
        Assert.Equal(0.45, (await service.Get("/studies/roe-2022")).ShouldBe(200).Number("effects/0/statistic/value"));
    }

    private static byte[] Sheet(params object?[][] rows) => new Workbook().Add("S", [["Study", "r", "N"], .. rows]).ToBytes();

    private static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    private static string Detail(ServiceResponse answer, string code) => answer.At("warnings")!.AsArray()
        .Single(warning => warning.At("code")!.GetValue<string>() == code).At("detail")!.GetValue<string>();

    private Task<ServiceResponse> Pool(byte[] body, string query = "") => _service.PostBytes($"/meta/pool{query}", body, Xlsx);
}
