using System.Diagnostics.Metrics;

using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage;

/// <summary>Metrics of the writer: commits and durable changes.</summary>
internal static class StorageMetrics
{
    private static readonly Counter<long> s_changes = ServiceMeter.Meter.CreateCounter<long>("realrelationship.changes", null,
        "Changes that were made durable, by kind.");

    private static readonly Histogram<long> s_commitWrites = ServiceMeter.Meter.CreateHistogram<long>("realrelationship.commit.writes", null,
        "Writes that shared one commit.", null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });

    private static readonly Histogram<double> s_commitDuration = ServiceMeter.CreateDurationHistogram("realrelationship.commit.duration",
        "Time from a commit's first write to its being durable.");

    public static void RecordCommit(int writes, TimeSpan time, IEnumerable<ChangeKind> changes)
    {
        s_commitWrites.Record(writes);
        s_commitDuration.Record(time.TotalSeconds);
        foreach (var kind in changes.CountBy(kind => kind))
        {
            s_changes.Add(kind.Value, new KeyValuePair<string, object?>("kind", ChangeKinds.ToText(kind.Key)));
        }
    }
}

/// <summary>Gauges of the current state of the store.</summary>
public sealed class StorageGauges
{
    public StorageGauges(IMeterFactory meters, Database database, GroupCommitWriter writer, EvidenceRevisionMonitor revisionMonitor)
    {
        var meter = meters.Create(ServiceMeter.Name);
        meter.CreateObservableGauge("realrelationship.writer.queue", () => writer.QueuedWrites, null, "Writes that wait for their turn.");
        meter.CreateObservableGauge("realrelationship.store.log.size", () => MeasurementOrNone(database.WalBytes), "By",
            "Length of the embedded store's write-ahead log.");
        meter.CreateObservableGauge("realrelationship.store.free", () => MeasurementOrNone(database.FreeBytes), "By", "Free space on the disk of the store.");
        meter.CreateObservableGauge("realrelationship.evidence.revision", () => revisionMonitor.Current, null,
            "The evidence revision that questions are answered from.");
        meter.CreateObservableGauge("realrelationship.evidence.age", () => revisionMonitor.Age.TotalSeconds, "s",
            "Time since that revision was last seen to be the store's.");
    }

    private static IEnumerable<Measurement<long>> MeasurementOrNone(long? bytes) => bytes is { } known ? [new(known)] : [];
}
