using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Security;

/// <summary><c>keys rotate</c> and the last day of a key.</summary>
public sealed class RotationOfKeysTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_rotated_key_gives_way_to_one_that_may_do_the_same()
    {
        var old = await Made("--scope", "meta:read", "--scope", "studies:write", "--expires", "2999-01-31");
        var (service, address) = await Executable.ServeAsync(_folder, ("Privacy__Key", Executable.PrivacyKey));
        await using var running = service;
        Assert.Equal(200, await Status(address, old));

        var rotated = (await Run("rotate", old.Split('_')[1])).ShouldExitWith(0).Output.Trim();
        await Eventually.True(async () => await Status(address, old) == 401);
        Assert.Equal(200, await Status(address, rotated));
        var lines = (await Run("list")).ShouldExitWith(0).Output.Split('\n');
        Assert.Contains(lines, l => l.StartsWith(old.Split('_')[1], StringComparison.Ordinal) && l.Contains("revoked", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith(rotated.Split('_')[1], StringComparison.Ordinal) && l.Contains("clinic\tactive\tmeta:read studies:write", StringComparison.Ordinal) && l.Contains("2999-01-31", StringComparison.Ordinal));
        (await Run("rotate", old.Split('_')[1])).ShouldExitWith(1);
        (await Run("rotate", "nobody")).ShouldExitWith(1);
    }

    [Fact]
    public async Task With_an_overlap_both_keys_work_for_a_while()
    {
        var old = await Made("--scope", "meta:read");
        var rotated = (await Run("rotate", old.Split('_')[1], "--overlap", "2")).ShouldExitWith(0).Output.Trim();
        var (service, address) = await Executable.ServeAsync(_folder, ("Privacy__Key", Executable.PrivacyKey));
        await using var running = service;
        Assert.Equal(200, await Status(address, old));
        Assert.Equal(200, await Status(address, rotated));
        var listed = (await Run("list")).Output.Split('\n').Single(l => l.StartsWith(old.Split('_')[1], StringComparison.Ordinal));
        var ends = DateTimeOffset.Parse(listed.Split('\t')[5], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(ends - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(110), TimeSpan.FromMinutes(121));
    }

    [Theory]
    [InlineData("--tenant", "two words", "--scope", "admin")]
    [InlineData("--tenant", "clinic", "--scope", "everything")]
    [InlineData("--tenant", "clinic", "--scope", "admin", "--expires", "2001-01-01")]
    [InlineData("--tenant", "clinic", "--scope", "admin", "--expires", "soon")]
    public async Task A_key_that_could_not_work_is_not_made(params string[] arguments)
    {
        var finished = (await Run(["create", .. arguments])).ShouldExitWith(1);
        Assert.DoesNotContain("rr_", finished.Output, StringComparison.Ordinal);
    }

    private async Task<string> Made(params string[] arguments) => (await Run(["create", "--tenant", "clinic", .. arguments])).ShouldExitWith(0).Output.Trim();

    private Task<Finished> Run(params string[] arguments) => Executable.RunAsync(_folder, ["keys", .. arguments]);

    private static async Task<int> Status(Uri address, string key)
    {
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Add("X-API-Key", key);
        return (int)(await client.GetAsync(new Uri("/studies", UriKind.Relative))).StatusCode;
    }
}
