namespace RealRelationship.Statistics;

/// <summary>What the likelihood says of the variances of a nested model, with or without a variance between studies.</summary>
internal sealed record NestedEstimate
{
    public required FittedVariances Fitted { get; init; }

    public required int Iterations { get; init; }

    public required bool Converged { get; init; }

    public required bool SeveralModes { get; init; }

    public required bool IsIdentified { get; init; }

    /// <summary>Profile-likelihood intervals in the order of <see cref="RandomVariances"/>; null if not requested or not identified.</summary>
    public required ProfileInterval?[] Intervals { get; init; }

    /// <summary>The likelihood without random effects.</summary>
    public required ILikelihoodPoint FixedOnly { get; init; }

    /// <summary>Weights of the effects in a mean, in percent.</summary>
    public required Lazy<double[]> Weights { get; init; }

    /// <summary>Effects in samples.</summary>
    public static NestedEstimate Of(NestedLikelihood nested, MultilevelOptions options)
    {
        var likelihood = new GroupedLikelihood(nested);
        var estimate = VarianceComponents.Maximise(likelihood);
        var profile = options.ProfileIntervals ? new ProfileLikelihood(likelihood, estimate, options.Alpha) : null;
        return new()
        {
            Fitted = FittedVariances.Of(estimate),
            Iterations = estimate.Iterations,
            Converged = estimate.Converged,
            SeveralModes = estimate.SeveralModes,
            IsIdentified = estimate.IsIdentified,
            Intervals = [null, profile?.Between(), profile?.Within()],
            FixedOnly = likelihood.At(0, 0),
            Weights = new(() => Copy(nested).Weights(estimate.Point.Between, estimate.Point.Within)),
        };
    }

    /// <summary>Effects in samples in studies, each with a random intercept: yᵢⱼₗ = xᵢⱼₗ′β + sᵢ + bᵢⱼ + wᵢⱼₗ + eᵢⱼₗ.
    /// Agrees with metafor's <c>rma.mv(yi, V, mods=, random = ~ 1 | study/sample/effect)</c>.</summary>
    public static NestedEstimate OfFourLevels(NestedLikelihood nested, MultilevelOptions options)
    {
        var likelihood = new FourLevelLikelihood(nested);
        var estimate = FourLevelComponents.Maximise(likelihood);
        var profile = options.ProfileIntervals ? new FourLevelProfile(likelihood, estimate, options.Alpha) : null;
        return new()
        {
            Fitted = FittedVariances.Of(estimate),
            Iterations = estimate.Iterations,
            Converged = estimate.Converged,
            SeveralModes = estimate.SeveralModes,
            IsIdentified = estimate.IsIdentified,
            Intervals = [.. Enumerable.Range(0, RandomVariances.Count).Select(i => profile?.Of(i))],
            FixedOnly = likelihood.At(default),
            Weights = new(() => new FourLevelLikelihood(Copy(nested)).Weights(estimate.Point.Variances)),
        };
    }

    // A likelihood keeps numbers between steps, so that one serves one thread.
    private static NestedLikelihood Copy(NestedLikelihood nested) => new(nested.Data, nested.Rho, nested.Restricted);
}
