namespace RealRelationship.Statistics;

/// <summary>What pairs of effects can share, such as the outcome, the rater or the form, with the correlation assumed for pairs that share it.</summary>
/// <param name="Values">A code for each effect; effects of equal codes share it, null is shared with none.</param>
/// <param name="Rho">Correlation of the sampling errors of a pair that shares it, at least 0 and below 1.</param>
public sealed record SharedTrait(IReadOnlyList<int?> Values, double Rho);

/// <summary>Assumed correlations of the sampling errors of effects of one sample by kind of pair: the largest of the general one and those of the traits
/// that a pair shares. With one trait it is metafor's <c>vcalc(vi, cluster, type, obs, rho = c(within, between))</c>; methods by Gleser and Olkin 2009,
/// in Cooper, Hedges and Valentine, The Handbook of Research Synthesis and Meta-Analysis, chapter 19.</summary>
public sealed class SamplingCorrelations
{
    private const double SmallestEigenvalue = 1e-10;

    private readonly double _rho;
    private readonly IReadOnlyList<SharedTrait> _traits;
    private readonly int[]? _rows;

    /// <summary>Correlations of the pairs of a set of effects.</summary>
    /// <param name="rho">Correlation of pairs that share no trait, at least 0 and below 1.</param>
    /// <param name="traits">What pairs can share; none leaves <paramref name="rho"/> for every pair.</param>
    /// <exception cref="ArgumentOutOfRangeException">A correlation is not in [0, 1).</exception>
    /// <exception cref="ArgumentException">Attributes have codes of different numbers of effects.</exception>
    public SamplingCorrelations(double rho, params IReadOnlyList<SharedTrait> traits)
    {
        ArgumentNullException.ThrowIfNull(traits);
        foreach (var value in traits.Select(a => a.Rho).Prepend(rho))
        {
            Guard.InRange(value is >= 0 and < 1, value, nameof(rho), "The correlation is at least 0 and below 1.");
        }
        foreach (var trait in traits)
        {
            Guard.SameLength(traits[0].Values.Count, trait.Values.Count, nameof(traits));
        }
        (_rho, _traits) = (rho, traits);
    }

    private SamplingCorrelations(SamplingCorrelations all, int[] rows) => (_rho, _traits, _rows) = (all._rho, all._traits, rows);

    /// <summary>The correlation of two effects of one sample.</summary>
    /// <param name="a">Index of an effect.</param>
    /// <param name="b">Index of another one.</param>
    /// <returns>1 for an effect with itself.</returns>
    public double Of(int a, int b)
    {
        if (a == b)
        {
            return 1;
        }
        var (first, second, largest) = (_rows?[a] ?? a, _rows?[b] ?? b, _rho);
        foreach (var trait in _traits)
        {
            if (trait.Rho > largest && trait.Values[first] is { } value && value == trait.Values[second])
            {
                largest = trait.Rho;
            }
        }
        return largest;
    }

    /// <summary>The correlations of some of the effects.</summary>
    /// <param name="rows">Their indices, in the order in which they are to be numbered.</param>
    public SamplingCorrelations Select(params ReadOnlySpan<int> rows)
    {
        var selected = new int[rows.Length];
        for (var i = 0; i < selected.Length; i++)
        {
            selected[i] = _rows?[rows[i]] ?? rows[i];
        }
        return new SamplingCorrelations(this, selected);
    }

    /// <summary>Whether the correlations of the effects of one sample can be those of random errors: their matrix is positive definite. Of one trait
    /// they always are; of crossed traits they need not be.</summary>
    /// <param name="rows">Indices of the effects of one sample.</param>
    public bool IsPositiveDefinite(params ReadOnlySpan<int> rows)
    {
        var m = rows.Length;
        var (matrix, vectors) = (new double[m * m], new double[m * m]);
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < m; j++)
            {
                matrix[i * m + j] = Of(rows[i], rows[j]);
            }
        }
        SymmetricMatrix.Eigen(matrix, m, vectors);
        for (var i = 0; i < m; i++)
        {
            if (matrix[i * m + i] <= SmallestEigenvalue * m)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>V of the effects of one sample, row by row.</summary>
    internal double[] Covariance(ReadOnlySpan<int> rows, ReadOnlySpan<double> standardErrors)
    {
        var m = rows.Length;
        var covariance = new double[m * m];
        for (var i = 0; i < m; i++)
        {
            CancellationScope.ThrowIfCancelled();
            for (var j = 0; j <= i; j++)
            {
                covariance[i * m + j] = covariance[j * m + i] = Of(rows[i], rows[j]) * standardErrors[i] * standardErrors[j];
            }
        }
        return covariance;
    }
}
