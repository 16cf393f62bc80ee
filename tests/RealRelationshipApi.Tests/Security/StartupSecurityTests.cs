using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security;

/// <summary>Settings with which the executable does not start: it exits with 1 and an explanation.</summary>
public sealed class StartupSecurityTests : IDisposable
{
    private static readonly (string, string) s_privacyKey = ("Privacy__Key", ServiceExecutable.PrivacyKey);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Production_requires_a_privacy_key() => await ShouldFailToStart("Privacy__Key");

    [Fact]
    public async Task Production_requires_a_privacy_key_of_32_bytes() => await ShouldFailToStart("32 bytes", ("Privacy__Key", "c2hvcnQ="));

    [Fact]
    public async Task Production_requires_an_authentication_method() => await ShouldFailToStart("keys create", s_privacyKey);

    [Fact]
    public async Task Production_refuses_anonymous_access() => await ShouldFailToStart("Access__Anonymous", s_privacyKey, ("Access__Anonymous", "true"));

    [SlowTheory("Every case starts a process.")]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://[::]:0")]
    public async Task Development_without_keys_listens_on_loopback_only(string address) =>
        await ShouldFailToStart("loopback", ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", address));

    [SlowTheory("Every case starts a process.")]
    [InlineData("--Privacy:Key=c2VjcmV0IG9mIG1pbmU=")]
    [InlineData("--Privacy:Key", "c2VjcmV0IG9mIG1pbmU=")]
    [InlineData("/privacy:key=c2VjcmV0IG9mIG1pbmU=")]
    [InlineData("--Privacy__Key=c2VjcmV0IG9mIG1pbmU=")]
    [InlineData("Privacy:Key=c2VjcmV0IG9mIG1pbmU=")]
    [InlineData("serve", "--Privacy:EncryptionKeys=c2VjcmV0IG9mIG1pbmU=")]
    [InlineData("--Kestrel:Certificates:Default:Password", "c2VjcmV0IG9mIG1pbmU=")]
    [InlineData("--Storage:ConnectionString=Host=db;Password=c2VjcmV0IG9mIG1pbmU=")]
    [InlineData("copy-store", "--to", "Host=db;Password=c2VjcmV0IG9mIG1pbmU=")]
    [InlineData("keys", "list", "--Privacy__Key=c2VjcmV0IG9mIG1pbmU=")]
    public async Task A_secret_on_the_command_line_is_refused_and_not_echoed(params string[] arguments)
    {
        var finished = (await ServiceExecutable.RunAsync(_folder, arguments, ("ASPNETCORE_URLS", "http://127.0.0.1:0"), s_privacyKey)).ShouldExitWith(1);
        Assert.Contains("Privacy__Key_FILE", finished.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", finished.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_out_of_its_range_is_refused() =>
        Assert.NotEqual(0, (await ServiceExecutable.RunAsync(_folder, [], s_privacyKey, ("Storage__MaxQueuedWrites", "0"))).ExitCode);

    [SlowFact("It waits until a revoked key is no longer cached.")]
    public async Task Production_serves_callers_with_a_key_and_shuts_down_cleanly()
    {
        var made =
            (await ServiceExecutable.RunAsync(_folder,
                ["keys", "create", "--tenant", "clinic", "--scope", "meta:read", "--scope", "studies:write"])).ShouldExitWith(0);
        var key = made.StandardOutput.Trim();
        Assert.Matches("^rr_[0-9a-f]+_[0-9a-f]+$", key);
        var (service, address) = await ServiceExecutable.ServeAsync(_folder, s_privacyKey);
        await using var running = service;
        using var client = new HttpClient { BaseAddress = address };
        Assert.Equal(401, (int)(await client.GetAsync(new Uri("/studies", UriKind.Relative))).StatusCode);
        client.DefaultRequestHeaders.Add("X-API-Key", key);
        Assert.Equal("""{"studies":[],"next":null}""", await client.GetStringAsync(new Uri("/studies", UriKind.Relative)));

        (await ServiceExecutable.RunAsync(_folder, ["keys", "revoke", key.Split('_')[1]])).ShouldExitWith(0);
        await Wait.UntilAsync(async () => (int)(await client.GetAsync(new Uri("/studies", UriKind.Relative))).StatusCode == 401);

        (await ServiceExecutable.RunAsync(_folder, ["healthcheck"], ("ASPNETCORE_URLS", address.ToString()))).ShouldExitWith(0);
        (await running.StopAsync()).ShouldExitWith(0);
        (await ServiceExecutable.RunAsync(_folder, ["healthcheck"], ("ASPNETCORE_URLS", address.ToString()))).ShouldExitWith(1);
    }

    private async Task ShouldFailToStart(string reason, params (string, string)[] settings)
    {
        var finished = (await ServiceExecutable.RunAsync(_folder, [], [("ASPNETCORE_URLS", "http://127.0.0.1:0"), .. settings])).ShouldExitWith(1);
        Assert.Contains(reason, finished.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", finished.Text, StringComparison.Ordinal);
    }
}
