using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RealRelationship.Storage;

/// <summary>The meter and activity source of the service. Labels take values from fixed lists only: never a key,
/// an id or client input.</summary>
public static class ServiceMeter
{
    public const string Name = "RealRelationship";

    public static Meter Meter { get; } = new(Name);

    public static ActivitySource ActivitySource { get; } = new(Name);

    /// <summary>Requests and writes that a limit rejected; the label <c>limit</c> names it.</summary>
    public static Counter<long> Rejections { get; } = Meter.CreateCounter<long>("realrelationship.refusals", null,
        "Requests and writes that were turned away, by the limit that they met.");

    /// <summary>A histogram of seconds with buckets from one millisecond to one minute.</summary>
    public static Histogram<double> CreateDurationHistogram(string name, string description) => Meter.CreateHistogram(name, "s", description, null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
}
