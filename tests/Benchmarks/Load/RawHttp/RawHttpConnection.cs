using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Load.RawHttp;

/// <summary>A client connection that sends prepared bytes and reads one response with minimal work,
/// because it shares the processors with the measured server.</summary>
/// <param name="server">Where to.</param>
/// <param name="keepAlive">Whether one connection serves all requests; otherwise each request opens its own.</param>
internal sealed class RawHttpConnection(IPEndPoint server, bool keepAlive = true) : IDisposable
{
    private readonly RawHttpResponse _answer = new();
    private Socket? _socket;

    /// <summary>The last response; valid until the next request.</summary>
    public ReadOnlySpan<byte> Body => _answer.Body;

    /// <summary>Head of the last response.</summary>
    public string Head => _answer.Head;

    /// <summary>Sends a request and waits for its response on this thread.</summary>
    /// <returns>The status.</returns>
    public int Send(ReadOnlySpan<byte> request)
    {
        _socket ??= Open();
        while (!request.IsEmpty)
        {
            request = request[_socket.Send(request)..];
        }

        _answer.Reset();
        while (!_answer.Append(_socket.Receive(_answer.FreeSpace), keepAlive))
        {
        }

        return CompleteResponse();
    }

    /// <inheritdoc cref="Send"/>
    public async Task<int> SendAsync(ReadOnlyMemory<byte> request)
    {
        _socket ??= Open();
        while (!request.IsEmpty)
        {
            request = request[await _socket.SendAsync(request)..];
        }

        _answer.Reset();
        while (!_answer.Append(await _socket.ReceiveAsync(_answer.FreeMemory), keepAlive))
        {
        }

        return CompleteResponse();
    }

    /// <summary>Gives the connection up, so that the next request opens another.</summary>
    public void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    public void Dispose() => Close();

    private int CompleteResponse()
    {
        if (!keepAlive)
        {
            Close();
        }

        return _answer.Status;
    }

    private Socket Open()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server);
        return socket;
    }
}
