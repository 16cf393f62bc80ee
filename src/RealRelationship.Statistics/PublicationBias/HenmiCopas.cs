using MathNet.Numerics.Integration;

namespace RealRelationship.Statistics;

/// <summary>An interval that selection shifts little.</summary>
/// <param name="Effect">The common-effect mean.</param>
/// <param name="Lower">Lower confidence bound.</param>
/// <param name="Upper">Upper confidence bound.</param>
/// <param name="TauSquared">DerSimonian and Laird's.</param>
public sealed record HenmiCopasInterval(double Effect, double Lower, double Upper, double TauSquared);

/// <summary>Common-effect weights with a variance that allows for heterogeneity; Henmi and Copas 2010, Statistics in Medicine 29.</summary>
public static class HenmiCopas
{
    /// <summary>The interval. Agrees with metafor's <c>hc</c>, which solves its equation to 1e-4 only.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="confidence">Coverage, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static HenmiCopasInterval Interval(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, double confidence = 0.95)
    {
        Guard.ValidEffects(estimates, variances);
        var alpha = new ModelOptions { Confidence = confidence }.Alpha;
        var model = new LinearModel(estimates, variances);
        var mean = model.Solve(0).Coefficients[0];
        var moments = model.At(0);
        var tau2 = MeanModel.EstimateTauSquared(model, TauSquaredEstimator.DerSimonianLaird);
        var inflation = 1 + tau2 * moments.SumW2 / moments.SumW;
        var quantile = estimates.Length == 1 ? Normal.UpperQuantile(alpha / 2) : new Pivot(model, moments, tau2, inflation).Quantile(alpha);
        var half = quantile * inflation / Math.Sqrt(moments.SumW);
        Guard.FiniteResult(mean, half, tau2);
        return new HenmiCopasInterval(mean, mean - half, mean + half, tau2);
    }

    /// <summary>The distribution of the pivot, section 3.2 of the paper: given its numerator R,
    /// Q is taken for gamma with the first two moments it has.</summary>
    /// <remarks>W₂ is the weighted mean of the weights w, and the central moments below are those of w under weights w, so that nothing cancels.</remarks>
    private sealed class Pivot
    {
        private const double Reach = 8; // beyond it the normal density is 1e-14 of that where the integral starts
        private static readonly GaussLegendreRule s_rule = new(-1, 1, 20);

        private readonly double _df;
        private readonly double _tau2;
        private readonly double _inflation;
        private readonly double _w2;
        private readonly double _sumW;
        private readonly double _traceP;
        private readonly double _tracePP;
        private readonly double _variance; // W₃ − W₂²
        private readonly double _third; // W₄ − 2W₂W₃ + W₂³

        public Pivot(LinearModel model, in Moments moments, double tau2, double inflation)
        {
            (_df, _tau2, _inflation) = (model.DegreesOfFreedom, tau2, inflation);
            (_sumW, _traceP, _tracePP) = (moments.SumW, moments.TraceP, moments.TracePP);
            _w2 = moments.SumW2 / moments.SumW;
            foreach (var v in model.Variances)
            {
                var w = 1 / v;
                var spread = w * (w - _w2) * (w - _w2) / _sumW;
                _variance += spread;
                _third += w * spread;
            }
        }

        /// <summary>The x with P(|pivot| &gt; x) = α.</summary>
        public double Quantile(double alpha)
        {
            var start = Normal.UpperQuantile(alpha / 2);
            return RootFinder.Find(x => UpperTail(x) - alpha / 2, start, start / 8, increasing: false);
        }

        /// <summary>∫ P(Q ≤ f(r/x) | r) φ(r) dr from x, by panels that widen away from x, where the integrand bends most.</summary>
        private double UpperTail(double x)
        {
            if (x <= 0)
            {
                return 0.5;
            }
            var (sum, from, width) = (0.0, x, Math.Min(1, x / Math.Sqrt(2 * (_df + 1))));
            while (from < x + Reach)
            {
                for (var i = 0; i < s_rule.Order; i++)
                {
                    var r = from + width * (1 + s_rule.GetAbscissa(i)) / 2;
                    sum += width / 2 * s_rule.GetWeight(i) * ConditionalLowerTail(_df + _traceP / _w2 * (r / x - 1) * (r / x + 1), r)
                        * Math.Exp(Normal.LogDensity(r));
                }
                from += width;
                width = Math.Min(1, 2 * width);
            }
            return sum;
        }

        /// <summary>P(Q ≤ q | r), Q gamma with mean and variance as given by r. Far out the approximate variance can turn negative:
        /// then Q is its mean.</summary>
        private double ConditionalLowerTail(double q, double r)
        {
            var (t, t2, excess) = (_tau2, _tau2 * _tau2, (r * r - 1) / _inflation);
            var mean = _df + t * _traceP + t2 * excess * _variance;
            var variance = 2 * _df + 4 * t * _traceP + 2 * t2 * _tracePP + 4 * t2 * excess * _variance + 4 * t2 * t * excess * _third
                + 2 * t2 * t2 * (1 - 2 * r * r) / (_inflation * _inflation) * _variance * _variance;
            return mean > 0 && variance > 0 ? ChiSquared.LowerTail(2 * q * mean / variance, 2 * mean * mean / variance) : q >= mean ? 1 : 0;
        }
    }
}
