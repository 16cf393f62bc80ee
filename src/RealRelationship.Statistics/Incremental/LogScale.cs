namespace RealRelationship.Statistics;

/// <summary>A variance x ≥ 0 on the scale ln(1 + x/o), cut into tiles of equal length, each with Chebyshev points.</summary>
/// <remarks>Sums over samples are analytic functions of both variances, with singularities at x ≤ −o: on this scale these are at the distance π from the real
/// axis, or below 0 (<see cref="InterpolatedSums"/>). On a tile the interpolant's error is about ρ⁻ⁿ, ρ = a + √(a² + 1), a = 2π/length: 1e-14.</remarks>
/// <param name="offset">o, positive.</param>
internal sealed class LogScale(double offset)
{
    /// <summary>Chebyshev points of a tile, its ends included.</summary>
    public const int Points = 11;

    private const double Length = 0.5;

    private static readonly ChebyshevAxis s_tile = new(0, Length, Points);

    /// <summary>The tile that contains a variance.</summary>
    public int TileOf(double x) => (int)(Position(x) / Length);

    /// <summary>The variance at a point of a tile.</summary>
    public double At(int tile, int point) => Variance(tile * Length + s_tile.Points[point]);

    /// <summary>What each point of a tile contributes to the value at a variance.</summary>
    public void Weights(int tile, double x, Span<double> weights) => s_tile.Weights(Position(x) - tile * Length, weights);

    /// <summary>A variance on the scale.</summary>
    public double Position(double x) => Math.Log(1 + x / offset);

    /// <summary>The variance at a position of the scale.</summary>
    public double Variance(double position) => position == 0 ? 0 : offset * (Math.Exp(position) - 1);
}
