using System.Globalization;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>Precision of released numbers: enough for a meta-analysis, too little to solve for the scores of a patient.</summary>
internal static class ReleaseRounding
{
    private const int DecimalsOfZ = 3;
    private const string DigitsOfVariance = "G3";

    public static double OfZ(double z) => Math.Round(z, DecimalsOfZ);

    public static double OfVariance(double variance) =>
        double.Parse(variance.ToString(DigitsOfVariance, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
