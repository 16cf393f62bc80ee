namespace RealRelationship.Statistics;

/// <summary>Variances and mean of one of many fits, before its robust variance.</summary>
/// <param name="Variances">The variances.</param>
/// <param name="Q">With V alone.</param>
/// <param name="TypicalVariance">s² of I².</param>
/// <param name="Effects">Number of effects.</param>
/// <param name="Samples">Number of samples.</param>
internal sealed record MeanEstimate(VarianceEstimate Variances, double Q, double TypicalVariance, int Effects, int Samples)
{
    /// <summary>Fits; null if the model cannot be fitted.</summary>
    public static MeanEstimate? TryFit(IncrementalLikelihood likelihood)
    {
        if (likelihood.Samples < 2)
        {
            return null;
        }
        try
        {
            var variances = likelihood.Maximise();
            var (fixedOnly, point) = (likelihood.At(0, 0), variances.Point);
            var typical = (likelihood.Effects - 1) / fixedOnly.TraceP;
            Guard.FiniteResult(point.LogLikelihood, point.Between, point.Within, fixedOnly.Solution.Q, point.Between + point.Within + typical);
            return new(variances, fixedOnly.Solution.Q, typical, likelihood.Effects, likelihood.Samples);
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    /// <summary>Adds robust variances.</summary>
    /// <param name="fits">The fits; null where there is none.</param>
    /// <param name="set">The samples.</param>
    /// <param name="sumAt">The sums over the samples of each fit.</param>
    /// <param name="options">Variance and test.</param>
    public static IReadOnlyList<MultilevelMean?> ToMeans(
        MeanEstimate?[] fits, SampleSet set, Func<SandwichPoint?[], SandwichTerms[]> sumAt, MultilevelOptions options)
    {
        SandwichTerms[]? own = null, otherEnd = null;
        if (options.Robust != RobustVariance.None)
        {
            own = sumAt([.. fits.Select(fit => ToPoint(fit?.Variances.Point, options))]);
            otherEnd = fits.Any(fit => fit?.Variances.OtherEnd is not null)
                ? sumAt([.. fits.Select(fit => ToPoint(fit?.Variances.OtherEnd, options))]) : null;
        }
        return [.. fits.Select((fit, i) => fit?.TryToMean(own?[i], otherEnd?[i], set.Centre, options))];
    }

    private static SandwichPoint? ToPoint(NestedLikelihoodPoint? fit, MultilevelOptions options) =>
        fit is null ? null : new(fit.Between, fit.Within, fit.Solution.Covariance[0], options.Robust == RobustVariance.CR2);

    private MultilevelMean? TryToMean(SandwichTerms? own, SandwichTerms? otherEnd, double centre, MultilevelOptions options)
    {
        try
        {
            var mean = ToCoefficient(Variances.Point, own, centre, options);
            if (Variances.OtherEnd is { } end)
            {
                mean = mean.WithOtherEnd(ToCoefficient(end, otherEnd, centre, options));
            }
            var tau2 = Variances.Point.Between + Variances.Point.Within;
            var isIdentified = Variances.TotalRange is null;
            return new(mean, Q, isIdentified ? tau2 : null, isIdentified ? 100 * tau2 / (tau2 + TypicalVariance) : null,
                [.. MultilevelModel.Notes(Effects - 1, Samples, Variances.IsIdentified, Variances.SeveralModes, [mean], options)]);
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    private Coefficient ToCoefficient(NestedLikelihoodPoint point, SandwichTerms? sums, double centre, MultilevelOptions options)
    {
        var (mean, covariance) = (point.Solution.Gamma[0], point.Solution.Covariance[0]);
        var model = Math.Sqrt(covariance);
        if (sums is not { } sandwich)
        {
            return Create(ReferenceDistribution.Of(options.Test, Effects - 1), model) with { Basis = StandardErrorBasis.Model };
        }
        var factor = options.Robust == RobustVariance.CR1 ? Samples / (Samples - 1.0) : 1;
        var distribution = sandwich.DegreesOfFreedom(covariance) is { } df ? new ReferenceDistribution(df) : null;
        var robust = Create(distribution, Math.Sqrt(factor * sandwich.Variance(mean, covariance)));
        return robust with { Basis = StandardErrorBasis.Robust, ModelStandardError = model };

        Coefficient Create(ReferenceDistribution? distribution, double standardError) =>
            ReferenceDistribution.ToCoefficient(distribution, "intercept", centre + mean, standardError, options.Alpha);
    }
}
