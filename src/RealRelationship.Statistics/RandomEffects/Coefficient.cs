using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>A closed interval.</summary>
/// <param name="Lower">Lower bound.</param>
/// <param name="Upper">Upper bound, at least <paramref name="Lower"/>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Interval(double Lower, double Upper);

/// <summary>One estimated coefficient with its test and interval, on the scale of the effects.</summary>
/// <param name="Name"><c>intercept</c>, the name of a continuous term, or <c>term:level</c>.</param>
/// <param name="Estimate">The coefficient.</param>
/// <param name="StandardError">Its standard error, Knapp–Hartung multiplier included.</param>
/// <param name="Statistic">Estimate over standard error; null when there is no standard error or no residual degree of freedom.</param>
/// <param name="DegreesOfFreedom">Of the t distribution; null when the normal distribution is used.</param>
/// <param name="PValue">Two-sided; null with <paramref name="Statistic"/>.</param>
/// <param name="Lower">Lower confidence bound.</param>
/// <param name="Upper">Upper confidence bound.</param>
public sealed record Coefficient(
    string Name, double Estimate, double StandardError, double? Statistic, double? DegreesOfFreedom, double? PValue, double? Lower, double? Upper)
{
    private const double SuspiciousShare = 0.5;

    /// <summary>Basis of <see cref="StandardError"/>.</summary>
    public StandardErrorBasis Basis { get; init; }

    /// <summary>True when the coefficient cannot be estimated without the rows of one sample; see <see cref="OneSampleInference"/>.</summary>
    public bool RestsOnOneSample { get; init; }

    /// <summary>Standard error under the working model, if <see cref="StandardError"/> is robust; otherwise null.</summary>
    public double? ModelStandardError { get; init; }

    /// <summary>Range of <see cref="Estimate"/> if it depends on variances that are not identified: all values in it are equally likely, so that neither the
    /// estimate nor results that depend on it are meaningful. Null if it is identified.</summary>
    public Interval? Range { get; init; }

    /// <summary>The same of <see cref="StandardError"/>.</summary>
    public Interval? StandardErrorRange { get; init; }

    /// <summary>True when the estimate moves by more than its standard error over the profile-likelihood intervals of the variances.</summary>
    public bool IsWeaklyIdentified { get; init; }

    /// <summary>True if neither the estimate nor its standard error depends on unidentified variances.</summary>
    public bool IsIdentified => Range is null && StandardErrorRange is null;

    /// <summary>True when a robust standard error is below half of what the working model expects: by chance or by leverage it has collapsed.</summary>
    public bool RobustBelowModel => StandardError < SuspiciousShare * ModelStandardError;

    /// <summary>With ranges to the same coefficient at the other end of a ridge of the likelihood; without test and interval if they differ.</summary>
    internal Coefficient WithOtherEnd(Coefficient other)
    {
        var both = this with
        {
            Range = CoefficientInference.RangeOf(Estimate, other.Estimate),
            StandardErrorRange = CoefficientInference.RangeOf(StandardError, other.StandardError),
        };
        return both.IsIdentified ? both : both with { Statistic = null, PValue = null, Lower = null, Upper = null };
    }
}

/// <summary>How much the effects differ beyond sampling error (in a regression: beyond sampling error and moderators).</summary>
/// <param name="Q">Cochran's Q: Σ (y − ŷ)²/v with common-effect weights.</param>
/// <param name="DegreesOfFreedom">k − p.</param>
/// <param name="PValue">Upper tail of χ² at <paramref name="Q"/>; null without degrees of freedom.</param>
/// <param name="TauSquared">The between-study variance; 0 for the common-effect model, null when it cannot be estimated.</param>
/// <param name="TauSquaredStandardError">Standard error of τ²; null if the estimator has none.</param>
/// <param name="TauSquaredInterval">Q-profile interval (Viechtbauer 2007, Statistics in Medicine 26); null when it is empty.</param>
/// <param name="ISquared">100 τ²/(τ² + s²), percent, s² the typical variance (Higgins and Thompson 2002, Statistics in Medicine 21);
/// 100 (Q − df)/Q, not below 0, for the common-effect model.</param>
/// <param name="ISquaredInterval">The interval of τ² on the scale of I².</param>
/// <param name="HSquared">τ²/s² + 1; Q/df for the common-effect model.</param>
/// <param name="HSquaredInterval">The interval of τ² on the scale of H².</param>
public sealed record Heterogeneity(
    double Q, int DegreesOfFreedom, double? PValue, double? TauSquared, double? TauSquaredStandardError, Interval? TauSquaredInterval,
    double? ISquared, Interval? ISquaredInterval, double? HSquared, Interval? HSquaredInterval)
{
    /// <summary>True when no τ² fits: the effects differ less than sampling error would have them at the chosen confidence.</summary>
    public bool IntervalIsEmpty { get; init; }
}

/// <summary>A test that several coefficients are all zero.</summary>
/// <param name="Statistic">QM (χ²), or F under the t-based tests.</param>
/// <param name="NumeratorDegreesOfFreedom">Coefficients tested.</param>
/// <param name="DenominatorDegreesOfFreedom">Of F; null for QM.</param>
/// <param name="PValue">Upper tail.</param>
public sealed record WaldTest(double Statistic, int NumeratorDegreesOfFreedom, double? DenominatorDegreesOfFreedom, double PValue)
{
    /// <summary><c>QM</c> for the χ² form, <c>F</c> for the F form.</summary>
    public string Name => DenominatorDegreesOfFreedom is null ? "QM" : "F";
}
