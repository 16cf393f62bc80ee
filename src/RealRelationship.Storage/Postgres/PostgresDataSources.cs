using Npgsql;

namespace RealRelationship.Storage.Postgres;

/// <summary>The data sources of a server or a cluster, by what a connection is for.</summary>
internal sealed class PostgresDataSources : IDisposable
{
    public const string ServiceName = "RealRelationshipApi";
    private const int ConnectTimeoutSeconds = 5;

    private readonly List<IDisposable> _disposables = [];

    /// <exception cref="StoragePreconditionException">A connection string is malformed.</exception>
    public PostgresDataSources(StorageOptions settings, PostgresTimeline timeline)
    {
        var main = CreateCluster(settings.ConnectionString!, nameof(settings.ConnectionString), timeline);
        Name = string.Join(',', main.Settings.Select(host => host.Host)) + $"/{main.Settings[0].Database}";
        Reading = CreateSource(main, ServerRole.PrimaryOrStandby, s => s.CommandTimeout = settings.ReadTimeoutSeconds);
        Primary = Reading.For(ServerRole.Primary);
        UnpooledReading = CreateSource(main, ServerRole.PrimaryOrStandby,
            s => (s.CommandTimeout, s.Pooling) = (settings.ReadTimeoutSeconds, false));
        Replica = settings.ReplicaConnectionString is { Length: > 0 } replica
            ? CreateSource(CreateCluster(replica, nameof(settings.ReplicaConnectionString), timeline), ServerRole.StandbyOrPrimary,
                s => s.CommandTimeout = settings.ReadTimeoutSeconds)
            : Reading.For(ServerRole.StandbyOrPrimary);
        HasReplica = main.HasSeveralHosts || settings.ReplicaConnectionString is { Length: > 0 };
        Writing = CreateSource(main, ServerRole.Primary,
            s => (s.CommandTimeout, s.CancellationTimeout, s.Pooling) = ((int)settings.WriteTimeout.TotalSeconds, -1, false));
        Snapshots = CreateSource(main, ServerRole.Primary, RemoveTimeout);
        Owner = settings.MigrationConnectionString is { } owner
            ? CreateSource(CreateCluster(owner, nameof(settings.MigrationConnectionString), timeline), ServerRole.Primary, RemoveTimeout)
            : Snapshots;
        if (settings.NotifyConnectionString is { Length: > 0 } notify)
        {
            Notifying = CreateSource(CreateCluster(notify, nameof(settings.NotifyConnectionString), timeline), ServerRole.Primary,
                s => (s.CommandTimeout, s.Pooling) = (settings.ReadTimeoutSeconds, false));
        }
    }

    /// <summary>Hosts and database; contains no secrets.</summary>
    public string Name { get; }

    /// <summary>Only the primary.</summary>
    public PostgresSource Primary { get; }

    /// <summary>The primary if there is one, otherwise a standby.</summary>
    public PostgresSource Reading { get; }

    /// <summary>As <see cref="Reading"/>, with a new connection each time.</summary>
    public PostgresSource UnpooledReading { get; }

    /// <summary>A standby if there is one, for evidence.</summary>
    public PostgresSource Replica { get; }

    public bool HasReplica { get; }

    /// <summary>For the writer.</summary>
    public PostgresSource Writing { get; }

    /// <summary>May change the schema.</summary>
    public PostgresSource Owner { get; }

    /// <summary>For long reads from one snapshot.</summary>
    public PostgresSource Snapshots { get; }

    /// <summary>For LISTEN, which needs a direct connection; null where the revision is polled.</summary>
    public PostgresSource? Notifying { get; }

    public void Dispose() => _disposables.ForEach(disposable => disposable.Dispose());

    private PostgresCluster CreateCluster(string connectionString, string setting, PostgresTimeline timeline)
    {
        var cluster = new PostgresCluster(ParseConnectionString(connectionString, setting), timeline);
        _disposables.Add(cluster);
        return cluster;
    }

    private PostgresSource CreateSource(PostgresCluster cluster, ServerRole role, Action<NpgsqlConnectionStringBuilder> configure)
    {
        var source = new PostgresSource(cluster, role, configure);
        _disposables.Add(source);
        return source;
    }

    // For dedicated connections with statements of any duration.
    private static void RemoveTimeout(NpgsqlConnectionStringBuilder settings) => (settings.Pooling, settings.CommandTimeout) = (false, 0);

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
}
