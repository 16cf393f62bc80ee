using System.Collections.Concurrent;

namespace RealRelationship.Statistics;

/// <summary>Where the true effect of a new study is expected when μ and τ² are as uncertain as they are:
/// μ̂(τ²) − t √(c/(k − p) · s²(τ²)) + N(0, τ²) with (τ², c) from <see cref="TauSquaredConfidence"/>, t on k − p degrees of freedom and s² = 1/Σw, all
/// independent; in a regression μ̂ and s² of the combination of coefficients. Nothing is drawn at random.</summary>
/// <remarks>
/// t is normal with variance (k − p)/W, W from χ² (<see cref="ScaleMixture"/>): so, given τ², c and W, the new effect is normal with variance τ² + s²c/W,
/// which is smooth for every τ².
/// </remarks>
internal sealed class PredictiveDistribution
{
    private const double Negligible = 1e-12;
    private static readonly ConcurrentDictionary<int, (double Ratio, double Weight)[]> s_mixtures = [];

    private readonly int _df;
    private readonly (double Mean, double TauSquared, double Variance, double Weight)[] _nodes; // variance c s²/(k − p)
    private readonly Lazy<NormalMixture> _effects;
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
        _effects = LazyEffects();
    }

    private PredictiveDistribution(PredictiveDistribution effects, double samplingVariance)
    {
        (_df, _nodes, _samplingVariance) = (effects._df, effects._nodes, samplingVariance);
        _effects = LazyEffects();
    }

    /// <summary>Where the estimate of a new study is expected, when that has a sampling variance.</summary>
    public PredictiveDistribution OfEstimate(double samplingVariance) => new(this, samplingVariance);

    /// <summary>True where the numbers leave the range of double precision: there is no distribution then.</summary>
    public bool IsEmpty => _nodes.Length == 0;

    /// <summary>Quantiles at α/2 and 1 − α/2.</summary>
    public Interval Interval(double alpha)
    {
        var rough = Effects(Median(_df));
        return new(Quantile(_effects.Value, rough, 1 - alpha / 2), Quantile(_effects.Value, rough, alpha / 2));
    }

    /// <summary>P(new effect &gt; x).</summary>
    public double UpperTail(double x) => _effects.Value.At(x).UpperTail;

    /// <summary>Limits of the share of true effects above a threshold, 1 − Φ((threshold − μ)/τ), 1 or 0 where τ² = 0:
    /// its quantiles over τ² and t.</summary>
    public Interval ShareAbove(double threshold, double alpha)
    {
        var (zeros, ones) = (0.0, 0.0);
        foreach (var (mean, tau2, variance, weight) in _nodes)
        {
            if (tau2 == 0)
            {
                var above = StudentT.LowerTail((mean - threshold) / Math.Sqrt(variance), _df);
                zeros += weight * (1 - above);
                ones += weight * above;
            }
        }
        // The share is at most p where t is at least (zτ − threshold + μ̂)/s, z being the normal quantile of p from above.
        var (shares, rough) = (Shares(threshold, Mixture(_df)), Shares(threshold, Median(_df)));
        double Limit(double probability) => probability <= zeros ? 0
            : probability >= 1 - ones || shares.IsEmpty ? 1
            : Normal.UpperTail(Quantile(shares, rough, probability - zeros));
        return new Interval(Limit(alpha / 2), Limit(1 - alpha / 2));
    }

    private static double Quantile(NormalMixture mixture, NormalMixture rough, double upperTail)
    {
        var (start, scale) = rough.Typical;
        var share = rough.Weight / mixture.Weight; // less where negligible components were left out
        return mixture.Quantile(upperTail, rough.Quantile(Math.Min(upperTail * share, 0.999 * rough.Weight), start, scale), scale);
    }

    private Lazy<NormalMixture> LazyEffects() => new(() => Effects(Mixture(_df)));

    /// <summary>The effects, for t as a mixture of normal distributions: a component for each node of τ² and of the mixture, unless its weight is negligible.
    /// </summary>
    private NormalMixture Effects((double Ratio, double Weight)[] mixture)
    {
        var effects = new NormalMixture(CountComponents(mixture));
        foreach (var (mean, tau2, variance, weight) in _nodes)
        {
            foreach (var (ratio, share) in mixture)
            {
                if (weight * share > Negligible)
                {
                    var scale = 1 / Math.Sqrt(tau2 + _samplingVariance + variance * ratio);
                    effects.Add(scale, scale * mean, weight * share);
                }
            }
        }
        return effects;
    }

    /// <summary>The normal quantiles of the shares where τ² is not 0, likewise.</summary>
    private NormalMixture Shares(double threshold, (double Ratio, double Weight)[] mixture)
    {
        var shares = new NormalMixture(CountComponents(mixture));
        foreach (var (mean, tau2, variance, weight) in _nodes)
        {
            if (tau2 == 0)
            {
                continue;
            }
            var (tau, distance) = (Math.Sqrt(tau2 / variance), (threshold - mean) / Math.Sqrt(variance));
            foreach (var (ratio, share) in mixture)
            {
                if (weight * share > Negligible)
                {
                    var inverse = 1 / Math.Sqrt(ratio);
                    shares.Add(inverse * tau, inverse * distance, weight * share);
                }
            }
        }
        return shares;
    }

    private int CountComponents((double Ratio, double Weight)[] mixture)
    {
        var count = 0;
        foreach (var node in _nodes)
        {
            foreach (var part in mixture)
            {
                count += node.Weight * part.Weight > Negligible ? 1 : 0;
            }
        }
        return count;
    }

    /// <summary>One normal distribution in place of t, roughly.</summary>
    private static (double Ratio, double Weight)[] Median(int df) => [(df / ChiSquared.Quantile(0.5, df), 1)];

    private static (double Ratio, double Weight)[] Mixture(int df) => s_mixtures.GetOrAdd(df, degrees => ScaleMixture.FewOfStudentT(degrees, Negligible));
}
