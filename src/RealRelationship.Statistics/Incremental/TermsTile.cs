using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RealRelationship.Statistics;

/// <summary>Sums of <see cref="NestedTerms"/> over samples at the Chebyshev points of a tile of both variances, interpolated between them.</summary>
internal sealed class TermsTile(LogScale between, LogScale within, int column, int row) : ISampleSums
{
    private const int Points = LogScale.Points;

    private readonly NestedTerms[] _sums = new NestedTerms[Points * Points];
    private readonly double[] _between = [.. Enumerable.Range(0, Points).Select(i => between.At(column, i))];
    private readonly double[] _within = [.. Enumerable.Range(0, Points).Select(i => within.At(row, i))];

    public void Clear() => Array.Clear(_sums);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(NestedSample sample)
    {
        for (var i = 0; i < _sums.Length; i++)
        {
            _sums[i] += sample.At(_between[i % Points], _within[i / Points]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TrySubtract(NestedSample sample)
    {
        var isExact = true;
        for (var i = 0; i < _sums.Length; i++)
        {
            var left = _sums[i] - sample.At(_between[i % Points], _within[i / Points]);
            isExact &= !left.HasLostDigits(_sums[i]);
            _sums[i] = left;
        }
        return isExact;
    }

    /// <summary>The sums at two variances of the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public NestedTerms At(double betweenVariance, double withinVariance)
    {
        Span<double> x = stackalloc double[Points], y = stackalloc double[Points];
        between.Weights(column, betweenVariance, x);
        within.Weights(row, withinVariance, y);
        var terms = MemoryMarshal.Cast<NestedTerms, Vector256<double>>(_sums);
        Vector256<double> first = default, second = default, third = default, fourth = default, fifth = default, sixth = default;
        for (var i = 0; i < _sums.Length; i++)
        {
            var weight = Vector256.Create(y[i / Points] * x[i % Points]);
            var at = terms.Slice(i * NestedTerms.Vectors, NestedTerms.Vectors);
            first += weight * at[0];
            second += weight * at[1];
            third += weight * at[2];
            fourth += weight * at[3];
            fifth += weight * at[4];
            sixth += weight * at[5];
        }
        return new(first, second, third, fourth, fifth, sixth);
    }
}
