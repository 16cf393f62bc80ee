using System.Numerics;

namespace RealRelationship.Statistics;

/// <summary>The subsets of <see cref="Gosh.Run"/> in the same order, each fitted when it is read: for a caller that writes them as they come.</summary>
/// <example><code>
/// var sequence = new GoshSequence(estimates, variances);
/// while (sequence.MoveNext())
/// {
///     Write(sequence.Members, sequence.Current);
/// }
/// </code></example>
public sealed class GoshSequence
{
    private readonly double[] _allY;
    private readonly double[] _allV;
    private readonly double[] _y;
    private readonly double[] _v;
    private readonly int[] _members;
    private readonly ModelOptions _options;
    private readonly SplitMix64? _chance;
    private int _position;
    private int _size;

    /// <summary>Before the first subset.</summary>
    /// <inheritdoc cref="Gosh.Run" path="/param"/>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance that is not positive.</exception>
    public GoshSequence(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances,
        TauSquaredEstimator estimator = TauSquaredEstimator.RestrictedMaximumLikelihood, int samples = 10_000, ulong seed = 1)
    {
        Guard.ValidEffects(estimates, variances);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        var k = estimates.Length;
        (_allY, _allV, _y, _v, _members) = (estimates.ToArray(), variances.ToArray(), new double[k], new double[k], new int[k]);
        _options = new() { Estimator = estimator, Test = CoefficientTest.Normal };
        (Count, _chance) = k <= Gosh.MaxExhaustive ? ((1 << k) - 1, null) : (samples, new SplitMix64(seed));
    }

    /// <summary>Number of subsets.</summary>
    public int Count { get; }

    /// <summary>The model of the subset.</summary>
    public GoshSubset Current { get; private set; }

    /// <summary>Indices of its effects, ascending; valid until the next one is read.</summary>
    public ReadOnlySpan<int> Members => _members.AsSpan(0, _size);

    /// <summary>Fits the next subset.</summary>
    /// <returns>False after the last one.</returns>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public bool MoveNext()
    {
        if (_position == Count)
        {
            return false;
        }
        _position++;
        if (_chance is null)
        {
            CancellationScope.ThrowIfCancelled(_position);
            Choose((uint)_position);
        }
        else
        {
            CancellationScope.ThrowIfCancelled();
            Draw(_chance);
        }
        Current = Fit();
        return true;
    }

    private void Choose(uint mask)
    {
        _size = 0;
        for (var rest = mask; rest != 0; rest &= rest - 1)
        {
            _members[_size++] = BitOperations.TrailingZeroCount(rest);
        }
    }

    /// <summary>Every effect with probability ½; an empty subset is drawn again.</summary>
    private void Draw(SplitMix64 chance)
    {
        _size = 0;
        while (_size == 0)
        {
            var bits = 0UL;
            for (var i = 0; i < _members.Length; i++)
            {
                bits = i % 64 == 0 ? chance.NextUInt64() : bits >> 1;
                if ((bits & 1) != 0)
                {
                    _members[_size++] = i;
                }
            }
        }
    }

    private GoshSubset Fit()
    {
        for (var i = 0; i < _size; i++)
        {
            (_y[i], _v[i]) = (_allY[_members[i]], _allV[_members[i]]);
        }
        if (_size == 1)
        {
            return new GoshSubset(1, _y[0], 0, 0);
        }
        var fit = MeanModel.Fit(_y.AsSpan(0, _size), _v.AsSpan(0, _size), _options);
        return new GoshSubset(_size, fit.Mean, fit.ISquared ?? 0, fit.TauSquared);
    }
}
