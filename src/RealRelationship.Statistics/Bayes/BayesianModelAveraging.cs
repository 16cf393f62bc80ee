namespace RealRelationship.Statistics;

/// <summary>Bayesian model averaging over {τ = 0, τ from its prior} × {μ = 0, μ from its prior}: Gronau, Heck, Berkhout, Haaf and Wagenmakers 2021, Advances in
/// Methods and Practices in Psychological Science 4(3).</summary>
/// <remarks>Agrees with quadratures in R to 1e-8.</remarks>
public static class BayesianModelAveraging
{
    /// <summary>Fits the four models and averages them by their posterior probabilities.</summary>
    /// <param name="estimates">The effects yᵢ, independent of each other, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Priors and probability of intervals; the defaults of <see cref="BayesianOptions"/> when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite, a variance that is not positive and
    /// finite, a flat prior.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static BayesianAverage Fit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, BayesianOptions? options = null)
    {
        Guard.ValidEffects(estimates, variances);
        options ??= new BayesianOptions();
        if (!options.IsProper)
        {
            throw new ArgumentException("Models cannot be averaged under a flat prior: its density has no scale.", nameof(options));
        }
        var effect = new ConditionalMean(estimates, variances, options.PriorMuMean, options.PriorMuSd);
        var random = BayesianMeanModel.Fit(effect, [.. estimates], [.. variances], options);
        var (atNone, atEffect) = (effect.WithPrior(0, 0), effect.At(0));
        BayesianModels logs = new(atNone.At(0).LogLikelihood, atEffect.LogLikelihood, new TauPosterior(atNone, options).LogMarginalLikelihood,
            random.LogMarginalLikelihood);
        var total = LogSum(LogSum(logs.FixedNull, logs.FixedEffect), LogSum(logs.RandomNull, logs.RandomEffect));
        Guard.FiniteResult(total, logs.FixedNull, logs.FixedEffect, logs.RandomNull);
        BayesianModels probabilities = new(Math.Exp(logs.FixedNull - total), Math.Exp(logs.FixedEffect - total), Math.Exp(logs.RandomNull - total),
            Math.Exp(logs.RandomEffect - total));
        var shareOfFixed = Math.Exp(logs.FixedEffect - LogSum(logs.FixedEffect, logs.RandomEffect));
        var given = new MixturePosterior([new(atEffect.Mean, atEffect.Variance, shareOfFixed),
            .. ((MixturePosterior)random.Mean).Components.Select(c => c with { Weight = (1 - shareOfFixed) * c.Weight })], 2, options.Probability);
        var included = probabilities.FixedEffect + probabilities.RandomEffect;
        return new BayesianAverage
        {
            LogMarginalLikelihoods = logs,
            Probabilities = probabilities,
            LogBayesFactorOfEffect = LogSum(logs.FixedEffect, logs.RandomEffect) - LogSum(logs.FixedNull, logs.RandomNull),
            LogBayesFactorOfHeterogeneity = LogSum(logs.RandomNull, logs.RandomEffect) - LogSum(logs.FixedNull, logs.FixedEffect),
            Mean = included * given.Mean!.Value,
            Interval = new(WithNone((1 - options.Probability) / 2), WithNone((1 + options.Probability) / 2)),
            MeanGivenEffect = given,
            Random = random,
        };

        // With the probability of no effect at 0.
        double WithNone(double p)
        {
            var (none, below) = (probabilities.FixedNull + probabilities.RandomNull, included * (1 - given.UpperTail(0)));
            return p < below ? given.Quantile(p / included)
                : 1 - p < included * given.UpperTail(0) ? given.Quantile((p - none) / included)
                : 0;
        }
    }

    private static double LogSum(double a, double b) => Math.Max(a, b) + SaddlePoint.Log1P(Math.Exp(-Math.Abs(a - b)));
}
