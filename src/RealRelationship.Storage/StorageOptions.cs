using System.ComponentModel.DataAnnotations;

namespace RealRelationship.Storage;

/// <summary>Where the service keeps what it was told.</summary>
public sealed class StorageOptions : IValidatableObject
{
    public const string Section = "Storage";

    /// <summary>The embedded file, or a PostgreSQL that several services share.</summary>
    [EnumDataType(typeof(StorageProvider))]
    public StorageProvider Provider { get; set; }

    /// <summary>The SQLite file; its folder is made if need be.</summary>
    [Required]
    public string Path { get; set; } = "data/realrelationship.db";

    /// <summary>PostgreSQL, in Npgsql's form; several hosts may be named, and a pooler may stand between.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>PostgreSQL as the owner of the tables, who applies schema steps; the ordinary one when absent.</summary>
    public string? MigrationConnectionString { get; set; }

    /// <summary>PostgreSQL directly, past any pooler, to hear of new revisions at once; when absent the revision is polled.</summary>
    public string? NotifyConnectionString { get; set; }

    /// <summary>A read replica of PostgreSQL from which pooled evidence is read; when absent the ordinary one.</summary>
    public string? ReplicaConnectionString { get; set; }

    /// <summary>How many writes may wait before the next is refused with 503.</summary>
    [Range(1, 1_000_000)]
    public int MaxQueuedWrites { get; set; } = 4096;

    /// <summary>How long one reading may take, in seconds, before it is interrupted:
    /// an old reading keeps the log of a SQLite file from being folded back.</summary>
    [Range(1, 3600)]
    public int ReadTimeoutSeconds { get; set; } = 30;

    /// <summary>How long a commit may take on PostgreSQL, and how long a failed one is retried on either engine. Internal, so that no setting binds to it.</summary>
    internal TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider == StorageProvider.Postgres && string.IsNullOrWhiteSpace(ConnectionString))
        {
            yield return new(
                "With Storage__Provider=Postgres set Storage__ConnectionString, for example "
                    + "Host=db;Database=realrelationship;Username=realrelationship;Password=…", [nameof(ConnectionString)]);
        }
    }
}

public enum StorageProvider { Sqlite, Postgres }
