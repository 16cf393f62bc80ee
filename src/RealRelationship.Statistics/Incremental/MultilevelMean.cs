namespace RealRelationship.Statistics;

/// <summary>The mean of dependent effects, without what costs most: the result of <see cref="MultilevelModel"/> where many fits are needed.</summary>
/// <param name="Mean">The pooled effect.</param>
/// <param name="Q"><inheritdoc cref="MultilevelFit.Q" path="/summary"/></param>
/// <param name="TauSquared">σ_b² + σ_w²; null if it is not identified.</param>
/// <param name="ISquared">Percent; null with <paramref name="TauSquared"/>.</param>
/// <param name="Notes"><inheritdoc cref="MultilevelFit.Notes" path="/summary"/></param>
public sealed record MultilevelMean(Coefficient Mean, double Q, double? TauSquared, double? ISquared, IReadOnlyList<string> Notes)
{
    /// <summary>The mean without each sample in turn; the model and variance of <see cref="MultilevelModel"/>.</summary>
    /// <remarks>The time is linear in the number of samples: sums over samples are interpolated (<see cref="IncrementalLikelihood"/>).</remarks>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="options">Model, variance and confidence; the defaults of <see cref="MultilevelOptions"/> when null.</param>
    /// <returns>One a sample, in the order of their first effects; null if the model cannot be fitted to the others, such as to a single sample.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// or a variance that is not positive and finite.</exception>
    public static IReadOnlyList<MultilevelMean?> WithoutEachSample(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, MultilevelOptions? options = null)
    {
        options ??= new MultilevelOptions();
        if (options.NeedsRefits)
        {
            return Refit(estimates, variances, samples, options, (sample, left) => sample != left);
        }
        var set = new SampleSet(estimates, variances, samples, options.Correlation);
        var likelihood = set.CreateLikelihood(options.Restricted);
        likelihood.Propose(set.All.Select((sample, code) => KeyValuePair.Create(code, (NestedSample?)sample)));
        likelihood.Apply();
        if (set.All.Length > 2)
        {
            likelihood.Maximise();
        }
        var fits = new MeanEstimate?[set.All.Length];
        for (var code = 0; code < fits.Length; code++)
        {
            likelihood.Propose([KeyValuePair.Create(code, (NestedSample?)null)]);
            fits[code] = MeanEstimate.TryFit(likelihood);
        }
        return MeanEstimate.ToMeans(fits, set, points => SandwichSums.WithoutEach(set.All, points, likelihood.Scales), options);
    }

    /// <summary>The mean of the first sample, of the first two, and so on; the model and variance of <see cref="MultilevelModel"/>.</summary>
    /// <returns>One a sample, in the order of their first effects; null if the model cannot be fitted, such as to the first sample.</returns>
    /// <inheritdoc cref="WithoutEachSample"/>
    public static IReadOnlyList<MultilevelMean?> Cumulative(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, MultilevelOptions? options = null)
    {
        options ??= new MultilevelOptions();
        if (options.NeedsRefits)
        {
            return Refit(estimates, variances, samples, options, (sample, last) => sample <= last);
        }
        var set = new SampleSet(estimates, variances, samples, options.Correlation);
        var likelihood = set.CreateLikelihood(options.Restricted);
        var fits = new MeanEstimate?[set.All.Length];
        for (var code = 0; code < fits.Length; code++)
        {
            likelihood.Propose([KeyValuePair.Create(code, (NestedSample?)set.All[code])]);
            fits[code] = MeanEstimate.TryFit(likelihood);
            likelihood.Apply();
        }
        return MeanEstimate.ToMeans(fits, set, points => SandwichSums.OfPrefixes(set.All, points, likelihood.Scales), options);
    }

    /// <summary>Fits that interpolated sums cannot give: correlations by kind of pair, and clusters of several samples.</summary>
    private static MultilevelMean?[] Refit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples,
        MultilevelOptions options, Func<int, int, bool> includes)
    {
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        options = options with { ProfileIntervals = false };
        var (numbers, known) = (new int[samples.Length], new Dictionary<int, int>());
        for (var i = 0; i < numbers.Length; i++)
        {
            known.TryAdd(samples[i], known.Count);
            numbers[i] = known[samples[i]];
        }
        var fits = new MultilevelMean?[known.Count];
        for (var step = 0; step < fits.Length; step++)
        {
            CancellationScope.ThrowIfCancelled();
            var at = step;
            int[] rows = [.. Enumerable.Range(0, numbers.Length).Where(i => includes(numbers[i], at))];
            var (y, v, codes) = (new double[rows.Length], new double[rows.Length], new int[rows.Length]);
            for (var i = 0; i < rows.Length; i++)
            {
                (y[i], v[i], codes[i]) = (estimates[rows[i]], variances[rows[i]], samples[rows[i]]);
            }
            fits[step] = rows.Length == 0 ? null : TryFit(y, v, codes, options.Select(rows));
        }
        return fits;
    }

    private static MultilevelMean? TryFit(double[] estimates, double[] variances, int[] samples, MultilevelOptions options)
    {
        try
        {
            var fit = MultilevelModel.Fit(estimates, variances, samples, options);
            var isIdentified = fit.TauSquaredRange is null;
            return new(fit.Mean, fit.Q, isIdentified ? fit.TauSquared : null, isIdentified ? fit.ISquared : null, fit.Notes);
        }
        catch (StatisticsException)
        {
            return null;
        }
    }
}
