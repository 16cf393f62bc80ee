using System.Runtime.InteropServices;

namespace RealRelationship.Statistics.Tests.Bayes;

/// <summary>The posterior of τ by the trapezoidal rule over ln τ, written from the definition: the likelihood as that of a multivariate normal distribution
/// with the covariance diag(vᵢ + τ²) + s²11′.</summary>
internal sealed class PosteriorOnGrid
{
    private const int ManyEffects = 100;
    private readonly List<Node> _nodes = [];

    public PosteriorOnGrid(double[] y, double[] v, BayesianOptions options)
    {
        var logs = new List<double>();
        var smallest = Math.Sqrt(v.Min());
        var (from, to) = (Math.Log(Math.Min(1e-13, smallest * 1e-6)), options.PriorTau == TauPrior.Uniform ? Math.Log(options.PriorTauScale) : 20);
        var intervals = options.PriorTau == TauPrior.Uniform && y.Length < ManyEffects ? 10_000 : 3_000;
        var step = (to - from) / intervals;
        for (var i = 0; i <= intervals; i++)
        {
            // Simpson's rule where the integrand ends abruptly, the trapezoidal rule where it vanishes at both ends.
            var weight = options.PriorTau == TauPrior.Uniform ? (i == 0 || i == intervals ? 1 : 2 + 2 * (i % 2)) / 3.0 : 1;
            var tau = Math.Exp(from + i * step);
            var (logLikelihood, mean, variance) = Given(y, v, tau * tau, options);
            logs.Add(LogPrior(tau, options) + logLikelihood + Math.Log(tau * step * weight));
            _nodes.Add(new(tau, mean, variance, 0));
        }
        var largest = logs.Max();
        LogMarginal = largest + Math.Log(logs.Sum(log => Math.Exp(log - largest)));
        for (var i = 0; i < _nodes.Count; i++)
        {
            _nodes[i] = _nodes[i] with { Weight = Math.Exp(logs[i] - LogMarginal) };
        }
        _nodes.RemoveAll(node => node.Weight < 1e-30);
    }

    public double LogMarginal { get; }

    public double Expect(Func<Node, double> of) => _nodes.Sum(node => node.Weight * of(node));

    private static double LogPrior(double tau, BayesianOptions options) => options.PriorTau switch
    {
        TauPrior.HalfNormal => Math.Log(Math.Sqrt(2 / Math.PI) / options.PriorTauScale) - Math.Pow(tau / options.PriorTauScale, 2) / 2,
        TauPrior.HalfCauchy => Math.Log(2 * options.PriorTauScale / (Math.PI * (Math.Pow(options.PriorTauScale, 2) + tau * tau))),
        TauPrior.Uniform => -Math.Log(options.PriorTauScale),
        _ => 0,
    };

    private static (double LogLikelihood, double Mean, double Variance) Given(double[] y, double[] v, double tau2, BayesianOptions options)
    {
        var (m, s2, isFlat) = (options.PriorMuMean, options.PriorMuSd * options.PriorMuSd, double.IsInfinity(options.PriorMuSd));
        double[] w = [.. v.Select(vi => 1 / (vi + tau2))];
        var precision = w.Sum() + (isFlat ? 0 : 1 / s2);
        var mean = (w.Zip(y, (a, b) => a * b).Sum() + (isFlat ? 0 : m / s2)) / precision;
        var logDensity = w.Zip(y, (wi, yi) => 0.5 * Math.Log(wi / (2 * Math.PI)) - wi * Math.Pow(yi - mean, 2) / 2).Sum();
        // p(y) = p(y | μ) p(μ)/p(μ | y) at any μ, here at its posterior mean.
        var logPrior = isFlat ? 0 : -0.5 * Math.Log(2 * Math.PI * s2) - Math.Pow(mean - m, 2) / (2 * s2);
        return (logDensity + logPrior + 0.5 * Math.Log(2 * Math.PI / precision), mean, 1 / precision);
    }

    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Node(double Tau, double Mean, double Variance, double Weight);
}
