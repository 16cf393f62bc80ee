namespace RealRelationship.Statistics;

/// <summary>Chance from a seed, the same on every runtime: Steele, Lea and Flood 2014, Fast splittable pseudorandom number generators, OOPSLA.</summary>
internal sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong NextUInt64()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to below <paramref name="exclusiveMax"/>, which is positive.</summary>
    public int NextInt32(int exclusiveMax) => (int)Math.BigMul(NextUInt64(), (ulong)exclusiveMax, out _);
}
