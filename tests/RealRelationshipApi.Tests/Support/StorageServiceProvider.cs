using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using RealRelationship.Storage;
using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Tests.Support;

/// <summary>The services of the storage project, without the API.</summary>
internal static class StorageServiceProvider
{
    /// <param name="folder">Where the store is.</param>
    /// <param name="addServices">What the test adds to the parts.</param>
    /// <param name="settings">In environment form: <c>Privacy__EncryptionKeys</c>.</param>
    public static ServiceProvider Build(TemporaryFolder folder, Action<IServiceCollection>? addServices = null, params (string Name, string Value)[] settings)
    {
        var configuration =
            new ConfigurationBuilder().AddInMemoryCollection(new[] { ("Storage__Path", folder.StorePath), ("Privacy__Key", ServiceExecutable.PrivacyKey) }
            .Concat(PostgresTestServer.IsDefaultEngine ? PostgresTestServer.StorageSettings(folder.StorePath) : []).Concat(settings)
            .GroupBy(s => s.Item1).Select(s => KeyValuePair.Create(s.Key.Replace("__", ":", StringComparison.Ordinal), (string?)s.Last().Item2))).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton<IHostEnvironment>(new ProductionEnvironment())
            .AddStorage(configuration).AddStudies(configuration);
        addServices?.Invoke(services);
        return services.BuildServiceProvider();
    }

    private sealed class ProductionEnvironment : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = Environments.Production;

        public string ApplicationName { get; set; } = "tests";

        public string ContentRootPath { get; set; } = AppContext.BaseDirectory;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
