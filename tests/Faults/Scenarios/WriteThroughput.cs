using System.Diagnostics;
using System.Text;

using Dapper;

using Faults.Support;

using Microsoft.Data.Sqlite;

using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary>What durability costs: single posts against a writer that opens a connection for each, bulk against bare prepared inserts,
/// all in one run on one disk.</summary>
internal static class WriteThroughput
{
    private const int Clients = 64;
    private const double MinRatioOfSingles = 10;
    private const double MinShareOfBulk = 0.30;

    private static readonly string[] s_tables = ["change", "change_subject", "study_version", "study_effect", "current_effect"];

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var bulk = run.Scaled(5_000, 20_000);
        var seconds = run.Scaled(5, 20);
        var path = Path.Combine(run.NewFolder(), "store.db");
        await using var service = await ServiceProcess.StartOnFileAsync(path);
        using var http = await service.CreateClientAsync();
        await PostBulkAsync(http, "warm", 3_000);
        await PostSinglesAsync(http, "warm", TimeSpan.FromSeconds(3));

        var posted = await PostBulkAsync(http, "bulk", bulk);
        var rows = await ReadRowsAsync(path, "bulk-");
        var bare = MeasureBareInserts(run, path, rows);
        var singles = await PostSinglesAsync(http, "single", TimeSpan.FromSeconds(seconds));
        var peers = await MeasureConnectionPerRequestAsync(run, path, rows, TimeSpan.FromSeconds(seconds));
        var usual = await MeasureNaiveServiceAsync(run, path, rows, TimeSpan.FromSeconds(seconds));

        var (share, ratio) = (posted / bare, singles.PerSecond / peers.PerSecond);
        var violations = new List<string>();
        if (share < MinShareOfBulk)
        {
            violations.Add($"NDJSON bulk reaches {share:P0} of bare inserts, not {MinShareOfBulk:P0}");
        }

        if (ratio < MinRatioOfSingles)
        {
            violations.Add($"{Clients} clients reach {ratio:0.0} times a connection for each request, not {MinRatioOfSingles} times");
        }

        return new($"{bulk:N0} studies by NDJSON; {Clients} clients for {seconds} s",
            $"bulk {posted:N0}/s = {share:P0} of bare inserts ({bare:N0}/s); singles {singles.PerSecond:N0}/s (p50 {singles.Median:0.0} ms, p99 "
                + $"{singles.Percentile99:0.0} ms) = {ratio:0.0} × a connection for each ({peers.PerSecond:N0}/s, p50 {peers.Median:0.0} ms, p99 "
                + $"{peers.Percentile99:0.0} ms) and {singles.PerSecond / usual.PerSecond:0.0} × a service that does just that ({usual.PerSecond:N0}/s, p50 "
                + $"{usual.Median:0.0} ms, p99 {usual.Percentile99:0.0} ms)",
            violations);
    }

    private static async Task<double> PostBulkAsync(HttpClient http, string prefix, int count)
    {
        var body = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, count).Select(i => new GeneratedStudy($"{prefix}-{i}").Json())));
        var started = Stopwatch.GetTimestamp();
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/x-ndjson");
        using var response = await http.PostAsync(new Uri("/studies/batch", UriKind.Relative), content);
        var answer = await response.Content.ReadAsStringAsync();
        return answer.Contains($"\"accepted\":{count},", StringComparison.Ordinal)
            ? count / Stopwatch.GetElapsedTime(started).TotalSeconds
            : throw new InvalidOperationException($"The batch was not accepted: {answer[^200..]}");
    }

    private static Task<Throughput> PostSinglesAsync(HttpClient http, string prefix, TimeSpan longest) => MeasureThroughputAsync(longest, async (client, i) =>
    {
        using var content = new StringContent(new GeneratedStudy($"{prefix}-{client}-{i}").Json(), Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri("/studies", UriKind.Relative), content);
        await response.Content.ReadAsByteArrayAsync();
        response.EnsureSuccessStatusCode();
    });

    /// <summary>What the service wrote, row by row, study by study.</summary>
    private static async Task<List<InsertedRow[]>> ReadRowsAsync(string path, string prefix)
    {
        await using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        var studies = new SortedDictionary<string, List<InsertedRow>>(StringComparer.Ordinal);
        foreach (var table in s_tables)
        {
            var key = table.StartsWith("change", StringComparison.Ordinal) ? "(SELECT subject FROM change_subject s WHERE s.number = t.number)" : "study_key";
            await using var reader = await connection.ExecuteReaderAsync($"SELECT {key}, t.* FROM {table} t WHERE {key} GLOB @pattern",
                new { pattern = prefix + "*" });
            while (await reader.ReadAsync())
            {
                var values = Enumerable.Range(1, reader.FieldCount - 1).Select(reader.GetValue).ToArray();
                var insert = $"INSERT INTO {table} VALUES ({string.Join(", ", Enumerable.Range(0, values.Length).Select(i => $"@p{i}"))})";
                if (!studies.TryGetValue(reader.GetString(0), out var rows))
                {
                    studies.Add(reader.GetString(0), rows = []);
                }

                rows.Add(new(insert, values));
            }
        }

        return [.. studies.Values.Select(rows => rows.ToArray())];
    }

    /// <summary>The same rows into the same tables by prepared statements, all in one transaction.</summary>
    private static double MeasureBareInserts(ScenarioRun run, string model, List<InsertedRow[]> studies)
    {
        using var connection = Open(CreateEmptyCopy(run, model));
        var started = Stopwatch.GetTimestamp();
        var commands = new Dictionary<string, SqliteCommand>(StringComparer.Ordinal);
        connection.Execute("BEGIN IMMEDIATE");
        foreach (var row in studies.SelectMany(rows => rows))
        {
            if (!commands.TryGetValue(row.Insert, out var command))
            {
                commands.Add(row.Insert, command = row.Command(connection));
                command.Prepare();
            }

            for (var i = 0; i < row.Values.Length; i++)
            {
                command.Parameters[i].Value = row.Values[i];
            }

            command.ExecuteNonQuery();
        }

        connection.Execute("COMMIT");
        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach (var command in commands.Values)
        {
            command.Dispose();
        }

        return studies.Count / took;
    }

    /// <summary>The usual way: each request opens the file, writes its rows in a transaction of its own, and closes it.</summary>
    private static Task<Throughput> MeasureConnectionPerRequestAsync(ScenarioRun run, string model, List<InsertedRow[]> studies, TimeSpan longest)
    {
        var write = WriteNextStudy(CreateEmptyCopy(run, model), studies);
        return MeasureThroughputAsync(longest, (_, _) =>
        {
            write();
            return Task.CompletedTask;
        });
    }

    /// <summary>The same behind HTTP.</summary>
    private static async Task<Throughput> MeasureNaiveServiceAsync(ScenarioRun run, string model, List<InsertedRow[]> studies, TimeSpan longest)
    {
        await using var service = await NaiveService.StartAsync(WriteNextStudy(CreateEmptyCopy(run, model), studies));
        using var http = service.CreateClient();
        return await PostSinglesAsync(http, "usual", longest);
    }

    // Keys repeat when the rows are used up: from then on the rows of a study that is there are written again.
    private static Action WriteNextStudy(string path, List<InsertedRow[]> studies)
    {
        var taken = -1;
        return () =>
        {
            var mine = Interlocked.Increment(ref taken);
            using var connection = Open(path);
            connection.Execute("BEGIN IMMEDIATE");
            foreach (var row in studies[mine % studies.Count])
            {
                using var command = row.Command(connection, mine >= studies.Count);
                command.ExecuteNonQuery();
            }

            connection.Execute("COMMIT");
        };
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False;Default Timeout=60");
        connection.Open();
        connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        return connection;
    }

    /// <summary>A store with the same tables and indexes, and nothing in them.</summary>
    private static string CreateEmptyCopy(ScenarioRun run, string model)
    {
        var path = Path.Combine(run.NewFolder(), "bare.db");
        using var source = new SqliteConnection($"Data Source={model};Mode=ReadOnly;Pooling=False");
        using var copy = Open(path);
        foreach (var statement in source.Query<string>("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC"))
        {
            copy.Execute(statement);
        }

        return path;
    }

    private static async Task<Throughput> MeasureThroughputAsync(TimeSpan longest, Func<int, int, Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        var took = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var own = new List<double>();
            while (Stopwatch.GetElapsedTime(started) < longest)
            {
                var begun = Stopwatch.GetTimestamp();
                await work(client, own.Count);
                own.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }

            return own;
        })));
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double[] all = [.. took.SelectMany(t => t).Order()];
        return new(all.Length / elapsed, all[all.Length / 2], all[all.Length * 99 / 100]);
    }

    private sealed record Throughput(double PerSecond, double Median, double Percentile99);

    private sealed record InsertedRow(string Insert, object[] Values)
    {
        public SqliteCommand Command(SqliteConnection connection, bool again = false)
        {
            var command = new SqliteCommand(again ? Insert.Replace("INSERT", "INSERT OR REPLACE", StringComparison.Ordinal) : Insert, connection);
            for (var i = 0; i < Values.Length; i++)
            {
                command.Parameters.AddWithValue($"@p{i}", Values[i]);
            }

            return command;
        }
    }
}
