using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RealRelationship.Statistics;

/// <summary>Sums for the likelihood alone, on a grid of both variances.</summary>
internal sealed class GridSums(double[] axis) : ISampleSums
{
    private readonly Vector256<double>[] _sums = new Vector256<double>[axis.Length * axis.Length];

    public double[] Axis => axis;

    public void Clear() => Array.Clear(_sums);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(NestedSample sample)
    {
        for (var i = 0; i < _sums.Length; i++)
        {
            _sums[i] += sample.LikelihoodAt(axis[i % axis.Length], axis[i / axis.Length]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TrySubtract(NestedSample sample)
    {
        var isExact = true;
        for (var i = 0; i < _sums.Length; i++)
        {
            var left = _sums[i] - sample.LikelihoodAt(axis[i % axis.Length], axis[i / axis.Length]);
            isExact &= !NestedTerms.HaveLostDigits(left, _sums[i]);
            _sums[i] = left;
        }
        return isExact;
    }

    /// <summary>Local maxima of the likelihood after some changes.</summary>
    /// <param name="changes">Changes of samples that are not in the sums.</param>
    /// <param name="effects">Number of effects after them.</param>
    /// <param name="restricted">Which likelihood.</param>
    /// <param name="columns">Number of values of σ_b², from 0.</param>
    /// <param name="rows">Number of values of σ_w², from 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public IReadOnlyList<GridPeak> Peaks(IReadOnlyList<SampleChange> changes, int effects, bool restricted, int columns, int rows)
    {
        var values = new double[rows][];
        for (var row = 0; row < rows; row++)
        {
            values[row] = new double[columns];
            for (var column = 0; column < columns; column++)
            {
                var sums = _sums[row * axis.Length + column];
                foreach (var change in changes)
                {
                    sums += change.After?.LikelihoodAt(axis[column], axis[row]) ?? default;
                    sums -= change.Before?.LikelihoodAt(axis[column], axis[row]) ?? default;
                }
                values[row][column] = NestedTerms.LogLikelihood(sums, effects, restricted);
            }
        }
        return LikelihoodGrid.Peaks(values);
    }
}
