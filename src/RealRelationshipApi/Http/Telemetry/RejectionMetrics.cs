using RealRelationship.Storage;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Http.Telemetry;

/// <summary>A limit at which requests are turned away; the limit of queued writes is counted by the writer.</summary>
internal enum ServiceLimit { Quota, BodyBytes, WaitingAnalyses, RequestSeconds }

/// <summary>Counts what was turned away, by the limit that it met.</summary>
internal static class RejectionMetrics
{
    public static void Count(ServiceLimit limit) => ServiceMeter.Rejections.Add(1, new KeyValuePair<string, object?>("limit", EnumNames<ServiceLimit>.Of(limit)));
}
