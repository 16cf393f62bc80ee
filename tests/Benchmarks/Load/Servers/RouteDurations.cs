namespace Benchmarks.Load.Servers;

/// <summary>Durations of requests by route since the start of the service.</summary>
internal sealed class RouteDurations(BenchmarkServer server)
{
    private const string Route = "http_route";

    private readonly IReadOnlyDictionary<string, double> _seconds = ScrapedMetrics.ScrapeFrom(server).SumBy(ScrapedMetrics.RequestSeconds, Route);
    private readonly IReadOnlyDictionary<string, double> _counts = ScrapedMetrics.ScrapeFrom(server).SumBy(ScrapedMetrics.Requests, Route);

    /// <summary>The mean time since an earlier reading, ms, by route.</summary>
    public IReadOnlyDictionary<string, double> MeanSince(RouteDurations earlier) => _counts
        .Select(
            route =>
                (route.Key, Requests: route.Value - earlier._counts.GetValueOrDefault(route.Key),
                    Seconds: _seconds[route.Key] - earlier._seconds.GetValueOrDefault(route.Key)))
        .Where(route => route.Requests > 0)
        .ToDictionary(route => route.Key, route => route.Seconds * 1e3 / route.Requests, StringComparer.Ordinal);
}
