using Npgsql;

namespace RealRelationship.Storage.Postgres;

/// <summary>Connections for one purpose to the servers of a cluster.</summary>
internal sealed class PostgresSource : IDisposable
{
    private readonly PostgresCluster _cluster;
    private readonly ServerRole _role;
    private readonly IReadOnlyList<NpgsqlDataSource> _hosts;

    /// <param name="cluster">The servers.</param>
    /// <param name="role">Which of them.</param>
    /// <param name="configure">Changes the connection settings for this purpose.</param>
    public PostgresSource(PostgresCluster cluster, ServerRole role, Action<NpgsqlConnectionStringBuilder>? configure = null)
    {
        (_cluster, _role) = (cluster, role);
        _hosts = [.. cluster.Settings.Select(host =>
        {
            var own = new NpgsqlConnectionStringBuilder(host.ConnectionString);
            configure?.Invoke(own);
            return NpgsqlDataSource.Create(own);
        })];
    }

    private PostgresSource(PostgresSource other, ServerRole role) => (_cluster, _role, _hosts) = (other._cluster, role, other._hosts);

    /// <summary>The same connections, for other servers.</summary>
    public PostgresSource For(ServerRole role) => new(this, role);

    /// <exception cref="NpgsqlException">No such server can be reached.</exception>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var (position, _) = (await _cluster.FindAsync(_role))[0];
        return await _hosts[position].OpenConnectionAsync(cancellationToken);
    }

    /// <inheritdoc cref="OpenAsync"/>
    public NpgsqlConnection Open()
    {
        var (position, _) = _cluster.FindAsync(_role).AsTask().GetAwaiter().GetResult()[0];
        return _hosts[position].OpenConnection();
    }

    /// <summary>Runs work on the first of these servers on which it succeeds. A server that stops responding meanwhile is passed over:
    /// the work goes on there, without a caller, until the server responds again or the work times out.</summary>
    /// <param name="work">Opens a connection to the server and reads.
    /// Throws <see cref="PostgresConnectionLostException"/> if another server may succeed.</param>
    public async Task<T> RunAsync<T>(Func<NpgsqlDataSource, Task<T>> work)
    {
        var hosts = await _cluster.FindAsync(_role);
        for (var i = 0; ; i++)
        {
            var (position, host) = hosts[i];
            try
            {
                return _cluster.HasSeveralHosts ? await RunWhileRespondingAsync(host, () => work(_hosts[position])) : await work(_hosts[position]);
            }
            catch (PostgresConnectionLostException) when (i + 1 < hosts.Count)
            {
                // The next one.
            }
        }
    }

    public void Dispose()
    {
        foreach (var host in _hosts)
        {
            host.Dispose();
        }
    }

    // The driver cannot be interrupted within a synchronous read.
    private static async Task<T> RunWhileRespondingAsync<T>(PostgresHost host, Func<Task<T>> work)
    {
        var responding = host.Responding;
        var running = Task.Run(work, CancellationToken.None);
        try
        {
            return await running.WaitAsync(responding);
        }
        catch (OperationCanceledException) when (responding.IsCancellationRequested && !running.IsCompleted)
        {
            _ = running.ContinueWith(late => late.Exception, TaskScheduler.Default);
            throw new PostgresConnectionLostException($"PostgreSQL stopped responding: {host}", null);
        }
    }
}

/// <summary>The connection failed; the same work may succeed on another one.</summary>
internal sealed class PostgresConnectionLostException(string message, Exception? inner) : NpgsqlException(message, inner);
