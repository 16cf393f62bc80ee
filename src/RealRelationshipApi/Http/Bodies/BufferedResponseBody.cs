using System.Buffers;

namespace RealRelationshipApi.Http.Bodies;

/// <summary>Buffers a response in pooled chunks; one beyond the maximum length is passed through.</summary>
internal sealed class BufferedResponseBody(Stream body, int maxBytes) : WriteOnlyStream
{
    // The first fits most responses; the others stay off the large object heap.
    private const int FirstChunkBytes = 8 * 1024;
    private const int ChunkBytes = 64 * 1024;

    private readonly List<(byte[] Bytes, int Length)> _chunks = [];
    private int _length;
    private bool _hasOverflowed;

    /// <summary>The whole body; null if it was too long and was passed through.</summary>
    public byte[]? ToArray()
    {
        if (_hasOverflowed)
        {
            return null;
        }

        var (whole, at) = (GC.AllocateUninitializedArray<byte>(_length), 0);
        foreach (var (bytes, length) in _chunks)
        {
            bytes.AsSpan(0, length).CopyTo(whole.AsSpan(at));
            at += length;
        }

        return whole;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_hasOverflowed && _length + buffer.Length > maxBytes)
        {
            _hasOverflowed = true;
            foreach (var (bytes, length) in _chunks)
            {
                await body.WriteAsync(bytes.AsMemory(0, length), cancellationToken);
            }

            Release();
        }

        if (_hasOverflowed)
        {
            await body.WriteAsync(buffer, cancellationToken);
        }
        else
        {
            Append(buffer.Span);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task FlushAsync(CancellationToken cancellationToken) => _hasOverflowed ? body.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Flush() => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        Release();
        base.Dispose(disposing);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        while (bytes.Length > 0)
        {
            if (_chunks.Count == 0 || _chunks[^1].Length == _chunks[^1].Bytes.Length)
            {
                _chunks.Add((ArrayPool<byte>.Shared.Rent(_chunks.Count == 0 ? Math.Max(FirstChunkBytes, Math.Min(bytes.Length, ChunkBytes)) : ChunkBytes), 0));
            }

            var (chunk, used) = _chunks[^1];
            var count = Math.Min(bytes.Length, chunk.Length - used);
            bytes[..count].CopyTo(chunk.AsSpan(used));
            _chunks[^1] = (chunk, used + count);
            bytes = bytes[count..];
        }
    }

    private void Release()
    {
        foreach (var (bytes, _) in _chunks)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        _chunks.Clear();
    }
}
