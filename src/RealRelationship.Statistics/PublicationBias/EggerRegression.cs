namespace RealRelationship.Statistics;

/// <summary>Regressions of effects on the size of their studies: are smaller studies different?</summary>
public static class EggerRegression
{
    private const double PetAlpha = 0.05;
    private const int MinEffects = 3;

    /// <summary>Egger's test: the regression weighted by 1/v, with the residual variance estimated.
    /// Agrees with metafor's <c>regtest(model = "lm")</c>.</summary>
    /// <remarks>Egger, Davey Smith, Schneider and Minder 1997, BMJ 315.</remarks>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="confidence">Coverage of the limit's interval, strictly between 0 and 1.</param>
    /// <param name="predictor">What the effects are regressed on.</param>
    /// <param name="sampleSizes">One positive number an effect, for <see cref="SmallStudyPredictor.InverseSquareRootN"/>; else ignored.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite,
    /// a variance or sample size that is not positive.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static SmallStudyTest Linear(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, double confidence = 0.95,
        SmallStudyPredictor predictor = SmallStudyPredictor.StandardError, ReadOnlySpan<double> sampleSizes = default) =>
        Regress(estimates, variances, Predictor(estimates, variances, predictor, sampleSizes), WeightedLeastSquares(confidence),
            EqualPredictorReason(predictor)).Test;

    /// <summary>Egger's test as a mixed-effects regression, with the τ² estimator of the model. Agrees with metafor's <c>regtest(model = "rma")</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Estimator, test and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <param name="predictor">What the effects are regressed on.</param>
    /// <param name="sampleSizes">One positive number an effect, for <see cref="SmallStudyPredictor.InverseSquareRootN"/>; else ignored.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite,
    /// a variance or sample size that is not positive.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static SmallStudyTest Mixed(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions? options = null,
        SmallStudyPredictor predictor = SmallStudyPredictor.StandardError, ReadOnlySpan<double> sampleSizes = default) =>
        Regress(estimates, variances, Predictor(estimates, variances, predictor, sampleSizes), options ?? new ModelOptions(),
            EqualPredictorReason(predictor)).Test;

    /// <summary>The precision-effect estimate with standard error: as <see cref="Linear"/>, but on v. Agrees with metafor's <c>regtest(model = "lm",
    /// predictor = "vi")</c>.</summary>
    /// <remarks>Stanley and Doucouliagos 2014, Research Synthesis Methods 5.</remarks>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="confidence">Coverage of the limit's interval, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static SmallStudyTest Peese(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, double confidence = 0.95)
    {
        Guard.ValidEffects(estimates, variances);
        return Regress(estimates, variances, variances.ToArray(), WeightedLeastSquares(confidence),
            EqualPredictorReason(SmallStudyPredictor.StandardError)).Test;
    }

    /// <summary>PEESE's limit if Egger's is significant at one-sided .05 in the direction of the common-effect mean, else Egger's.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="confidence">Coverage of the limit's interval, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static PetPeeseDecision PetPeese(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, double confidence = 0.95)
    {
        Guard.ValidEffects(estimates, variances);
        var options = WeightedLeastSquares(confidence);
        var equal = EqualPredictorReason(SmallStudyPredictor.StandardError);
        var (pet, intercept) = Regress(estimates, variances, Predictor(estimates, variances, SmallStudyPredictor.StandardError, default), options, equal);
        if (intercept?.Statistic is not { } t)
        {
            return new PetPeeseDecision(false, null, pet.Limit, pet.LimitLower, pet.LimitUpper, pet.NotEstimableReason);
        }
        var direction = new LinearModel(estimates, variances).Solve(0).Coefficients[0] < 0 ? -1 : 1;
        var p = new ReferenceDistribution(intercept.DegreesOfFreedom).UpperTail(direction * t);
        var chosen = p < PetAlpha ? Peese(estimates, variances, confidence) : pet;
        return new PetPeeseDecision(p < PetAlpha, p, chosen.Limit, chosen.LimitLower, chosen.LimitUpper, chosen.NotEstimableReason);
    }

    private static (SmallStudyTest Test, Coefficient? Intercept) Regress(
        ReadOnlySpan<double> y, ReadOnlySpan<double> v, double[] predictor, ModelOptions options, string whenEqual)
    {
        if (y.Length < MinEffects)
        {
            return (NotEstimable("tooFewEffects"), null);
        }
        MetaRegressionFit fit;
        try
        {
            fit = MetaRegression.Fit(y, v, DesignMatrix.WithIntercept(y.Length).Add(new ContinuousTerm("size", predictor)), options);
        }
        catch (StatisticsException e) when (e.Code == "rankDeficient")
        {
            return (NotEstimable(whenEqual), null);
        }
        var (limit, slope) = (fit.Coefficients[0], fit.Coefficients[1]);
        var reason = slope.Statistic is null ? "noResidualVariance" : null;
        return (new SmallStudyTest(slope.Statistic, slope.DegreesOfFreedom, slope.PValue, limit.Estimate, limit.Lower, limit.Upper, reason), limit);
    }

    private static SmallStudyTest NotEstimable(string reason) => new(null, null, null, null, null, null, reason);

    private static string EqualPredictorReason(SmallStudyPredictor predictor) => predictor == SmallStudyPredictor.StandardError ? "equalStandardErrors"
        : "equalSampleSizes";

    /// <summary>Weighted least squares with its residual variance estimated is Knapp and Hartung's test of the common-effect model.</summary>
    private static ModelOptions WeightedLeastSquares(double confidence) =>
        new() { Estimator = TauSquaredEstimator.CommonEffect, Test = CoefficientTest.KnappHartung, Confidence = confidence };

    private static double[] Predictor(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, SmallStudyPredictor predictor, ReadOnlySpan<double> sampleSizes)
    {
        Guard.ValidEffects(estimates, variances);
        var column = new double[estimates.Length];
        if (predictor == SmallStudyPredictor.StandardError)
        {
            for (var i = 0; i < column.Length; i++)
            {
                column[i] = Math.Sqrt(variances[i]);
            }
            return column;
        }
        Guard.SameLength(estimates.Length, sampleSizes.Length, nameof(sampleSizes));
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = 1 / Math.Sqrt(Guard.InRange(sampleSizes[i] > 0, sampleSizes[i], nameof(sampleSizes), "Sample sizes are positive."));
        }
        return column;
    }
}
