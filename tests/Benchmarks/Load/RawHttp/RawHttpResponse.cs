using System.Buffers.Text;
using System.Text;

namespace Benchmarks.Load.RawHttp;

/// <summary>Incremental parser of an HTTP/1.1 response that only detects its end.</summary>
internal sealed class RawHttpResponse
{
    private const int StatusOffset = 9; // HTTP/1.1 200
    private const int InitialBufferSize = 64 * 1024;

    private byte[] _buffer = new byte[InitialBufferSize];
    private int _length;
    private int _bodyStart;
    private long _expectedLength;
    private Framing _framing;

    private enum Framing { Unknown, Length, Chunks, Connection }

    public int Status { get; private set; }

    public Span<byte> FreeSpace => FreeMemory.Span;

    public Memory<byte> FreeMemory
    {
        get
        {
            if (_length == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }

            return _buffer.AsMemory(_length);
        }
    }

    public string Head => Encoding.ASCII.GetString(_buffer, 0, _bodyStart);

    /// <summary>Body, including chunk headers if it is chunked.</summary>
    public ReadOnlySpan<byte> Body => _buffer.AsSpan(_bodyStart, _length - _bodyStart);

    public void Reset() => (_length, _bodyStart, _framing, Status) = (0, 0, Framing.Unknown, 0);

    /// <summary>Takes what was received.</summary>
    /// <returns>Whether the response is complete.</returns>
    public bool Append(int received, bool keepsConnection)
    {
        if (received == 0)
        {
            return !keepsConnection && _framing != Framing.Unknown ? true : throw new IOException("The connection was closed before the answer was whole.");
        }

        _length += received;
        if (_framing == Framing.Unknown)
        {
            ReadHead(keepsConnection);
        }

        return _framing switch
        {
            Framing.Length => _length - _bodyStart >= _expectedLength,
            // The JSON contains no line breaks, and no request is pipelined after this one.
            Framing.Chunks => Body.EndsWith("\r\n0\r\n\r\n"u8) || Body.SequenceEqual("0\r\n\r\n"u8),
            _ => false,
        };
    }

    private void ReadHead(bool keepsConnection)
    {
        var text = _buffer.AsSpan(0, _length);
        var end = text.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return;
        }

        _bodyStart = end + 4;
        var head = text[.._bodyStart];
        Status = Utf8Parser.TryParse(head[StatusOffset..], out int status, out _) ? status : throw new IOException("The answer is not HTTP.");
        (_framing, _expectedLength) = (keepsConnection, Status) switch
        {
            (false, _) => (Framing.Connection, 0),
            (_, 204 or 304) => (Framing.Length, 0),
            _ => ReadContentLength(head) is { } length ? (Framing.Length, length) : (Framing.Chunks, 0),
        };
    }

    private static long? ReadContentLength(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf("Content-Length: "u8);
        return at >= 0 && Utf8Parser.TryParse(head[(at + "Content-Length: ".Length)..], out long length, out _) ? length : null;
    }
}
