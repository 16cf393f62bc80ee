namespace RealRelationship.Statistics;

/// <summary>Posterior of a random-effects model: the result of <see cref="BayesianMeanModel"/>.</summary>
public sealed class BayesianFit
{
    private readonly Lazy<IReadOnlyList<PosteriorSummary>> _shrunken;

    internal BayesianFit(Func<IReadOnlyList<PosteriorSummary>> shrunken) => _shrunken = new(shrunken);

    /// <summary>Number of effects.</summary>
    public required int Effects { get; init; }

    /// <summary>ln of the likelihood averaged over the priors, including all constants. With a flat prior its density counts as 1, so that it is not
    /// comparable with that under a proper prior.</summary>
    public required double LogMarginalLikelihood { get; init; }

    /// <summary>Mean μ of the true effects.</summary>
    public required PosteriorDistribution Mean { get; init; }

    /// <summary>Standard deviation τ of the true effects.</summary>
    public required PosteriorDistribution Tau { get; init; }

    /// <summary>True effect of a new study.</summary>
    public required PosteriorDistribution NewEffect { get; init; }

    /// <summary>True effect of each study, its estimate drawn towards the mean, in the order of the effects; computed when first read.</summary>
    public IReadOnlyList<PosteriorSummary> ShrunkenEffects => _shrunken.Value;

    /// <summary>Priors and probability of intervals.</summary>
    public required BayesianOptions Options { get; init; }
}

/// <summary>A posterior distribution in numbers.</summary>
/// <param name="Mean">Expected value.</param>
/// <param name="StandardDeviation">Standard deviation.</param>
/// <param name="Lower">Lower limit of the interval with equal probabilities outside at both ends.</param>
/// <param name="Upper">Its upper limit.</param>
public sealed record PosteriorSummary(double Mean, double StandardDeviation, double Lower, double Upper);
