using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

/// <summary><c>GET /effects</c>: pages are parts of one table.</summary>
public sealed class EffectListTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(200)]
    public async Task Pages_of_any_length_make_the_whole_table(int limit)
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        (await service.Post("/studies", TestData.Study().With("key", "zz-last"))).ShouldBe(201);
        var ids = new List<string>();
        for (var path = $"/effects?limit={limit}"; path is not null;)
        {
            var page = (await service.Get(path)).ShouldBe(200);
            ids.AddRange(page.At("effects")!.AsArray().Select(row => $"{row.At("study")!.GetValue<string>()}/{row.At("key")!.GetValue<string>()}"));
            path = page.At("next")?.GetValue<string>() is { } next ? $"/effects?limit={limit}&cursor={next}" : null;
        }

        var table = (await service.Get("/effects.csv")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var (study, key) = (Array.IndexOf(table[0].Split(','), "study"), Array.IndexOf(table[0].Split(','), "key"));
        Assert.Equal(table.Skip(1).Select(row => $"{row.Split(',')[study]}/{row.Split(',')[key]}"), ids);
        Assert.True(ids.Count > 16);
    }
}
