using System.Runtime.CompilerServices;

namespace RealRelationship.Statistics;

/// <summary>Weighted least squares at one τ².</summary>
/// <param name="Coefficients">β.</param>
/// <param name="Covariance">(X′WX)⁻¹, without multiplier.</param>
/// <param name="Explained">The weighted sum of squares that the columns after the intercept explain: QM, without multiplier.</param>
internal sealed record LeastSquaresSolution(double[] Coefficients, double[,] Covariance, double Explained);

/// <summary>Effects, variances and design, made ready for weighted least squares at any τ² in O(k p²) time and O(k p) memory.</summary>
/// <remarks>
/// Effects are sorted by falling variance (ties by estimate), so that sums run from the smallest weight up and the answer does not depend on the order given;
/// and they are centred on the most precise one, so that one dominating weight cancels nothing. Sorting holds for every τ², as 1/(v + τ²) keeps the order.
/// With an intercept alone everything is a plain sum, of very many effects without sorting (<see cref="BlockedMoments"/>); see
/// <see cref="WeightedLeastSquares"/> for more columns.
/// </remarks>
internal sealed class LinearModel : IMeanModel
{
    private readonly double[] _y;
    private readonly double[] _v;
    private readonly int[] _order;
    private readonly double _centre; // taken from every estimate, given back to the intercept
    private readonly WeightedLeastSquares? _design;
    private readonly BlockedMoments? _blocked;

    public LinearModel(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, DesignMatrix? columns = null)
    {
        Effects = estimates.Length;
        Columns = columns?.Columns ?? 1;
        var isBlocked = Columns == 1 && Effects >= BlockedMoments.MinEffects;
        _order = isBlocked ? SortExtremesOnly(estimates, variances) : SortByVariance(estimates, variances);
        _v = new double[Effects];
        _y = new double[Effects];
        _centre = estimates[_order[^1]];
        for (var i = 0; i < Effects; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            _v[i] = variances[_order[i]];
            _y[i] = estimates[_order[i]] - _centre;
        }
        _blocked = isBlocked ? new BlockedMoments(_y, _v) : null;
        _design = Columns == 1 ? null : new WeightedLeastSquares(columns!, _order, _y, _v);
        ResidualSumOfSquares = _design?.ResidualSumOfSquares ?? SumOfSquares(_y);
    }

    public int Effects { get; }

    public int Columns { get; }

    public int DegreesOfFreedom => Effects - Columns;

    /// <summary>Of ordinary least squares.</summary>
    public double ResidualSumOfSquares { get; }

    public double CrudeVariance => SumOfSquares(_y) / Effects;

    public double SmallestVariance => _v[^1];

    public double LargestVariance => _v[0];

    /// <summary>Variances in the inner order: the largest first, the smallest last.</summary>
    public ReadOnlySpan<double> Variances => _v;

    /// <summary>Estimates in the inner order, centred.</summary>
    public ReadOnlySpan<double> Estimates => _y;

    public Moments At(double tau2)
    {
        CancellationScope.ThrowIfCancelled();
        return _design?.At(tau2) ?? _blocked?.At(tau2) ?? AtInterceptOnly(tau2);
    }

    public LeastSquaresSolution Solve(double tau2)
    {
        CancellationScope.ThrowIfCancelled();
        if (_design is not null)
        {
            var solution = _design.Solve(tau2);
            solution.Coefficients[0] += _centre;
            return solution;
        }
        var (w, mean) = WeightedMean(tau2);
        return new LeastSquaresSolution([_centre + mean], new[,] { { 1 / w } }, 0);
    }

    /// <summary>The triangular factor of the weighted design; see <see cref="WhitenedModel"/>.</summary>
    public WhitenedModel Whiten(double tau2)
    {
        CancellationScope.ThrowIfCancelled();
        if (_design is not null)
        {
            return _design.Whiten(tau2) with { Centre = _centre };
        }
        var (w, mean) = WeightedMean(tau2);
        return new WhitenedModel([[Math.Sqrt(w)]], [Math.Sqrt(w) * mean]) { Centre = _centre };
    }

    /// <summary>The first coefficient and its variance, without multiplier.</summary>
    public (double Mean, double Variance) MeanAt(double tau2)
    {
        if (_design is null)
        {
            var (w, mean) = WeightedMean(tau2);
            return (_centre + mean, 1 / w);
        }
        var (beta, covariance, _) = Solve(tau2);
        return (beta[0], covariance[0, 0]);
    }

    /// <summary>The log-likelihood with β at its estimate; restricted with the constant −(k−p)/2·ln 2π + ½ ln|X′X|, as metafor's <c>logLik</c>.</summary>
    public double LogLikelihood(double tau2, bool restricted)
    {
        var logV = _blocked?.LogVariances(tau2) ?? LogVariances(tau2);
        var q = At(tau2).Q;
        return restricted
            ? -0.5 * (DegreesOfFreedom * Math.Log(2 * Math.PI) + logV + LogInformation(tau2) + q)
            : -0.5 * (Effects * Math.Log(2 * Math.PI) + logV + q);
    }

    /// <summary>100 w/Σw in the order the effects were given.</summary>
    public double[] Weights(double tau2)
    {
        var sum = 0.0;
        foreach (var vi in _v)
        {
            sum += 1 / (vi + tau2);
        }
        var weights = new double[Effects];
        for (var i = 0; i < Effects; i++)
        {
            weights[_order[i]] = 100 / (_v[i] + tau2) / sum;
        }
        return weights;
    }

    /// <summary>tr PV and tr PVPV of ordinary least squares, P = I − H and V = diag(v), for Hedges' estimator.</summary>
    public (double TracePV, double TracePVPV) UnweightedTraces()
    {
        if (_design is not null)
        {
            return _design.UnweightedTraces();
        }
        double sum = 0, squares = 0;
        foreach (var vi in _v)
        {
            sum += vi;
            squares += vi * vi;
        }
        double k = Effects;
        return (sum * (1 - 1 / k), squares * (1 - 2 / k) + sum * sum / (k * k));
    }

    /// <summary>ln(|X′WX|/|X′X|).</summary>
    private double LogInformation(double tau2) => _design?.LogInformation(tau2) ?? Math.Log(WeightedMean(tau2).SumW / Effects);

    private double LogVariances(double tau2)
    {
        var sum = 0.0;
        foreach (var vi in _v)
        {
            sum += Math.Log(vi + tau2);
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (double SumW, double Mean) WeightedMean(double tau2)
    {
        if (_blocked is not null)
        {
            return _blocked.WeightedMean(tau2);
        }
        double sumW = 0, sumWY = 0;
        for (var i = 0; i < _y.Length; i++)
        {
            var w = 1 / (_v[i] + tau2);
            sumW += w;
            sumWY += w * _y[i];
        }
        return (sumW, sumWY / sumW);
    }

    /// <summary>The moments when the intercept is the only column. Only the last weight can exceed half of their sum,
    /// so only its 1 − h = (W − w)/W needs the sum of the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Moments AtInterceptOnly(double tau2)
    {
        var (sumW, mean) = WeightedMean(tau2);
        double before = 0, pairs = 0, before2 = 0, pairs2 = 0, diagonal = 0, q = 0, w2r = 0, w2r2 = 0, w3r2 = 0;
        for (var i = 0; i < _y.Length; i++)
        {
            var w = 1 / (_v[i] + tau2);
            var r = _y[i] - mean;
            var others = i == _y.Length - 1 ? before : sumW - w;
            pairs += w * before;
            before += w;
            var ww = w * w;
            pairs2 += ww * before2;
            before2 += ww;
            diagonal += ww * others * others;
            q += w * r * r;
            w2r += ww * r;
            w2r2 += ww * r * r;
            w3r2 += ww * w * r * r;
        }
        return new Moments(
            tau2, sumW, before2, q, w2r2, Math.Max(0, w3r2 - w2r * w2r / sumW), 2 * pairs / sumW, (diagonal + 2 * pairs2) / (sumW * sumW));
    }

    private static double SumOfSquares(ReadOnlySpan<double> y)
    {
        var mean = 0.0;
        foreach (var yi in y)
        {
            mean += yi / y.Length;
        }
        var sum = 0.0;
        foreach (var yi in y)
        {
            sum += (yi - mean) * (yi - mean);
        }
        return sum;
    }

    /// <summary>Indices by falling variance, ties by rising estimate.</summary>
    private static int[] SortByVariance(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances)
    {
        var keys = new double[variances.Length];
        var indices = new int[variances.Length];
        for (var i = 0; i < indices.Length; i++)
        {
            keys[i] = -variances[i];
            indices[i] = i;
        }
        Array.Sort(keys, indices);
        var ties = new double[estimates.Length];
        for (var from = 0; from < keys.Length;)
        {
            var to = from + 1;
            while (to < keys.Length && keys[to] == keys[from])
            {
                to++;
            }
            for (var i = from; i < to; i++)
            {
                ties[i] = estimates[indices[i]];
            }
            Array.Sort(ties, indices, from, to - from);
            from = to;
        }
        return indices;
    }

    /// <summary>Indices as they are, but that of the largest variance first and that of the smallest last (of several,
    /// the one with the largest estimate).</summary>
    private static int[] SortExtremesOnly(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances)
    {
        var (first, last) = (0, 0);
        for (var i = 0; i < variances.Length; i++)
        {
            first = variances[i] > variances[first] ? i : first;
            last = variances[i] < variances[last] || (variances[i] == variances[last] && estimates[i] > estimates[last]) ? i : last;
        }

        int[] indices = [.. Enumerable.Range(0, variances.Length)];
        (indices[0], indices[first]) = (indices[first], indices[0]);
        // The element moved from the front may be the one that belongs at the end.
        var at = last == 0 ? first : last;
        (indices[^1], indices[at]) = (indices[at], indices[^1]);
        return indices;
    }
}
