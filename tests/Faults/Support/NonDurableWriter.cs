using Dapper;

using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using RealRelationship.Storage.Writing;

[assembly: HostingStartup(typeof(Faults.Support.NonDurableWriter))]

namespace Faults.Support;

/// <summary>Slips into the service, which itself refuses anything less than durable, and sets <c>synchronous=NORMAL</c> beneath its writer:
/// the control that must lose.</summary>
internal sealed class NonDurableWriter : IHostingStartup
{
    /// <summary>The error that the service then reports.</summary>
    public const string AppliedMessage = "synchronous is 1";

    /// <summary>The settings that let it in.</summary>
    public static (string Name, string Value)[] Settings =>
        [("DOTNET_STARTUP_HOOKS", typeof(NonDurableWriter).Assembly.Location), ("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", "Faults")];

    public void Configure(IWebHostBuilder builder) => builder.ConfigureServices(services => services.AddHostedService<SynchronousNormalSetter>());

    private sealed class SynchronousNormalSetter(GroupCommitWriter writer, Microsoft.Extensions.Logging.ILogger<NonDurableWriter> log) : IHostedLifecycleService
    {
        public async Task StartedAsync(CancellationToken cancellationToken)
        {
            // Within a transaction the setting has no effect (sqlite.org/pragma.html#pragma_synchronous).
            var level = await writer.WriteAsync(
                transaction => transaction.Connection.ExecuteScalar<string>("COMMIT; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; PRAGMA synchronous"),
                cancellationToken);
            Microsoft.Extensions.Logging.LoggerExtensions.LogInformation(log, "synchronous is {Level}", level);
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
