using System.Globalization;
using System.Text;

using Benchmarks.Load.RawHttp;

namespace Benchmarks.Load.Servers;

/// <summary>Metrics of a server from <c>/metrics</c>.</summary>
internal sealed class ScrapedMetrics(string text)
{
    public const string Allocated = "dotnet_gc_heap_total_allocated_bytes_total";
    public const string FitSeconds = "realrelationship_fit_duration_seconds_sum";
    public const string RequestSeconds = "http_server_request_duration_seconds_sum";
    public const string Requests = "http_server_request_duration_seconds_count";

    public static ScrapedMetrics ScrapeFrom(BenchmarkServer server) => new(Encoding.UTF8.GetString(server.SendOnce(RawHttpRequest.Get("/metrics"), 200).Body));

    /// <summary>The sum of a metric over all its labels; 0 where it has not been counted yet.</summary>
    public double Sum(string name) => Lines(name).Sum(Value);

    /// <summary>The sums of a metric by one of its labels.</summary>
    public IReadOnlyDictionary<string, double> SumBy(string name, string label) =>
        Lines(name).GroupBy(line => LabelOf(line, label), StringComparer.Ordinal)
            .ToDictionary(lines => lines.Key, lines => lines.Sum(Value), StringComparer.Ordinal);

    private IEnumerable<string> Lines(string name) => text.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{');

    // name{label="value"} number time
    private static double Value(string line) =>
        double.Parse(line[(Math.Max(line.LastIndexOf('}'), line.IndexOf(' ') - 1) + 1)..].TrimStart().Split(' ')[0], CultureInfo.InvariantCulture);

    private static string LabelOf(string line, string label)
    {
        var from = line.IndexOf($"{label}=\"", StringComparison.Ordinal);
        return from < 0 ? "" : line[(from + label.Length + 2)..].Split('"')[0];
    }
}
