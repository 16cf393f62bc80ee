namespace RealRelationship.Statistics;

/// <summary>How the number of missing studies is estimated.</summary>
public enum TrimAndFillEstimator
{
    /// <summary>From Wilcoxon's signed-rank sum.</summary>
    L0,
    /// <summary>From the length of the rightmost run of ranks.</summary>
    R0,
}

/// <summary>The side of the funnel on which studies are missing.</summary>
public enum FunnelSide
{
    /// <summary>Right when the slope on √v by the same estimator is negative, else left.</summary>
    Auto,
    /// <summary>Small effects are missing.</summary>
    Left,
    /// <summary>Large effects are missing.</summary>
    Right,
}

/// <summary>A funnel made symmetric.</summary>
/// <param name="Estimator">The given estimator.</param>
/// <param name="Side">Left or right, never auto.</param>
/// <param name="Missing">Number of studies filled in.</param>
/// <param name="Fit">The model on the effects given and those filled in.</param>
/// <param name="FilledEstimates">The effects filled in, the mirror image of the outermost last.</param>
/// <param name="FilledVariances">Their variances.</param>
public sealed record TrimAndFillResult(
    TrimAndFillEstimator Estimator, FunnelSide Side, int Missing, RandomEffectsFit Fit,
    IReadOnlyList<double> FilledEstimates, IReadOnlyList<double> FilledVariances);

/// <summary>Trim and fill; Duval and Tweedie 2000, Journal of the American Statistical Association 95 and Biometrics 56.</summary>
public static class TrimAndFill
{
    private const int MaximumIterations = 100;

    /// <summary>Estimates the number of studies missing on one side, and fills in mirror images of those on the other side.
    /// Agrees with metafor's <c>trimfill</c>.</summary>
    /// <remarks>
    /// 1. The k₀ outermost effects are trimmed (none at first), the rest pooled.
    /// 2. All are ranked by distance from that mean, ties from the filled side to the other; k₀ is re-estimated and rounded half to even.
    /// 3. When k₀ no longer changes, the trimmed effects are mirrored about the last mean.
    /// Equal effects are trimmed from the last given one on, like in metafor; the given order matters only among them.
    /// </remarks>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Estimator, test and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <param name="estimator">How k₀ is estimated.</param>
    /// <param name="side">Where studies are missing.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>notConverged</c>: k₀ cycles; <c>outOfRange</c>: the numbers overflow.</exception>
    public static TrimAndFillResult Run(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions? options = null,
        TrimAndFillEstimator estimator = TrimAndFillEstimator.L0, FunnelSide side = FunnelSide.Auto)
    {
        Guard.ValidEffects(estimates, variances);
        options ??= new ModelOptions();
        if (side == FunnelSide.Auto)
        {
            side = LeansRight(estimates, variances, options) ? FunnelSide.Right : FunnelSide.Left;
        }
        var sign = side == FunnelSide.Right ? -1 : 1;
        var (y, v) = Sorted(estimates, variances, sign);
        var (missing, mean) = Iterate(y, v, options, estimator);
        double[] filled = [.. y[^missing..].Select(yi => sign * (2 * mean - yi))];
        double[] filledVariances = v[^missing..];
        var fit = RandomEffectsModel.Fit([.. estimates, .. filled], [.. variances, .. filledVariances], options);
        return new TrimAndFillResult(estimator, side, missing, fit, filled, filledVariances);
    }

    private static (int Missing, double Mean) Iterate(double[] y, double[] v, ModelOptions options, TrimAndFillEstimator estimator)
    {
        var missing = 0;
        for (var i = 0; i < MaximumIterations; i++)
        {
            var rest = y.Length - missing;
            var mean = MeanModel.Mean(y.AsSpan(0, rest), v.AsSpan(0, rest), options.Estimator);
            var next = Missing(y, mean, estimator);
            if (next == missing)
            {
                return (missing, mean);
            }
            missing = next;
        }
        throw new StatisticsException("notConverged", "Trim and fill goes round in circles.");
    }

    /// <summary>L₀ = (4T − k(k+1))/(2k − 1), T the sum of ranks above the mean; R₀ = γ − 1, γ the run of ranks above it at the top.</summary>
    private static int Missing(double[] y, double mean, TrimAndFillEstimator estimator)
    {
        // Effects are sorted, so that their distances rise from the mean to both ends. Of equal ones that below ranks first.
        var k = y.Length;
        var right = Array.FindIndex(y, yi => yi > mean) is >= 0 and var first ? first : k;
        var (left, above, run) = (right - 1, 0.0, 0);
        for (var rank = 1; rank <= k; rank++)
        {
            if (right == k || (left >= 0 && Math.Abs(y[left] - mean) <= Math.Abs(y[right] - mean)))
            {
                (left, run) = (left - 1, 0);
                continue;
            }
            (right, above, run) = (right + 1, above + rank, run + 1);
        }
        if (estimator == TrimAndFillEstimator.R0)
        {
            return Math.Max(0, run - 1);
        }
        return Math.Max(0, (int)Math.Round((4 * above - (double)k * (k + 1)) / (2 * k - 1), MidpointRounding.ToEven));
    }

    private static (double[] Estimates, double[] Variances) Sorted(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, int sign)
    {
        var keys = new (double Y, int Index)[estimates.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = (sign * estimates[i], i);
        }
        Array.Sort(keys);
        var (y, v) = (new double[keys.Length], new double[keys.Length]);
        for (var i = 0; i < keys.Length; i++)
        {
            (y[i], v[i]) = (keys[i].Y, variances[keys[i].Index]);
        }
        return (y, v);
    }

    private static bool LeansRight(ReadOnlySpan<double> y, ReadOnlySpan<double> v, ModelOptions options)
    {
        if (y.Length < 2)
        {
            return false;
        }
        var se = new double[v.Length];
        for (var i = 0; i < se.Length; i++)
        {
            se[i] = Math.Sqrt(v[i]);
        }
        try
        {
            var model = new LinearModel(y, v, DesignMatrix.WithIntercept(y.Length).Add(new ContinuousTerm("standardError", se)));
            return model.Solve(MeanModel.EstimateTauSquared(model, options.Estimator)).Coefficients[1] < 0;
        }
        catch (StatisticsException e) when (e.Code == "rankDeficient")
        {
            return false; // equal standard errors: the funnel leans nowhere
        }
    }
}
