namespace RealRelationship.Statistics;

/// <summary>A pooled mean, or the contrast of two levels, that can be fitted again with new effects beside the present ones. Each new effect is of a sample of
/// its own, and in a contrast of level a.</summary>
public sealed class PlannedModel
{
    private const string From = "0";
    private const string To = "1";

    private readonly double[] _y;
    private readonly double[] _v;
    private readonly Func<double[], double[], Interval?> _refit;
    private readonly Func<double[], double[], Interval>? _hold;

    private PlannedModel(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, Func<double[], double[], Interval?> refit,
        Func<double[], double[], Interval>? hold)
    {
        (_y, _v, _refit, _hold) = (estimates.ToArray(), variances.ToArray(), refit, hold);
    }

    /// <summary>The present interval; null without degrees of freedom.</summary>
    public required Interval? Present { get; init; }

    /// <summary>What a new effect is expected to be by the present fit: the pooled mean, or the mean of level a.</summary>
    public required double ExpectedEffect { get; init; }

    /// <summary>Variance of true effects by the present fit, at least 0; 0 if there is one effect.</summary>
    public required double TauSquared { get; init; }

    /// <summary>The mean of independent effects, or of composites.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="options">Estimator, test and confidence.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite, or a variance that is not positive and
    /// finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static PlannedModel OfMean(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions options)
    {
        Guard.ValidEffects(estimates, variances);
        var present = MeanModel.Fit(estimates, variances, options);
        return new(estimates, variances, (y, v) => ToInterval(MeanModel.Fit(y, v, options), y.Length, options),
            (y, v) => ToInterval(MeanModel.Fit(new LinearModel(y, v), present.TauSquared, options), y.Length, options))
        {
            Present = ToInterval(present, estimates.Length, options),
            ExpectedEffect = present.Mean,
            TauSquared = present.TauSquared,
        };
    }

    /// <summary>The mean of effects nested in samples.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect.</param>
    /// <param name="options">Model, variances and confidence.</param>
    /// <exception cref="ArgumentException">As <see cref="OfMean(ReadOnlySpan{double}, ReadOnlySpan{double}, ModelOptions)"/>.</exception>
    /// <exception cref="StatisticsException"><c>oneSample</c>: all effects are of one sample; <c>outOfRange</c>: the numbers overflow.</exception>
    public static PlannedModel OfMean(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, MultilevelOptions options)
    {
        options = options with { ProfileIntervals = false };
        var present = MultilevelModel.Fit(estimates, variances, samples, options);
        var codes = samples.ToArray();
        return new(estimates, variances, (y, v) => ToInterval(Mean(y, v, null)),
            (y, v) => ToInterval(Mean(y, v, new RandomVariances(present.StudyVariance ?? 0, present.BetweenVariance, present.WithinVariance)))!.Value)
        {
            Present = ToInterval(present.Mean),
            ExpectedEffect = present.Mean.Estimate,
            TauSquared = present.TauSquared,
        };

        Coefficient Mean(double[] y, double[] v, RandomVariances? held) =>
            MultilevelModel.Combination(y, v, WithNew(codes, y.Length), DesignMatrix.WithIntercept(y.Length), [1],
                WithNew(options, y.Length), held);
    }

    /// <summary>The contrast a − b of independent effects, with one τ² for all levels, as in <see cref="ModeratorModel"/>.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="levels">The level of each effect.</param>
    /// <param name="a">The level of the new effects.</param>
    /// <param name="b">The other level.</param>
    /// <param name="options">Estimator, test and confidence.</param>
    /// <param name="samples">The sample of each effect.</param>
    /// <exception cref="ArgumentException">No effect has level a or b, or as
    /// <see cref="OfMean(ReadOnlySpan{double}, ReadOnlySpan{double}, ModelOptions)"/>.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static PlannedModel OfContrast(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, IReadOnlyList<string> levels, string a, string b,
        ModelOptions options, ReadOnlySpan<int> samples)
    {
        var (ordered, codes) = (FromTo(levels, b, a), samples.ToArray());
        options = options with { OneSample = OneSampleInference.WorkingModel };
        var present = MetaRegression.Fit(estimates, variances, Design(ordered), options, samples);
        return new(estimates, variances, (y, v) => ToInterval(MetaRegression.Fit(y, v, Design(WithNew(ordered, y.Length)), options,
            WithNew(codes, y.Length)).Coefficients[1]), hold: null)
        {
            Present = ToInterval(present.Coefficients[1]),
            ExpectedEffect = present.Coefficients[0].Estimate + present.Coefficients[1].Estimate,
            TauSquared = present.Residual.TauSquared ?? 0,
        };
    }

    /// <summary>The contrast a − b of effects nested in samples.</summary>
    /// <inheritdoc cref="OfContrast(ReadOnlySpan{double}, ReadOnlySpan{double}, IReadOnlyList{string}, string, string, ModelOptions, ReadOnlySpan{int})"/>
    public static PlannedModel OfContrast(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, IReadOnlyList<string> levels, string a, string b,
        MultilevelOptions options, ReadOnlySpan<int> samples)
    {
        var (ordered, codes) = (FromTo(levels, b, a), samples.ToArray());
        options = options with { ProfileIntervals = false, OneSample = OneSampleInference.WorkingModel };
        var present = MultilevelModel.Fit(estimates, variances, samples, Design(ordered), options);
        double[] difference = [.. present.Coefficients.Select((_, j) => j == 1 ? 1.0 : 0)];
        return new(estimates, variances, (y, v) => ToInterval(MultilevelModel.Combination(y, v, WithNew(codes, y.Length), Design(WithNew(ordered, y.Length)),
            difference, WithNew(options, y.Length))), hold: null)
        {
            Present = ToInterval(present.Coefficients[1]),
            ExpectedEffect = present.Coefficients[0].Estimate + present.Coefficients[1].Estimate,
            TauSquared = present.TauSquared,
        };
    }

    /// <summary>The interval with new effects, everything estimated anew; null if there is none.</summary>
    internal Interval? Refit(ReadOnlySpan<double> newEffects, double variance)
    {
        var (y, v) = WithNew(newEffects, variance);
        return _refit(y, v);
    }

    /// <summary>The interval of a mean with new effects, variances of true effects held at those of the present fit.</summary>
    internal Interval Hold(ReadOnlySpan<double> newEffects, double variance)
    {
        var (y, v) = WithNew(newEffects, variance);
        return _hold is null ? throw new InvalidOperationException("The width is that of a mean.") : _hold(y, v);
    }

    private (double[] Estimates, double[] Variances) WithNew(ReadOnlySpan<double> newEffects, double variance)
    {
        double[] v = [.. _v, .. newEffects];
        v.AsSpan(_v.Length).Fill(variance);
        return ([.. _y, .. newEffects], v);
    }

    private static int[] WithNew(int[] samples, int effects)
    {
        var first = samples.Max() + 1;
        return [.. samples, .. Enumerable.Range(first, effects - samples.Length)];
    }

    // New samples are clusters of their own, and have one effect, so that they have no pairs.
    private static MultilevelOptions WithNew(MultilevelOptions options, int effects) =>
        options.Clusters is { } clusters ? options with { Clusters = WithNew([.. clusters], effects) } : options;

    private static string[] WithNew(string[] levels, int effects) => [.. levels, .. Enumerable.Repeat(To, effects - levels.Length)];

    private static DesignMatrix Design(string[] levels) => DesignMatrix.WithIntercept(levels.Length).Add(new CategoricalTerm("level", levels));

    // The first level in ordinal order is the intercept, the second the next coefficient: its difference from the first.
    private static string[] FromTo(IReadOnlyList<string> levels, string from, string to) => from != to && levels.Contains(from) && levels.Contains(to)
        ? [.. levels.Select(level => level == from ? From : level == to ? To : $"2{level}")]
        : throw new ArgumentException($"No effects of both '{from}' and '{to}'.", nameof(levels));

    private static Interval ToInterval(MeanFit fit, int effects, ModelOptions options)
    {
        var half = MeanModel.Quantile(effects, options) * fit.StandardError;
        return new(fit.Mean - half, fit.Mean + half);
    }

    private static Interval? ToInterval(Coefficient coefficient) => coefficient is { Lower: { } lower, Upper: { } upper } ? new(lower, upper) : null;
}
