using RealRelationship.Storage;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Http.Telemetry;

/// <summary>A limit that rejects requests. The writer itself counts writes rejected by the limit of its queue.</summary>
internal enum ServiceLimit { Quota, BodyBytes, WaitingAnalyses, RequestSeconds, ComputeSeconds }

/// <summary>Counts rejected requests, by limit.</summary>
internal static class RejectionMetrics
{
    public static void Count(ServiceLimit limit) =>
        ServiceMeter.Rejections.Add(1, new KeyValuePair<string, object?>("limit", EnumNames<ServiceLimit>.Of(limit)));
}
