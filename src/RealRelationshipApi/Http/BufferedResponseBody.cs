namespace RealRelationshipApi.Http;

/// <summary>Holds an answer back until it is whole; one that is longer than may be held goes out as it comes.</summary>
internal sealed class BufferedResponseBody(Stream body, int most) : WriteOnlyStream
{
    // Most answers are no longer.
    private const int UsualLength = 8 * 1024;

    private readonly MemoryStream _held = new();
    private bool _isTooLong;

    /// <summary>All that was written; null where it was too long, and has gone out.</summary>
    public ReadOnlyMemory<byte>? Whole => _isTooLong ? default(ReadOnlyMemory<byte>?) : Held;

    private ReadOnlyMemory<byte> Held => _held.GetBuffer().AsMemory(0, (int)_held.Length);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_isTooLong && _held.Length + buffer.Length > most)
        {
            _isTooLong = true;
            await body.WriteAsync(Held, cancellationToken);
            _held.SetLength(0);
        }

        if (_isTooLong)
        {
            await body.WriteAsync(buffer, cancellationToken);
        }
        else
        {
            _held.Capacity = Math.Max(_held.Capacity, UsualLength);
            _held.Write(buffer.Span);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task FlushAsync(CancellationToken cancellationToken) => _isTooLong ? body.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override void Flush() => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _held.Dispose();
        base.Dispose(disposing);
    }
}
