namespace RealRelationship.Statistics;

/// <summary>A weight function w(p; δ) of the one-sided p-value, prepared for A = E w(P(N &gt; X)) over X = y/√v, y ~ N(m, s²).</summary>
/// <remarks>
/// A = c + Σ cₖ P(X beyond tₖ) + Σ gⱼ φ(uⱼ)√v/s. A step function has terms of the first two kinds alone; a continuous function has a tail term at each
/// end, beyond which it is constant, and a quadrature rule between. Coefficients are arrays by derivative: the value, its derivatives by the free
/// parameters, then those by pairs of them (<see cref="Pair"/>). They are refreshed by <see cref="SetParameters"/>.
/// </remarks>
internal abstract class SelectionWeights
{
    protected SelectionWeights(int free, int tails, int nodes)
    {
        Free = free;
        Orders = 1 + free + free * (free + 1) / 2;
        (TailPoints, IsLowerTail, Nodes) = (new double[tails], new bool[tails], new double[nodes]);
        (Constant, Tails, NodeValues) = (new double[Orders], Columns(tails), Columns(nodes));
    }

    /// <summary>Number of free parameters.</summary>
    public int Free { get; }

    /// <summary>Value, first and second derivatives.</summary>
    public int Orders { get; }

    /// <summary>Bounds of every free parameter.</summary>
    public abstract (double Lower, double Upper) Bounds { get; }

    public double[] TailPoints { get; }

    /// <summary>True for a term that holds below its point, false for one above.</summary>
    public bool[] IsLowerTail { get; }

    public double[] Nodes { get; }

    public double[] Constant { get; }

    public double[][] Tails { get; }

    public double[][] NodeValues { get; }

    /// <summary>The parameters δ, their derivatives by the own free parameter (0 where fixed), and the index of that parameter (−1 where fixed).</summary>
    public abstract (double Delta, double Slope, int Index)[] Deltas(ReadOnlySpan<double> free);

    public abstract void SetParameters(ReadOnlySpan<double> free);

    /// <summary>ln w of an observed effect with its derivatives, in the same order.</summary>
    public abstract void LogWeight(int effect, Span<double> values);

    /// <summary>A start of the free parameters, given the probability of each tail term summed over effects.</summary>
    public abstract double[] Start(double[] expectedTails, int effects);

    /// <summary>Place of the second derivative by two free parameters, a ≥ b.</summary>
    public int Pair(int a, int b) => 1 + Free + a * (a + 1) / 2 + b;

    private double[][] Columns(int length) => [.. Enumerable.Range(0, Orders).Select(_ => new double[length])];
}
