using System.ComponentModel.DataAnnotations;

namespace RealRelationshipApi.Http;

/// <summary>Limits of a request, of a caller and of the service.</summary>
internal sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>The largest body, after decompression.</summary>
    [Range(1, int.MaxValue)]
    public long MaxBodyBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Maximum size of a decompressed body in bytes. It also applies to streams, which have no other limit.</summary>
    [Range(1, long.MaxValue)]
    public long MaxDecompressedBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>Maximum ratio of decompressed to compressed size, beyond the first megabyte.</summary>
    [Range(1, 100_000)]
    public int MaxDecompressionRatio { get; set; } = 200;

    /// <summary>Maximum number of values of a JSON body.</summary>
    [Range(1, int.MaxValue)]
    public int MaxBodyValues { get; set; } = 1_000_000;

    /// <summary>Timeout of a request, in seconds.</summary>
    [Range(1, 86_400)]
    public int RequestTimeoutSeconds { get; set; } = 600;

    /// <summary>Requests per key and minute over all replicas; 0 sets no limit.</summary>
    [Range(0, int.MaxValue)]
    public int RequestsPerMinute { get; set; } = 60_000;

    /// <summary>Requests per key and day (UTC) over all replicas; 0 sets no limit.</summary>
    [Range(0, int.MaxValue)]
    public int RequestsPerDay { get; set; } = 5_000_000;

    /// <summary>Maximum number of concurrent analyses; default: the number of processors.</summary>
    [Range(1, 4096)]
    public int? ConcurrentAnalyses { get; set; }

    /// <summary>Compute limit of one analysis in seconds; beyond it the request gets 422 <c>tooCostly</c>.</summary>
    [Range(1, 86_400)]
    public int ComputeSeconds { get; set; } = 30;

    /// <summary>Maximum size of the response of one analysis in bytes; a larger one gets 422 <c>tooCostly</c>.</summary>
    [Range(1, int.MaxValue)]
    public long MaxAnswerBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>Maximum number of rows of a list that an analysis returns in JSON without being asked; a longer one is left out unless <c>select</c> names it.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxDefaultRows { get; set; } = 10_000;

    /// <summary>Maximum number of lines with errors that are kept of one import; further ones are only counted.</summary>
    [Range(0, 10_000_000)]
    public int MaxFaultsPerImport { get; set; } = 10_000;

    /// <summary>Maximum size in bytes of imports that wait to be stored; one tenant may use half of it.</summary>
    [Range(1, long.MaxValue)]
    public long MaxSpoolBytes { get; set; } = 4L * 1024 * 1024 * 1024;

    /// <summary>Maximum number of queued analyses; further ones get 503.</summary>
    [Range(0, 1_000_000)]
    public int QueuedAnalyses { get; set; } = 1024;

    /// <summary>Maximum expected queueing time of an analysis in milliseconds; further ones get 503, except for a few that may always wait.</summary>
    [Range(1, 3_600_000)]
    public int MaxQueueMilliseconds { get; set; } = 50;

    /// <summary>Maximum number of open connections; 0 sets no limit.</summary>
    [Range(0, 1_000_000)]
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>Minimum rate of request and response bodies in bytes per second; slower clients are disconnected. 0 sets no limit.</summary>
    [Range(0, int.MaxValue)]
    public int MinBytesPerSecond { get; set; } = 500;
}
