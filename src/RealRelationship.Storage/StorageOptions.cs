using System.ComponentModel.DataAnnotations;

namespace RealRelationship.Storage;

/// <summary>Where the service stores its data.</summary>
public sealed class StorageOptions : IValidatableObject
{
    public const string Section = "Storage";

    /// <summary>An embedded SQLite file, or a PostgreSQL database shared by several services.</summary>
    [EnumDataType(typeof(StorageProvider))]
    public StorageProvider Provider { get; set; }

    /// <summary>Path of the SQLite file; its directory is created if absent.</summary>
    [Required]
    public string Path { get; set; } = "data/realrelationship.db";

    /// <summary>PostgreSQL connection string in Npgsql's format; may name several hosts or a connection pooler.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Connection string of the table owner, for migrations; defaults to <see cref="ConnectionString"/>.</summary>
    public string? MigrationConnectionString { get; set; }

    /// <summary>Direct connection string, past any pooler, for LISTEN; without it the revision is polled.</summary>
    public string? NotifyConnectionString { get; set; }

    /// <summary>Connection string of a read replica for pooled evidence; defaults to <see cref="ConnectionString"/>.</summary>
    public string? ReplicaConnectionString { get; set; }

    /// <summary>Maximum number of queued writes; further ones get 503.</summary>
    [Range(1, 1_000_000)]
    public int MaxQueuedWrites { get; set; } = 4096;

    /// <summary>Timeout of one read in seconds:
    /// a long read keeps a SQLite file from being checkpointed.</summary>
    [Range(1, 3600)]
    public int ReadTimeoutSeconds { get; set; } = 30;

    /// <summary>How long a commit may take on PostgreSQL, and how long a failed one is retried on either engine.</summary>
    /// <remarks>Internal, so that no setting binds to it.</remarks>
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
