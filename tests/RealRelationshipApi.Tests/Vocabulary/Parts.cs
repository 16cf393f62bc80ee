using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using RealRelationship.Storage;

using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Tests.Vocabulary;

/// <summary>The parts that know the store, without the service around them.</summary>
internal static class Parts
{
    /// <param name="folder">Where the store is.</param>
    /// <param name="add">What the test adds to the parts.</param>
    /// <param name="settings">In environment form: <c>Privacy__EncryptionKeys</c>.</param>
    public static ServiceProvider Of(TemporaryFolder folder, Action<IServiceCollection>? add = null, params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new[] { ("Storage__Path", folder.StorePath), ("Privacy__Key", Executable.PrivacyKey) }
            .Concat(PostgresServer.HoldsAllStores ? PostgresServer.Settings(folder.StorePath) : []).Concat(settings)
            .GroupBy(s => s.Item1).Select(s => KeyValuePair.Create(s.Key.Replace("__", ":", StringComparison.Ordinal), (string?)s.Last().Item2))).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton<IHostEnvironment>(new Production())
            .AddStorage(configuration).AddStudies(configuration);
        add?.Invoke(services);
        return services.BuildServiceProvider();
    }

    private sealed class Production : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = Environments.Production;

        public string ApplicationName { get; set; } = "tests";

        public string ContentRootPath { get; set; } = AppContext.BaseDirectory;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
