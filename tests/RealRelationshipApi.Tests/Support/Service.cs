using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

namespace RealRelationshipApi.Tests.Support;

/// <summary>The real service on a real socket, with a store in a folder that is its own or given.</summary>
public sealed class Service : IAsyncDisposable
{
    private readonly WebApplicationFactory<Program> _application;
    private readonly DisposalNotifyingTimeProvider _clock;
    private readonly TemporaryFolder? _temporaryFolder;

    private Service(WebApplicationFactory<Program> application, DisposalNotifyingTimeProvider clock, string folder, TemporaryFolder? ownFolder, ErrorLog errors)
    {
        (_application, _clock) = (application, clock);
        LoggedErrors = errors;
        _temporaryFolder = ownFolder;
        StorePath = Path.Combine(folder, "store.db");
        var address = Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(address) };
    }

    /// <summary>What the service logged as errors.</summary>
    internal ErrorLog LoggedErrors { get; }

    public string StorePath { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _application.Services;

    /// <summary>An empty store in Development, unless the settings (in environment form: <c>Demo__Load</c>) say otherwise.</summary>
    public static Task<Service> StartAsync(params IReadOnlyList<(string Name, string Value)> settings)
    {
        var folder = new TemporaryFolder();
        return Task.Run(() => Start(folder.Path, folder, "Development", settings));
    }

    /// <summary>A store in a folder that outlives this service.</summary>
    public static Task<Service> StartInAsync(TemporaryFolder folder, string environment = "Development",
        params IReadOnlyList<(string Name, string Value)> settings) =>
        Task.Run(() => Start(folder.Path, null, environment, settings));

    /// <summary>The same with options that no setting binds to, such as timeouts that a test cannot wait for.</summary>
    public static Task<Service> StartInAsync(TemporaryFolder folder, Action<IServiceCollection> configure, string environment = "Development",
        params IReadOnlyList<(string Name, string Value)> settings) =>
        Task.Run(() => Start(folder.Path, null, environment, settings, configure));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
        // The application may still be at it, on the thread of its Main.
        await _clock.WhenDisposed;
        _temporaryFolder?.Dispose();
    }

    private static Service Start(string folder, TemporaryFolder? temporaryFolder, string environment, IReadOnlyList<(string Name, string Value)> settings,
        Action<IServiceCollection>? configure = null)
    {
        var (errors, clock) = (new ErrorLog(), new DisposalNotifyingTimeProvider());
        var store = Path.Combine(folder, "store.db");
        SchemaTemplate.CopyTo(store, settings);
        var application = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.UseEnvironment(environment);
            host.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(_ => clock));
            host.ConfigureTestServices(configure ?? (_ => { }));
            host.ConfigureLogging(logging => logging.ClearProviders().AddProvider(errors));
            host.UseSetting("urls", "http://127.0.0.1:0");
            host.UseSetting("Storage:Path", store);
            host.UseSetting("Demo:Load", "false");
            host.UseSetting("Privacy:Key", ServiceExecutable.PrivacyKey);
            // All tests share one thread pool, so that its queueing delay says nothing about a single service.
            host.UseSetting("Limits:MaxQueueMilliseconds", "3600000");
            foreach (var (name, value) in PostgresTestServer.IsDefaultEngine ? [.. PostgresTestServer.StorageSettings(store), .. settings] : settings)
            {
                host.UseSetting(name.Replace("__", ":", StringComparison.Ordinal), value);
            }
        });
        application.UseKestrel();
        application.StartServer();
        return new Service(application, clock, folder, temporaryFolder, errors);
    }

    /// <summary>The system clock, which also signals the end of the service: the owner of the store depends on it, so that it is disposed later.</summary>
    private sealed class DisposalNotifyingTimeProvider : TimeProvider, IDisposable
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task WhenDisposed => _disposed.Task;

        public void Dispose() => _disposed.TrySetResult();
    }
}
