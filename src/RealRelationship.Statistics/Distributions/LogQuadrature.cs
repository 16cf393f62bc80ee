using MathNet.Numerics.Integration;

namespace RealRelationship.Statistics;

/// <summary>Integrals of functions known by their logarithm, by Gauss–Legendre panels that are halved until halves and whole agree.</summary>
/// <remarks>Where the logarithm is smooth on the scale of the first panels, no peak is missed however narrow it is.</remarks>
internal sealed class LogQuadrature
{
    private const double Tolerance = 1e-13; // of a panel in the whole integral
    private const double RoundingError = 2e-15; // of the logarithm of the integrand, an effect
    private const int MaxHalvings = 20;
    private const double LargestLogarithm = 1e9; // beyond it a logarithm has lost its first decimals
    private static readonly GaussLegendreRule s_rule = new(-1, 1, Order);

    private LogQuadrature(List<Panel> panels) =>
        (Panels, LogIntegral) = (panels, LogSum([.. panels.Select(panel => panel.LogIntegral)]));

    /// <summary>Nodes of a panel.</summary>
    public const int Order = 16;

    /// <summary>The panels that agreed, from left to right.</summary>
    public IReadOnlyList<Panel> Panels { get; }

    /// <summary>ln of the integral.</summary>
    public double LogIntegral { get; }

    /// <summary>Position of a node between −1 and 1.</summary>
    public static double Abscissa(int node) => s_rule.GetAbscissa(node);

    /// <summary>Weight of a node in an integral from −1 to 1.</summary>
    public static double Weight(int node) => s_rule.GetWeight(node);

    /// <summary>Panels of equal length.</summary>
    public static IEnumerable<Panel> Split(Func<double, double> logIntegrand, double from, double to, int parts) => Enumerable.Range(0, parts).Select(i =>
        new Panel(logIntegrand, from + (to - from) * i / parts, from + (to - from) * (i + 1) / parts));

    /// <summary>Halves panels until they agree with their halves.</summary>
    /// <param name="logIntegrand">ln of the integrand.</param>
    /// <param name="first">Panels over the whole range, from left to right.</param>
    /// <param name="effects">Number of effects that the logarithm is a sum over, for its rounding error.</param>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the logarithms are too large.</exception>
    public static LogQuadrature Refine(Func<double, double> logIntegrand, IEnumerable<Panel> first, int effects)
    {
        List<Panel> pending = [.. first], done = [];
        var tolerance = Tolerance + RoundingError * (effects + Math.Abs(LogSum([.. pending.Select(panel => panel.LogIntegral)])));
        var logDone = double.NegativeInfinity;
        for (var halving = 0; pending.Count > 0 && halving < MaxHalvings; halving++)
        {
            var halves = pending.ConvertAll(panel => Split(logIntegrand, panel.From, panel.To, 2).ToArray());
            var total = LogSum([logDone, .. halves.SelectMany(pair => pair).Select(half => half.LogIntegral)]);
            if (!(Math.Abs(total) < LargestLogarithm))
            {
                throw new StatisticsException("outOfRange", "The effects lie too far from the prior for double precision.");
            }
            var unequal = new List<Panel>();
            foreach (var (whole, pair) in pending.Zip(halves))
            {
                var sum = LogSum([pair[0].LogIntegral, pair[1].LogIntegral]);
                var agrees = Math.Abs(Math.Exp(whole.LogIntegral - total) - Math.Exp(sum - total)) <= tolerance;
                (agrees ? done : unequal).AddRange(pair);
                logDone = agrees ? LogSum([logDone, sum]) : logDone;
            }
            pending = unequal;
        }
        done.AddRange(pending);
        done.Sort((a, b) => a.From.CompareTo(b.From));
        return new(done);
    }

    private static double LogSum(ReadOnlySpan<double> logs)
    {
        var largest = double.NegativeInfinity;
        foreach (var log in logs)
        {
            largest = Math.Max(largest, log);
        }
        var sum = 0.0;
        foreach (var log in logs)
        {
            sum += Math.Exp(log - largest);
        }
        return largest + Math.Log(sum);
    }

    /// <summary>An interval with the logarithms of the integrand at its nodes.</summary>
    internal sealed class Panel
    {
        private readonly double[] _logs = new double[Order];

        public Panel(Func<double, double> logIntegrand, double from, double to)
        {
            (From, To) = (from, to);
            Span<double> weighted = stackalloc double[Order];
            for (var i = 0; i < Order; i++)
            {
                _logs[i] = logIntegrand(At(i));
                weighted[i] = _logs[i] + Math.Log(Half * Weight(i));
            }
            LogIntegral = LogSum(weighted);
        }

        public double From { get; }

        public double To { get; }

        public double LogIntegral { get; }

        /// <summary>Half of its length.</summary>
        public double Half => (To - From) / 2;

        /// <summary>ln of the integrand at each node.</summary>
        public IReadOnlyList<double> Logs => _logs;

        /// <summary>The variable at a node.</summary>
        public double At(int node) => (From + To) / 2 + Half * Abscissa(node);
    }
}
