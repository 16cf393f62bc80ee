namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Exact sums, so that a subtraction undoes an addition: multiples of 2⁻⁵² in 128 bits.</summary>
/// <remarks>
/// A double that is added and later subtracted leaves its rounding behind; a whole number does not. Each patient's share is
/// rounded once, the same way every time, so that a site's sums after any history equal those of a rebuild, bit for bit.
/// Shares are at most about 10¹⁴ (products of sums of squares of scores up to 180 over 1,000 sessions), far from the 2⁷⁵ that fit.
/// </remarks>
internal static class FixedPoint
{
    private const int FractionBits = 52;

    public static Int128 FromDouble(double value) => (Int128)Math.ScaleB(value, FractionBits);

    public static double ToDouble(Int128 value) => Math.ScaleB((double)value, -FractionBits);
}
