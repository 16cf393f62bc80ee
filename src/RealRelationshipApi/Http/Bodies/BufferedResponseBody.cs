namespace RealRelationshipApi.Http.Bodies;

/// <summary>Buffers a response; one beyond the maximum length is passed through.</summary>
internal sealed class BufferedResponseBody(Stream body, int maxBytes) : WriteOnlyStream
{
    // Fits most responses.
    private const int InitialCapacity = 8 * 1024;

    private readonly MemoryStream _buffer = new();
    private bool _hasOverflowed;

    /// <summary>The whole body; null if it was too long and was passed through.</summary>
    public ReadOnlyMemory<byte>? Content => _hasOverflowed ? default(ReadOnlyMemory<byte>?) : Buffered;

    private ReadOnlyMemory<byte> Buffered => _buffer.GetBuffer().AsMemory(0, (int)_buffer.Length);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_hasOverflowed && _buffer.Length + buffer.Length > maxBytes)
        {
            _hasOverflowed = true;
            await body.WriteAsync(Buffered, cancellationToken);
            _buffer.SetLength(0);
        }

        if (_hasOverflowed)
        {
            await body.WriteAsync(buffer, cancellationToken);
        }
        else
        {
            _buffer.Capacity = Math.Max(_buffer.Capacity, InitialCapacity);
            _buffer.Write(buffer.Span);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task FlushAsync(CancellationToken cancellationToken) => _hasOverflowed ? body.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Flush() => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _buffer.Dispose();
        base.Dispose(disposing);
    }
}
