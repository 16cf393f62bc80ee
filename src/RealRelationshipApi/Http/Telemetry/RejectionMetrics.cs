using System.Diagnostics.Metrics;

using RealRelationship.Storage;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Http.Telemetry;

/// <summary>A limit at which requests are turned away.</summary>
internal enum ServiceLimit { Quota, BodyBytes, WaitingWrites, WaitingAnalyses, RequestSeconds }

/// <summary>Counts what was turned away, by the limit that it met.</summary>
internal static class RejectionMetrics
{
    private static readonly Counter<long> s_rejections = ServiceMeter.Meter.CreateCounter<long>("realrelationship.refusals", null,
        "Requests and writes that were turned away, by the limit that they met.");

    public static void Count(ServiceLimit limit) => s_rejections.Add(1, new KeyValuePair<string, object?>("limit", EnumNames<ServiceLimit>.Of(limit)));
}
