using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RealRelationship.Statistics;

/// <summary>What the likelihood of a common mean needs of a sample at one pair of variances, or the sum over samples: with M the covariance of its effects
/// and r their residuals, products of 1 and r in M⁻¹, M⁻² and M⁻³.</summary>
/// <param name="First">1′M⁻¹1, 1′M⁻¹r, r′M⁻¹r, ln|M|.</param>
/// <param name="Second">1′M⁻²1, 1′M⁻²r, r′M⁻²r, tr M⁻¹.</param>
/// <param name="Third">(1′M⁻¹1)², (1′M⁻¹1)(1′M⁻¹r), (1′M⁻¹r)², tr M⁻².</param>
/// <param name="Fourth">The first three of <paramref name="Third"/> times 1′M⁻¹1, and 1′M⁻³1.</param>
/// <param name="Fifth">(1′M⁻¹a)(1′M⁻²b), made symmetric, and 1′M⁻³r.</param>
/// <param name="Sixth">r′M⁻³r.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct NestedTerms(Vector256<double> First, Vector256<double> Second, Vector256<double> Third, Vector256<double> Fourth,
    Vector256<double> Fifth, Vector256<double> Sixth)
{
    /// <summary>Vectors in memory.</summary>
    public const int Vectors = 6;

    private const double LeastRemainder = 0.1; // of a sum, after terms were subtracted

    /// <summary>1′M⁻¹1.</summary>
    public double Weight => First[0];

    /// <summary>1′M⁻¹r.</summary>
    public double WeightedResidual => First[1];

    /// <summary>r′M⁻¹r.</summary>
    public double Squares => First[2];

    public double LogDeterminant => First[3];

    /// <summary>Terms of one sample from those that are not products of others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NestedTerms Of(double weight, double weighted, double squares, double log, double one2, double cross2, double squares2, double trace,
        double trace2, double one3, double cross3, double squares3)
    {
        var (a2, ab) = (weight * weight, weight * weighted);
        return new(
            Vector256.Create(weight, weighted, squares, log), Vector256.Create(one2, cross2, squares2, trace),
            Vector256.Create(a2, ab, weighted * weighted, trace2), Vector256.Create(a2 * weight, ab * weight, ab * weighted, one3),
            Vector256.Create(weight * one2, (weight * cross2 + weighted * one2) / 2, weighted * cross2, cross3), Vector256.CreateScalar(squares3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NestedTerms operator +(in NestedTerms a, in NestedTerms b) =>
        new(a.First + b.First, a.Second + b.Second, a.Third + b.Third, a.Fourth + b.Fourth, a.Fifth + b.Fifth, a.Sixth + b.Sixth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NestedTerms operator -(in NestedTerms a, in NestedTerms b) =>
        new(a.First - b.First, a.Second - b.Second, a.Third - b.Third, a.Fourth - b.Fourth, a.Fifth - b.Fifth, a.Sixth - b.Sixth);

    /// <summary>Whether these sums without some samples are so much smaller that digits are lost.</summary>
    public bool HasLostDigits(in NestedTerms all) =>
        !(Fourth[0] >= LeastRemainder * all.Fourth[0] && Fourth[3] >= LeastRemainder * all.Fourth[3] && Third[3] >= LeastRemainder * all.Third[3]
            && Fourth[2] >= LeastRemainder * all.Fourth[2] && Sixth[0] >= LeastRemainder * all.Sixth[0] && First[2] >= LeastRemainder * all.First[2]);

    /// <summary>The same of <see cref="First"/> alone.</summary>
    public static bool HaveLostDigits(in Vector256<double> left, in Vector256<double> all) =>
        !(left[0] >= LeastRemainder * all[0] && left[2] >= LeastRemainder * all[2]);

    /// <summary>The likelihood of the mean of samples whose terms these sums are.</summary>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public NestedLikelihoodPoint ToPoint(double between, double within, int effects, bool restricted)
    {
        if (!(Weight > 0 && double.IsFinite(Weight)))
        {
            throw new StatisticsException("outOfRange", "The numbers are too large or too small for double precision.");
        }
        var mean = WeightedResidual / Weight;
        var solution = new NestedSolution([mean], [1 / Weight], [Weight], Math.Log(Weight), Math.Max(0, Squares - mean * WeightedResidual));
        return new NestedLikelihoodPoint(between, within, LogLikelihood(effects, restricted), solution, ToSums(), restricted);
    }

    /// <summary>The log-likelihood alone; −∞ where it cannot be computed.</summary>
    public double LogLikelihood(int effects, bool restricted) => LogLikelihood(First, effects, restricted);

    /// <inheritdoc cref="LogLikelihood(int, bool)"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double LogLikelihood(in Vector256<double> first, int effects, bool restricted)
    {
        if (!(first[0] > 0))
        {
            return double.NegativeInfinity;
        }
        var q = Math.Max(0, first[2] - first[1] / first[0] * first[1]);
        return restricted
            ? -0.5 * ((effects - 1) * Math.Log(2 * Math.PI) + first[3] + Math.Log(first[0] / effects) + q)
            : -0.5 * (effects * Math.Log(2 * Math.PI) + first[3] + q);
    }

    /// <summary>Adds these to sums of width 2.</summary>
    public void AddTo(NestedSums sums)
    {
        sums.AddTraces(First[0], Second[3], Third[0], Second[0], Third[3]);
        Add(sums.Cross, First[0], First[1], First[2]);
        Add(sums.Square, Second[0], Second[1], Second[2]);
        Add(sums.Second, Fourth[3], Fifth[3], Sixth[0]);
        Add(sums.Ones, Third[0], Third[1], Third[2]);
        Add(sums.WeightedOnes, Fourth[0], Fourth[1], Fourth[2]);
        Add(sums.Mixed, Fifth[0], Fifth[1], Fifth[2]);
    }

    private NestedSums ToSums()
    {
        var sums = new NestedSums(2);
        AddTo(sums);
        return sums;
    }

    /// <summary>The lower triangle of column and residual.</summary>
    private static void Add(double[] lower, double columns, double cross, double residuals) =>
        (lower[0], lower[2], lower[3]) = (lower[0] + columns, lower[2] + cross, lower[3] + residuals);
}
