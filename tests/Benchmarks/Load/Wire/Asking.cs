namespace Benchmarks.Load.Wire;

/// <summary>What clients ask for.</summary>
/// <param name="next">The bytes of the next request; any thread may ask for them.</param>
/// <param name="accepted">Statuses that it should be answered with.</param>
internal sealed class Asking(Func<byte[]> next, params int[] accepted)
{
    private long _number;

    public byte[] Next() => next();

    public bool Accepts(int status) => Array.IndexOf(accepted, status) >= 0;

    /// <summary>The same bytes each time.</summary>
    public static Asking Always(byte[] request, params int[] accepted) => new(() => request, accepted);

    /// <summary>Other bytes each time.</summary>
    /// <param name="make">From a number that comes once.</param>
    /// <param name="accepted">Statuses that it should be answered with.</param>
    public static Asking Each(Func<long, byte[]> make, params int[] accepted)
    {
        Asking? asking = null;
        return asking = new Asking(() => make(Interlocked.Increment(ref asking!._number)), accepted);
    }
}
