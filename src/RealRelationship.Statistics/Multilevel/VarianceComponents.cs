using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>Estimates of σ_b² and σ_w².</summary>
/// <param name="Point">The likelihood at its highest maximum.</param>
/// <param name="Iterations">Steps taken from the start that led there.</param>
/// <param name="Converged">True when the steps ended at machine precision.</param>
/// <param name="SeveralModes">True when there are several local maxima.</param>
/// <param name="BetweenIdentified">False if σ_b² is not identified and was taken as 0.</param>
/// <param name="WithinIdentified">False if σ_w² is not identified and was taken as 0.</param>
internal sealed record VarianceEstimate(
    NestedLikelihoodPoint Point, int Iterations, bool Converged, bool SeveralModes, bool BetweenIdentified, bool WithinIdentified)
{
    /// <summary>The other end of a flat ridge, σ_b² = 0, on which every point is as likely as <see cref="Point"/>; null when there is no ridge.</summary>
    public NestedLikelihoodPoint? OtherEnd { get; init; }
}

/// <summary>Global maximum of the (restricted) likelihood over σ_b² ≥ 0, σ_w² ≥ 0.</summary>
/// <remarks>
/// 1. Fisher's information ½ tr PVᵢPVⱼ determines which variances are identified. If its smallest eigenvalue, scaled to unit diagonal, is 0 both at a
///    typical point and at the optimum, the likelihood has a flat ridge from σ_w² = 0 to σ_b² = 0, and both ends are fitted.
/// 2. The likelihood is computed on a grid, zeros included, logarithmic between the smallest sampling variance and the largest squared residual.
/// 3. Newton's method starts from every local maximum of the grid, with the exact Hessian (Fisher's information if that is not negative definite). A step
///    across a boundary ends on it, and a variance on its boundary stays exactly 0 while its score is not positive.
/// 4. The point with the highest likelihood is chosen.
/// </remarks>
internal static class VarianceComponents
{
    private const int MaximumIterations = 200;
    private const int MaximumStarts = 6;
    private const double ModeTolerance = 1e-5;
    private const double IdentificationTolerance = 1e-10;
    private const double RidgeTolerance = 1e-8;

    public static VarianceEstimate Maximise(NestedLikelihood likelihood)
    {
        var (between, within, alike) = Identify(likelihood);
        if (!between && !within)
        {
            return new VarianceEstimate(likelihood.At(0, 0), 0, true, false, false, false);
        }
        if (alike)
        {
            var end = Maximise(likelihood, true, false);
            if (HasRidge(end.Point))
            {
                return end with { OtherEnd = Maximise(likelihood, false, true).Point };
            }
        }
        return Maximise(likelihood, between, within);
    }

    private static VarianceEstimate Maximise(NestedLikelihood likelihood, bool between, bool within)
    {
        var modes = new List<(NestedLikelihoodPoint Point, int Iterations, bool Converged)>();
        foreach (var start in Starts(likelihood, between, within))
        {
            var mode = MaximiseFrom(likelihood, start.Between, start.Within, between, within);
            var scale = mode.Point.Between + mode.Point.Within;
            if (!modes.Exists(other => Distance(other.Point, mode.Point) <= ModeTolerance * scale))
            {
                modes.Add(mode);
            }
        }
        var best = modes.MaxBy(mode => mode.Point.LogLikelihood);
        return new VarianceEstimate(best.Point, best.Iterations, best.Converged, modes.Count > 1, between, within);
    }

    private static double Distance(NestedLikelihoodPoint a, NestedLikelihoodPoint b) => Math.Abs(a.Between - b.Between) + Math.Abs(a.Within - b.Within);

    /// <summary>Whether each variance leaves a trace in the likelihood, and whether both leave the same.</summary>
    private static (bool Between, bool Within, bool Alike) Identify(NestedLikelihood likelihood)
    {
        var typical = likelihood.Data.V[likelihood.Data.Effects / 2];
        var point = likelihood.At(typical, typical);
        var (between, within) = (point.Information.A > IdentificationTolerance * point.FullBetween,
            point.Information.C > IdentificationTolerance * point.FullWithin);
        return (between, within, between && within && HasRidge(point));
    }

    /// <summary>Whether the smallest eigenvalue of the information, scaled to unit diagonal, is 0.</summary>
    private static bool HasRidge(NestedLikelihoodPoint point)
    {
        var (a, b, c) = point.Information;
        return 1 - Math.Abs(b) / (Math.Sqrt(a) * Math.Sqrt(c)) < RidgeTolerance;
    }

    /// <summary>Local maxima of the likelihood on a grid, highest first.</summary>
    private static IEnumerable<(double Between, double Within)> Starts(NestedLikelihood likelihood, bool between, bool within)
    {
        var data = likelihood.Data;
        var points = between && within ? (data.Effects <= 2000 ? 14 : 10) : 40;
        var (smallest, largest) = (data.V[^1], data.V[^1]);
        foreach (var v in data.V)
        {
            (smallest, largest) = (Math.Min(smallest, v), Math.Max(largest, v));
        }
        var lower = smallest * (1 - likelihood.Rho) / 4;
        var upper = Math.Max(8 * lower, 4 * data.LargestResidual * data.LargestResidual);
        var (rows, columns) = (within ? Axis(lower, upper, points) : [0], between ? Axis(lower, upper, points) : [0]);
        var values = Array.ConvertAll(rows, row => likelihood.LogLikelihoods(row, columns));
        var starts = new List<(double Value, double Between, double Within)>();
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                if (IsPeak(values, i, j))
                {
                    starts.Add((values[i][j], columns[j], rows[i]));
                }
            }
        }
        return starts.OrderByDescending(start => start.Value).Take(MaximumStarts).Select(start => (start.Between, start.Within));
    }

    private static double[] Axis(double lower, double upper, int points)
    {
        var ratio = Math.Pow(upper / lower, 1.0 / (points - 2));
        return [0, .. Enumerable.Range(0, points - 1).Select(i => lower * Math.Pow(ratio, i))];
    }

    private static bool IsPeak(double[][] values, int row, int column)
    {
        for (var i = Math.Max(0, row - 1); i <= Math.Min(values.Length - 1, row + 1); i++)
        {
            for (var j = Math.Max(0, column - 1); j <= Math.Min(values[0].Length - 1, column + 1); j++)
            {
                if (values[i][j] > values[row][column])
                {
                    return false;
                }
            }
        }
        return true;
    }

    private static (NestedLikelihoodPoint Point, int Iterations, bool Converged) MaximiseFrom(
        NestedLikelihood likelihood, double between, double within, bool moveBetween, bool moveWithin)
    {
        var (point, before) = (likelihood.At(between, within), double.PositiveInfinity);
        for (var i = 1; i <= MaximumIterations; i++)
        {
            var step = ComputeStep(point, moveBetween, moveWithin);
            var scale = point.Between + point.Within;
            if (step.Size <= 4e-16 * scale || (step.Size < 1e-7 * scale && step.Size >= before))
            {
                return (point, i, true);
            }
            if (LineSearch(likelihood, point, step) is not { } next)
            {
                return (point, i, step.Size < 1e-6 * scale || step.Gain < 1e-12);
            }
            if (step.Exact && step.Size < 1e-9 * scale)
            {
                return (next, i, true); // the error is squared at every step
            }
            (point, before) = (next, step.Size);
        }
        return (point, MaximumIterations, false);
    }

    /// <summary>The step, halved until the likelihood does not fall by more than rounding.</summary>
    private static NestedLikelihoodPoint? LineSearch(NestedLikelihood likelihood, NestedLikelihoodPoint point, NewtonStep step)
    {
        var rounding = 1e-14 * (Math.Abs(point.LogLikelihood) + likelihood.Data.Effects);
        for (var t = 1.0; t > 1e-12; t /= 2)
        {
            var next = likelihood.At(Math.Max(0, point.Between + t * step.Between), Math.Max(0, point.Within + t * step.Within));
            if (next.LogLikelihood >= point.LogLikelihood - rounding)
            {
                return next;
            }
        }
        return null;
    }

    private static NewtonStep ComputeStep(NestedLikelihoodPoint point, bool moveBetween, bool moveWithin)
    {
        var (gb, gw) = (point.GradientBetween, point.GradientWithin);
        moveBetween &= point.Between > 0 || gb > 0;
        moveWithin &= point.Within > 0 || gw > 0;
        var h = new Symmetric2x2(-point.Hessian.A, -point.Hessian.B, -point.Hessian.C);
        var curved = (!moveBetween || h.A > 0) && (!moveWithin || h.C > 0) && (!(moveBetween && moveWithin) || h.A * h.C > h.B * h.B * (1 + 1e-12));
        if (!curved)
        {
            h = point.Information;
        }
        var (b, w) = (0.0, 0.0);
        if (moveBetween && moveWithin)
        {
            var determinant = h.A * h.C - h.B * h.B;
            (b, w) = determinant > 0 ? ((h.C * gb - h.B * gw) / determinant, (h.A * gw - h.B * gb) / determinant) : (gb / h.A, gw / h.C);
            if (point.Between + b < 0)
            {
                b = -point.Between;
                w = (gw - h.B * b) / h.C;
            }
            if (point.Within + w < 0)
            {
                w = -point.Within;
                b = Math.Max(-point.Between, (gb - h.B * w) / h.A);
            }
        }
        else if (moveBetween)
        {
            b = Math.Max(-point.Between, gb / h.A);
        }
        else if (moveWithin)
        {
            w = Math.Max(-point.Within, gw / h.C);
        }
        return new NewtonStep(b, w, gb * b + gw * w, curved);
    }
}

/// <summary>A step in both variances.</summary>
/// <param name="Between">In σ_b².</param>
/// <param name="Within">In σ_w².</param>
/// <param name="Gain">What the slope promises.</param>
/// <param name="Exact">True for Newton's, false for Fisher's.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NewtonStep(double Between, double Within, double Gain, bool Exact)
{
    public double Size => Math.Abs(Between) + Math.Abs(Within);
}
