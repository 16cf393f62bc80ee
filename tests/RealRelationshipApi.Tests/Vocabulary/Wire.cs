using System.Net;
using System.Net.Sockets;
using System.Text;

using Npgsql;

namespace RealRelationshipApi.Tests.Vocabulary;

/// <summary>The network between a service and PostgreSQL, which can be cut at the worst moment.</summary>
internal sealed class Wire : IDisposable
{
    private static readonly byte[] s_commit = Encoding.ASCII.GetBytes("COMMIT\0");
    private static readonly byte[] s_version = Encoding.ASCII.GetBytes("server_version\0");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly NpgsqlConnectionStringBuilder _server;
    private int _cut = (int)WireCut.None;
    private byte[]? _last;
    private volatile NetworkStream? _deaf;

    public Wire(string connectionString)
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
    public string? Version { get; init; }

    /// <summary>Whether what was to be cut was cut already.</summary>
    public bool HasCut => Volatile.Read(ref _cut) == (int)WireCut.None && Volatile.Read(ref _last) is null;

    /// <summary>Cuts the connection on which the next COMMIT is sent.</summary>
    public void CutNextCommit(WireCut where) => Volatile.Write(ref _cut, (int)where);

    /// <summary>Cuts the connection on which the server next says these words, right behind them.</summary>
    public void CutAnswerAfter(string words) => Volatile.Write(ref _last, Encoding.UTF8.GetBytes(words));

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The wire is gone.
        }
    }

    private async Task CarryAsync(TcpClient service)
    {
        using var server = new TcpClient();
        using (service)
        {
            try
            {
                await server.ConnectAsync(_server.Host!, _server.Port);
                await Task.WhenAny(AskAsync(service.GetStream(), server.GetStream()), AnswerAsync(server.GetStream(), service.GetStream()));
            }
            catch (Exception error) when (error is SocketException or IOException)
            {
                // One of the two hung up.
            }
        }
    }

    private async Task AskAsync(NetworkStream service, NetworkStream server)
    {
        var buffer = new byte[65536];
        while (await service.ReadAsync(buffer) is var length and > 0)
        {
            var cut = buffer.AsSpan(0, length).IndexOf(s_commit) >= 0 ? (WireCut)Interlocked.Exchange(ref _cut, (int)WireCut.None) : WireCut.None;
            if (cut == WireCut.BeforeTheServer)
            {
                return;
            }

            if (cut == WireCut.BeforeTheAnswer)
            {
                // From here on nothing of what the server says is passed on.
                _deaf = server;
            }

            await server.WriteAsync(buffer.AsMemory(0, length));
        }
    }

    private async Task AnswerAsync(NetworkStream server, NetworkStream service)
    {
        var buffer = new byte[65536];
        while (await server.ReadAsync(buffer) is var length and > 0)
        {
            if (ReferenceEquals(_deaf, server))
            {
                return;
            }

            if (Version is { } version && buffer.AsSpan(0, length).IndexOf(s_version) is var at and >= 0)
            {
                Encoding.ASCII.GetBytes(version, buffer.AsSpan(at + s_version.Length));
            }

            if (Volatile.Read(ref _last) is { } last && buffer.AsSpan(0, length).IndexOf(last) is var end and >= 0 && Interlocked.Exchange(ref _last, null) is not null)
            {
                await service.WriteAsync(buffer.AsMemory(0, end + last.Length));
                return;
            }

            await service.WriteAsync(buffer.AsMemory(0, length));
        }
    }
}

internal enum WireCut
{
    None,

    /// <summary>The COMMIT never reaches the server.</summary>
    BeforeTheServer,

    /// <summary>The server has committed, but its answer is lost.</summary>
    BeforeTheAnswer,
}
