namespace RealRelationship.Statistics;

/// <summary>Inference that holds at every look, however often and for whatever reason one looks: e-values and confidence sequences of a random-effects mean,
/// or of the difference between the means of two groups.</summary>
/// <remarks>
/// <para>E(μ₀) = m(y)/sup_τ² L(μ₀, τ²), with m the likelihood averaged over μ ~ N(0, s²) and τ half-normal; {μ₀ : E(μ₀) &lt; q/α} is the confidence sequence.
/// The proof:</para>
/// <list type="number">
/// <item>Under the true (μ, τ²) the ratio M = m(y)/L(μ, τ²) of two densities of the effects so far is a non-negative martingale of mean 1: the mean of the
/// ratio of the densities of the next effect, given those before, is the integral of a density (Robbins 1970, Annals of Mathematical Statistics 41,
/// 1397–1409).</item>
/// <item>E(μ) ≤ M at every look, as the supremum is at least L(μ, τ²): the universal inference of Wasserman, Ramdas and Balakrishnan (2020, PNAS 117,
/// 16880–16890).</item>
/// <item>By the inequality of Ville (1939, Étude critique de la notion de collectif), P(M ≥ 1/α at any look) ≤ α, and so P(E(μ) ≥ 1/α at any look) ≤ α: at
/// every stopping time, in any order that does not depend on results still to come.</item>
/// <item>The truth leaves the sequence only when E(μ) reaches the cut, so that it is covered at all looks together with probability 1 − α.</item>
/// <item>Of q hypotheses each has the cut q/α, and any is wrongly excluded with probability α at most (Bonferroni).</item>
/// </list>
/// <para>It needs priors, question and number of hypotheses fixed before the effects are seen; variances that do not depend on the estimates, as those of
/// Fisher's z from r (those of d, Spearman's and biserial correlations do, so that for them it is approximate); and effects that come whatever they show: it
/// is no guard against publication bias. Agrees with quadratures in R to 1e-9.</para>
/// </remarks>
public static class AnytimeInference
{
    private const int MinInterpolated = 64;

    /// <summary>E-value against a mean of 0, and the confidence sequence of the mean. O(k).</summary>
    /// <param name="estimates">The effects yᵢ, independent of each other, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Priors, confidence and number of hypotheses; the defaults of <see cref="AnytimeOptions"/> when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite, a variance that is not positive and
    /// finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow; <c>notConverged</c>: they are too far apart.</exception>
    public static AnytimeFit Fit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, AnytimeOptions? options = null) =>
        Path(estimates, variances, [estimates.Length], options)[0];

    /// <summary>The same at several looks, each at the first effects. The cost is linear in effects and in looks.</summary>
    /// <param name="estimates">The effects in the order in which they came, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="looks">Number of effects at each look, at least 1, not falling.</param>
    /// <param name="options">Priors, confidence and number of hypotheses; the defaults of <see cref="AnytimeOptions"/> when null.</param>
    /// <returns>One fit a look.</returns>
    /// <exception cref="ArgumentException">As <see cref="Fit"/>, or the looks are not as said.</exception>
    /// <exception cref="StatisticsException">As <see cref="Fit"/>.</exception>
    public static IReadOnlyList<AnytimeFit> Path(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> looks,
        AnytimeOptions? options = null) => AtLooks(estimates, variances, looks, options, series => series.Fit());

    /// <summary>The same as <see cref="Path"/>, with null for looks that cannot be computed instead of an exception.</summary>
    /// <param name="estimates">The effects in the order in which they came, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="looks">Number of effects at each look, at least 1, not falling.</param>
    /// <param name="options">Priors, confidence and number of hypotheses; the defaults of <see cref="AnytimeOptions"/> when null.</param>
    /// <returns>One fit a look.</returns>
    /// <exception cref="ArgumentException">As <see cref="Path"/>.</exception>
    public static IReadOnlyList<AnytimeFit?> TryPath(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> looks,
        AnytimeOptions? options = null) => AtLooks(estimates, variances, looks, options, series =>
    {
        try
        {
            return series.Fit();
        }
        catch (StatisticsException)
        {
            return null;
        }
    });

    /// <summary>E-value against no difference between the means of two groups with one τ², and the confidence sequence of the difference.</summary>
    /// <param name="estimates">The effects of both groups, independent of each other, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="isFirst">Whether each is of the group whose mean the other's is taken from; both groups have effects.</param>
    /// <param name="options">Priors, confidence and number of hypotheses; the defaults of <see cref="AnytimeOptions"/> when null.</param>
    /// <exception cref="ArgumentException">As <see cref="Fit"/>, or a group has no effects.</exception>
    /// <exception cref="StatisticsException">As <see cref="Fit"/>.</exception>
    public static AnytimeFit FitDifference(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<bool> isFirst,
        AnytimeOptions? options = null) => OfDifference(estimates, variances, isFirst, options).Fit();

    private static Series OfDifference(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<bool> isFirst,
        AnytimeOptions? options)
    {
        Guard.SameLength(estimates.Length, isFirst.Length, nameof(isFirst));
        if (!isFirst.Contains(true) || !isFirst.Contains(false))
        {
            throw new ArgumentException("A group has no effects.", nameof(isFirst));
        }
        var series = new Series(estimates, variances, isFirst, [estimates.Length], options ?? new AnytimeOptions());
        series.TakeUpTo(estimates.Length);
        return series;
    }

    /// <summary>ln E against no difference between the means of two groups, which can exist where the confidence sequence has no limits.</summary>
    /// <inheritdoc cref="FitDifference" path="/param"/>
    /// <inheritdoc cref="FitDifference" path="/exception"/>
    public static double LogEValueOfDifference(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<bool> isFirst,
        AnytimeOptions? options = null) => OfDifference(estimates, variances, isFirst, options).LogEValue(0);

    /// <summary>The first look at which a mean of 0, or a difference of 0, is excluded.</summary>
    /// <param name="estimates">The effects in the order in which they came, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="isFirst">For a difference, the group of each effect as in <see cref="FitDifference"/>; empty for a mean.</param>
    /// <param name="looks">Number of effects at each look, at least 1, not falling.</param>
    /// <param name="options">Priors, confidence and number of hypotheses; the defaults of <see cref="AnytimeOptions"/> when null.</param>
    /// <returns>Its index among the looks; null if there is none. A look at which a group has no effects yet excludes nothing.</returns>
    /// <exception cref="ArgumentException">As <see cref="Path"/>.</exception>
    /// <exception cref="StatisticsException">As <see cref="Fit"/>.</exception>
    public static int? FirstCrossed(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<bool> isFirst, ReadOnlySpan<int> looks,
        AnytimeOptions? options = null)
    {
        options ??= new AnytimeOptions();
        var series = new Series(estimates, variances, isFirst, looks, options);
        for (var look = 0; look < looks.Length; look++)
        {
            series.TakeUpTo(looks[look]);
            if (series.HasAllGroups && series.LogEValue(0) >= options.LogThreshold)
            {
                return look;
            }
        }
        return null;
    }

    /// <summary>ln E against any value of the mean, at several looks.</summary>
    /// <param name="estimates">The effects in the order in which they came, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="looks">Number of effects at each look, at least 1, not falling.</param>
    /// <param name="mean">The mean μ₀ that is tested, finite.</param>
    /// <param name="options">Priors; the defaults of <see cref="AnytimeOptions"/> when null.</param>
    /// <returns>One number a look.</returns>
    /// <exception cref="ArgumentException">As <see cref="Path"/>.</exception>
    /// <exception cref="StatisticsException">As <see cref="Fit"/>.</exception>
    public static IReadOnlyList<double> LogEValues(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> looks, double mean,
        AnytimeOptions? options = null)
    {
        Guard.InRange(true, mean, nameof(mean), "A mean is finite.");
        return AtLooks(estimates, variances, looks, options, series => series.LogEValue(mean));
    }

    private static T[] AtLooks<T>(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> looks, AnytimeOptions? options,
        Func<Series, T> compute)
    {
        var series = new Series(estimates, variances, [], looks, options ?? new AnytimeOptions());
        var results = new T[looks.Length];
        for (var look = 0; look < results.Length; look++)
        {
            series.TakeUpTo(looks[look]);
            results[look] = compute(series);
        }
        return results;
    }

    /// <summary>The effects that have come so far.</summary>
    private sealed class Series
    {
        private readonly AnytimeOptions _options;
        private readonly double _centre;
        private readonly PrefixSums[] _groups;
        private readonly int[] _groupOf;
        private int _taken;

        public Series(ReadOnlySpan<double> y, ReadOnlySpan<double> v, ReadOnlySpan<bool> isFirst, ReadOnlySpan<int> looks, AnytimeOptions options)
        {
            Guard.ValidEffects(y, v);
            for (var look = 0; look < looks.Length; look++)
            {
                if (looks[look] < (look == 0 ? 1 : looks[look - 1]) || looks[look] > y.Length)
                {
                    throw new ArgumentException("Looks have from one to all effects, and never fewer than before.", nameof(looks));
                }
            }
            _options = options;
            _groupOf = new int[y.Length];
            for (var i = 0; i < isFirst.Length; i++)
            {
                _groupOf[i] = isFirst[i] ? 0 : 1;
            }
            _centre = WeightedMean(y, v);
            _groups = new PrefixSums[isFirst.IsEmpty ? 1 : 2];
            for (var group = 0; group < _groups.Length; group++)
            {
                var (estimates, variances) = (new List<double>(), new List<double>());
                for (var i = 0; i < y.Length; i++)
                {
                    if (_groupOf[i] == group)
                    {
                        estimates.Add(y[i] - _centre);
                        variances.Add(v[i]);
                    }
                }
                _groups[group] = new([.. estimates], [.. variances], looks.Length > 1 ? Interpolation(y, v, options) : null);
            }
        }

        public bool HasAllGroups => Array.TrueForAll(_groups, group => group.Count > 0);

        public void TakeUpTo(int effects)
        {
            for (; _taken < effects; _taken++)
            {
                CancellationScope.ThrowIfCancelled();
                _groups[_groupOf[_taken]].Take();
            }
        }

        public double LogEValue(double tested)
        {
            var log = LogMarginal() - new TestedLikelihood(_groups, _centre).At(tested).LogLikelihood;
            Guard.FiniteResult(log);
            return log;
        }

        public AnytimeFit Fit()
        {
            var (marginal, likelihood) = (LogMarginal(), new TestedLikelihood(_groups, _centre));
            var (logNull, tau2) = likelihood.At(0);
            Guard.FiniteResult(marginal, logNull);
            var (lower, upper, isInterval) = likelihood.LevelSet(marginal - _options.LogThreshold);
            Guard.FiniteResult(lower, upper);
            return new AnytimeFit
            {
                Effects = _taken,
                LogEValue = marginal - logNull,
                LogMarginalLikelihood = marginal,
                LogNullLikelihood = logNull,
                NullTauSquared = tau2,
                Lower = lower,
                Upper = upper,
                IsInterval = isInterval,
                Options = _options,
            };
        }

        private double LogMarginal() => new MarginalLikelihood(_groups, _centre, _options.PriorMuSd).LogUnderHalfNormal(_options.PriorTauScale);

        private static InterpolatedSums? Interpolation(ReadOnlySpan<double> y, ReadOnlySpan<double> v, AnytimeOptions options)
        {
            var (smallest, largest, square) = (double.PositiveInfinity, 0.0, 0.0);
            for (var i = 0; i < y.Length; i++)
            {
                (smallest, largest, square) = (Math.Min(smallest, v[i]), Math.Max(largest, v[i]), Math.Max(square, y[i] * y[i]));
            }
            return y.Length < MinInterpolated ? null
                : InterpolatedSums.Create(smallest, MarginalLikelihood.LargestTauSquared(square, largest, options));
        }

        private static double WeightedMean(ReadOnlySpan<double> y, ReadOnlySpan<double> v)
        {
            var (sumW, sumWY) = (0.0, 0.0);
            for (var i = 0; i < y.Length; i++)
            {
                sumW += 1 / v[i];
                sumWY += y[i] / v[i];
            }
            return sumWY / sumW;
        }
    }
}
