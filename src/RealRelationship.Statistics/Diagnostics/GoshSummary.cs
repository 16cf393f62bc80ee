namespace RealRelationship.Statistics;

/// <summary>What subsets with and without an effect say.</summary>
/// <param name="MeanWith">Mean of the pooled effects of subsets of at least two effects with it; null if there are none.</param>
/// <param name="MeanWithout">The same without it.</param>
/// <param name="ISquaredWith">Mean of I² with it, percent.</param>
/// <param name="ISquaredWithout">Mean of I² without it, percent.</param>
public sealed record GoshMember(double? MeanWith, double? MeanWithout, double? ISquaredWith, double? ISquaredWithout);

/// <summary>Quantiles and means over the subsets of <see cref="Gosh.Run"/>; pass <see cref="Add"/> as its observer.</summary>
public sealed class GoshSummary
{
    private readonly List<GoshSubset> _subsets = [];
    private readonly double[] _sums;
    private readonly double[] _squares;
    private readonly int[] _counts;
    private int _several;
    private double _sum;
    private double _iSum;

    /// <summary>Of no subset yet.</summary>
    /// <param name="effects">Number of effects, at least 1.</param>
    public GoshSummary(int effects)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(effects, 1);
        (_sums, _squares, _counts) = (new double[effects], new double[effects], new int[effects]);
    }

    /// <summary>The subsets in their order.</summary>
    public IReadOnlyList<GoshSubset> Subsets => _subsets;

    /// <summary>Adds a subset.</summary>
    /// <param name="members">Indices of its effects.</param>
    /// <param name="subset">Its model.</param>
    public void Add(ReadOnlySpan<int> members, GoshSubset subset)
    {
        _subsets.Add(subset);
        if (subset.Size < 2)
        {
            return;
        }
        _several++;
        _sum += subset.Effect;
        _iSum += subset.ISquared;
        foreach (var i in members)
        {
            _sums[i] += subset.Effect;
            _squares[i] += subset.ISquared;
            _counts[i]++;
        }
    }

    /// <summary>Quantiles of a figure over subsets of at least some size, R's type 7.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="probabilities">Between 0 and 1.</param>
    /// <param name="minSize">The smallest size that counts.</param>
    /// <returns>Null if no subset has the size.</returns>
    public IReadOnlyList<double>? Quantiles(Func<GoshSubset, double> figure, IReadOnlyList<double> probabilities, int minSize = 2)
    {
        double[] sorted = [.. _subsets.Where(subset => subset.Size >= minSize).Select(figure)];
        if (sorted.Length == 0)
        {
            return null;
        }
        Array.Sort(sorted);
        return [.. probabilities.Select(p => Quantile(sorted, p))];
    }

    /// <summary>The mean of a figure over subsets of at least some size; null if there are none.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="minSize">The smallest size that counts.</param>
    public double? Mean(Func<GoshSubset, double> figure, int minSize = 2)
    {
        var counted = _subsets.Where(subset => subset.Size >= minSize).Select(figure).DefaultIfEmpty(double.NaN).Average();
        return MeanModel.FiniteOrNull(counted);
    }

    /// <summary>For each effect the subsets with and without it.</summary>
    public IReadOnlyList<GoshMember> Members() =>
    [
        .. _counts.Select((with, i) => new GoshMember(
            Ratio(_sums[i], with), Ratio(_sum - _sums[i], _several - with), Ratio(_squares[i], with), Ratio(_iSum - _squares[i], _several - with))),
    ];

    private static double? Ratio(double sum, int count) => count == 0 ? null : sum / count;

    private static double Quantile(double[] sorted, double p)
    {
        var at = p * (sorted.Length - 1);
        var below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[^1];
    }
}
