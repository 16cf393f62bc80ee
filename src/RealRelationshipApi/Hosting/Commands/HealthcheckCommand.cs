using System.CommandLine;
using System.Diagnostics.CodeAnalysis;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>healthcheck</c>: queries the readiness of the service on this machine, for container images without a shell.</summary>
internal static class HealthcheckCommand
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var command = new Command("healthcheck", "Exits with 0 when the service on this machine is ready.");
        command.SetAction((parsed, cancellation) => RunAsync(parsed.InvocationConfiguration.Output, cancellation));
        return command;
    }

    [SuppressMessage("Security", "MA0039",
        Justification = "Asked on this machine, where no certificate names it; nothing secret is sent, and the answer only says ready or not.")]
    private static async Task<int> RunAsync(TextWriter output, CancellationToken cancellation)
    {
        var configuration = Composition.CreateBuilder([]).Configuration;
        using var handler =
            new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(handler) { BaseAddress = ToLoopback(ConfiguredAddress(configuration)), Timeout = s_timeout };
        try
        {
            using var response = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellation);
            await output.WriteLineAsync(await response.Content.ReadAsStringAsync(cancellation));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            await output.WriteLineAsync($"{client.BaseAddress} does not answer.");
            return 1;
        }
    }

    // Kestrel endpoints override other addresses.
    private static string ConfiguredAddress(IConfiguration configuration) =>
        configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).FirstOrDefault(url => url is not null)
        ?? configuration["urls"]?.Split(';')[0]
        ?? (configuration["http_ports"] is { } port ? $"http://localhost:{port.Split(';')[0]}" : "http://localhost:8080");

    // Kestrel can bind to `+`, `*` and `0.0.0.0`; a client cannot connect to them.
    private static Uri ToLoopback(string address) => new(address
        .Replace("://+", "://localhost", StringComparison.Ordinal)
        .Replace("://*", "://localhost", StringComparison.Ordinal)
        .Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal)
        .Replace("://[::]", "://localhost", StringComparison.Ordinal));
}
