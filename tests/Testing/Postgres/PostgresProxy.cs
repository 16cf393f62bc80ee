using System.Net;
using System.Net.Sockets;
using System.Text;

using Npgsql;

namespace RealRelationship.Testing.Postgres;

/// <summary>The network between a service and PostgreSQL, which can be cut at the worst moment.</summary>
internal sealed class PostgresProxy : IDisposable
{
    private static readonly byte[] s_commitMessage = Encoding.ASCII.GetBytes("COMMIT\0");
    private static readonly byte[] s_serverVersion = Encoding.ASCII.GetBytes("server_version\0");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private NpgsqlConnectionStringBuilder _server;
    private int _pendingDrop = (int)CommitDrop.None;
    private byte[]? _dropAfter;
    private volatile NetworkStream? _discardedServer;

    public PostgresProxy(string connectionString)
    {
        _server = new(connectionString);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The same database, by way of this wire.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ToString())
    {
        Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port, SslMode = SslMode.Disable,
    }.ToString();

    /// <summary>The two digits of the version that the server seems to have; its own when null.</summary>
    public string? ReportedVersion { get; init; }

    /// <summary>Whether it accepts no connections after a response was dropped.</summary>
    public bool ClosesAfterDrop { get; init; }

    /// <summary>A text in a request that <see cref="HasSeenRequest"/> reports.</summary>
    public string? WatchedRequest { get; init; }

    public bool HasSeenRequest { get; private set; }

    /// <summary>Whether what was to be cut was cut already.</summary>
    public bool HasDropped => Volatile.Read(ref _pendingDrop) == (int)CommitDrop.None && Volatile.Read(ref _dropAfter) is null;

    /// <summary>Cuts the connection on which the next COMMIT is sent.</summary>
    public void DropNextCommit(CommitDrop where) => Volatile.Write(ref _pendingDrop, (int)where);

    /// <summary>Cuts the connection right after the server sends this text.</summary>
    public void DropResponseAfter(string text) => Volatile.Write(ref _dropAfter, Encoding.UTF8.GetBytes(text));

    /// <summary>Leads new connections to another server.</summary>
    public void Redirect(string connectionString) => _server = new(connectionString);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = RelayAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The wire is gone.
        }
    }

    private async Task RelayAsync(TcpClient service)
    {
        using var server = new TcpClient();
        using (service)
        {
            try
            {
                await server.ConnectAsync(_server.Host!, _server.Port);
                await Task.WhenAny(ForwardRequestsAsync(service.GetStream(), server.GetStream()),
                    ForwardResponsesAsync(server.GetStream(), service.GetStream()));
            }
            catch (Exception error) when (error is SocketException or IOException)
            {
                // One of the two hung up.
            }
        }
    }

    private async Task ForwardRequestsAsync(NetworkStream service, NetworkStream server)
    {
        var buffer = new byte[65536];
        while (await service.ReadAsync(buffer) is var length and > 0)
        {
            if (WatchedRequest is { } watched && buffer.AsSpan(0, length).IndexOf(Encoding.UTF8.GetBytes(watched)) >= 0)
            {
                HasSeenRequest = true;
            }

            var cut = buffer.AsSpan(0, length).IndexOf(s_commitMessage) >= 0 ? (CommitDrop)Interlocked.Exchange(ref _pendingDrop, (int)CommitDrop.None)
                : CommitDrop.None;
            if (cut == CommitDrop.BeforeServer)
            {
                return;
            }

            if (cut == CommitDrop.BeforeResponse)
            {
                // From here on nothing sent by the server is forwarded.
                _discardedServer = server;
                if (ClosesAfterDrop)
                {
                    _listener.Stop();
                }
            }

            await server.WriteAsync(buffer.AsMemory(0, length));
        }
    }

    private async Task ForwardResponsesAsync(NetworkStream server, NetworkStream service)
    {
        var buffer = new byte[65536];
        while (await server.ReadAsync(buffer) is var length and > 0)
        {
            if (ReferenceEquals(_discardedServer, server))
            {
                return;
            }

            if (ReportedVersion is { } version && buffer.AsSpan(0, length).IndexOf(s_serverVersion) is var at and >= 0)
            {
                Encoding.ASCII.GetBytes(version, buffer.AsSpan(at + s_serverVersion.Length));
            }

            if (Volatile.Read(ref _dropAfter) is { } last && buffer.AsSpan(0, length).IndexOf(last) is var end and >= 0
                && Interlocked.Exchange(ref _dropAfter, null) is not null)
            {
                await service.WriteAsync(buffer.AsMemory(0, end + last.Length));
                return;
            }

            await service.WriteAsync(buffer.AsMemory(0, length));
        }
    }
}

internal enum CommitDrop
{
    None,

    /// <summary>The COMMIT never reaches the server.</summary>
    BeforeServer,

    /// <summary>The server has committed, but its response is lost.</summary>
    BeforeResponse,
}
