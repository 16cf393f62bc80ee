using System.ComponentModel.DataAnnotations;

namespace RealRelationshipApi.Http;

/// <summary>How much one request, one caller and all of them together may ask of the service.</summary>
public sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>The largest body, after decompression.</summary>
    [Range(1, int.MaxValue)]
    public long MaxBodyBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>How long one request may take, in seconds, before it is given up.</summary>
    [Range(1, 86_400)]
    public int RequestTimeoutSeconds { get; set; } = 600;

    /// <summary>Requests of one key in a minute, over all replicas; 0 sets no limit.</summary>
    [Range(0, int.MaxValue)]
    public int RequestsPerMinute { get; set; } = 60_000;

    /// <summary>Requests of one key in a day (UTC), over all replicas; 0 sets no limit.</summary>
    [Range(0, int.MaxValue)]
    public int RequestsPerDay { get; set; } = 5_000_000;

    /// <summary>Analyses that are computed at the same time; as many as there are processors when absent.</summary>
    [Range(1, 4096)]
    public int? ConcurrentAnalyses { get; set; }

    /// <summary>Analyses that may wait for their turn before the next is refused with 503.</summary>
    [Range(0, 1_000_000)]
    public int QueuedAnalyses { get; set; } = 1024;

    /// <summary>How long an analysis may have to wait, in milliseconds, before the next is refused with 503; a few may always wait.</summary>
    [Range(1, 3_600_000)]
    public int MaxQueueMilliseconds { get; set; } = 50;

    /// <summary>Connections that may be open at the same time; 0 sets no limit.</summary>
    [Range(0, 1_000_000)]
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>Bytes that a body must bring, and an answer must be taken at, in each second; who is slower is dropped. 0 sets no limit.</summary>
    [Range(0, int.MaxValue)]
    public int MinBytesPerSecond { get; set; } = 500;
}
