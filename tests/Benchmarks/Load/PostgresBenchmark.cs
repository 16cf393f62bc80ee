using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;

namespace Benchmarks.Load;

/// <summary>What durable writes cost on PostgreSQL, by one service and by three on the same database.</summary>
/// <param name="scope">How long.</param>
/// <param name="report">Where to.</param>
/// <param name="connectionString">Of a server on which databases may be made.</param>
internal sealed class PostgresBenchmark(BenchmarkContext scope, BenchmarkReport report, string connectionString)
{
    private const int Clients = 64;

    private int BulkCount => scope.IsFull ? 20_000 : 1_000;

    public async Task RunAsync()
    {
        report.BeginTable("Durable writes, PostgreSQL: rate (p50, p99)", "request", "services", "1 client", $"{Clients} clients", "cost of one", "goals");
        foreach (var replicas in new[] { 1, 3 })
        {
            await using var database = await TemporaryPostgresDatabase.CreateAsync(connectionString);
            var services = new List<RunningService>();
            try
            {
                for (var i = 0; i < replicas; i++)
                {
                    services.Add(await scope.Build.StartAsync([.. database.Settings, ("Erasure__ListPath", scope.NewFilePath("erasures"))]));
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

    private async Task RunAsync(IReadOnlyList<BenchmarkServer> servers)
    {
        MeasurePosts("`POST /studies`", servers, StudyRequests.NewStudies("single"));
        MeasurePosts("`POST /sessions`, two measures", servers, SessionRequests.NewSessions("session-"));
        await BatchUpload.UploadStudiesAsync(servers[0], "warm-bulk", BulkCount);
        var (studies, sessions) = (await MeasureRatesAsync(servers, (server, prefix) => BatchUpload.UploadStudiesAsync(server, $"bulk-{prefix}", BulkCount)),
            await MeasureRatesAsync(servers, (server, prefix) => BatchUpload.UploadSessionsAsync(server, $"stream-{prefix}-", 0, BulkCount)));
        report.WriteRow([], $"`POST /studies/batch`, NDJSON of {BulkCount:N0} studies to each", $"{servers.Count}",
            $"{FigureFormat.ThreeDigits(studies)} studies/s", "–", "–");
        report.WriteRow([], $"`POST /sessions`, NDJSON of {BulkCount:N0} sessions to each", $"{servers.Count}",
            $"{FigureFormat.ThreeDigits(sessions)} sessions/s", "–", "–");
    }

    private void MeasurePosts(string name, IReadOnlyList<BenchmarkServer> servers, RequestSource asking)
    {
        var outcome = new InterleavedComparison(scope).Run(Clients, new ComparisonSide(servers, asking));
        report.WriteRow([], name, $"{servers.Count}", FigureFormat.RateAndLatency(outcome[0].SingleClient), FigureFormat.RateAndLatency(outcome[0].ManyClients),
            FigureFormat.CostPerRequest(outcome[0].ManyClients));
    }

    /// <summary>The median rate of all services together, each taking a stream at the same time.</summary>
    private async Task<double> MeasureRatesAsync(IReadOnlyList<BenchmarkServer> servers, Func<BenchmarkServer, string, Task<double>> send)
    {
        var rates = new List<double>();
        for (var round = 0; round < scope.Rounds; round++)
        {
            var seconds = await Task.WhenAll(servers.Select((server, i) => send(server, $"{round}-{i}")));
            rates.Add(BulkCount * servers.Count / seconds.Max());
        }

        return rates.Order().ElementAt(rates.Count / 2);
    }
}
