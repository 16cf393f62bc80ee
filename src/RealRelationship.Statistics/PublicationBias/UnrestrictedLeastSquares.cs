namespace RealRelationship.Statistics;

/// <summary>A mean by unrestricted weighted least squares.</summary>
/// <param name="Effects">Number of effects k that it is the mean of.</param>
/// <param name="Estimate">Σwy/Σw, w = 1/v: that of the common-effect model.</param>
/// <param name="StandardError">√(Q/(k − 1)/Σw): also smaller than the common-effect model's, where effects differ less than sampling error.</param>
/// <param name="Statistic">t; null when the effects are equal.</param>
/// <param name="DegreesOfFreedom">k − 1.</param>
/// <param name="PValue">Two-sided; null with <paramref name="Statistic"/>.</param>
/// <param name="Lower">Lower confidence bound.</param>
/// <param name="Upper">Upper confidence bound.</param>
/// <param name="VarianceRatio">Q/(k − 1), the multiple of the sampling variances that the effects show.</param>
public sealed record UnrestrictedMean(
    int Effects, double Estimate, double StandardError, double? Statistic, int DegreesOfFreedom, double? PValue, double Lower, double Upper,
    double VarianceRatio);

/// <summary>The mean of the adequately powered effects, or of all if fewer than two are.</summary>
/// <param name="Powered">Number of adequately powered effects.</param>
/// <param name="LargestStandardError">|UWLS|/2.8: an effect with it has a power of 80 % at the two-sided 5 % level if UWLS is right.</param>
/// <param name="UsesPowered">True when at least two effects are powered and the mean is theirs.</param>
/// <param name="Mean">UWLS of the powered effects, or of all.</param>
public sealed record PoweredMean(int Powered, double LargestStandardError, bool UsesPowered, UnrestrictedMean Mean);

/// <summary>Unrestricted weighted least squares (UWLS): the common-effect mean with a variance that is multiplied by the mean square of the residuals, so that
/// small studies, which publication bias distorts most, get no more weight than their precision.</summary>
public static class UnrestrictedLeastSquares
{
    /// <summary>2.8 = z of .975 + z of .80, rounded as in the paper.</summary>
    private const double DetectableInStandardErrors = 2.8;
    private const int MinPowered = 2;
    private const double CorrectionOfDf = 3;

    /// <summary>UWLS. Agrees with <c>lm(yi ~ 1, weights = 1/vi)</c> of R.</summary>
    /// <remarks>Stanley and Doucouliagos 2015, Statistics in Medicine 34, equation 3.</remarks>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="confidence">Coverage, strictly between 0 and 1.</param>
    /// <returns>Null for one effect.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance that is not positive.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static UnrestrictedMean? Fit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, double confidence = 0.95)
    {
        Guard.ValidEffects(estimates, variances);
        var options = new ModelOptions { Estimator = TauSquaredEstimator.CommonEffect, Test = CoefficientTest.KnappHartung, Confidence = confidence };
        if (estimates.Length < 2)
        {
            return null;
        }
        var fit = MeanModel.Fit(estimates, variances, options);
        var df = estimates.Length - 1;
        var mean = ReferenceDistribution.ToCoefficient(new ReferenceDistribution(df), "intercept", fit.Mean, fit.StandardError, options.Alpha);
        return new UnrestrictedMean(
            estimates.Length, fit.Mean, fit.StandardError, mean.Statistic, df, mean.PValue, mean.Lower!.Value, mean.Upper!.Value, fit.Multiplier);
    }

    /// <summary>UWLS of the adequately powered effects alone (WAAP), else of all.</summary>
    /// <remarks>Stanley, Doucouliagos and Ioannidis 2017, Statistics in Medicine 36 (WAAP–WLS).</remarks>
    /// <inheritdoc cref="Fit"/>
    public static PoweredMean? Powered(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, double confidence = 0.95)
    {
        if (Fit(estimates, variances, confidence) is not { } all)
        {
            return null;
        }
        var largest = Math.Abs(all.Estimate) / DetectableInStandardErrors;
        var (y, v) = (new List<double>(), new List<double>());
        for (var i = 0; i < estimates.Length; i++)
        {
            if (Math.Sqrt(variances[i]) <= largest)
            {
                y.Add(estimates[i]);
                v.Add(variances[i]);
            }
        }
        var uses = y.Count >= MinPowered;
        return new PoweredMean(y.Count, largest, uses, uses ? Fit([.. y], [.. v], confidence)! : all);
    }

    /// <summary>UWLS of correlations that are corrected by three degrees of freedom (UWLS+3), on the scale of r: t = r√(df/(1 − r²)) with df = n − 2,
    /// r₃ = t/√(t² + df + 3), v₃ = (1 − r₃²)/(df + 3). On this scale r and its variance depend on each other, and the three make up for the bias.</summary>
    /// <remarks>Stanley, Doucouliagos, Maier and Bartoš 2024, Journal of Data and Information Science 9; Stanley and Doucouliagos 2024, Research Synthesis
    /// Methods 15, equations 4 and 5.</remarks>
    /// <param name="correlations">r, strictly between −1 and 1.</param>
    /// <param name="sampleSizes">n, above 2.</param>
    /// <param name="confidence">Coverage, strictly between 0 and 1.</param>
    /// <returns>On the scale of r. Null for one effect.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an r that is not between −1 and 1, an n that is not above 2.</exception>
    public static UnrestrictedMean? OfCorrelations(ReadOnlySpan<double> correlations, ReadOnlySpan<double> sampleSizes, double confidence = 0.95)
    {
        Guard.SameLength(correlations.Length, sampleSizes.Length, nameof(sampleSizes));
        var (y, v) = (new double[correlations.Length], new double[correlations.Length]);
        for (var i = 0; i < y.Length; i++)
        {
            var (r, df) = (correlations[i], sampleSizes[i] - 2);
            Guard.InRange(r is > -1 and < 1, r, nameof(correlations), "Correlations lie strictly between −1 and 1.");
            Guard.InRange(df > 0, sampleSizes[i], nameof(sampleSizes), "There are more than 2 observations.");
            var t = r * Math.Sqrt(df / (1 - r * r));
            y[i] = t / Math.Sqrt(t * t + df + CorrectionOfDf);
            v[i] = (1 - y[i] * y[i]) / (df + CorrectionOfDf);
        }
        return Fit(y, v, confidence);
    }
}
