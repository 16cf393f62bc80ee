namespace RealRelationship.Statistics;

/// <summary>A variance x ≥ 0 on the scale ln(1 + x/o), cut into tiles of equal length, each with Chebyshev points.</summary>
/// <remarks>Sums over samples are analytic functions of both variances, with singularities at x ≤ −o: on this scale they are at the distance π from the real
/// axis, or below 0 (<see cref="InterpolatedSums"/>). On a tile the interpolant's error is about ρ⁻ⁿ, ρ = a + √(a² + 1), a = 2π/length: 1e-14.</remarks>
/// <param name="offset">o, positive.</param>
internal sealed class LogScale(double offset)
{
    /// <summary>Chebyshev points of a tile, its ends included.</summary>
    public const int Points = 11;

    private const double Length = 0.5;

    private static readonly double[] s_points = [.. Enumerable.Range(0, Points).Select(i => Length * Math.Pow(Math.Sin(Math.PI * i / (Points - 1) / 2), 2))];

    /// <summary>The tile that contains a variance.</summary>
    public int TileOf(double x) => (int)(Position(x) / Length);

    /// <summary>The variance at a point of a tile.</summary>
    public double At(int tile, int point) => tile == 0 && point == 0 ? 0 : offset * (Math.Exp(tile * Length + s_points[point]) - 1);

    /// <summary>What each point of a tile contributes to the interpolated value; barycentric formula (Berrut and Trefethen 2004, SIAM Review 46).</summary>
    public void Weights(int tile, double x, Span<double> weights)
    {
        var (at, total) = (Position(x) - tile * Length, 0.0);
        for (var i = 0; i < Points; i++)
        {
            var distance = at - s_points[i];
            if (distance == 0)
            {
                weights.Clear();
                weights[i] = 1;
                return;
            }
            weights[i] = (i % 2 == 0 ? 1 : -1) * (i is 0 or Points - 1 ? 0.5 : 1) / distance;
            total += weights[i];
        }
        foreach (ref var weight in weights)
        {
            weight /= total;
        }
    }

    private double Position(double x) => Math.Log(1 + x / offset);
}
