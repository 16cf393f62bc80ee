using System.Diagnostics;
using System.Diagnostics.Metrics;

using RealRelationship.Storage;

using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Security.RateLimiting;

namespace RealRelationshipApi.Analyses;

/// <summary>Measures the duration of fits, by model.</summary>
internal static class AnalysisMetrics
{
    private static readonly Histogram<double> s_fits = ServiceMeter.CreateDurationHistogram("realrelationship.fit.duration",
        "Time of one fit of a model, by how it takes effects of one sample.");

    /// <summary>Runs a fit and records its duration, even if it throws.</summary>
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
}

/// <summary>Gauges of running and queued analyses.</summary>
internal sealed class AnalysisGauges
{
    public AnalysisGauges(IMeterFactory meters, ComputeLimiter limiter, EvidenceSnapshotProvider snapshots, ResponseCache responseCache)
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
