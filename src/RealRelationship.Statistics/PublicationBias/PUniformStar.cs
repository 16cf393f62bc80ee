namespace RealRelationship.Statistics;

/// <summary>An estimate by p-uniform*.</summary>
/// <param name="Significant">Number of effects significant in the direction.</param>
/// <param name="Effect">The mean before selection; null when it cannot be estimated.</param>
/// <param name="TauSquared">Between-study variance before selection.</param>
/// <param name="Lower">Lower limit by profile likelihood; null when the likelihood does not fall far enough.</param>
/// <param name="Upper">Upper limit by profile likelihood; null likewise.</param>
/// <param name="LikelihoodRatio">Of the test that the mean is 0.</param>
/// <param name="PValue">Its p-value by χ² with one degree of freedom.</param>
/// <param name="TauSquaredLikelihoodRatio">Of the test that τ² is 0.</param>
/// <param name="TauSquaredPValue">Its p-value by χ² with one degree of freedom, which is conservative, as 0 is a boundary.</param>
/// <param name="LogLikelihood">At the estimates.</param>
/// <param name="Notes">Stable codes: <c>tooFewEffects</c> (below 2: nothing is estimated), <c>notConverged</c> (the likelihood has no maximum within
/// reach, as with effects that are all barely significant: nothing is estimated), <c>atBoundary</c> (τ² is exactly 0), <c>severalModes</c>,
/// <c>allSignificant</c>, <c>noneSignificant</c> (the estimate then rests on one kind of effect), <c>limitNotReached</c>.</param>
public sealed record PUniformStarFit(
    int Significant, double? Effect, double? TauSquared, double? Lower, double? Upper, double? LikelihoodRatio, double? PValue,
    double? TauSquaredLikelihoodRatio, double? TauSquaredPValue, double? LogLikelihood, IReadOnlyList<string> Notes);

/// <summary>p-uniform*: a selection model with one step, in which effects on either side are taken given their side, so that the weights drop out.</summary>
/// <remarks>van Aert and van Assen 2021, Correcting for publication bias in a meta-analysis with the p-uniform* method, PsyArXiv, equations 3 and 4.</remarks>
public static class PUniformStar
{
    private const double OneSidedAlpha = 0.025;
    private const int MinEffects = 2;
    private const double ReachInSd = 100;

    /// <summary>Fits by maximum likelihood. Agrees with <c>puni_star(method = "ML")</c> of R's puniform, whose optimiser stops at about 1e-5.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="direction">Which effects are favoured.</param>
    /// <param name="confidence">Coverage, strictly between 0 and 1.</param>
    /// <param name="alpha">One-sided p-value up to which an effect counts as significant, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance that is not positive, confidence or alpha
    /// not between 0 and 1.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static PUniformStarFit Fit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances,
        SelectionDirection direction = SelectionDirection.Greater, double confidence = 0.95, double alpha = OneSidedAlpha)
    {
        Guard.ValidEffects(estimates, variances);
        Guard.InRange(alpha is > 0 and < 1, alpha, nameof(alpha), "Alpha lies strictly between 0 and 1.");
        var deviance = VectorMath.Square(Normal.UpperQuantile(new ModelOptions { Confidence = confidence }.Alpha / 2));
        var sign = direction == SelectionDirection.Less ? -1 : 1;
        double[] y = [.. estimates.ToArray().Select(yi => sign * yi)];
        var likelihood = new ConditionalLikelihood(y, variances.ToArray(), Normal.UpperQuantile(alpha));
        if (y.Length < MinEffects)
        {
            return NotEstimated(likelihood.Significant, "tooFewEffects");
        }
        var profile = new Profile(likelihood, y, variances);
        if (profile.Best is not { } best)
        {
            return NotEstimated(likelihood.Significant, "notConverged");
        }
        var (mu, tau2) = (best.Parameters[0], best.Parameters[1]);
        Guard.FiniteResult(mu, tau2, best.LogLikelihood);
        var (below, above) = (profile.Limit(-1, deviance), profile.Limit(1, deviance));
        var (lower, upper) = sign > 0 ? (below, above) : (-above, -below);
        double? ofMean = profile.At(0) is { } zero ? Math.Max(0, 2 * (best.LogLikelihood - zero)) : null;
        double? ofTau = tau2 == 0 ? 0 : profile.WithoutTau is { } plain ? Math.Max(0, 2 * (best.LogLikelihood - plain)) : null;
        var notes = new List<string>();
        void Note(bool holds, string code)
        {
            if (holds)
            {
                notes.Add(code);
            }
        }
        Note(tau2 == 0, "atBoundary");
        Note(profile.SeveralModes, "severalModes");
        Note(likelihood.Significant == y.Length, "allSignificant");
        Note(likelihood.Significant == 0, "noneSignificant");
        Note(lower is null || upper is null, "limitNotReached");
        return new PUniformStarFit(likelihood.Significant, sign * mu, tau2, lower, upper, ofMean, PValue(ofMean), ofTau, PValue(ofTau), best.LogLikelihood,
            notes);
    }

    private static double? PValue(double? ratio) => ratio is { } x ? ChiSquared.UpperTail(x, 1) : null;

    private static PUniformStarFit NotEstimated(int significant, string note) =>
        new(significant, null, null, null, null, null, null, null, null, null, [note]);

    /// <summary>Maxima of the likelihood, free or with one parameter fixed.</summary>
    private sealed class Profile
    {
        private readonly ConditionalLikelihood _likelihood;
        private readonly double _sd;
        private readonly double _typical;
        private readonly double _reach;

        public Profile(ConditionalLikelihood likelihood, double[] y, ReadOnlySpan<double> variances)
        {
            _likelihood = likelihood;
            var model = new LinearModel(y, variances);
            _typical = model.Effects / model.At(0).SumW;
            var tau2 = TauSquared.Estimate(model, TauSquaredEstimator.MaximumLikelihood).Value;
            var mean = model.MeanAt(tau2).Mean;
            _sd = Math.Sqrt(tau2 + _typical);
            _reach = Math.Abs(mean) + ReachInSd * _sd;
            var modes = new List<LikelihoodMode>();
            foreach (var shift in (ReadOnlySpan<double>)[0, -0.75, 0.75, -2])
            {
                foreach (var spread in (ReadOnlySpan<double>)[1, 0.1, 4])
                {
                    var mode = Maximise([mean + shift * _sd, spread * (tau2 + _typical / 10)]);
                    if (mode is not null && double.IsFinite(mode.Covariance[0, 0]) && modes.TrueForAll(other => !IsSame(mode, other)))
                    {
                        modes.Add(mode);
                    }
                }
            }
            Best = modes.MaxBy(mode => mode.LogLikelihood);
            SeveralModes = modes.Count > 1;
        }

        public LikelihoodMode? Best { get; }

        public bool SeveralModes { get; }

        public double? WithoutTau
        {
            get
            {
                _likelihood.Fix(1, 0);
                var value = Best is { } best ? MaximiseEach([[best.Parameters[0], 0], [best.Parameters[0] - _sd, 0]]) : null;
                _likelihood.Fix(1, null);
                return value;
            }
        }

        /// <summary>The likelihood at a mean, maximised over τ²; null when no maximum is within reach.</summary>
        public double? At(double mu)
        {
            _likelihood.Fix(0, mu);
            var tau2 = Best!.Parameters[1];
            var distance = VectorMath.Square(mu - Best.Parameters[0]);
            var value = MaximiseEach([[mu, tau2], [mu, 0], [mu, tau2 + _typical / 10 + distance / 4], [mu, 4 * (tau2 + distance)]]);
            _likelihood.Fix(0, null);
            return value;
        }

        /// <summary>Where the profile has fallen by half the deviance on one side; null when it has not within reach.</summary>
        public double? Limit(int side, double deviance)
        {
            double Above(double mu) => 2 * (Best!.LogLikelihood - (At(mu) ?? double.NaN)) - deviance;
            var step = Math.Sqrt(Best!.Covariance[0, 0]);
            var inside = Best.Parameters[0];
            while (Math.Abs(inside) <= _reach)
            {
                var outside = inside + side * step;
                var above = Above(outside);
                if (double.IsNaN(above))
                {
                    return null;
                }
                if (above > 0)
                {
                    return RootFinder.FindBetween(Above, inside, outside);
                }
                (inside, step) = (outside, 1.5 * step);
            }
            return null;
        }

        private double? MaximiseEach(double[][] starts)
        {
            double? best = null;
            foreach (var start in starts)
            {
                if (Maximise(start) is { } mode && !(best >= mode.LogLikelihood))
                {
                    best = mode.LogLikelihood;
                }
            }
            return best;
        }

        private LikelihoodMode? Maximise(double[] start) =>
            _likelihood.MaximiseFrom(start, x => Math.Abs(x[0]) <= 10 * _reach && x[1] <= 100 * _reach * _reach);

        private static bool IsSame(LikelihoodMode a, LikelihoodMode b) => Math.Abs(a.LogLikelihood - b.LogLikelihood) < 1e-6
            && Math.Abs(a.Parameters[0] - b.Parameters[0]) < 1e-3 * Math.Sqrt(Math.Max(a.Covariance[0, 0], b.Covariance[0, 0]));
    }
}
