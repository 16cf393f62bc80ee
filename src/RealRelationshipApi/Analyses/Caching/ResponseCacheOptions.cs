using System.ComponentModel.DataAnnotations;

namespace RealRelationshipApi.Analyses.Caching;

/// <summary>How much memory the response cache may use.</summary>
internal sealed class ResponseCacheOptions
{
    public const string Section = "Cache";

    /// <summary>Memory for cached responses over the stored evidence, in bytes; 0 caches none.</summary>
    [Range(0, int.MaxValue)]
    public long MaxBytes { get; set; } = 64 * 1024 * 1024;
}
