using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>The model of one subset of the effects.</summary>
/// <param name="Size">Number of effects.</param>
/// <param name="Effect">The mean.</param>
/// <param name="ISquared">Percent; 0 for one effect.</param>
/// <param name="TauSquared">0 for one effect.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct GoshSubset(int Size, double Effect, double ISquared, double TauSquared);

/// <summary>Takes the model of a subset as soon as it is fitted.</summary>
/// <param name="members">Indices of its effects, ascending; valid during the call.</param>
/// <param name="subset">The model.</param>
public delegate void GoshObserver(ReadOnlySpan<int> members, GoshSubset subset);

/// <summary>Graphical display of study heterogeneity: the model fitted to all subsets of the effects, or to a sample of them; Olkin, Dahabreh and
/// Trikalinos 2012, Research Synthesis Methods 3. Outliers and subgroups show as clusters of subsets.</summary>
public static class Gosh
{
    /// <summary>The most effects of which all subsets are fitted: 1,048,575 of them.</summary>
    public const int MaxExhaustive = 20;

    /// <summary>Fits the model to subsets, in a fixed order, each as soon as the one before was observed. Agrees with metafor's <c>gosh</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="observe">Takes each subset.</param>
    /// <param name="estimator">The estimator of τ².</param>
    /// <param name="samples">With more than <see cref="MaxExhaustive"/> effects: number of subsets drawn, each with the same probability among all that are
    /// not empty, with replacement; at least 1.</param>
    /// <param name="seed">Of the draws, which are the same on every machine.</param>
    /// <returns>Number of subsets.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance that is not positive.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static int Run(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, GoshObserver observe,
        TauSquaredEstimator estimator = TauSquaredEstimator.RestrictedMaximumLikelihood, int samples = 10_000, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(observe);
        var sequence = new GoshSequence(estimates, variances, estimator, samples, seed);
        while (sequence.MoveNext())
        {
            observe(sequence.Members, sequence.Current);
        }
        return sequence.Count;
    }
}
