using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Testing;

using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Http;
using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Erasure;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Hosting;

/// <summary>Settings keep working under the names that they had in 0.1, with a warning at start.</summary>
public sealed class RenamedSettingsTests : IDisposable
{
    private static readonly (string, string)[] s_oldSettings =
    [
        ("Access__Origins", "https://portal.example"), ("Limits__Analyses", "3"), ("Limits__Connections", "77"), ("Limits__KeptAnswerBytes", "4321"),
        ("Limits__RequestSeconds", "66"),
        ("Limits__WaitMilliseconds", "55"), ("Limits__WaitingAnalyses", "44"), ("Sessions__Window", "firstQuarter"), ("Storage__QueueLength", "33"),
        ("Storage__ReadSeconds", "22"),
        ("Storage__ReadConnectionString", "Host=replica"),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_old_name_sets_the_option_of_the_new_name()
    {
        var erasureList = Path.Combine(_folder.Path, "erased");
        await using var service = await Service.StartInAsync(_folder, settings: [.. s_oldSettings, ("Privacy__ErasureList", erasureList)]);
        T Options<T>() where T : class => service.Services.GetRequiredService<IOptions<T>>().Value;
        Assert.Equal("https://portal.example", Options<CorsOptions>().AllowedOrigins);
        Assert.Equal(4321, Options<ResponseCacheOptions>().MaxBytes);
        Assert.Equal(OutcomeWindow.FirstQuarter, Options<AssociationOptions>().OutcomeWindow);
        Assert.Equal(erasureList, Options<ErasureOptions>().ListPath);
        var limits = Options<LimitOptions>();
        Assert.Equal((3, 77, 66, 44), (limits.ConcurrentAnalyses, limits.MaxConnections, limits.RequestTimeoutSeconds, limits.QueuedAnalyses));
        var storage = Options<StorageOptions>();
        Assert.Equal((33, 22, "Host=replica"), (storage.MaxQueuedWrites, storage.ReadTimeoutSeconds, storage.ReplicaConnectionString));
    }

    [Fact]
    public async Task Each_old_name_is_warned_of_at_start_without_its_value()
    {
        var (executable, _) = await ServiceExecutable.ServeAsync(_folder,
            [("ASPNETCORE_ENVIRONMENT", "Development"), .. s_oldSettings, ("Limits__QueuedAnalyses", "45"),
            ("Privacy__ErasureList", Path.Combine(_folder.Path, "erased"))]);
        await using (executable)
        {
            var text = (await executable.StopAsync()).ShouldExitWith(0).Text + executable.StartupOutput;
            foreach (var (oldName, newName) in new[]
            {
                ("Access__Origins", "Cors__AllowedOrigins"), ("Limits__Analyses", "Limits__ConcurrentAnalyses"),
                ("Limits__Connections", "Limits__MaxConnections"), ("Limits__KeptAnswerBytes", "Cache__MaxBytes"),
                ("Limits__RequestSeconds", "Limits__RequestTimeoutSeconds"), ("Limits__WaitMilliseconds", "Limits__MaxQueueMilliseconds"),
                ("Privacy__ErasureList", "Erasure__ListPath"),
                ("Sessions__Window", "Sessions__OutcomeWindow"), ("Storage__QueueLength", "Storage__MaxQueuedWrites"),
                ("Storage__ReadConnectionString", "Storage__ReplicaConnectionString"),
                ("Storage__ReadSeconds", "Storage__ReadTimeoutSeconds"),
            })
            {
                Assert.Contains($"{oldName} is now called {newName}; the old name will stop working", text, StringComparison.Ordinal);
            }

            Assert.Contains("Limits__WaitingAnalyses is now called Limits__QueuedAnalyses; both are set", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Host=replica", text, StringComparison.Ordinal);
        }
    }
}
