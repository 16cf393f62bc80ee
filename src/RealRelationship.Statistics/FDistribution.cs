namespace RealRelationship.Statistics;

/// <summary>The F distribution.</summary>
public static class FDistribution
{
    /// <summary>P(X ≤ x).</summary>
    /// <param name="x">Any number.</param>
    /// <param name="df1">Numerator degrees of freedom, positive.</param>
    /// <param name="df2">Denominator degrees of freedom, positive.</param>
    public static double LowerTail(double x, double df1, double df2) => throw new NotSupportedException("Not yet.");

    /// <summary>P(X &gt; x), without loss of digits where it is small.</summary>
    /// <param name="x">Any number.</param>
    /// <param name="df1">Numerator degrees of freedom, positive.</param>
    /// <param name="df2">Denominator degrees of freedom, positive.</param>
    public static double UpperTail(double x, double df1, double df2) => throw new NotSupportedException("Not yet.");

    /// <summary>ln P(X &gt; x), also where the probability underflows.</summary>
    /// <param name="x">Any number.</param>
    /// <param name="df1">Numerator degrees of freedom, positive.</param>
    /// <param name="df2">Denominator degrees of freedom, positive.</param>
    public static double LogUpperTail(double x, double df1, double df2) => throw new NotSupportedException("Not yet.");

    /// <summary>The x with P(X ≤ x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <param name="df1">Numerator degrees of freedom, positive.</param>
    /// <param name="df2">Denominator degrees of freedom, positive.</param>
    public static double Quantile(double p, double df1, double df2) => throw new NotSupportedException("Not yet.");

    /// <summary>The x with P(X &gt; x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <param name="df1">Numerator degrees of freedom, positive.</param>
    /// <param name="df2">Denominator degrees of freedom, positive.</param>
    public static double UpperQuantile(double p, double df1, double df2) => throw new NotSupportedException("Not yet.");
}
