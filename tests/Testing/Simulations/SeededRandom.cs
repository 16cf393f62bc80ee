namespace RealRelationship.Testing.Simulations;

/// <summary>Random numbers, the same for the same seed on every runtime: SplitMix64 (Steele, Lea and Flood 2014). Neighbouring seeds are unrelated, unlike
/// those of <see cref="Random"/>.</summary>
internal sealed class SeededRandom(int seed)
{
    private ulong _state = (ulong)seed * 0xD1342543DE82EF95; // far apart, so that the sequences of two seeds do not overlap

    /// <summary>Strictly between 0 and 1.</summary>
    public double Uniform() => ((Next() >> 12) + 0.5) / (1L << 52);

    public double Uniform(double low, double high) => low + (high - low) * Uniform();

    /// <summary>Standard normal.</summary>
    public double StandardNormal() => Math.Sqrt(-2 * Math.Log(Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>Normal with a mean and a variance.</summary>
    public double Normal(double mean, double variance) => mean + Math.Sqrt(variance) * StandardNormal();

    /// <summary>Both ends included.</summary>
    public int Integer(int low, int high) => low + (int)((high - low + 1) * Uniform());

    public double Choose(params ReadOnlySpan<double> values) => values[Integer(0, values.Length - 1)];

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
