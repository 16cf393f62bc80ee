using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RealRelationship.Statistics;

/// <summary>What the cluster-robust variance of a common mean needs of a sample, or the sum over samples. With residuals r and F as in
/// <see cref="SandwichEstimator"/>, f = F′r, h = F′1 and q = F′ΦF: the score of a sample is f − μh.</summary>
/// <param name="First">f², fh, h², q.</param>
/// <param name="Second">q², qh².</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SandwichTerms(Vector256<double> First, Vector256<double> Second)
{
    /// <summary>Directions in which the adjusted covariance is 0, relative to its size, are left out.</summary>
    public const double SingularityTolerance = 1e-12;

    private const double LeastRemainder = 0.1;

    public static SandwichTerms Of(double f, double h, double q) => new(Vector256.Create(f * f, f * h, h * h, q), Vector256.Create(q * q, q * h * h, 0, 0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SandwichTerms operator +(in SandwichTerms a, in SandwichTerms b) => new(a.First + b.First, a.Second + b.Second);

    public static SandwichTerms operator -(in SandwichTerms a, in SandwichTerms b) => new(a.First - b.First, a.Second - b.Second);

    public static SandwichTerms operator *(double factor, in SandwichTerms a) => new(factor * a.First, factor * a.Second);

    /// <summary>Whether these sums without a sample are so much smaller that digits are lost.</summary>
    public bool HasLostDigits(in SandwichTerms all) =>
        !(First[0] >= LeastRemainder * all.First[0] && First[2] >= LeastRemainder * all.First[2] && First[3] >= LeastRemainder * all.First[3]
            && Second[0] >= LeastRemainder * all.Second[0] && Second[1] >= LeastRemainder * all.Second[1]);

    /// <summary>Variance of the mean, without the factor of CR1.</summary>
    /// <param name="mean">μ, as residuals are.</param>
    /// <param name="covariance">Its variance under the model.</param>
    public double Variance(double mean, double covariance) =>
        covariance * covariance * Math.Max(0, First[0] - mean * (2 * First[1] - mean * First[2]));

    /// <summary>Satterthwaite's degrees of freedom, as in <see cref="CoefficientInference"/>; null if there are none.</summary>
    /// <param name="covariance">Variance of the mean under the model.</param>
    public double? DegreesOfFreedom(double covariance)
    {
        var expected = First[3] - covariance * First[2];
        var df = expected * expected / (Second[0] - covariance * (2 * Second[1] - covariance * First[2] * First[2]));
        return df > 0 && double.IsFinite(df) ? df : null;
    }
}
