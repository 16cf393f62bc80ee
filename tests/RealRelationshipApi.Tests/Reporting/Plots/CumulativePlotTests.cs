using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Plots;

/// <summary>The cumulative plot against <c>/meta/sensitivity</c> and against the pool of earlier years.</summary>
public sealed class CumulativePlotTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Theory]
    [InlineData(2006, 3)]
    [InlineData(2012, 9)]
    [InlineData(2018, 16)]
    public async Task A_row_pools_what_was_published_up_to_its_year(int year, int effects)
    {
        var pool = (await _service.Get($"/meta/pool?yearTo={year}")).ShouldBe(200);
        Assert.Equal(effects, pool.Number("counts/effects"));
        var texts = SvgDocument.FromResponse(await _service.Get("/meta/cumulative.svg")).TextLines;
        var row = texts.ToList().IndexOf($"{year}");
        Assert.Equal($"{effects}", texts[row + 1]);
        Assert.StartsWith(pool.Number("correlation/r").ToString("F2")[1..], texts[row + 2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inline_effects_keep_their_order()
    {
        const string body =
            """
            { "effects": [{ "id": "b", "r": 0.3, "n": 40, "year": 2020 }, { "id": "a", "r": 0.5, "n": 60, "year": 2010 }, { "id": "c", "r": 0.1, "n": 90 }] }
            """;
        var rows = (await _service.PostText("/meta/sensitivity", body)).ShouldBe(200).At("cumulative")!.AsArray();
        var texts = SvgDocument.FromResponse(await _service.PostText("/meta/cumulative.svg", body)).TextLines.ToList();
        Assert.Equal(["b", "a", "c"], texts.Where(t => t is "a" or "b" or "c"));
        Assert.All(rows,
            row =>
                Assert.StartsWith(Math.Tanh(row.At("effect")!.GetValue<double>()).ToString("F2")[1..],
                    texts[texts.IndexOf(row.At("id")!.GetValue<string>()) + 2], StringComparison.Ordinal));
    }
}
