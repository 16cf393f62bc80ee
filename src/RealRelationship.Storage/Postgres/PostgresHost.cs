using Dapper;

using Npgsql;

namespace RealRelationship.Storage.Postgres;

/// <summary>One server of a cluster, and what it last reported.</summary>
internal sealed class PostgresHost : IDisposable
{
    private static readonly TimeSpan s_responseTimeout = TimeSpan.FromSeconds(3);

    private readonly PostgresTimeline _timeline;
    private readonly NpgsqlDataSource _probe;
    private volatile CancellationTokenSource _responding = new();
    private volatile State _state = new(null, null);

    /// <param name="settings">Connection settings with this host only.</param>
    /// <param name="timeline">Remembers the highest timeline.</param>
    public PostgresHost(NpgsqlConnectionStringBuilder settings, PostgresTimeline timeline)
    {
        (Address, _timeline) = (settings.Host!, timeline);
        // No timeout of the driver: it would send a cancel request to a server that does not respond, and wait for that.
        _probe = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            ApplicationName = $"{PostgresDataSources.ServiceName} host check", CommandTimeout = 0, MinPoolSize = 0,
        });
    }

    public string Address { get; }

    /// <summary>The timeline that it writes; 0 for a standby, null while it does not respond.</summary>
    public long? Timeline => _state.Timeline;

    /// <summary>Why it does not respond.</summary>
    public Exception? Error => _state.Error;

    /// <summary>Cancelled when it stops responding.</summary>
    public CancellationToken Responding => _responding.Token;

    /// <summary>Whether it accepts writes and was not replaced by another server.</summary>
    public bool IsPrimary => Timeline > 0 && Timeline >= _timeline.Highest;

    public bool IsStandby => Timeline == 0;

    /// <summary>Asks the server for its timeline.</summary>
    public async Task ProbeAsync()
    {
        var probe = QueryTimelineAsync();
        try
        {
            var timeline = await probe.WaitAsync(s_responseTimeout);
            _timeline.Observe(timeline);
            if (_responding.IsCancellationRequested)
            {
                _responding = new();
            }

            _state = new(timeline, null);
        }
        catch (Exception error)
        {
            // The connection is closed when the server responds after all.
            _ = probe.ContinueWith(late => late.Exception, TaskScheduler.Default);
            _state = new(null, error);
            await _responding.CancelAsync();
        }
    }

    public void Dispose()
    {
        _probe.Dispose();
        _responding.Dispose();
    }

    /// <summary>Address and state, for messages.</summary>
    public override string ToString() => Timeline switch
    {
        null when Error is TimeoutException => $"{Address}: no response",
        null => $"{Address}: {Error?.Message ?? "no response"}",
        0 => $"{Address}: standby",
        var timeline => $"{Address}: {(IsPrimary ? "primary" : "replaced primary")} of timeline {timeline}",
    };

    private async Task<long> QueryTimelineAsync()
    {
        await using var connection = await _probe.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<long>($"SELECT {PostgresTimeline.Sql}");
    }

    private sealed record State(long? Timeline, Exception? Error);
}
