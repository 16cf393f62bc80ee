using System.ComponentModel.DataAnnotations;

namespace RealRelationshipApi.Analyses.Caching;

/// <summary>Options of the response cache.</summary>
internal sealed class ResponseCacheOptions
{
    public const string Section = "Cache";

    /// <summary>Maximum memory of cached responses in bytes; 0 disables the cache.</summary>
    [Range(0, int.MaxValue)]
    public long MaxBytes { get; set; } = 64 * 1024 * 1024;
}
