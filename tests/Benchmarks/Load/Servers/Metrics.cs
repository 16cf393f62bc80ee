using System.Globalization;
using System.Text;

using Benchmarks.Load.Wire;

namespace Benchmarks.Load.Servers;

/// <summary>What a server says at <c>/metrics</c>.</summary>
internal sealed class Metrics(string text)
{
    public const string Allocated = "dotnet_gc_heap_total_allocated_bytes_total";
    public const string FitSeconds = "realrelationship_fit_duration_seconds_sum";
    public const string BuildSeconds = "realrelationship_evidence_build_duration_seconds_sum";

    public static Metrics Of(Server server) => new(Encoding.UTF8.GetString(server.Once(Message.Get("/metrics"), 200).Body));

    /// <summary>The sum of a metric over all its labels; 0 where it has not been counted yet.</summary>
    public double Sum(string name) => text.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
        .Sum(line => double.Parse(line[(Math.Max(line.LastIndexOf('}'), name.Length - 1) + 1)..].TrimStart().Split(' ')[0], CultureInfo.InvariantCulture));
}
