using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Load.RawHttp;

/// <summary>One client's connection: sends bytes that were made before and reads one answer, with as little work as can be,
/// because it shares the processors with what it measures.</summary>
/// <param name="server">Where to.</param>
/// <param name="keepAlive">Whether one connection serves all requests; otherwise each has its own, and the answer ends with it.</param>
internal sealed class RawHttpConnection(IPEndPoint server, bool keepAlive = true) : IDisposable
{
    private readonly RawHttpResponse _answer = new();
    private Socket? _socket;

    /// <summary>What the last answer brought; valid until the next is asked for.</summary>
    public ReadOnlySpan<byte> Body => _answer.Body;

    /// <summary>The head of the last answer.</summary>
    public string Head => _answer.Head;

    /// <summary>Sends a request and waits for its answer on this thread.</summary>
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
