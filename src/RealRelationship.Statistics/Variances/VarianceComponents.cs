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

    /// <summary>Whether both variances are known, or what is not known of them does not differ along the ridge.</summary>
    public bool IsIdentified => OtherEnd is null ? BetweenIdentified && WithinIdentified : RangeOf(variances => variances.Between) is null;

    /// <summary>What the sum of both can be.</summary>
    public Interval? TotalRange => RangeOf(variances => variances.Total);

    /// <summary>All local maxima found.</summary>
    public IReadOnlyList<NestedLikelihoodPoint> Modes { get; init; } = [];

    /// <summary>What something can be along the ridge; null if its ends agree, or there is none.</summary>
    public Interval? RangeOf(Func<RandomVariances, double> of) =>
        OtherEnd is null ? null : CoefficientInference.RangeOf(of(Point.Variances), of(OtherEnd.Variances));
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
    private const double IdentificationTolerance = 1e-10;
    private const double RidgeTolerance = 1e-8;

    public static VarianceEstimate Maximise(INestedLikelihood likelihood)
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

    private static VarianceEstimate Maximise(INestedLikelihood likelihood, bool between, bool within)
    {
        var modes = NewtonSearch.Different(likelihood.Starts(between, within).Select(start => NewtonSearch.Maximise(
            likelihood.At(start.Between, start.Within), point => ComputeStep(point, between, within), (point, step, t) => Move(likelihood, point, step, t),
            logLikelihood => likelihood.RelativeError * (Math.Abs(logLikelihood) + likelihood.Effects))));
        var best = modes.MaxBy(mode => mode.Point.LogLikelihood)!;
        return new VarianceEstimate(best.Point, best.Iterations, best.Converged, modes.Count > 1, between, within)
        {
            Modes = [.. modes.Select(mode => mode.Point)],
        };
    }

    private static NestedLikelihoodPoint Move(INestedLikelihood likelihood, NestedLikelihoodPoint point, NewtonStep step, double t) =>
        likelihood.At(Math.Max(0, point.Between + t * step.Between), Math.Max(0, point.Within + t * step.Within));

    /// <summary>Whether each variance leaves a trace in the likelihood, and whether both leave the same.</summary>
    private static (bool Between, bool Within, bool Alike) Identify(INestedLikelihood likelihood)
    {
        var point = likelihood.At(likelihood.TypicalVariance, likelihood.TypicalVariance);
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
/// <param name="IsExact">True for Newton's, false for Fisher's.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NewtonStep(double Between, double Within, double Gain, bool IsExact) : ILikelihoodStep
{
    public double Size => Math.Abs(Between) + Math.Abs(Within);
}
