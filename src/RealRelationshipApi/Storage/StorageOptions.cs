using System.ComponentModel.DataAnnotations;

namespace RealRelationshipApi.Storage;

/// <summary>Where the service keeps what it was told.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>The SQLite file; its folder is made if need be.</summary>
    [Required]
    public string Path { get; set; } = "data/realrelationship.db";

    /// <summary>How many writes may wait before the next is refused with 503.</summary>
    [Range(1, 1_000_000)]
    public int QueueLength { get; set; } = 4096;
}
