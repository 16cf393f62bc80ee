using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>The normal–normal model for a known τ², with the mean N(m, s²): likelihood averaged over the mean, and posterior of the mean.</summary>
/// <remarks>With s = 0 the mean is m; with s infinite its prior is the density 1. Effects are sorted, so that their order does not matter to the last
/// bit.</remarks>
internal sealed class ConditionalMean
{
    private static readonly double s_logTwoPi = Math.Log(2 * Math.PI);

    private readonly double[] _r; // distances from the centre
    private readonly double[] _v;
    private readonly double _centre;
    private readonly double _priorMean;
    private readonly double _priorVariance;

    public ConditionalMean(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, double priorMean, double priorSd)
    {
        var effects = new (double V, double Y)[estimates.Length];
        for (var i = 0; i < effects.Length; i++)
        {
            effects[i] = (variances[i], estimates[i]);
        }
        Array.Sort(effects);
        var (sumW, sumWY) = (0.0, 0.0);
        foreach (var (v, y) in effects)
        {
            sumW += 1 / v;
            sumWY += y / v;
        }
        _centre = sumWY / sumW;
        (_r, _v) = ([.. effects.Select(effect => effect.Y - _centre)], [.. effects.Select(effect => effect.V)]);
        (_priorMean, _priorVariance) = (priorMean, priorSd * priorSd);
        Guard.FiniteResult(_r);
    }

    private ConditionalMean(ConditionalMean effects, double priorMean, double priorSd)
    {
        (_r, _v, _centre) = (effects._r, effects._v, effects._centre);
        (_priorMean, _priorVariance) = (priorMean, priorSd * priorSd);
    }

    public int Effects => _r.Length;

    public double SmallestVariance => _v[0];

    /// <summary>The power of τ with which the likelihood falls in the end.</summary>
    public int TailExponent => double.IsInfinity(_priorVariance) ? _r.Length - 1 : _r.Length;

    /// <summary>The same effects with another prior of the mean.</summary>
    public ConditionalMean WithPrior(double mean, double sd) => new(this, mean, sd);

    /// <summary>A τ² from which on the likelihood falls: there r′Σ⁻²r ≤ r′r/τ⁴ is less than k²/tr Σ ≤ tr Σ⁻¹, Σ having s² in every cell. With a flat prior
    /// likewise with k − 1 and without s².</summary>
    public double FallsFrom()
    {
        var (isFlat, shift) = (double.IsInfinity(_priorVariance), _centre - _priorMean);
        var squares = 0.0;
        foreach (var r in _r)
        {
            squares += VectorMath.Square(isFlat ? r : r + shift);
        }
        var meanSquare = squares / Math.Max(1, TailExponent);
        var bound = meanSquare == 0 ? 0 : meanSquare / 2 * (1 + Math.Sqrt(1 + 4 * (_v[^1] + (isFlat ? 0 : _priorVariance)) / meanSquare));
        Guard.FiniteResult(bound);
        return bound;
    }

    /// <summary>With M the weighted mean and W its precision, Q around M: ln of the likelihood, M being N(m, s² + 1/W); and the mean given the effects,
    /// N((s²WM + m)/(s²W + 1), s²/(s²W + 1)).</summary>
    public Posterior At(double tau2)
    {
        CancellationScope.ThrowIfCancelled();
        var s = PowerSums.Of(_r, _v, tau2, 0);
        var distance = s.WR / s.W;
        var deviance = (_r.Length * s_logTwoPi) + BlockedMoments.LogVariances(_v, tau2) + Math.Max(0, s.ShiftedBy(distance).WR2);
        if (double.IsInfinity(_priorVariance))
        {
            return new(-0.5 * (deviance + Math.Log(s.W) - s_logTwoPi), _centre + distance, 1 / s.W);
        }
        var information = 1 + _priorVariance * s.W;
        var toPrior = _priorMean - _centre - distance;
        return new(-0.5 * (deviance + Math.Log(information) + toPrior * toPrior * s.W / information), _centre + distance + toPrior / information,
            _priorVariance / information);
    }

    /// <summary>Likelihood and posterior of the mean at one τ².</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Posterior(double LogLikelihood, double Mean, double Variance);
}
