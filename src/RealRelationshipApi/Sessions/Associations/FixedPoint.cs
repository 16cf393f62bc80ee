namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Fixed-point sums in multiples of 2⁻⁵² and 128 bits: subtraction exactly undoes addition.</summary>
/// <remarks>
/// Each patient's contribution is rounded once and deterministically, so that a site's sums after any history equal those of a rebuild, bit for bit.
/// Contributions are at most about 10¹⁴ (products of sums of squares of scores up to 180 over 1,000 sessions), well below the limit of 2⁷⁵.
/// </remarks>
internal static class FixedPoint
{
    private const int FractionBits = 52;

    public static Int128 FromDouble(double value) => (Int128)Math.ScaleB(value, FractionBits);

    public static double ToDouble(Int128 value) => Math.ScaleB((double)value, -FractionBits);
}
