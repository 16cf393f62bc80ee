namespace RealRelationship.Statistics.SessionCorrelations;

/// <summary>A client's value, such as the last score, and a covariate to adjust for, such as the first score.</summary>
/// <param name="Value">The value, finite.</param>
/// <param name="Covariate">The covariate, finite; 0 for all clients without one.</param>
public sealed record ClientValue(double Value, double Covariate = 0);

/// <summary>Mean of a therapist's clients, as observed and shrunken towards the mean of all therapists.</summary>
/// <param name="Clients">Number of clients, positive.</param>
/// <param name="Observed">Mean of the clients' values, adjusted to the mean of the covariate over all clients.</param>
/// <param name="Estimate">Empirical Bayes estimate: Weight · Observed + (1 − Weight) · mean of all therapists.</param>
/// <param name="StandardError">Of the estimate.</param>
/// <param name="Lower">Lower limit of its interval.</param>
/// <param name="Upper">Upper limit of its interval.</param>
/// <param name="Weight">Reliability of the observed mean, from 0 (all therapists are alike) to 1.</param>
public sealed record TherapistEffect(int Clients, double Observed, double Estimate, double StandardError, double Lower, double Upper, double Weight);

/// <summary>Differences between therapists: yᵢⱼ = μ + β(xᵢⱼ − x̄) + uᵢ + eᵢⱼ for client j of therapist i, with uᵢ ~ N(0, τ²) and eᵢⱼ ~ N(0, σ²).</summary>
/// <param name="Mean">μ, the mean of therapists.</param>
/// <param name="BetweenVariance">τ², not negative.</param>
/// <param name="WithinVariance">σ², positive.</param>
/// <param name="Slope">β; null without a covariate, or if it does not vary between the clients of any therapist.</param>
/// <param name="Therapists">In the order given.</param>
public sealed record TherapistEffects(double Mean, double BetweenVariance, double WithinVariance, double? Slope, IReadOnlyList<TherapistEffect> Therapists)
{
    // Smaller sums of squares, relative to the total, are rounding errors.
    private const double RelativeTolerance = 1e-12;

    /// <summary>Share of the variance that lies between therapists, τ²/(τ² + σ²), from 0 to 1.</summary>
    public double IntraclassCorrelation => BetweenVariance / (BetweenVariance + WithinVariance);

    /// <summary>
    /// Fits the model by restricted maximum likelihood, and predicts each therapist's mean μ + uᵢ by the best linear unbiased predictor with the
    /// estimated variances: λᵢ = nᵢτ²/(nᵢτ² + σ²) is the weight of the therapist's own clients. Intervals are normal and include the error of μ and β, not
    /// that of τ² and σ². Agrees with R's <c>nlme::lme</c>. Laird and Ware 1982, Biometrics 38, 963; Robinson 1991, Statistical Science 6, 15 (section 2,
    /// prediction error); for therapists Saxon and Barkham 2012, Journal of Consulting and Clinical Psychology 80, 535.
    /// </summary>
    /// <param name="therapists">The clients of each therapist, at least one each.</param>
    /// <param name="confidence">Of the intervals, strictly between 0 and 1.</param>
    /// <returns>Null with fewer than two therapists, or if clients of the same therapist do not differ.</returns>
    /// <exception cref="ArgumentException">A therapist has no clients, or a number is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="confidence"/> is out of its range.</exception>
    public static TherapistEffects? Fit(IReadOnlyList<IReadOnlyList<ClientValue>> therapists, double confidence)
    {
        ArgumentNullException.ThrowIfNull(therapists);
        SessionCorrelation.RequireConfidence(confidence);
        if (therapists.Any(clients => clients.Count == 0 || clients.Any(c => !double.IsFinite(c.Value) || !double.IsFinite(c.Covariate))))
        {
            throw new ArgumentException("Each therapist has a client, and values are finite.", nameof(therapists));
        }
        return therapists.Count < 2 || Sums.Of(therapists) is not { HasResidual: true } sums ? null : sums.FitAt(sums.VarianceRatio(), confidence);
    }

    /// <summary>Sums from which the likelihood is computed at any variance ratio θ = τ²/σ², in O(therapists).</summary>
    private sealed class Sums
    {
        private readonly (int N, double X, double Y)[] _means;
        private readonly double _xx;
        private readonly double _xy;
        private readonly double _yy;
        private readonly int _clients;
        private readonly int _coefficients;

        private Sums((int N, double X, double Y)[] means, double xx, double xy, double yy, bool hasSlope)
        {
            (_means, _xx, _xy, _yy, _coefficients) = (means, xx, xy, yy, hasSlope ? 2 : 1);
            _clients = means.Sum(m => m.N);
        }

        /// <summary>Whether clients of the same therapist differ after the covariate is accounted for.</summary>
        public bool HasResidual { get; private init; }

        public static Sums Of(IReadOnlyList<IReadOnlyList<ClientValue>> therapists)
        {
            var meanCovariate = therapists.SelectMany(clients => clients).Average(c => c.Covariate);
            (int N, double X, double Y)[] means =
                [.. therapists.Select(clients => (clients.Count, clients.Average(c => c.Covariate - meanCovariate), clients.Average(c => c.Value)))];
            var meanValue = means.Average(m => m.Y);
            var (xx, xy, yy, totalX, totalY) = (0.0, 0.0, 0.0, 0.0, 0.0);
            foreach (var (clients, mean) in therapists.Zip(means))
            {
                foreach (var client in clients)
                {
                    var (x, y) = (client.Covariate - meanCovariate - mean.X, client.Value - mean.Y);
                    (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
                    totalX += Math.Pow(client.Covariate - meanCovariate, 2);
                    totalY += Math.Pow(client.Value - meanValue, 2);
                }
            }
            var hasSlope = xx > RelativeTolerance * totalX;
            var residual = hasSlope ? yy - xy * xy / xx : yy;
            // Without a slope the covariate has no part in the fit.
            return new([.. means.Select(m => hasSlope ? m : m with { X = 0 })], hasSlope ? xx : 0, hasSlope ? xy : 0, yy, hasSlope)
            {
                HasResidual = residual > RelativeTolerance * totalY,
            };
        }

        /// <summary>θ at the maximum of the restricted likelihood next to 0; 0 if the likelihood falls from there.</summary>
        public double VarianceRatio()
        {
            if (Score(0) <= 0)
            {
                return 0;
            }
            var upper = 1.0;
            while (Score(upper) > 0)
            {
                upper *= 2;
            }
            return RootFinder.FindBetween(Score, upper > 1 ? upper / 2 : 0, upper);
        }

        public TherapistEffects FitAt(double ratio, double confidence)
        {
            var (beta, inverse, q) = Solve(ratio);
            var within = q / (_clients - _coefficients);
            var between = ratio * within;
            var quantile = Normal.UpperQuantile((1 - confidence) / 2);
            var effects = _means.Select(m =>
            {
                var weight = ratio * WeightOf(m.N, ratio);
                var observed = m.Y - beta.Slope * m.X;
                var estimate = weight * observed + (1 - weight) * beta.Mean;
                // The error of μ and β at the covariate's mean, less what the observed mean takes back.
                var fixedPart = within * Quadratic(inverse, 1 - weight, -weight * m.X);
                var error = Math.Sqrt(between * (1 - weight) + fixedPart);
                return new TherapistEffect(m.N, observed, estimate, error, estimate - quantile * error, estimate + quantile * error, weight);
            }).ToArray();
            Guard.FiniteResult([.. effects.SelectMany(e => new[] { e.Lower, e.Upper })]);
            return new(beta.Mean, between, within, _coefficients == 2 ? beta.Slope : null, effects);
        }

        // Derivative of the restricted log-likelihood by θ, with μ, β and σ² at their maximum.
        private double Score(double ratio)
        {
            var (beta, inverse, q) = Solve(ratio);
            var score = 0.0;
            foreach (var (n, x, y) in _means)
            {
                var w = WeightOf(n, ratio);
                var r = y - beta.Mean - beta.Slope * x;
                score += w * w * ((_clients - _coefficients) * r * r / q + Quadratic(inverse, 1, x)) - w;
            }
            return score / 2;
        }

        // Generalised least squares: means with weights n/(1 + nθ), and the regression inside therapists, which θ does not change.
        private ((double Mean, double Slope) Beta, (double A, double B, double C) Inverse, double Q) Solve(double ratio)
        {
            var (sw, swx, swxx, swy, swxy) = (0.0, 0.0, _xx, 0.0, _xy);
            foreach (var (n, x, y) in _means)
            {
                var w = WeightOf(n, ratio);
                (sw, swx, swxx, swy, swxy) = (sw + w, swx + w * x, swxx + w * x * x, swy + w * y, swxy + w * x * y);
            }
            var determinant = sw * swxx - swx * swx;
            (double A, double B, double C) inverse = _coefficients == 1 ? (1 / sw, 0, 0) : (swxx / determinant, -swx / determinant, sw / determinant);
            (double Mean, double Slope) beta = (inverse.A * swy + inverse.B * swxy, inverse.B * swy + inverse.C * swxy);
            var q = _yy + beta.Slope * (beta.Slope * _xx - 2 * _xy);
            foreach (var (n, x, y) in _means)
            {
                var r = y - beta.Mean - beta.Slope * x;
                q += WeightOf(n, ratio) * r * r;
            }
            return (beta, inverse, q);
        }

        private static double WeightOf(int n, double ratio) => n / (1 + n * ratio);

        private static double Quadratic((double A, double B, double C) m, double x, double y) => m.A * x * x + 2 * m.B * x * y + m.C * y * y;
    }
}
