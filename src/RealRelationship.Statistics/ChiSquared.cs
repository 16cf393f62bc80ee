namespace RealRelationship.Statistics;

/// <summary>The χ² distribution.</summary>
public static class ChiSquared
{
    /// <summary>P(X ≤ x).</summary>
    /// <param name="x">Any number.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    public static double LowerTail(double x, double df) => throw new NotSupportedException("Not yet.");

    /// <summary>P(X &gt; x), without loss of digits where it is small.</summary>
    /// <param name="x">Any number.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    public static double UpperTail(double x, double df) => throw new NotSupportedException("Not yet.");

    /// <summary>ln P(X &gt; x), also where the probability underflows.</summary>
    /// <param name="x">Any number.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    public static double LogUpperTail(double x, double df) => throw new NotSupportedException("Not yet.");

    /// <summary>The x with P(X ≤ x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    public static double Quantile(double p, double df) => throw new NotSupportedException("Not yet.");

    /// <summary>The x with P(X &gt; x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    public static double UpperQuantile(double p, double df) => throw new NotSupportedException("Not yet.");
}
