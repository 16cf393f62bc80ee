using Npgsql;

namespace RealRelationship.Storage.Postgres;

/// <summary>The data sources of a server or a cluster, by what a connection is for.</summary>
internal sealed class PostgresDataSources : IDisposable
{
    public const string ServiceName = "RealRelationshipApi";
    private const int ConnectTimeoutSeconds = 5;

    /// <exception cref="StoragePreconditionException">A connection string is malformed.</exception>
    public PostgresDataSources(StorageOptions settings)
    {
        var ordinary = ParseConnectionString(settings.ConnectionString!, nameof(settings.ConnectionString));
        ordinary.CommandTimeout = settings.ReadTimeoutSeconds;
        Name = $"{ordinary.Host}/{ordinary.Database}";
        (Primary, Reading, Replica) = CreateDataSources(ordinary);
        UnpooledReading = CreateDataSources(new(ordinary.ConnectionString) { Pooling = false }).Reading;
        // A commit that timed out is not cancelled: the server would then report success although no standby has it yet.
        Writing = CreateDataSource(new(ordinary.ConnectionString)
        {
            Pooling = false, CommandTimeout = (int)settings.WriteTimeout.TotalSeconds, CancellationTimeout = -1,
        });
        Owner = CreateDataSource(WithoutTimeouts(settings.MigrationConnectionString ?? settings.ConnectionString!, nameof(settings.MigrationConnectionString)));
        Snapshots = CreateDataSource(WithoutTimeouts(settings.ConnectionString!, nameof(settings.ConnectionString)));
        if (settings.ReplicaConnectionString is { Length: > 0 } read)
        {
            var replica = ParseConnectionString(read, nameof(settings.ReplicaConnectionString));
            replica.CommandTimeout = settings.ReadTimeoutSeconds;
            Replica = NpgsqlDataSource.Create(replica);
        }

        if (settings.NotifyConnectionString is { Length: > 0 } notify)
        {
            Notifying = CreateDataSource(WithoutTimeouts(notify, nameof(settings.NotifyConnectionString)));
        }
    }

    /// <summary>Host and database; contains no secrets.</summary>
    public string Name { get; }

    /// <summary>Only the primary.</summary>
    public NpgsqlDataSource Primary { get; }

    /// <summary>The primary if there is one, otherwise a standby.</summary>
    public NpgsqlDataSource Reading { get; }

    /// <summary>As <see cref="Reading"/>, with a new connection each time.</summary>
    public NpgsqlDataSource UnpooledReading { get; }

    /// <summary>A standby if there is one, for evidence.</summary>
    public NpgsqlDataSource Replica { get; }

    /// <summary>For the writer.</summary>
    public NpgsqlDataSource Writing { get; }

    /// <summary>May change the schema.</summary>
    public NpgsqlDataSource Owner { get; }

    /// <summary>For long reads from one snapshot.</summary>
    public NpgsqlDataSource Snapshots { get; }

    /// <summary>For LISTEN, which needs a direct connection; null where the revision is polled.</summary>
    public NpgsqlDataSource? Notifying { get; }

    public bool HasReplica => Replica != Reading;

    public void Dispose()
    {
        foreach (var source in new[] { Primary, Reading, UnpooledReading, Replica, Writing, Owner, Snapshots, Notifying })
        {
            source?.Dispose();
        }
    }

    /// <exception cref="StoragePreconditionException">The connection string is malformed. It is not quoted, because it may contain a password.</exception>
    private static NpgsqlConnectionStringBuilder ParseConnectionString(string connectionString, string setting)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true };
            settings.ApplicationName ??= ServiceName;
            if (!settings.ShouldSerialize("Timeout"))
            {
                settings.Timeout = ConnectTimeoutSeconds;
            }

            return settings;
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            throw new StoragePreconditionException(
                $"Storage__{setting} is not in Npgsql's form, for example Host=db;Database=realrelationship;Username=realrelationship;Password=…", error);
        }
    }

    // For dedicated connections with statements of any duration.
    private static NpgsqlConnectionStringBuilder WithoutTimeouts(string connectionString, string setting)
    {
        var settings = ParseConnectionString(connectionString, setting);
        (settings.Pooling, settings.CommandTimeout) = (false, 0);
        return settings;
    }

    private static NpgsqlDataSource CreateDataSource(NpgsqlConnectionStringBuilder settings) =>
        IsCluster(settings) ? new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : NpgsqlDataSource.Create(settings);

    // In a cluster: the primary, the primary if there is one, and a standby for evidence. The three share one pool.
    private static (NpgsqlDataSource Primary, NpgsqlDataSource Reading, NpgsqlDataSource Replica) CreateDataSources(NpgsqlConnectionStringBuilder settings)
    {
        if (!IsCluster(settings))
        {
            var only = NpgsqlDataSource.Create(settings);
            return (only, only, only);
        }

        var hosts = new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost();
        return (hosts.WithTargetSession(TargetSessionAttributes.Primary), hosts.WithTargetSession(TargetSessionAttributes.PreferPrimary),
            hosts.WithTargetSession(TargetSessionAttributes.PreferStandby));
    }

    private static bool IsCluster(NpgsqlConnectionStringBuilder settings) => settings.Host?.Contains(',', StringComparison.Ordinal) == true;
}
