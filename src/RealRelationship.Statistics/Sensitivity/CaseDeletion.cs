using System.Runtime.CompilerServices;

namespace RealRelationship.Statistics;

/// <summary>The fits without each effect in turn, in a time that is linear in the number of effects (<see cref="EffectSums"/>).</summary>
internal static class CaseDeletion
{
    public static MeanFit[] Fit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions options)
    {
        var k = estimates.Length;
        var fits = new MeanFit[k];
        var (y, v) = (new double[k - 1], new double[k - 1]);
        var scan = CaseDeletionScan.Of(estimates, variances, options.Estimator);
        var sums = EffectSums.OfAll(estimates, variances);
        for (var i = 0; i < k; i++)
        {
            CancellationScope.ThrowIfCancelled();
            if (sums?.ModelWithout(estimates[i], variances[i]) is { } others && others.TryFit(options, scan?.TauSquared(i, others)) is { } fit)
            {
                fits[i] = fit;
                continue;
            }
            Without(i, estimates, y);
            Without(i, variances, v);
            var model = new LinearModel(y, v);
            fits[i] = MeanModel.Fit(model, scan?.TauSquared(i, model) ?? MeanModel.EstimateTauSquared(model, options.Estimator), options);
        }
        return fits;
    }

    private static void Without(int i, ReadOnlySpan<double> all, double[] others)
    {
        all[..i].CopyTo(others);
        all[(i + 1)..].CopyTo(others.AsSpan(i));
    }
}

/// <summary>Finds the maxima of the likelihoods without each effect, all on one grid.</summary>
/// <remarks>
/// The score is scanned as in <see cref="Likelihood"/>, but its sums without effect i are those with it less one term: the grid costs as much for all deletions
/// together as for a few fits. The sums only say where the score changes sign; every maximum is polished, and maxima compared,
/// with the moments of the others alone.
/// </remarks>
internal sealed class CaseDeletionScan
{
    private const double GridRatio = 1.25;
    private const double LargestRatio = 1e6; // of variances, for differences of sums
    private const double Slack = 1e-6; // by which brackets are widened, as differences round

    private readonly double[] _y;
    private readonly double[] _v;
    private readonly bool _restricted;
    private readonly (double Tau2, double W, double WY, double W2, double W2Y, double W2YY)[] _sums;

    private CaseDeletionScan(double[] y, double[] v, double upper, double smallest, bool restricted)
    {
        (_y, _v, _restricted) = (y, v, restricted);
        var sums = new List<(double, double, double, double, double, double)>();
        for (var tau2 = Math.Min(smallest / 4, upper); ; tau2 = Math.Min(GridRatio * tau2, upper))
        {
            sums.Add(Sums(tau2));
            if (tau2 >= upper)
            {
                break;
            }
        }
        _sums = [.. sums];
    }

    /// <summary>Null if a scan is useless: for estimators without a likelihood, too few effects, or very unequal variances.</summary>
    public static CaseDeletionScan? Of(ReadOnlySpan<double> y, ReadOnlySpan<double> v, TauSquaredEstimator estimator)
    {
        if (estimator is not (TauSquaredEstimator.RestrictedMaximumLikelihood or TauSquaredEstimator.MaximumLikelihood) || y.Length < 4)
        {
            return null;
        }
        var model = new LinearModel(y, v);
        if (model.LargestVariance > LargestRatio * model.SmallestVariance)
        {
            return null;
        }
        var s = model.ResidualSumOfSquares / (y.Length - 2); // not less than without one of them: a bound for every deletion
        var upper = s == 0 ? 0 : s / 2 * (1 + Math.Sqrt(1 + 4 * model.LargestVariance / s)) * (1 + 1e-9);
        var mean = model.Solve(0).Coefficients[0];
        var centred = new double[y.Length];
        for (var i = 0; i < centred.Length; i++)
        {
            centred[i] = y[i] - mean;
        }
        return new CaseDeletionScan(centred, v.ToArray(), upper, model.SmallestVariance, estimator == TauSquaredEstimator.RestrictedMaximumLikelihood);
    }

    /// <summary>The estimate without effect i, given the model of the others; null when the scan finds no maximum.</summary>
    public double? TauSquared(int i, IMeanModel others)
    {
        double? best = null;
        var (left, score) = (0.0, Score(others.At(0)).Value);
        if (score <= 0)
        {
            best = 0;
        }
        foreach (var sums in _sums)
        {
            var next = ScoreWithout(i, sums);
            if (score > 0 && next <= 0)
            {
                var start = left + (sums.Tau2 - left) * (score / (score - next));
                var root = Newton.Root(tau2 => Score(others.At(tau2)), left * (1 - Slack), sums.Tau2 * (1 + Slack), start).Root;
                best = best is { } other && others.LogLikelihood(other, _restricted) >= others.LogLikelihood(root, _restricted) ? other : root;
            }
            (left, score) = (sums.Tau2, next);
        }
        return best;
    }

    private (double Value, double Slope) Score(in Moments m) => _restricted
        ? (m.YPPY - m.TraceP, m.TracePP - 2 * m.YPPPY)
        : (m.YPPY - m.SumW, m.SumW2 - 2 * m.YPPPY);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double ScoreWithout(int i, in (double Tau2, double W, double WY, double W2, double W2Y, double W2YY) all)
    {
        var w = 1 / (_v[i] + all.Tau2);
        var (wy, sumW, sumW2) = (w * _y[i], all.W - w, all.W2 - w * w);
        var mean = (all.WY - wy) / sumW;
        var yppy = all.W2YY - wy * wy - mean * (2 * (all.W2Y - w * wy) - mean * sumW2);
        return yppy - (_restricted ? sumW - sumW2 / sumW : sumW);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (double, double, double, double, double, double) Sums(double tau2)
    {
        double sumW = 0, sumWY = 0, sumW2 = 0, sumW2Y = 0, sumW2YY = 0;
        for (var i = 0; i < _v.Length; i++)
        {
            var w = 1 / (_v[i] + tau2);
            var wy = w * _y[i];
            sumW += w;
            sumWY += wy;
            sumW2 += w * w;
            sumW2Y += w * wy;
            sumW2YY += wy * wy;
        }
        return (tau2, sumW, sumWY, sumW2, sumW2Y, sumW2YY);
    }
}
