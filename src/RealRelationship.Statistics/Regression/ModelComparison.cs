namespace RealRelationship.Statistics;

/// <summary>Information criteria of a model fitted by maximum likelihood, as metafor's <c>fitstats</c>.</summary>
/// <param name="LogLikelihood">The maximum, with β and the variance components at their ML estimates.</param>
/// <param name="Parameters">Number of coefficients and of estimated variance components.</param>
/// <param name="Effects">Number of effects k.</param>
public sealed record InformationCriteria(double LogLikelihood, int Parameters, int Effects)
{
    /// <summary>−2 log L + 2 parameters (Akaike 1974).</summary>
    public double Aic => -2 * LogLikelihood + 2 * Parameters;

    /// <summary>AIC corrected for few effects (Hurvich and Tsai 1989, Biometrika 76): 2 parameters · k/(k − parameters − 1), with k at least
    /// parameters + 2.</summary>
    public double Aicc => Math.Max(Effects, Parameters + 2) is var k ? -2 * LogLikelihood + 2.0 * Parameters * k / (k - Parameters - 1) : 0;

    /// <summary>−2 log L + parameters · log k (Schwarz 1978).</summary>
    public double Bic => -2 * LogLikelihood + Parameters * Math.Log(Effects);
}

/// <summary>Likelihood-ratio test of a model against one with fewer terms, both fitted by maximum likelihood.</summary>
/// <param name="Statistic">2 (log L − log L without), not negative.</param>
/// <param name="DegreesOfFreedom">Coefficients fewer.</param>
/// <param name="PValue">Upper tail of χ².</param>
/// <param name="Full">The model.</param>
/// <param name="Reduced">The model with fewer terms.</param>
public sealed record LikelihoodRatioTest(double Statistic, int DegreesOfFreedom, double PValue, InformationCriteria Full, InformationCriteria Reduced);

/// <summary>Compares models with different terms. Likelihoods are those of ML fits, whatever the estimator of the model: restricted likelihoods of different
/// terms cannot be compared.</summary>
public static class ModelComparison
{
    /// <summary>Information criteria of a meta-regression refitted by ML; of the common-effect model without a variance component.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="design">The design, one row per effect.</param>
    /// <param name="options">Only whether the model is the common-effect one counts; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <returns>Null without residual degrees of freedom.</returns>
    /// <exception cref="ArgumentException">As <see cref="MetaRegression.Fit"/>.</exception>
    /// <exception cref="StatisticsException">As <see cref="MetaRegression.Fit"/>.</exception>
    public static InformationCriteria? Criteria(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, DesignMatrix design,
        ModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(design);
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, design.Rows, nameof(design));
        var model = new LinearModel(estimates, variances, design);
        if (model.DegreesOfFreedom < 1)
        {
            return null;
        }
        var common = options?.Estimator == TauSquaredEstimator.CommonEffect;
        var tau2 = common ? 0 : Likelihood.Maximise(model, restricted: false).Value;
        var log = model.LogLikelihood(tau2, restricted: false);
        Guard.FiniteResult(log);
        return new InformationCriteria(log, design.Columns + (common ? 0 : 1), estimates.Length);
    }

    /// <summary>Information criteria of a model of dependent effects refitted by ML.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect.</param>
    /// <param name="design">The design, one row per effect.</param>
    /// <param name="options">The model of dependence; the defaults of <see cref="MultilevelOptions"/> when null.</param>
    /// <returns>Null without residual degrees of freedom.</returns>
    /// <inheritdoc cref="Criteria(ReadOnlySpan{double}, ReadOnlySpan{double}, DesignMatrix, ModelOptions?)" path="/exception"/>
    public static InformationCriteria? Criteria(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples,
        DesignMatrix design, MultilevelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(design);
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, design.Rows, nameof(design));
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        if (estimates.Length <= design.Columns)
        {
            return null;
        }
        options ??= new MultilevelOptions();
        var data = new NestedData(estimates, variances, samples, design, options);
        var log = FittedVariances.Of(new NestedLikelihood(data, options.Correlation, restricted: false), options).LogLikelihood;
        Guard.FiniteResult(log);
        return new InformationCriteria(log, design.Columns + (options.Model == DependenceModel.FourLevel ? 3 : 2), estimates.Length);
    }

    /// <summary>Compares two models of the same effects of which one has all columns of the other.</summary>
    /// <param name="full">The model with more columns.</param>
    /// <param name="reduced">The model with fewer.</param>
    /// <returns>Null if one is null.</returns>
    /// <exception cref="ArgumentException">The effects differ in number, or the first has no more parameters.</exception>
    public static LikelihoodRatioTest? Compare(InformationCriteria? full, InformationCriteria? reduced)
    {
        if (full is null || reduced is null)
        {
            return null;
        }
        var df = full.Parameters - reduced.Parameters;
        if (df < 1 || full.Effects != reduced.Effects)
        {
            throw new ArgumentException("The first model has the effects of the second and more parameters.", nameof(full));
        }
        var statistic = Math.Max(0, 2 * (full.LogLikelihood - reduced.LogLikelihood));
        return new LikelihoodRatioTest(statistic, df, ChiSquared.UpperTail(statistic, df), full, reduced);
    }
}
