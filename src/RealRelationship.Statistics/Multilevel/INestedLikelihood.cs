namespace RealRelationship.Statistics;

/// <summary>The (restricted) likelihood of σ_b² and σ_w², of effects or of sums over samples.</summary>
internal interface INestedLikelihood
{
    /// <summary>Number of effects k.</summary>
    int Effects { get; }

    /// <summary>A sampling variance at which to judge which variances are identified.</summary>
    double TypicalVariance { get; }

    /// <summary>Error of the log-likelihood, relative to its size and the number of effects.</summary>
    double RelativeError { get; }

    /// <summary>The log-likelihood with its derivatives.</summary>
    NestedLikelihoodPoint At(double between, double within);

    /// <summary>Starting values that lead to every local maximum.</summary>
    /// <param name="between">False if σ_b² is fixed at 0.</param>
    /// <param name="within">False if σ_w² is fixed at 0.</param>
    IEnumerable<(double Between, double Within)> Starts(bool between, bool within);
}
