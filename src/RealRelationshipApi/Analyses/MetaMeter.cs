using System.Diagnostics;
using System.Diagnostics.Metrics;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Telemetry;

namespace RealRelationshipApi.Meta;

/// <summary>What analyses cost: fits by model, and snapshots of the evidence that were there or had to be built.</summary>
internal static class MetaMeter
{
    private static readonly Histogram<double> s_fits = ServiceMeter.Seconds("realrelationship.fit.duration", "Time of one fit of a model, by how it takes effects of one sample.");

    private static readonly Counter<long> s_snapshots = ServiceMeter.Meter.CreateCounter<long>("realrelationship.evidence.snapshots", null, "Questions of the stored evidence, by whether its snapshot was there (hit) or was built (miss).");

    private static readonly Histogram<double> s_builds = ServiceMeter.Seconds("realrelationship.evidence.build.duration", "Time to build a snapshot of the evidence.");

    /// <summary>Fits, and notes how long it took, also where it cannot be done.</summary>
    public static T Fit<T>(Model model, Func<T> fit)
    {
        var name = EnumNames<Dependence>.Of(model.Dependence);
        using var span = ServiceMeter.Spans.StartActivity("fit");
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

    public static void Hit() => s_snapshots.Add(1, new KeyValuePair<string, object?>("result", "hit"));

    public static void Built(TimeSpan time)
    {
        s_snapshots.Add(1, new KeyValuePair<string, object?>("result", "miss"));
        s_builds.Record(time.TotalSeconds);
    }
}

/// <summary>How analyses stand at this moment.</summary>
internal sealed class MetaGauges
{
    public MetaGauges(IMeterFactory meters, HeavyWork heavy, EvidenceSource source, KeptAnswers answers)
    {
        var meter = meters.Create(ServiceMeter.Name);
        meter.CreateObservableGauge("realrelationship.analyses.waiting", () => heavy.Waiting, null, "Analyses that wait for their turn.");
        meter.CreateObservableCounter("realrelationship.answers", () => new Measurement<long>[]
        {
            new(answers.Statistics.TotalHits, new KeyValuePair<string, object?>("result", "hit")),
            new(answers.Statistics.TotalMisses, new KeyValuePair<string, object?>("result", "miss")),
        }, null, "Answers over the stored evidence, by whether one was kept (hit) or computed (miss).");
        meter.CreateObservableGauge("realrelationship.answers.kept.size", () => answers.Statistics.CurrentEstimatedSize ?? 0, "By", "Memory of the answers that are kept.");
        meter.CreateObservableGauge("realrelationship.evidence.snapshot.lag", () => source.Behind, null, "Revisions by which the newest snapshot of the evidence is behind the store; the next question builds one.");
    }
}
