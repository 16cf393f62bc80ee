using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;
using Benchmarks.Load.Wire;

namespace Benchmarks.Load;

/// <summary>What durable writes cost on PostgreSQL, by one service and by three on the same database.</summary>
/// <param name="scope">How long.</param>
/// <param name="report">Where to.</param>
/// <param name="connectionString">Of a server on which databases may be made.</param>
internal sealed class PostgresRows(Scope scope, Report report, string connectionString)
{
    private const int Clients = 64;

    private int Bulk => scope.IsFull ? 20_000 : 1_000;

    public async Task RunAsync()
    {
        report.Head("Durable writes, PostgreSQL: rate (p50, p99)", "request", "services", "1 client", $"{Clients} clients", "cost of one", "goals");
        foreach (var replicas in new[] { 1, 3 })
        {
            await using var database = await PostgresDatabase.CreateAsync(connectionString);
            var services = new List<Service>();
            try
            {
                for (var i = 0; i < replicas; i++)
                {
                    services.Add(await scope.Service.StartAsync([.. database.Settings, ("Privacy__ErasureList", scope.File("erasures"))]));
                }

                await RunAsync([.. services.Select(service => service.Server)]);
            }
            finally
            {
                foreach (var service in services)
                {
                    await service.DisposeAsync();
                }
            }
        }
    }

    private async Task RunAsync(IReadOnlyList<Server> servers)
    {
        Post("`POST /studies`", servers, Studies.Posts("single"));
        Post("`POST /sessions`, two measures", servers, Sessions.Posts("session-"));
        await Batch.StudiesAsync(servers[0], "warm-bulk", Bulk);
        var (studies, sessions) = (await RatesAsync(servers, (server, prefix) => Batch.StudiesAsync(server, $"bulk-{prefix}", Bulk)),
            await RatesAsync(servers, (server, prefix) => Batch.SessionsAsync(server, $"stream-{prefix}-", 0, Bulk)));
        report.Row([], $"`POST /studies/batch`, NDJSON of {Bulk:N0} studies to each", $"{servers.Count}", $"{Figures.Short(studies)} studies/s", "–", "–");
        report.Row([], $"`POST /sessions`, NDJSON of {Bulk:N0} sessions to each", $"{servers.Count}", $"{Figures.Short(sessions)} sessions/s", "–", "–");
    }

    private void Post(string name, IReadOnlyList<Server> servers, Asking asking)
    {
        var outcome = new Comparison(scope).Run(Clients, new Side(servers, asking));
        report.Row([], name, $"{servers.Count}", Figures.Of(outcome[0].One), Figures.Of(outcome[0].Many), Figures.CostOf(outcome[0].Many));
    }

    /// <summary>The median rate of all services together, each taking a stream at the same time.</summary>
    private async Task<double> RatesAsync(IReadOnlyList<Server> servers, Func<Server, string, Task<double>> send)
    {
        var rates = new List<double>();
        for (var round = 0; round < scope.Rounds; round++)
        {
            var seconds = await Task.WhenAll(servers.Select((server, i) => send(server, $"{round}-{i}")));
            rates.Add(Bulk * servers.Count / seconds.Max());
        }

        return rates.Order().ElementAt(rates.Count / 2);
    }
}
