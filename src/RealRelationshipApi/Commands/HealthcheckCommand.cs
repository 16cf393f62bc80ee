using System.CommandLine;

namespace RealRelationshipApi.Commands;

/// <summary><c>healthcheck</c>: asks the service on this machine whether it is ready, for container runtimes without a shell.</summary>
internal static class HealthcheckCommand
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var command = new Command("healthcheck", "Exits with 0 when the service on this machine is ready.");
        command.SetAction((parsed, cancellation) => RunAsync(parsed.InvocationConfiguration.Output, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(TextWriter output, CancellationToken cancellation)
    {
        var configuration = Composition.Builder([]).Configuration;
        var address = configuration["urls"]?.Split(';')[0] ?? (configuration["http_ports"] is { } port ? $"http://localhost:{port.Split(';')[0]}" : "http://localhost:8080");
        using var client = new HttpClient { BaseAddress = OnThisMachine(address), Timeout = s_patience };
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

    // Kestrel listens on `+`, `*` and `0.0.0.0`; nobody can call those.
    private static Uri OnThisMachine(string address) => new(address
        .Replace("://+", "://localhost", StringComparison.Ordinal)
        .Replace("://*", "://localhost", StringComparison.Ordinal)
        .Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal)
        .Replace("://[::]", "://localhost", StringComparison.Ordinal));
}
