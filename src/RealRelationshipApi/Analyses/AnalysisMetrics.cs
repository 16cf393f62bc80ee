using System.Diagnostics;
using System.Diagnostics.Metrics;

using RealRelationship.Storage;

using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Analyses;

/// <summary>What analyses cost: fits by model, and snapshots of the evidence that were there or had to be built.</summary>
internal static class AnalysisMetrics
{
    private static readonly Histogram<double> s_fits = ServiceMeter.CreateDurationHistogram("realrelationship.fit.duration",
        "Time of one fit of a model, by how it takes effects of one sample.");

    private static readonly Counter<long> s_snapshots = ServiceMeter.Meter.CreateCounter<long>("realrelationship.evidence.snapshots", null,
        "Questions of the stored evidence, by whether its snapshot was there (hit) or was built (miss).");

    private static readonly Histogram<double> s_builds = ServiceMeter.CreateDurationHistogram("realrelationship.evidence.build.duration",
        "Time to build a snapshot of the evidence.");

    /// <summary>Fits, and notes how long it took, also where it cannot be done.</summary>
    public static T TimeFit<T>(ResolvedModel model, Func<T> fit)
    {
        var name = EnumNames<Dependence>.Of(model.Dependence);
        using var span = ServiceMeter.ActivitySource.StartActivity("fit");
        span?.SetTag("model", name);
        var started = Stopwatch.GetTimestamp();
        try
        {
            return fit();
        }
        finally
        {
            s_fits.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("model", name));
        }
    }

    public static void SnapshotHit() => s_snapshots.Add(1, new KeyValuePair<string, object?>("result", "hit"));

    public static void SnapshotBuilt(TimeSpan time)
    {
        s_snapshots.Add(1, new KeyValuePair<string, object?>("result", "miss"));
        s_builds.Record(time.TotalSeconds);
    }
}

/// <summary>How analyses stand at this moment.</summary>
internal sealed class AnalysisGauges
{
    public AnalysisGauges(IMeterFactory meters, AnalysisLimiter limiter, EvidenceSnapshotProvider snapshots, ResponseCache responseCache)
    {
        var meter = meters.Create(ServiceMeter.Name);
        meter.CreateObservableGauge("realrelationship.analyses.waiting", () => limiter.QueuedAnalyses, null, "Analyses that wait for their turn.");
        meter.CreateObservableCounter("realrelationship.answers", () => new Measurement<long>[]
        {
            new(responseCache.Statistics.TotalHits, new KeyValuePair<string, object?>("result", "hit")),
            new(responseCache.Statistics.TotalMisses, new KeyValuePair<string, object?>("result", "miss")),
        }, null, "Answers over the stored evidence, by whether one was kept (hit) or computed (miss).");
        meter.CreateObservableGauge("realrelationship.answers.kept.size", () => responseCache.Statistics.CurrentEstimatedSize ?? 0, "By",
            "Memory of the answers that are kept.");
        meter.CreateObservableGauge("realrelationship.evidence.snapshot.lag", () => snapshots.RevisionLag, null,
            "Revisions by which the newest snapshot of the evidence is behind the store; the next question builds one.");
    }
}
