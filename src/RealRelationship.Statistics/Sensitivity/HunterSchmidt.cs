namespace RealRelationship.Statistics;

/// <summary>A psychometric meta-analysis of correlations, on the scale of r.</summary>
/// <param name="Effects">Number of correlations.</param>
/// <param name="TotalSampleSize">Sum of sample sizes.</param>
/// <param name="MeanCorrelation">Weighted mean, corrected when correlations were.</param>
/// <param name="ObservedVariance">Weighted variance of the (corrected) correlations.</param>
/// <param name="ErrorVariance">Variance that sampling error alone would give.</param>
/// <param name="ResidualVariance">Observed less error variance, not below 0: the variance of the true correlations.</param>
/// <param name="StandardError">Of the mean: √(observed variance / number of correlations).</param>
/// <param name="CredibilityInterval">Where 80 % of the true correlations lie: mean ± 1.28 √residual.</param>
/// <param name="PercentOfVariance">Share of the observed variance that is sampling error, percent, at most 100; null when nothing varies.</param>
public sealed record HunterSchmidtResult(
    int Effects, double TotalSampleSize, double MeanCorrelation, double ObservedVariance, double ErrorVariance, double ResidualVariance,
    double StandardError, Interval CredibilityInterval, double? PercentOfVariance);

/// <summary>Psychometric meta-analysis; Schmidt and Hunter 2015, Methods of Meta-Analysis, 3rd edition, chapter 3.</summary>
public static partial class HunterSchmidt
{
    private const double CredibilityTail = 0.10; // 80 % between the tails

    /// <summary>Bare bones: sampling error alone is taken out. Mean and variance weigh by n; the error variance is (1 − r̄²)²/(N̄ − 1).</summary>
    /// <param name="correlations">rᵢ, strictly between −1 and 1.</param>
    /// <param name="sampleSizes">nᵢ, above 1.</param>
    /// <exception cref="ArgumentException">No correlations, lengths that differ, a number out of its range.</exception>
    public static HunterSchmidtResult BareBones(ReadOnlySpan<double> correlations, ReadOnlySpan<double> sampleSizes)
    {
        RequireParameters(correlations, sampleSizes);
        var mean = Mean(correlations, sampleSizes);
        var error = VectorMath.Square(1 - mean * mean) / (Sum(sampleSizes) / sampleSizes.Length - 1);
        return ToResult(correlations, sampleSizes, Sum(sampleSizes), mean, error);
    }

    /// <summary>Each correlation is corrected for unreliability in both measures, A = √(r_xx r_yy), or for range restriction as well
    /// (<see cref="RangeRestriction.Attenuation"/>), and weighs nA²; its error variance is (1 − r̄²)²/((n − 1)A²), r̄ the bare-bones mean, times the square
    /// of <see cref="RangeRestriction.Elasticity"/>.</summary>
    /// <param name="correlations">rᵢ, strictly between −1 and 1.</param>
    /// <param name="sampleSizes">nᵢ, above 1.</param>
    /// <param name="reliabilitiesX">Above 0, at most 1.</param>
    /// <param name="reliabilitiesY">Above 0, at most 1.</param>
    /// <param name="restriction">Range restriction of x, for which correlations are corrected, too; none when null.</param>
    /// <exception cref="ArgumentException">No correlations, lengths that differ, a number out of its range.</exception>
    /// <exception cref="StatisticsException"><c>rangeContradictsReliability</c>: with indirect restriction a reliability is too low for u.</exception>
    public static HunterSchmidtResult Corrected(
        ReadOnlySpan<double> correlations, ReadOnlySpan<double> sampleSizes, ReadOnlySpan<double> reliabilitiesX, ReadOnlySpan<double> reliabilitiesY,
        RangeRestriction? restriction = null)
    {
        RequireParameters(correlations, sampleSizes);
        Guard.SameLength(correlations.Length, reliabilitiesX.Length, nameof(reliabilitiesX));
        Guard.SameLength(correlations.Length, reliabilitiesY.Length, nameof(reliabilitiesY));
        var k = correlations.Length;
        var (corrected, weights, errors) = (new double[k], new double[k], new double[k]);
        var spread = VectorMath.Square(1 - VectorMath.Square(Mean(correlations, sampleSizes)));
        for (var i = 0; i < k; i++)
        {
            var (rxx, ryy) = (Reliability(reliabilitiesX[i], nameof(reliabilitiesX)), Reliability(reliabilitiesY[i], nameof(reliabilitiesY)));
            var a = restriction?.Attenuation(correlations[i], rxx, ryy) ?? Math.Sqrt(rxx * ryy);
            var a2 = a * a;
            corrected[i] = correlations[i] / a;
            weights[i] = sampleSizes[i] * a2;
            errors[i] = VectorMath.Square(restriction?.Elasticity(correlations[i], rxx, ryy) ?? 1) * spread / ((sampleSizes[i] - 1) * a2);
        }
        return ToResult(corrected, weights, Sum(sampleSizes), Mean(corrected, weights), Mean(errors, weights));
    }

    private static HunterSchmidtResult ToResult(ReadOnlySpan<double> r, ReadOnlySpan<double> weights, double total, double mean, double error)
    {
        double sum = 0, observed = 0;
        for (var i = 0; i < r.Length; i++)
        {
            sum += weights[i];
            observed += weights[i] * VectorMath.Square(r[i] - mean);
        }
        observed /= sum;
        var residual = Math.Max(0, observed - error);
        var half = Normal.UpperQuantile(CredibilityTail) * Math.Sqrt(residual);
        var se = Math.Sqrt(observed / r.Length);
        Guard.FiniteResult(mean, observed, error, se, half);
        return new HunterSchmidtResult(
            r.Length, total, mean, observed, error, residual, se, new Interval(mean - half, mean + half),
            observed > 0 ? Math.Min(100, 100 * error / observed) : null);
    }

    private static double Mean(ReadOnlySpan<double> values, ReadOnlySpan<double> weights) => VectorMath.Dot(weights, values) / Sum(weights);

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var x in values)
        {
            sum += x;
        }
        return sum;
    }

    private static double Reliability(double value, string parameter) =>
        Guard.InRange(value is > 0 and <= 1, value, parameter, "Reliabilities are above 0 and at most 1.");

    private static void RequireParameters(ReadOnlySpan<double> correlations, ReadOnlySpan<double> sampleSizes)
    {
        if (correlations.IsEmpty)
        {
            throw new ArgumentException("There are no effects.", nameof(correlations));
        }
        Guard.SameLength(correlations.Length, sampleSizes.Length, nameof(sampleSizes));
        for (var i = 0; i < correlations.Length; i++)
        {
            Guard.InRange(correlations[i] is > -1 and < 1, correlations[i], nameof(correlations), "Correlations lie strictly between -1 and 1.");
            Guard.InRange(sampleSizes[i] > 1, sampleSizes[i], nameof(sampleSizes), "Sample sizes are above 1.");
        }
    }
}
