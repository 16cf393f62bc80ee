namespace RealRelationship.Statistics;

/// <summary>Where the true effect of a new study is expected when μ and τ² are as uncertain as they are:
/// μ̂(τ²) − t √(c/(k − p) · s²(τ²)) + N(0, τ²) with (τ², c) from <see cref="TauSquaredConfidence"/>, t on k − p degrees of freedom and s² = 1/Σw, all
/// independent; in a regression μ̂ and s² of the combination of coefficients. Nothing is drawn at random.</summary>
/// <remarks>
/// t is normal with variance (k − p)/W, W from χ²: so, given τ², c and W, the new effect is normal with variance τ² + s²c/W, which is smooth for every τ².
/// W is integrated over ln W by the trapezoidal rule, whose error falls exponentially with π²/h.
/// </remarks>
internal sealed class PredictiveDistribution
{
    private const double LargestStep = 0.4;
    private const double Negligible = 1e-12;
    private const int MaximumIterations = 200;

    private readonly int _df;
    private readonly (double Mean, double TauSquared, double Variance, double Weight)[] _nodes; // variance c s²/(k − p)
    private readonly Lazy<(double Mean, double InverseDeviation, double Weight)[]> _normals; // of which the distribution is a mixture
    private readonly double _samplingVariance;

    /// <summary>The distribution for one mean.</summary>
    /// <param name="tauSquared">Of the model.</param>
    /// <param name="meanAt">μ̂ and s² at a τ².</param>
    public PredictiveDistribution(TauSquaredConfidence tauSquared, Func<double, (double Mean, double Variance)> meanAt)
    {
        _df = tauSquared.DegreesOfFreedom;
        _nodes = new (double, double, double, double)[tauSquared.Nodes.Count];
        var atZero = meanAt(0);
        for (var i = 0; i < _nodes.Length; i++)
        {
            var node = tauSquared.Nodes[i];
            var (mean, variance) = node.TauSquared == 0 ? atZero : meanAt(node.TauSquared);
            _nodes[i] = (mean, node.TauSquared, node.C * variance / _df, node.Weight);
        }
        _normals = new(Normals);
    }

    private PredictiveDistribution(PredictiveDistribution effects, double samplingVariance)
    {
        (_df, _nodes, _samplingVariance) = (effects._df, effects._nodes, samplingVariance);
        _normals = new(Normals);
    }

    /// <summary>Where the estimate of a new study is expected, when that has a sampling variance.</summary>
    public PredictiveDistribution OfEstimate(double samplingVariance) => new(this, samplingVariance);

    /// <summary>True where the numbers leave the range of double precision: there is no distribution then.</summary>
    public bool IsEmpty => _nodes.Length == 0;

    private (double Mean, double InverseDeviation, double Weight)[] Normals()
    {
        var (mixture, normals) = (Mixture(_df), new List<(double, double, double)>());
        foreach (var (mean, tau2, variance, weight) in _nodes)
        {
            foreach (var (ratio, share) in mixture)
            {
                if (weight * share > Negligible)
                {
                    normals.Add((mean, 1 / Math.Sqrt(tau2 + _samplingVariance + variance * ratio), weight * share));
                }
            }
        }
        return [.. normals];
    }

    /// <summary>Quantiles at α/2 and 1 − α/2.</summary>
    public Interval Interval(double alpha) => new(Quantile(alpha / 2), Quantile(1 - alpha / 2));

    /// <summary>P(new effect &gt; x).</summary>
    public double UpperTail(double x) => At(x).UpperTail;

    /// <summary>Limits of the share of true effects above a threshold, 1 − Φ((threshold − μ)/τ), 1 or 0 where τ² = 0:
    /// its quantiles over τ² and t.</summary>
    public Interval ShareAbove(double threshold, double alpha)
    {
        // The share is at most p where t is at least (zτ − threshold + μ̂)/s, z being the normal quantile of p from above.
        double AtMost(double z)
        {
            CancellationScope.ThrowIfCancelled();
            var sum = 0.0;
            foreach (var (mean, tau2, variance, weight) in _nodes)
            {
                var shift = tau2 == 0 ? 0 : z * Math.Sqrt(tau2);
                sum += weight * StudentT.UpperTail((shift - threshold + mean) / Math.Sqrt(variance), _df);
            }
            return sum;
        }
        var zeros = 0.0;
        var ones = 0.0;
        foreach (var (mean, tau2, variance, weight) in _nodes)
        {
            if (tau2 == 0)
            {
                var above = StudentT.LowerTail((mean - threshold) / Math.Sqrt(variance), _df);
                zeros += weight * (1 - above);
                ones += weight * above;
            }
        }
        double Limit(double probability) => probability <= zeros ? 0
            : probability >= 1 - ones ? 1
            : Normal.UpperTail(RootFinder.Find(z => AtMost(z) - probability, 0, 1, increasing: false));
        return new Interval(Limit(alpha / 2), Limit(1 - alpha / 2));
    }

    private (double UpperTail, double Density) At(double x)
    {
        double upper = 0, density = 0;
        foreach (var (mean, inverseDeviation, weight) in _normals.Value)
        {
            var z = (x - mean) * inverseDeviation;
            upper += weight * Normal.UpperTail(z);
            density += weight * inverseDeviation * Math.Exp(Normal.LogDensity(z));
        }
        return (upper, density);
    }

    /// <summary>Newton's method inside a bracket that grows from the median of the means.</summary>
    private double Quantile(double probability)
    {
        var (x, step) = (_nodes[_nodes.Length / 2].Mean, Math.Sqrt(_nodes.Average(node => Math.Min(node.TauSquared, 1) + Math.Min(node.Variance, 1))));
        var (lower, upper, scale) = (double.NegativeInfinity, double.PositiveInfinity, step);
        for (var i = 0; i < MaximumIterations; i++)
        {
            var (tail, density) = At(x);
            var excess = 1 - probability - tail; // below 0 left of the quantile
            (lower, upper) = excess < 0 ? (x, upper) : (lower, x);
            var next = x - excess / density;
            if (double.IsInfinity(lower) || double.IsInfinity(upper))
            {
                if (!(Math.Abs(next - x) <= step))
                {
                    next = x - Math.CopySign(step, excess);
                    step *= 2;
                }
            }
            else if (!(next > lower && next < upper))
            {
                next = (lower + upper) / 2;
            }
            if (Math.Abs(next - x) <= 1e-8 * scale || next == x) // the error is squared at every step
            {
                return next;
            }
            if (!double.IsFinite(next))
            {
                break;
            }
            x = next;
        }
        Guard.FiniteResult(x);
        return x;
    }

    private static (double Ratio, double Weight)[] Mixture(int df)
    {
        var step = Math.Min(LargestStep, 0.6 * Math.Sqrt(2.0 / df));
        var (nodes, mode) = (new List<(double Ratio, double Weight)>(), Math.Log(df));
        foreach (var direction in new[] { -1, 1 })
        {
            for (var i = direction < 0 ? 1 : 0; ; i++)
            {
                var w = Math.Exp(mode + direction * i * step);
                var weight = step * w * Math.Exp(ChiSquared.LogDensity(w, df));
                if (weight < Negligible)
                {
                    break;
                }
                nodes.Add((df / w, weight));
            }
        }
        var total = nodes.Sum(node => node.Weight);
        return [.. nodes.Select(node => (node.Ratio, node.Weight / total))];
    }
}
