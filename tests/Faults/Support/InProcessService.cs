using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using RealRelationship.Storage;
using RealRelationship.Testing.Processes;

namespace Faults.Support;

/// <summary>The service inside this process, on a real socket: for scenarios that start it hundreds of times and kill nothing.</summary>
internal sealed class InProcessService : IAsyncDisposable
{
    private readonly WebApplicationFactory<global::Program> _application;

    private InProcessService(WebApplicationFactory<global::Program> application) => _application = application;

    /// <summary>A client of the service; null when it did not start.</summary>
    public HttpClient? Client { get; private set; }

    public static async Task<InProcessService> TryStartOnAsync(string path)
    {
        var application =
            new WebApplicationFactory<global::Program>().WithWebHostBuilder(
                host =>
                    host.UseEnvironment("Development").UseContentRoot(AppContext.BaseDirectory).UseSetting("urls", "http://127.0.0.1:0")
                        .UseSetting("Storage:Path", path)
            .UseSetting("Demo:Load", "false").UseSetting("Privacy:Key", ServiceProcess.PrivacyKey).ConfigureLogging(logging => logging.ClearProviders()));
        var service = new InProcessService(application);
        try
        {
            application.UseKestrel();
            await Task.Run(application.StartServer);
            service.Client =
                new HttpClient(
                    new SocketsHttpHandler())
                {
                    BaseAddress =
                        new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single())
                };
        }
        catch (Exception refused)
            when (refused is InvalidOperationException or RealRelationship.Storage.StorageCorruptionException
                or RealRelationship.Storage.StoragePreconditionException)
        {
            service.Client = null;
        }

        return service;
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await _application.DisposeAsync();
    }
}
