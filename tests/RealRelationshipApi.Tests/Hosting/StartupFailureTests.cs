using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Hosting;

/// <summary>What the operator sees when the service cannot start, and who may read its files when it has.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class StartupFailureTests : IDisposable
{
    private static readonly (string, string) s_development = ("ASPNETCORE_ENVIRONMENT", "Development");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_port_in_use_is_said_in_one_line()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var finished = (await ServiceExecutable.RunAsync(_folder, [], s_development, ("ASPNETCORE_URLS", address))).ShouldExitWith(1);
        var line = Assert.Single(finished.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => text.Contains("address already in use",
            StringComparison.Ordinal));
        Assert.Contains(address, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", finished.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_the_store_belong_to_its_user_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var (service, address) = await ServiceExecutable.ServeAsync(_folder, s_development);
        await using (service)
        {
            using var client = new HttpClient { BaseAddress = address };
            await PostAsync(client, "/sessions", SessionTestData.RelationshipAndOutcome("p", "t", 1, 4, 30));
            await PostAsync(client, "/erasures", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = "p" });
            Assert.True(File.Exists(_folder.StorePath + ".erasures"));
            (await ServiceExecutable.RunAsync(_folder, ["backup", Path.Combine(_folder.Path, "b.bak")], s_development)).ShouldExitWith(0);
            AssertPrivate();
            await service.StopAsync();
        }

        AssertPrivate();
    }

    [Fact]
    public async Task Files_that_others_could_read_are_made_private()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        await using (var first = await Service.StartInAsync(_folder))
        {
            (await first.PostSessions(SessionTestData.RelationshipAndOutcome("p", "t", 1, 4, 30), SessionTestData.RelationshipAndOutcome("q", "t", 1, 4, 30)))
                .ShouldBe(201);
            await Erase(first, "p");
        }

        foreach (var file in Directory.GetFiles(_folder.Path))
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        await using var second = await Service.StartInAsync(_folder);
        await Erase(second, "q");
        AssertPrivate();
    }

    private static async Task PostAsync(HttpClient client, string path, JsonObject content)
    {
        using var body = new StringContent(content.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        Assert.True((await client.PostAsync(path, body)).IsSuccessStatusCode);
    }

    private static async Task Erase(Service service, string patient) =>
        (await service.Post("/erasures", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = patient })).ShouldBe(200);

    private void AssertPrivate()
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead
            | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        Assert.NotEmpty(Directory.GetFiles(_folder.Path));
        Assert.All(Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories), file =>
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(file) & others));
    }
}
