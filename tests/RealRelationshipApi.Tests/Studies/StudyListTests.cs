using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

/// <summary>Seven studies, the middle one with three effects.</summary>
public sealed class SevenStudies : SharedService
{
    public static readonly string[] Keys = ["a-1", "a-2", "a-3", "b", "b-1", "c", "d"];

    protected override async Task SeedAsync()
    {
        // Not in the order of their keys, and with a history.
        foreach (var key in Keys.Reverse())
        {
            await Service.SubmitStudy(
                key == "b" ? TestData.Study(key, TestData.Effect(), TestData.Effect(r: 0.2), TestData.Effect(r: 0.1)) : TestData.Study(key));
        }

        (await Service.Put("/studies/c", TestData.Study("c", TestData.Effect(r: 0.5)), ("If-Match", "*"))).ShouldBe(200);
    }
}

public sealed class StudyListTests(SevenStudies seven) : IClassFixture<SevenStudies>
{
    private readonly Service _service = seven.Service;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(200)]
    public async Task Following_the_cursor_walks_every_study_once_in_order(int limit)
    {
        var pages = await FollowCursor("/studies", "studies", limit);
        Assert.Equal(SevenStudies.Keys, pages.SelectMany(p => p).Select(s => s.At("key")!.GetValue<string>()));
        Assert.All(pages.SkipLast(1), p => Assert.Equal(limit, p.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(200)]
    public async Task Following_the_cursor_walks_every_effect_once_in_order(int limit)
    {
        var ids = (await FollowCursor("/effects", "effects", limit)).SelectMany(p => p).Select(e => e.At("id")!.GetValue<string>());
        Assert.Equal(["a-1/e1", "a-2/e1", "a-3/e1", "b/e1", "b/e2", "b/e3", "b-1/e1", "c/e1", "d/e1"], ids);
    }

    [Fact]
    public async Task The_next_page_is_linked_in_the_header_as_well()
    {
        var first = await _service.Get("/studies?limit=3");
        var link = first.Header("Link")!;
        Assert.EndsWith("; rel=\"next\"", link, StringComparison.Ordinal);
        var second = (await _service.Get(link[1..link.IndexOf('>')])).ShouldBe(200);
        Assert.Equal("b", second.String("studies/0/key"));
        Assert.Null((await _service.Get("/studies")).Header("Link"));
    }

    [Theory]
    [InlineData("limit=0", "?limit outOfRange", 422)]
    [InlineData("limit=201", "?limit outOfRange", 422)]
    [InlineData("limit=ten", "?limit notAValue", 400)]
    [InlineData("cursor=%21%21", "?cursor notAValue", 400)]
    public async Task An_invalid_page_request_is_refused(string query, string error, int status)
    {
        foreach (var list in new[] { "/studies", "/effects" })
        {
            Assert.Equal([error], (await _service.Get($"{list}?{query}")).ShouldBeProblem(status).Errors);
        }
    }

    [Fact]
    public async Task An_effect_row_has_the_columns_for_metafor()
    {
        var row = (await _service.Get("/effects?limit=1")).At("effects/0")!;
        Assert.Equal(Math.Atanh(0.3), row.At("yi")!.GetValue<double>(), 1e-15);
        Assert.Equal(1d / 77, row.At("vi")!.GetValue<double>(), 1e-15);
        Assert.Equal((0.3, 80, "a-1", 2020),
            (row.At("r")!.GetValue<double>(), row.At("n")!.GetValue<int>(), row.At("study")!.GetValue<string>(), row.At("citation/year")!.GetValue<int>()));
    }

    [Theory]
    [InlineData("/effects.csv", "*/*")]
    [InlineData("/effects", "text/csv")]
    [InlineData("/effects", "application/json;q=0.5, text/csv")]
    public async Task The_whole_table_is_available_as_CSV_by_suffix_or_Accept(string path, string accept)
    {
        var answer = (await _service.Get(path, ("Accept", accept))).ShouldBe(200);
        Assert.Equal("text/csv", answer.MediaType);
        var lines = answer.Text.TrimEnd('\n').Split('\n');
        Assert.Equal(10, lines.Length);
        Assert.StartsWith("yi,vi,r,n,study,key,sample,citation.authors,citation.year", lines[0], StringComparison.Ordinal);
        Assert.Contains("statistic.type", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task CSV_starts_with_a_byte_order_mark_only_on_request()
    {
        byte[] mark = [0xEF, 0xBB, 0xBF];
        Assert.NotEqual(mark, (await _service.Get("/effects.csv")).Bytes[..3]);
        Assert.Equal(mark, (await _service.Get("/effects.csv?bom=true")).Bytes[..3]);
    }

    private async Task<List<JsonArray>> FollowCursor(string path, string items, int limit)
    {
        var pages = new List<JsonArray>();
        for (string? cursor = ""; cursor is not null;)
        {
            var answer = (await _service.Get($"{path}?limit={limit}{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}")).ShouldBe(200);
            pages.Add(answer.At(items)!.AsArray());
            cursor = answer.At("next")?.GetValue<string>();
            Assert.True(pages.Count < 20, "the cursor goes round in circles");
        }
        return pages;
    }
}
