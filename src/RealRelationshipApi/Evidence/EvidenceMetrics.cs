using System.Diagnostics.Metrics;

using RealRelationship.Storage;

namespace RealRelationshipApi.Evidence;

/// <summary>Metrics of evidence snapshots: cache hits and misses, and build time.</summary>
internal static class EvidenceMetrics
{
    private static readonly Counter<long> s_snapshots = ServiceMeter.Meter.CreateCounter<long>("realrelationship.evidence.snapshots", null,
        "Questions of the stored evidence, by whether its snapshot was there (hit) or was built (miss).");

    private static readonly Histogram<double> s_builds = ServiceMeter.CreateDurationHistogram("realrelationship.evidence.build.duration",
        "Time to build a snapshot of the evidence.");

    public static void SnapshotHit() => s_snapshots.Add(1, new KeyValuePair<string, object?>("result", "hit"));

    public static void SnapshotBuilt(TimeSpan time)
    {
        s_snapshots.Add(1, new KeyValuePair<string, object?>("result", "miss"));
        s_builds.Record(time.TotalSeconds);
    }
}
