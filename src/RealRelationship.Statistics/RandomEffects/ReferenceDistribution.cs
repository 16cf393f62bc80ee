namespace RealRelationship.Statistics;

/// <summary>What statistics are referred to: the standard normal distribution, or t.</summary>
/// <param name="DegreesOfFreedom">Of t; null for the normal distribution.</param>
internal sealed record ReferenceDistribution(double? DegreesOfFreedom)
{
    public static readonly ReferenceDistribution Normal = new((double?)null);

    private const double Power = 0.80;

    /// <summary>The distribution of a test; null when it is t and there are no residual degrees of freedom.</summary>
    public static ReferenceDistribution? Of(CoefficientTest test, int residualDegreesOfFreedom) => test switch
    {
        CoefficientTest.Normal => Normal,
        _ when residualDegreesOfFreedom < 1 => null,
        _ => new ReferenceDistribution(residualDegreesOfFreedom),
    };

    public double UpperTail(double x) => DegreesOfFreedom is { } df ? StudentT.UpperTail(x, df) : Statistics.Normal.UpperTail(x);

    public double UpperQuantile(double p) => DegreesOfFreedom is { } df ? StudentT.UpperQuantile(p, df) : Statistics.Normal.UpperQuantile(p);

    public double TwoSided(double statistic) => Math.Min(1, 2 * UpperTail(Math.Abs(statistic)));

    public static Coefficient ToCoefficient(ReferenceDistribution? distribution, string name, double estimate, double standardError, double alpha)
    {
        Guard.FiniteResult(estimate, standardError);
        if (distribution is null)
        {
            return new Coefficient(name, estimate, standardError, null, null, null, null, null);
        }
        var statistic = estimate / standardError;
        var half = distribution.UpperQuantile(alpha / 2) * standardError;
        if (standardError == 0 || !double.IsFinite(statistic))
        {
            return new Coefficient(name, estimate, standardError, null, distribution.DegreesOfFreedom, null, estimate - half, estimate + half);
        }
        return new Coefficient(
            name, estimate, standardError, statistic, distribution.DegreesOfFreedom, distribution.TwoSided(statistic), estimate - half, estimate + half);
    }

    /// <summary>The noncentrality at which the two-sided test at α has 80 % power.</summary>
    public double DetectableNoncentrality(double alpha)
    {
        if (alpha >= Power)
        {
            return 0;
        }
        var critical = UpperQuantile(alpha / 2);
        // From 10⁸ on t is the normal to the last digits.
        // Given W, power rises from 0 to 1 over a few 2/critical in ln W.
        var mixture = DegreesOfFreedom is { } df and < 1e8 ? ScaleMixture.OfStudentT(df, 1e-17, 0.5 / critical) : [(1, 1)];
        var missed = new NormalMixture(2 * mixture.Length); // P(|t| ≤ critical) as a function of δ, given W
        foreach (var (variance, weight) in mixture)
        {
            missed.Add(1, critical / Math.Sqrt(variance), weight);
            missed.Add(1, -critical / Math.Sqrt(variance), -weight);
        }
        return missed.Quantile(1 - Power, critical + 0.85, 1, lastStep: 1e-5);
    }
}
