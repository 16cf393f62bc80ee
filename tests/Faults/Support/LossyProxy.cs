using System.Net;
using System.Net.Sockets;

namespace Faults.Support;

/// <summary>A proxy between client and server that loses some of the responses along with the connection.</summary>
internal sealed class LossyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _server;
    private readonly Func<ReadOnlyMemory<byte>, bool> _losesResponse;
    private readonly Task _accepting;
    private int _lost;

    /// <param name="server">Whom it leads to.</param>
    /// <param name="losesResponse">Whether to lose the response to these bytes; called for each piece that a client sends.</param>
    public LossyProxy(IPEndPoint server, Func<ReadOnlyMemory<byte>, bool> losesResponse)
    {
        (_server, _losesResponse) = (server, losesResponse);
        _listener.Start(512);
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Number of lost responses.</summary>
    public int LostResponses => _lost;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = RelayAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient { NoDelay = true })
        {
            try
            {
                client.NoDelay = true;
                await server.ConnectAsync(_server, _stop.Token);
                var isLost = new Flag();
                await Task.WhenAny(ForwardRequestsAsync(client.GetStream(), server.GetStream(), isLost),
                    ForwardResponsesAsync(server.GetStream(), client.GetStream(), isLost));
            }
            catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException)
            {
                // Either side has left.
            }
        }
    }

    private async Task ForwardRequestsAsync(NetworkStream client, NetworkStream server, Flag isLost)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await client.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            isLost.Value |= _losesResponse(buffer.AsMemory(0, read));
            await server.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    // The request has been processed, but the client never gets the response.
    private async Task ForwardResponsesAsync(NetworkStream server, NetworkStream client, Flag isLost)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await server.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            if (isLost.Value)
            {
                Interlocked.Increment(ref _lost);
                return;
            }

            await client.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    private sealed class Flag
    {
        public volatile bool Value;
    }
}
