namespace RealRelationship.Statistics;

/// <summary>The highest maximum of the likelihood of a nested model, with or without a variance between studies.</summary>
/// <param name="Solution">Weighted least squares there.</param>
/// <param name="Variances">The variances.</param>
/// <param name="LogLikelihood">The (restricted) log-likelihood.</param>
internal sealed record FittedVariances(NestedSolution Solution, RandomVariances Variances, double LogLikelihood)
{
    /// <summary>The other end of a flat ridge; null when there is none.</summary>
    public FittedVariances? OtherEnd { get; init; }

    /// <summary>What something can be along the ridge; null if its ends agree, or there is none.</summary>
    public required Func<Func<RandomVariances, double>, Interval?> RangeOf { get; init; }

    /// <summary>What each variance can be, and null for those that are identified.</summary>
    public Interval? RangeOfPart(int i) => RangeOf(variances => variances[i]);

    /// <summary>What the sum can be.</summary>
    public Interval? TotalRange => RangeOf(variances => variances.Total);

    public static FittedVariances Of(NestedLikelihood likelihood, MultilevelOptions options) => options.Model == DependenceModel.FourLevel
        ? Of(FourLevelComponents.Maximise(new FourLevelLikelihood(likelihood)))
        : Of(VarianceComponents.Maximise(new GroupedLikelihood(likelihood)));

    public static FittedVariances Of(FourLevelEstimate estimate) => Of(estimate.Point) with
    {
        OtherEnd = estimate.OtherEnd is { } end ? Of(end) : null,
        RangeOf = estimate.RangeOf,
    };

    public static FittedVariances Of(VarianceEstimate estimate) => Of(estimate.Point) with
    {
        OtherEnd = estimate.OtherEnd is { } end ? Of(end) : null,
        RangeOf = estimate.RangeOf,
    };

    /// <summary>The model at variances that are given.</summary>
    public static FittedVariances At(NestedLikelihood likelihood, RandomVariances variances, MultilevelOptions options) =>
        options.Model == DependenceModel.FourLevel
            ? Of(new FourLevelLikelihood(likelihood).At(variances))
            : Of(likelihood.At(variances.Between, variances.Within));

    private static FittedVariances Of(ILikelihoodPoint point) => new(point.Solution, point.Variances, point.LogLikelihood) { RangeOf = _ => null };
}
