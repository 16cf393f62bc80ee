using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Exports;

/// <summary>CSV tables compared with the JSON responses.</summary>
public sealed class CsvTableTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Theory]
    [InlineData("/meta/pool", "studies", "studies")]
    [InlineData("/meta/moderators?by=outcomeType", "moderators.levels", "moderators/0/levels")]
    [InlineData("/meta/moderators?by=outcomeType", "moderators.contrasts", "moderators/0/contrasts")]
    [InlineData("/meta/moderators?by=outcomeType", "moderators", "moderators")]
    [InlineData("/meta/regression?terms=year", "coefficients", "coefficients")]
    [InlineData("/meta/bias", "trimAndFill.filled", "trimAndFill/filled")]
    [InlineData("/meta/sensitivity", "leaveOneOut", "leaveOneOut")]
    [InlineData("/meta/sensitivity", "subsets", "subsets")]
    [InlineData("/meta/sensitivity", "cumulative", "cumulative")]
    [InlineData("/meta/changes?from=10", "changes", "changes")]
    [InlineData("/meta/references", "references", "references")]
    [InlineData("/meta/pool?yearFrom=2010", "excluded", "excluded")]
    [InlineData("/meta/pool", "warnings", "warnings")]
    public async Task A_table_has_a_row_for_each_item_and_a_column_for_each_member(string question, string table, string path)
    {
        var items = (await _service.Get(question)).ShouldBe(200).At(path)!.AsArray();
        var address = question.Replace("?", ".csv?", StringComparison.Ordinal);
        var answer = (await _service.Get($"{(address == question ? $"{question}.csv?" : $"{address}&")}table={table}")).ShouldBe(200);
        Assert.Equal("text/csv", answer.MediaType);
        var lines = answer.Text.TrimEnd('\n').Split('\n');
        Assert.Equal(items.Count, lines.Length - 1);
        var heads = lines[0].Split(',');
        foreach (var (name, value) in items[0]!.AsObject())
        {
            Assert.True(value is JsonObject || (value is JsonArray list && list.Any(v => v is JsonObject)) ? !heads.Contains(name) : heads.Contains(name),
                $"{name} of {table}: {lines[0]}");
        }
    }

    [Fact]
    public async Task Numbers_equal_the_JSON_response_to_the_last_digit()
    {
        var pool = await _service.Get("/meta/pool");
        var row = (await _service.Get("/meta/pool.csv")).Text.Split('\n')[1];
        Assert.StartsWith($"{pool.String("studies/0/id")},", row, StringComparison.Ordinal);
        Assert.Contains($",{pool.At("studies/0/effect")!.ToJsonString()},", row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_parts_of_the_bias_analysis_are_rows()
    {
        var table = (await _service.Get("/meta/bias.csv")).ShouldBe(200).Text.Split('\n');
        Assert.StartsWith("part,", table[0], StringComparison.Ordinal);
        Assert.Contains(table, line => line.StartsWith("egger,", StringComparison.Ordinal));
        Assert.Contains(table, line => line.StartsWith("trimAndFill,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_table_is_also_negotiated_by_Accept()
    {
        var agreed = (await _service.Get("/meta/pool", ("Accept", "text/csv"))).ShouldBe(200);
        Assert.Equal((await _service.Get("/meta/pool.csv")).Text, agreed.Text);
        Assert.StartsWith("Accept,", agreed.Header("Vary"), StringComparison.Ordinal);
        Assert.NotEqual((await _service.Get("/meta/pool")).ETag, agreed.ETag);
        (await _service.Get("/meta/pool", ("Accept", "text/csv"), ("If-None-Match", agreed.ETag!))).ShouldBe(304);
    }

    [Fact]
    public async Task A_byte_order_mark_is_written_on_request()
    {
        Assert.Equal([0xEF, 0xBB, 0xBF], (await _service.Get("/meta/pool.csv?bom=true")).Bytes[..3]);
        Assert.Equal((byte)'i', (await _service.Get("/meta/pool.csv")).Bytes[0]);
    }

    [Fact]
    public async Task Unknown_tables_and_empty_selections_are_refused()
    {
        (await _service.Get("/meta/pool.csv?table=none")).ShouldBeProblem(400, "?table", "notAValue");
        (await _service.Get("/meta/moderators.csv")).ShouldBeProblem(400, "?by", "required");
        (await _service.Get("/meta/pool.csv?country=XX")).ShouldBeProblem(422);
    }
}
