namespace RealRelationship.Statistics;

/// <summary>Weighted least squares at one τ².</summary>
/// <param name="Coefficients">β.</param>
/// <param name="Covariance">(X′WX)⁻¹, without multiplier.</param>
/// <param name="Explained">The weighted sum of squares that the columns after the intercept explain: QM, without multiplier.</param>
internal sealed record Solution(double[] Coefficients, double[,] Covariance, double Explained);

/// <summary>Effects, variances and design, made ready for weighted least squares at any τ² in O(k p²) time and O(k p) memory.</summary>
/// <remarks>
/// Effects are sorted by falling variance (ties by estimate), so that sums run from the smallest weight up and the answer does not depend on the order given;
/// and they are centred on the most precise one, so that one dominating weight cancels nothing. Sorting holds for every τ², as 1/(v + τ²) keeps the order.
/// With an intercept alone everything is a plain sum; see <see cref="OrthogonalDesign"/> for more columns.
/// </remarks>
internal sealed class LinearModel
{
    private readonly double[] y;
    private readonly double[] v;
    private readonly int[] order;
    private readonly double centre; // taken from every estimate, given back to the intercept
    private readonly OrthogonalDesign? design;

    public LinearModel(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, DesignMatrix? columns = null)
    {
        Effects = estimates.Length;
        Columns = columns?.Columns ?? 1;
        order = Order(estimates, variances);
        v = new double[Effects];
        y = new double[Effects];
        centre = estimates[order[^1]];
        for (var i = 0; i < Effects; i++)
        {
            v[i] = variances[order[i]];
            y[i] = estimates[order[i]] - centre;
        }
        design = Columns == 1 ? null : new OrthogonalDesign(columns!, order, y, v);
        ResidualSumOfSquares = design?.ResidualSumOfSquares ?? SumOfSquares(y);
    }

    public int Effects { get; }

    public int Columns { get; }

    public int DegreesOfFreedom => Effects - Columns;

    /// <summary>Of ordinary least squares.</summary>
    public double ResidualSumOfSquares { get; }

    public double SmallestVariance => v[^1];

    public double LargestVariance => v[0];

    /// <summary>Variances in the inner order.</summary>
    public ReadOnlySpan<double> Variances => v;

    /// <summary>Estimates in the inner order, centred.</summary>
    public ReadOnlySpan<double> Estimates => y;

    public Moments At(double tau2) => design?.At(tau2) ?? AtOfMean(tau2);

    public Solution Solve(double tau2)
    {
        if (design is not null)
        {
            var solution = design.Solve(tau2);
            solution.Coefficients[0] += centre;
            return solution;
        }
        var (w, mean) = WeightedMean(tau2);
        return new Solution([centre + mean], new[,] { { 1 / w } }, 0);
    }

    /// <summary>The log-likelihood with β at its estimate; restricted with the constant −(k−p)/2·ln 2π + ½ ln|X′X|, as metafor's <c>logLik</c>.</summary>
    public double LogLikelihood(double tau2, bool restricted)
    {
        var logV = 0.0;
        foreach (var vi in v)
        {
            logV += Math.Log(vi + tau2);
        }
        var q = At(tau2).Q;
        return restricted
            ? -0.5 * (DegreesOfFreedom * Math.Log(2 * Math.PI) + logV + LogInformation(tau2) + q)
            : -0.5 * (Effects * Math.Log(2 * Math.PI) + logV + q);
    }

    /// <summary>100 w/Σw in the order the effects were given.</summary>
    public double[] Weights(double tau2)
    {
        var sum = 0.0;
        foreach (var vi in v)
        {
            sum += 1 / (vi + tau2);
        }
        var weights = new double[Effects];
        for (var i = 0; i < Effects; i++)
        {
            weights[order[i]] = 100 / (v[i] + tau2) / sum;
        }
        return weights;
    }

    /// <summary>tr PV and tr PVPV of ordinary least squares, P = I − H and V = diag(v), for Hedges' estimator.</summary>
    public (double TracePV, double TracePVPV) UnweightedTraces()
    {
        if (design is not null)
        {
            return design.UnweightedTraces();
        }
        double sum = 0, squares = 0;
        foreach (var vi in v)
        {
            sum += vi;
            squares += vi * vi;
        }
        double k = Effects;
        return (sum * (1 - 1 / k), squares * (1 - 2 / k) + sum * sum / (k * k));
    }

    /// <summary>ln(|X′WX|/|X′X|).</summary>
    private double LogInformation(double tau2) => design?.LogInformation(tau2) ?? Math.Log(WeightedMean(tau2).SumW / Effects);

    private (double SumW, double Mean) WeightedMean(double tau2)
    {
        double sumW = 0, sumWY = 0;
        for (var i = 0; i < y.Length; i++)
        {
            var w = 1 / (v[i] + tau2);
            sumW += w;
            sumWY += w * y[i];
        }
        return (sumW, sumWY / sumW);
    }

    /// <summary>The moments when the intercept is the only column. Only the last weight can exceed half of their sum, so only its 1 − h = (W − w)/W needs the sum of the others.</summary>
    private Moments AtOfMean(double tau2)
    {
        var (sumW, mean) = WeightedMean(tau2);
        double before = 0, pairs = 0, before2 = 0, pairs2 = 0, diagonal = 0, q = 0, w2r = 0, w2r2 = 0, w3r2 = 0;
        for (var i = 0; i < y.Length; i++)
        {
            var w = 1 / (v[i] + tau2);
            var r = y[i] - mean;
            var others = i == y.Length - 1 ? before : sumW - w;
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
    private static int[] Order(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances)
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
}
