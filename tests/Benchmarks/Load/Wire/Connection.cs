using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Load.Wire;

/// <summary>One client's connection: sends bytes that were made before and reads one answer, with as little work as can be, because it shares the processors with what it measures.</summary>
/// <param name="server">Where to.</param>
/// <param name="isKept">Whether one connection serves all requests; otherwise each has its own, and the answer ends with it.</param>
internal sealed class Connection(IPEndPoint server, bool isKept = true) : IDisposable
{
    private readonly Answer _answer = new();
    private Socket? _socket;

    /// <summary>What the last answer brought; valid until the next is asked for.</summary>
    public ReadOnlySpan<byte> Body => _answer.Body;

    /// <summary>The head of the last answer.</summary>
    public string Head => _answer.Head;

    /// <summary>Sends a request and waits for its answer on this thread.</summary>
    /// <returns>The status.</returns>
    public int Ask(ReadOnlySpan<byte> request)
    {
        _socket ??= Open();
        while (!request.IsEmpty)
        {
            request = request[_socket.Send(request)..];
        }

        _answer.Begin();
        while (!_answer.Take(_socket.Receive(_answer.Room), isKept))
        {
        }

        return Finish();
    }

    /// <inheritdoc cref="Ask"/>
    public async Task<int> AskAsync(ReadOnlyMemory<byte> request)
    {
        _socket ??= Open();
        while (!request.IsEmpty)
        {
            request = request[await _socket.SendAsync(request)..];
        }

        _answer.Begin();
        while (!_answer.Take(await _socket.ReceiveAsync(_answer.RoomInMemory), isKept))
        {
        }

        return Finish();
    }

    /// <summary>Gives the connection up, so that the next request opens another.</summary>
    public void Drop()
    {
        _socket?.Dispose();
        _socket = null;
    }

    public void Dispose() => Drop();

    private int Finish()
    {
        if (!isKept)
        {
            Drop();
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
