namespace RealRelationship.Statistics;

/// <summary>Four models and their average: the result of <see cref="BayesianModelAveraging"/>.</summary>
public sealed class BayesianAverage
{
    /// <summary>ln of the marginal likelihood of each model.</summary>
    public required BayesianModels LogMarginalLikelihoods { get; init; }

    /// <summary>Posterior probability of each model, each being ¼ before.</summary>
    public required BayesianModels Probabilities { get; init; }

    /// <summary>ln of the inclusion Bayes factor of an effect: posterior odds of the two models with μ free against the two with μ = 0, whose prior odds
    /// are 1.</summary>
    public required double LogBayesFactorOfEffect { get; init; }

    /// <summary>ln of the inclusion Bayes factor of heterogeneity: the random-effects models against those with τ = 0.</summary>
    public required double LogBayesFactorOfHeterogeneity { get; init; }

    /// <summary>Inclusion Bayes factor of an effect; null beyond double precision.</summary>
    public double? BayesFactorOfEffect => MeanModel.FiniteOrNull(Math.Exp(LogBayesFactorOfEffect));

    /// <summary>Inclusion Bayes factor of heterogeneity; null beyond double precision.</summary>
    public double? BayesFactorOfHeterogeneity => MeanModel.FiniteOrNull(Math.Exp(LogBayesFactorOfHeterogeneity));

    /// <summary>Expected μ over all four models, being 0 in two.</summary>
    public required double Mean { get; init; }

    /// <summary>Interval of μ with equal probabilities outside at both ends, over all four models; a limit inside the probability at 0 is 0.</summary>
    public required Interval Interval { get; init; }

    /// <summary>μ over the two models with an effect.</summary>
    public required PosteriorDistribution MeanGivenEffect { get; init; }

    /// <summary>The random-effects model with μ free.</summary>
    public required BayesianFit Random { get; init; }
}

/// <summary>One number for each of the four models.</summary>
/// <param name="FixedNull">μ = 0, τ = 0.</param>
/// <param name="FixedEffect">μ from its prior, τ = 0.</param>
/// <param name="RandomNull">μ = 0, τ from its prior.</param>
/// <param name="RandomEffect">Both from their priors.</param>
public sealed record BayesianModels(double FixedNull, double FixedEffect, double RandomNull, double RandomEffect);
