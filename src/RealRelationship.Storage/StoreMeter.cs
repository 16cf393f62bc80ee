using System.Diagnostics.Metrics;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Telemetry;

namespace RealRelationshipApi.Storage;

/// <summary>What the writer did: groups, commits, and the changes that are durable.</summary>
internal static class StoreMeter
{
    private static readonly Counter<long> s_changes = ServiceMeter.Meter.CreateCounter<long>("realrelationship.changes", null, "Changes that were made durable, by kind.");

    private static readonly Histogram<long> s_groups = ServiceMeter.Meter.CreateHistogram<long>("realrelationship.commit.writes", null, "Writes that shared one commit.", null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });

    private static readonly Histogram<double> s_commits = ServiceMeter.Seconds("realrelationship.commit.duration", "Time from a commit's first write to its being durable.");

    public static void Committed(int writes, TimeSpan time, IEnumerable<ChangeKind> changes)
    {
        s_groups.Record(writes);
        s_commits.Record(time.TotalSeconds);
        foreach (var kind in changes.CountBy(kind => kind))
        {
            s_changes.Add(kind.Value, new KeyValuePair<string, object?>("kind", EnumNames<ChangeKind>.Of(kind.Key)));
        }
    }
}

/// <summary>How the store stands at this moment.</summary>
internal sealed class StoreGauges
{
    public StoreGauges(IMeterFactory meters, Database database, Writer writer, RevisionWatch watch)
    {
        var meter = meters.Create(ServiceMeter.Name);
        meter.CreateObservableGauge("realrelationship.writer.queue", () => writer.Waiting, null, "Writes that wait for their turn.");
        meter.CreateObservableGauge("realrelationship.store.log.size", () => Known(database.LogBytes), "By", "Length of the embedded store's write-ahead log.");
        meter.CreateObservableGauge("realrelationship.store.free", () => Known(database.FreeBytes), "By", "Free space on the disk of the store.");
        meter.CreateObservableGauge("realrelationship.evidence.revision", () => watch.Current, null, "The evidence revision that questions are answered from.");
        meter.CreateObservableGauge("realrelationship.evidence.age", () => watch.Age.TotalSeconds, "s", "Time since that revision was last seen to be the store's.");
    }

    private static IEnumerable<Measurement<long>> Known(long? bytes) => bytes is { } known ? [new(known)] : [];
}
