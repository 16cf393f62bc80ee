namespace RealRelationship.Statistics;

/// <summary>The posterior distribution of τ, and the nodes of a quadrature over it.</summary>
/// <remarks>
/// The variable is w with τ = √v sinh w, v the smallest variance: √(v + τ²) is smooth there, and the singularities of the likelihood, at τ² = −vᵢ, lie at the
/// distance π/2 from the real axis. Inside a panel of <see cref="LogQuadrature"/> the density is the polynomial through its nodes, in Legendre's basis, so
/// that tails and quantiles cost no further likelihoods.
/// </remarks>
internal sealed class TauPosterior : PosteriorDistribution
{
    private const double PanelLength = 1.5;
    private const double LogNegligible = 45;
    private const int MaxPanels = 1_000;
    private const int MaxSteps = 100;
    private static readonly double[,] s_legendre = LegendreCoefficients();

    private readonly double _unit;
    private readonly Segment[] _segments;

    /// <summary>The distribution.</summary>
    /// <param name="model">The effects with the prior of their mean.</param>
    /// <param name="options">Prior of τ, and probability of intervals.</param>
    /// <exception cref="StatisticsException"><c>improperPosterior</c>: too few effects for a flat prior; <c>outOfRange</c>: the numbers overflow.</exception>
    public TauPosterior(ConditionalMean model, BayesianOptions options) : base(options.Probability)
    {
        var tail = model.TailExponent + options.PriorTau.TailExponent();
        if (tail <= 1)
        {
            throw new StatisticsException("improperPosterior",
                "The posterior under a flat prior of tau needs two effects, or three if that of the mean is flat.");
        }
        Moments = Math.Min(2, tail - 2);
        _unit = Math.Sqrt(model.SmallestVariance);
        double LogIntegrand(double w)
        {
            var tau = _unit * Math.Sinh(w);
            return options.PriorTau.LogDensity(options.PriorTauScale, tau) + model.At(tau * tau).LogLikelihood + Math.Log(_unit * Math.Cosh(w));
        }
        var quadrature = LogQuadrature.Refine(LogIntegrand, FirstPanels(LogIntegrand, model, options), model.Effects);
        Guard.FiniteResult(quadrature.LogIntegral);
        LogMarginalLikelihood = quadrature.LogIntegral;
        var below = 0.0;
        _segments = [.. quadrature.Panels.Select(panel =>
        {
            var segment = new Segment(panel, quadrature.LogIntegral, below);
            below += segment.Probability;
            return segment;
        })];
        Most = options.PriorTau.Largest(options.PriorTauScale);
        Nodes = [.. _segments.SelectMany(segment =>
            Enumerable.Range(0, LogQuadrature.Order).Select(i => (_unit * Math.Sinh(segment.W(i)), segment.Weight(i))))];
        var mean = Nodes.Sum(node => node.Weight * node.Tau);
        (Mean, StandardDeviation) = (Moments > 0 ? mean : null, Moments > 1 ? Math.Sqrt(Nodes.Sum(n => n.Weight * VectorMath.Square(n.Tau - mean))) : null);
    }

    /// <summary>ln of the likelihood averaged over both priors.</summary>
    public double LogMarginalLikelihood { get; }

    /// <summary>How many moments exist: 0, 1, or 2 and more.</summary>
    public int Moments { get; }

    /// <summary>Values of τ and their weights, which add up to 1.</summary>
    public IReadOnlyList<(double Tau, double Weight)> Nodes { get; }

    public override double? Mean { get; }

    public override double? StandardDeviation { get; }

    private protected override double Least => 0;

    private protected override double Most { get; }

    private protected override bool IsUnimodal
    {
        get
        {
            var (rises, falls, last) = (true, 0, 0.0);
            foreach (var density in _segments.SelectMany(s => Enumerable.Range(0, LogQuadrature.Order).Select(i => s.Density(i) / Math.Cosh(s.W(i)))))
            {
                falls += rises && density < last ? 1 : 0;
                (rises, last) = (density >= last, density);
            }
            return falls <= 1;
        }
    }

    internal override NormalMixture.Point At(double x)
    {
        if (x < 0 || x > Most)
        {
            return new(x < 0 ? 1 : 0, 0, 0);
        }
        var w = Math.Asinh(x / _unit);
        var segment = Array.FindLast(_segments, s => s.From <= w)!;
        if (w > segment.To)
        {
            return default;
        }
        var (below, density, slope) = segment.At(segment.Position(w));
        var scale = _unit * Math.Cosh(w); // dτ/dw
        return new(1 - segment.Below - below, density / scale, (slope - density * Math.Tanh(w)) / (scale * scale));
    }

    private protected override double QuantileOf(double p)
    {
        var segment = Array.FindLast(_segments, s => s.Below <= p && s.Probability > 0) ?? _segments[0];
        return _unit * Math.Sinh(segment.QuantileOf(p - segment.Below));
    }

    /// <summary>Panels up to where prior and likelihood fall, and further ones until what follows is negligible, also for the moments that exist.</summary>
    private List<LogQuadrature.Panel> FirstPanels(Func<double, double> logIntegrand, ConditionalMean model, BayesianOptions options)
    {
        var largest = Math.Asinh(options.PriorTau.Largest(options.PriorTauScale) / _unit);
        var length = Math.Min(largest, Math.Asinh(Math.Sqrt(model.FallsFrom()) / _unit));
        Guard.FiniteResult(length);
        List<LogQuadrature.Panel> panels = [.. LogQuadrature.Split(logIntegrand, 0, length, (int)Math.Ceiling(length / PanelLength))];
        var highest = panels.Count == 0 ? double.NegativeInfinity : panels.Max(Height);
        while (length < largest && panels.Count < MaxPanels)
        {
            var panel = new LogQuadrature.Panel(logIntegrand, length, Math.Min(largest, length + PanelLength));
            panels.Add(panel);
            (length, highest) = (panel.To, Math.Max(highest, Height(panel)));
            if (Height(panel) < highest - LogNegligible || !double.IsFinite(panel.LogIntegral))
            {
                break;
            }
        }
        return panels;

        double Height(LogQuadrature.Panel panel) => Enumerable.Range(0, LogQuadrature.Order).Max(i =>
            panel.Logs[i] + Moments * Math.Max(0, Math.Log(_unit * Math.Sinh(panel.At(i)))));
    }

    /// <summary>(2j + 1)/2 · weight · Pⱼ(x) for each node: what the Legendre coefficients of a function are sums of.</summary>
    private static double[,] LegendreCoefficients()
    {
        var coefficients = new double[LogQuadrature.Order, LogQuadrature.Order];
        for (var i = 0; i < LogQuadrature.Order; i++)
        {
            var (x, previous, p) = (LogQuadrature.Abscissa(i), 0.0, 1.0);
            for (var j = 0; j < LogQuadrature.Order; j++)
            {
                coefficients[j, i] = (2 * j + 1) / 2.0 * LogQuadrature.Weight(i) * p;
                (previous, p) = (p, ((2 * j + 1) * x * p - j * previous) / (j + 1));
            }
        }
        return coefficients;
    }

    /// <summary>The density of w in a panel.</summary>
    private sealed class Segment
    {
        private readonly LogQuadrature.Panel _panel;
        private readonly double[] _density = new double[LogQuadrature.Order];
        private readonly double[] _coefficients = new double[LogQuadrature.Order];

        public Segment(LogQuadrature.Panel panel, double logIntegral, double below)
        {
            (_panel, Below) = (panel, below);
            for (var i = 0; i < LogQuadrature.Order; i++)
            {
                _density[i] = Math.Exp(panel.Logs[i] - logIntegral);
                for (var j = 0; j < LogQuadrature.Order; j++)
                {
                    _coefficients[j] += s_legendre[j, i] * _density[i];
                }
            }
            Probability = 2 * panel.Half * _coefficients[0];
        }

        public double From => _panel.From;

        public double To => _panel.To;

        /// <summary>Probability below the panel.</summary>
        public double Below { get; }

        /// <summary>Probability in the panel.</summary>
        public double Probability { get; }

        public double W(int node) => _panel.At(node);

        public double Density(int node) => _density[node];

        public double Weight(int node) => _panel.Half * LogQuadrature.Weight(node) * _density[node];

        /// <summary>w as a position between −1 and 1.</summary>
        public double Position(double w) => Math.Clamp((w - _panel.From) / _panel.Half - 1, -1, 1);

        /// <summary>Probability from the beginning of the panel, density and the density's slope: ∫Pⱼ = (Pⱼ₊₁ − Pⱼ₋₁)/(2j + 1) and
        /// P′ⱼ₊₁ = P′ⱼ₋₁ + (2j + 1)Pⱼ.</summary>
        public (double Below, double Density, double Slope) At(double x)
        {
            var (previous, p, integral, density, previousSlope, pSlope, slope) = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0);
            for (var j = 0; j < _coefficients.Length; j++)
            {
                var next = ((2 * j + 1) * x * p - j * previous) / (j + 1);
                integral += _coefficients[j] * (j == 0 ? x + 1 : (next - previous) / (2 * j + 1));
                density += _coefficients[j] * p;
                slope += _coefficients[j] * pSlope;
                (previousSlope, pSlope) = (pSlope, previousSlope + (2 * j + 1) * p);
                (previous, p) = (p, next);
            }
            return (_panel.Half * integral, density, slope / _panel.Half);
        }

        /// <summary>w with a probability from the beginning of the panel, by Newton's method inside a bracket.</summary>
        public double QuantileOf(double probability)
        {
            var (x, lower, upper) = (0.0, -1.0, 1.0);
            for (var i = 0; i < MaxSteps; i++)
            {
                var (below, density, _) = At(x);
                (lower, upper) = below > probability ? (lower, x) : (x, upper);
                var next = x - (below - probability) / (density * _panel.Half);
                next = next >= lower && next <= upper ? next : (lower + upper) / 2;
                if (Math.Abs(next - x) < 1e-15)
                {
                    break;
                }
                x = next;
            }
            return _panel.From + _panel.Half * (1 + x);
        }
    }
}
