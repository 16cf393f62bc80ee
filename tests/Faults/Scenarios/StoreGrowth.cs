using System.Diagnostics;
using System.Globalization;
using System.Text;

using Faults.Support;

using RealRelationship.Testing.Processes;
using RealRelationship.Testing.Traffic;

namespace Faults.Scenarios;

/// <summary>Cost of a session post and of a pool over all sites with few and with many stored measures, and memory of a long stream.</summary>
internal static class StoreGrowth
{
    private const int InitialMeasures = 10_000;
    private const int Posts = 400;
    private const double MaxPostRatio = 1.3;
    private const double MaxPoolRatio = 1.2;
    private const double MaxMegabytes = 96;

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var many = run.Scaled(50_000, 10_000_000);
        await using var service = await ServiceProcess.StartOnFileAsync(Path.Combine(run.NewFolder(), "store.db"));
        using var http = await service.CreateClientAsync();
        http.Timeout = TimeSpan.FromHours(1);
        await SendAsync(http, 0, InitialMeasures);
        await MeasureAsync(http, "warm");
        var few = await MeasureAsync(http, "few");
        var memory = ProcessStatistics.ResidentMegabytes(service.Id);
        await SendAsync(http, InitialMeasures, many);
        var grown = ProcessStatistics.ResidentMegabytes(service.Id) - memory;
        var later = await MeasureAsync(http, "many");

        var (posts, pools) = (later.Post / few.Post, later.Pool / few.Pool);
        var violations = new List<string>();
        Hold(posts <= MaxPostRatio, $"a post costs {posts:0.00} times as much, not {MaxPostRatio:0.0} at the most");
        Hold(pools <= MaxPoolRatio, $"a pool costs {pools:0.00} times as much, not {MaxPoolRatio:0.0} at the most");
        Hold(grown <= MaxMegabytes, $"the stream took {grown:0} MB");
        return new($"{InitialMeasures:N0} measures, then {many:N0} by one NDJSON stream",
            string.Create(CultureInfo.InvariantCulture,
                $"a post p50 {few.Post:0.00} → {later.Post:0.00} ms ({posts:0.00} ×), a pool of all sources {few.Pool:0.00} → {later.Pool:0.00} ms "
                    + $"({pools:0.00} ×), memory + {grown:0} MB"), violations);

        void Hold(bool holds, string violation)
        {
            if (!holds)
            {
                violations.Add(violation);
            }
        }
    }

    private static async Task SendAsync(HttpClient http, int from, int to)
    {
        using var content =
            new StreamedNdjsonContent(GeneratedSessions.Lines("p", from / GeneratedSessions.ScoresPerSession, to / GeneratedSessions.ScoresPerSession));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/sessions", UriKind.Relative)) { Content = content };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        var end = await ReadTailAsync(await response.Content.ReadAsStreamAsync());
        if (!end.EndsWith("\"rejected\":0}", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Something was refused: {end}");
        }
    }

    // The response has an outcome for every line; only its end is read.
    private static async Task<string> ReadTailAsync(Stream answer)
    {
        var (part, end) = (new byte[64 * 1024], "");
        for (var read = await answer.ReadAsync(part); read > 0; read = await answer.ReadAsync(part))
        {
            end += Encoding.UTF8.GetString(part, 0, read);
            end = end[Math.Max(0, end.Length - 300)..];
        }

        return end;
    }

    private static async Task<(double Post, double Pool)> MeasureAsync(HttpClient http, string name)
    {
        var posts = new List<double>();
        var pools = new List<double>();
        for (var i = 0; i < Posts; i++)
        {
            posts.Add(
                await TimeAsync(
                    () =>
                        http.PostAsync(new Uri("/sessions", UriKind.Relative),
                            new StringContent(GeneratedSessions.Json($"{name}-", i), Encoding.UTF8, "application/json"))));
            pools.Add(await TimeAsync(() => http.GetAsync(new Uri($"/meta/pool?source=all&exclude=none-{name}-{i}", UriKind.Relative))));
        }

        return (Median(posts), Median(pools));

        static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
    }

    private static async Task<double> TimeAsync(Func<Task<HttpResponseMessage>> send)
    {
        var started = Stopwatch.GetTimestamp();
        using var response = await send();
        await response.Content.ReadAsByteArrayAsync();
        response.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
