using System.Net;
using System.Text;

using Faults.Support;

using Npgsql;

using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary>Loses responses after the commit: between client and service, where the client repeats the request, and between service and PostgreSQL,
/// where the service must resolve it.</summary>
internal static class LostResponses
{
    private const int Clients = 16;
    private const double ShareLost = 0.3;

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var requests = run.Scaled(300, 20_000);
        var ledger = new WriteRecord();
        var lostToClients = await BetweenClientsAndServiceAsync(run, ledger, requests);
        var commits = run.Scaled(30, 600);
        var lostToService = await BetweenServiceAndPostgresAsync(run, ledger, commits);
        return new(
            $"{requests:N0} requests lost {lostToClients:N0} answers and were sent again under their key; {lostToService:N0} COMMITs of PostgreSQL lost theirs",
            $"{ledger.Lost} lost, {ledger.Duplicated} doubled", [.. ledger.Violations]);
    }

    private static async Task<int> BetweenClientsAndServiceAsync(ScenarioRun run, WriteRecord ledger, int requests)
    {
        var random = new Random(run.Seed);
        var path = Path.Combine(run.NewFolder(), "store.db");
        await using var service = await ServiceProcess.StartOnFileAsync(path);
        using var direct = await service.CreateClientAsync();
        await using var proxy = new LossyProxy(IPEndPoint.Parse(direct.BaseAddress!.Authority), _ => IsLost(random));
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new($"http://127.0.0.1:{proxy.Port}") };
        await Parallel.ForEachAsync(Enumerable.Range(0, requests), new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (i, _) =>
        {
            var sent = new GeneratedStudy($"r-{i}");
            ledger.RecordSent(sent.Key);
            while (!await TryPostAsync(http, sent, ledger))
            {
                // Repeated until there is a response.
            }
        });
        StoreInspection.CompareWithRecord(ledger, ledger.AcknowledgedKeys, StoreInspection.ReadStudiesOfFile(path));
        return proxy.LostResponses;
    }

    // Every other request has an Idempotency-Key; the others have only the key of their study.
    private static async Task<bool> TryPostAsync(HttpClient http, GeneratedStudy sent, WriteRecord ledger)
    {
        var isKeyed = sent.Key[^1] % 2 == 0;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/studies") { Content = new StringContent(sent.Json(), Encoding.UTF8, "application/json") };
        if (isKeyed)
        {
            request.Headers.Add("Idempotency-Key", $"{sent.Key}-once");
        }

        try
        {
            using var response = await http.SendAsync(request);
            if (response.StatusCode == HttpStatusCode.Conflict && isKeyed && response.Headers.RetryAfter is not null)
            {
                return false;
            }

            var status = response.StatusCode == HttpStatusCode.OK && !isKeyed ? HttpStatusCode.Created : response.StatusCode;
            ledger.RecordResponse(sent.Key, (int)status);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<int> BetweenServiceAndPostgresAsync(ScenarioRun run, WriteRecord ledger, int commits)
    {
        var random = new Random(run.Seed);
        var before = ledger.Acknowledged;
        await using var server = await KillablePostgres.StartNewAsync();
        var address = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        await using var proxy = new LossyProxy(new(IPAddress.Loopback, address.Port), bytes => bytes.Span.IndexOf("COMMIT"u8) >= 0 && IsLost(random));
        (address.Port, var own) = (proxy.Port, new WriteRecord());
        await using var service =
            ServiceProcess.Spawn(
                [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", address.ConnectionString),
                    ("Storage__MigrationConnectionString", server.ConnectionString)]);
        using var http = await service.CreateClientAsync();
        using var stop = new CancellationTokenSource();
        var loading = new WriteLoad(http, own, "c", run.Seed, maxBatch: 1).RunAsync(Clients, stop.Token);
        while (proxy.LostResponses < commits && !loading.IsCompleted)
        {
            await Task.Delay(100);
        }

        await stop.CancelAsync();
        await loading;
        if (proxy.LostResponses < commits)
        {
            own.RecordViolation(
                $"After {proxy.LostResponses} lost answers of PostgreSQL the service does not answer: {string.Join(' ', service.Lines.TakeLast(3))}");
        }

        StoreInspection.CompareWithRecord(own, own.AcknowledgedKeys, StoreInspection.ReadStudies(server.Settings));
        ledger.Add(own);
        run.Log($"{before:N0} requests through a lossy line, {own.Acknowledged:N0} writes over {proxy.LostResponses:N0} lost commits");
        return proxy.LostResponses;
    }

    private static bool IsLost(Random random)
    {
        lock (random)
        {
            return random.NextDouble() < ShareLost;
        }
    }
}
