namespace RealRelationship.Statistics;

/// <summary>Priors and probability of <see cref="BayesianMeanModel"/>.</summary>
public sealed record BayesianOptions
{
    private readonly double _priorMuMean;
    private readonly double _priorMuSd = 0.5;
    private readonly double? _priorTauScale;
    private readonly double _probability = 0.95;

    /// <summary>Centre m of the normal prior of the mean, on the scale of the effects; finite, 0 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not finite.</exception>
    public double PriorMuMean
    {
        get => _priorMuMean;
        init => _priorMuMean = Guard.InRange(true, value, nameof(value), "The centre of a prior is finite.");
    }

    /// <summary>Standard deviation s of the normal prior of the mean, on the scale of the effects; positive, 0.5 unless set. Positive infinity is the
    /// improper density 1 at every mean.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public double PriorMuSd
    {
        get => _priorMuSd;
        init => _priorMuSd = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "The standard deviation of a prior is positive.");
    }

    /// <summary>Family of the prior of τ; half-normal unless set.</summary>
    public TauPrior PriorTau { get; init; } = TauPrior.HalfNormal;

    /// <summary>Scale of the prior of τ, on the scale of the effects; positive. Unless set it is 0.3, or 1 for the uniform prior, whose limit it is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive and finite.</exception>
    public double PriorTauScale
    {
        get => _priorTauScale ?? (PriorTau == TauPrior.Uniform ? 1 : 0.3);
        init => _priorTauScale = Guard.InRange(value > 0, value, nameof(value), "The scale of a prior is positive.");
    }

    /// <summary>Posterior probability of intervals, strictly between 0 and 1; 0.95 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not strictly between 0 and 1.</exception>
    public double Probability
    {
        get => _probability;
        init => _probability = Guard.InRange(value is > 0 and < 1, value, nameof(value), "A probability lies strictly between 0 and 1.");
    }

    /// <summary>Whether both priors have finite integrals, which Bayes factors need.</summary>
    public bool IsProper => double.IsFinite(PriorMuSd) && PriorTau.IsProper();
}
