using System.Numerics;
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
        Guard.ValidEffects(estimates, variances);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        var k = estimates.Length;
        var fitter = new SubsetFitter(estimates, variances, estimator);
        var members = new int[k];
        if (k <= MaxExhaustive)
        {
            var count = (1 << k) - 1;
            for (var mask = 1u; mask <= count; mask++)
            {
                CancellationScope.ThrowIfCancelled((int)mask);
                var size = 0;
                for (var rest = mask; rest != 0; rest &= rest - 1)
                {
                    members[size++] = BitOperations.TrailingZeroCount(rest);
                }
                observe(members.AsSpan(0, size), fitter.Fit(members.AsSpan(0, size)));
            }
            return count;
        }
        var chance = new SplitMix64(seed);
        for (var draw = 0; draw < samples; draw++)
        {
            CancellationScope.ThrowIfCancelled();
            var size = Draw(chance, members);
            observe(members.AsSpan(0, size), fitter.Fit(members.AsSpan(0, size)));
        }
        return samples;
    }

    /// <summary>Every effect with probability ½; an empty subset is drawn again.</summary>
    private static int Draw(SplitMix64 chance, int[] members)
    {
        var size = 0;
        while (size == 0)
        {
            var bits = 0UL;
            for (var i = 0; i < members.Length; i++)
            {
                bits = i % 64 == 0 ? chance.NextUInt64() : bits >> 1;
                if ((bits & 1) != 0)
                {
                    members[size++] = i;
                }
            }
        }
        return size;
    }

    /// <summary>Fits subsets of the same effects, in arrays that are kept.</summary>
    private sealed class SubsetFitter(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, TauSquaredEstimator estimator)
    {
        private readonly double[] _allY = estimates.ToArray();
        private readonly double[] _allV = variances.ToArray();
        private readonly double[] _y = new double[estimates.Length];
        private readonly double[] _v = new double[estimates.Length];
        private readonly ModelOptions _options = new() { Estimator = estimator, Test = CoefficientTest.Normal };

        public GoshSubset Fit(ReadOnlySpan<int> members)
        {
            for (var i = 0; i < members.Length; i++)
            {
                (_y[i], _v[i]) = (_allY[members[i]], _allV[members[i]]);
            }
            if (members.Length == 1)
            {
                return new GoshSubset(1, _y[0], 0, 0);
            }
            var fit = MeanModel.Fit(_y.AsSpan(0, members.Length), _v.AsSpan(0, members.Length), _options);
            return new GoshSubset(members.Length, fit.Mean, fit.ISquared ?? 0, fit.TauSquared);
        }
    }
}
