using System.Runtime.CompilerServices;

namespace RealRelationship.Statistics;

/// <summary>Chebyshev points of an interval, its ends included, between which functions are interpolated by the barycentric formula
/// (Berrut and Trefethen 2004, SIAM Review 46).</summary>
internal sealed class ChebyshevAxis
{
    private readonly double[] _points;

    /// <summary>Points of an interval.</summary>
    /// <param name="from">Its lower end, which is one of the points exactly.</param>
    /// <param name="to">Its upper end, likewise.</param>
    /// <param name="points">Number of points; 1 if the interval is one.</param>
    public ChebyshevAxis(double from, double to, int points)
    {
        _points = [.. Enumerable.Range(0, points).Select(i => i == 0 ? from : i == points - 1 ? to
            : from + (to - from) * Math.Pow(Math.Sin(Math.PI * i / (points - 1) / 2), 2))];
    }

    public ReadOnlySpan<double> Points => _points;

    /// <summary>How many points interpolate functions whose nearest singularity is on an ellipse of sum of half-axes ρ, the interval being [−1, 1]: the error
    /// falls as ρ⁻ⁿ (Trefethen 2013, Approximation Theory and Approximation Practice, chapter 8).</summary>
    /// <param name="rho">ρ, above 1; infinite if the interval is one point.</param>
    /// <param name="relativeError">The error that is left.</param>
    public static int CountPoints(double rho, double relativeError) => 1 + (int)Math.Ceiling(Math.Log(1 / relativeError) / Math.Log(rho));

    /// <summary>What each point contributes to the interpolated value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Weights(double x, Span<double> weights)
    {
        var total = 0.0;
        for (var i = 0; i < _points.Length; i++)
        {
            var distance = x - _points[i];
            if (distance == 0 || _points.Length == 1)
            {
                weights.Clear();
                weights[i] = 1;
                return;
            }
            weights[i] = (i % 2 == 0 ? 1 : -1) * (i == 0 || i == _points.Length - 1 ? 0.5 : 1) / distance;
            total += weights[i];
        }
        foreach (ref var weight in weights)
        {
            weight /= total;
        }
    }
}
