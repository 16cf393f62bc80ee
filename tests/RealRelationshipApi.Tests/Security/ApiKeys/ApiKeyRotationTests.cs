using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security.ApiKeys;

/// <summary><c>keys rotate</c> and the last day of a key.</summary>
public sealed class ApiKeyRotationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SlowFact("It starts several processes.")]
    public async Task A_rotated_key_is_replaced_by_one_with_the_same_scopes()
    {
        var old = await CreateKey("--scope", "meta:read", "--scope", "studies:write", "--expires", "2999-01-31");
        var (service, address) = await ServiceExecutable.ServeAsync(_folder, ("Privacy__Key", ServiceExecutable.PrivacyKey));
        await using var running = service;
        Assert.Equal(200, await Status(address, old));

        var rotated = (await Run("rotate", old.Split('_')[1])).ShouldExitWith(0).StandardOutput.Trim();
        await Wait.UntilAsync(async () => await Status(address, old) == 401);
        Assert.Equal(200, await Status(address, rotated));
        var lines = (await Run("list")).ShouldExitWith(0).StandardOutput.Split('\n');
        Assert.Contains(lines, l => l.StartsWith(old.Split('_')[1], StringComparison.Ordinal) && l.Contains("revoked", StringComparison.Ordinal));
        Assert.Contains(lines,
            l => l.StartsWith(rotated.Split('_')[1], StringComparison.Ordinal)
                && l.Contains("clinic\tactive\tmeta:read studies:write", StringComparison.Ordinal) && l.Contains("2999-01-31", StringComparison.Ordinal));
        (await Run("rotate", old.Split('_')[1])).ShouldExitWith(1);
        (await Run("rotate", "nobody")).ShouldExitWith(1);
    }

    [Fact]
    public async Task Both_keys_work_during_the_overlap()
    {
        var old = await CreateKey("--scope", "meta:read");
        var rotated = (await Run("rotate", old.Split('_')[1], "--overlap", "2")).ShouldExitWith(0).StandardOutput.Trim();
        var (service, address) = await ServiceExecutable.ServeAsync(_folder, ("Privacy__Key", ServiceExecutable.PrivacyKey));
        await using var running = service;
        Assert.Equal(200, await Status(address, old));
        Assert.Equal(200, await Status(address, rotated));
        var listed = (await Run("list")).StandardOutput.Split('\n').Single(l => l.StartsWith(old.Split('_')[1], StringComparison.Ordinal));
        var ends = DateTimeOffset.Parse(listed.Split('\t')[5], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(ends - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(110), TimeSpan.FromMinutes(121));
    }

    [Theory]
    [InlineData("--tenant", "two words", "--scope", "admin")]
    [InlineData("--tenant", "clinic", "--scope", "everything")]
    [InlineData("--tenant", "clinic", "--scope", "admin", "--expires", "2001-01-01")]
    [InlineData("--tenant", "clinic", "--scope", "admin", "--expires", "soon")]
    public async Task Invalid_keys_are_not_created(params string[] arguments)
    {
        var finished = (await Run(["create", .. arguments])).ShouldExitWith(1);
        Assert.DoesNotContain("rr_", finished.StandardOutput, StringComparison.Ordinal);
    }

    private async Task<string> CreateKey(params string[] arguments) =>
        (await Run(["create", "--tenant", "clinic", .. arguments])).ShouldExitWith(0).StandardOutput.Trim();

    private Task<ProcessResult> Run(params string[] arguments) => ServiceExecutable.RunAsync(_folder, ["keys", .. arguments]);

    private static async Task<int> Status(Uri address, string key)
    {
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Add("X-API-Key", key);
        return (int)(await client.GetAsync(new Uri("/studies", UriKind.Relative))).StatusCode;
    }
}
