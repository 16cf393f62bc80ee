namespace Benchmarks.Load.RawHttp;

/// <summary>What clients ask for.</summary>
/// <param name="next">The bytes of the next request; any thread may ask for them.</param>
/// <param name="accepted">Expected statuses.</param>
internal sealed class RequestSource(Func<byte[]> next, params int[] accepted)
{
    private long _count;

    public byte[] Next() => next();

    public bool Accepts(int status) => Array.IndexOf(accepted, status) >= 0;

    /// <summary>The same bytes each time.</summary>
    public static RequestSource Repeating(byte[] request, params int[] accepted) => new(() => request, accepted);

    /// <summary>Other bytes each time.</summary>
    /// <param name="make">From a number that comes once.</param>
    /// <param name="accepted">Expected statuses.</param>
    public static RequestSource Numbered(Func<long, byte[]> make, params int[] accepted)
    {
        RequestSource? asking = null;
        return asking = new RequestSource(() => make(Interlocked.Increment(ref asking!._count)), accepted);
    }
}
