using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http.Csv;

/// <summary>A table without rows still has its header.</summary>
public sealed class EmptyTableTests(DemoService demo, EmptyService empty) : IClassFixture<DemoService>, IClassFixture<EmptyService>
{
    [Theory]
    [InlineData("/meta/moderators.csv?by=year", "name,")]
    [InlineData("/meta/moderators.csv?by=year&table=moderators.contrasts", "name,")]
    [InlineData("/meta/pool.csv?table=excluded", "reason,count")]
    public async Task An_empty_table_of_an_analysis_has_its_header(string path, string start)
    {
        var table = (await demo.Service.Get(path)).ShouldBe(200);
        Assert.Equal("text/csv", table.MediaType);
        Assert.StartsWith(start, table.Text, StringComparison.Ordinal);
        Assert.Equal(1, table.Text.Count(c => c == '\n'));
    }

    [Fact]
    public async Task The_columns_of_an_empty_table_are_those_of_a_full_one()
    {
        var (none, some) = ((await empty.Service.Get("/meta/references.csv")).ShouldBe(200).Text, (await demo.Service.Get("/meta/references.csv")).Text);
        Assert.Equal(1, none.Count(c => c == '\n'));
        Assert.Empty(some.Split('\n')[0].Split(',').Except(none.TrimEnd('\n').Split(',')));
    }
}
