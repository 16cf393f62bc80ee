namespace RealRelationship.Statistics;

/// <summary>The standard normal distribution.</summary>
public static class Normal
{
    /// <summary>P(X ≤ x).</summary>
    /// <param name="x">Any number.</param>
    public static double LowerTail(double x) => throw new NotSupportedException("Not yet.");

    /// <summary>P(X &gt; x), without loss of digits where it is small.</summary>
    /// <param name="x">Any number.</param>
    public static double UpperTail(double x) => throw new NotSupportedException("Not yet.");

    /// <summary>ln P(X &gt; x), also where the probability underflows.</summary>
    /// <param name="x">Any number.</param>
    public static double LogUpperTail(double x) => throw new NotSupportedException("Not yet.");

    /// <summary>The x with P(X ≤ x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    public static double Quantile(double p) => throw new NotSupportedException("Not yet.");

    /// <summary>The x with P(X &gt; x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    public static double UpperQuantile(double p) => throw new NotSupportedException("Not yet.");
}
