using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>The likelihood of normal effects as a function of what is tested – the mean of one group, or the difference between the means of two, which
/// share τ² – with everything else at its most likely value.</summary>
/// <remarks>
/// Largest values over τ² are found as those of <see cref="Likelihood"/>: a logarithmic grid, on which sums are kept for all values that are tested, every
/// fall of the score through zero polished by Newton's method, and the highest taken. A maximum that is missed would make an e-value too large.
/// </remarks>
internal sealed class TestedLikelihood
{
    private const double GridRatio = 1.25;
    private const double GoldenRatio = 0.6180339887498949;
    private const int MaxNarrowing = 100;

    private readonly PrefixSums _first;
    private readonly PrefixSums? _second;
    private readonly double _centre;
    private readonly int _effects;
    private readonly double _largestVariance;
    private readonly double _gridStart;
    private readonly List<GridPoint> _grid = [];

    /// <param name="groups">One group, or two, each with at least one effect.</param>
    /// <param name="centre">What the estimates in the groups are the distance from.</param>
    public TestedLikelihood(IReadOnlyList<PrefixSums> groups, double centre)
    {
        (_first, _second, _centre) = (groups[0], groups.Count > 1 ? groups[1] : null, centre);
        _effects = groups.Sum(group => group.Count);
        _largestVariance = groups.Max(group => group.Totals.LargestVariance);
        _gridStart = groups.Min(group => group.Totals.SmallestVariance) / 4;
    }

    /// <summary>The largest log-likelihood under a value, and its τ².</summary>
    public (double LogLikelihood, double TauSquared) At(double tested)
    {
        var best = (LogLikelihood: double.NegativeInfinity, TauSquared: 0.0);
        foreach (var tau2 in Modes(tested))
        {
            var logLikelihood = LogLikelihood(tested, tau2);
            best = logLikelihood > best.LogLikelihood ? (logLikelihood, tau2) : best;
        }
        return best;
    }

    /// <summary>The values whose log-likelihood exceeds a level: their outermost limits, and whether all between belong to them.</summary>
    /// <remarks>
    /// With g(δ) the largest likelihood under δ, every local maximum of g is one of the whole likelihood, and so of the likelihood profiled over the means,
    /// which has one variable, τ². Each part of {g > level} holds such a maximum. Outside the outermost one g therefore crosses the level once, and between
    /// two neighbours it falls and rises again.
    /// </remarks>
    public (double Lower, double Upper, bool IsInterval) LevelSet(double level)
    {
        var maxima = Modes(null).Select(tau2 => (Value: MostLikely(tau2), LogLikelihood: LogLikelihood(null, tau2), Step: StandardError(tau2)))
            .Where(mode => mode.LogLikelihood > level).OrderBy(mode => mode.Value).ToList();
        if (maxima.Count == 0)
        {
            throw new StatisticsException("notConverged", "The likelihood has no maximum that double precision can find.");
        }
        double Height(double tested) => At(tested).LogLikelihood - level;
        return (RootFinder.Find(Height, maxima[0].Value, maxima[0].Step, increasing: true),
            RootFinder.Find(Height, maxima[^1].Value, maxima[^1].Step, increasing: false),
            Enumerable.Range(1, maxima.Count - 1).All(i => Lowest(Height, maxima[i - 1].Value, maxima[i].Value) > 0));
    }

    /// <summary>The smallest value of a function that falls and rises again, by golden sections; it ends early below zero.</summary>
    private static double Lowest(Func<double, double> f, double from, double to)
    {
        var (a, b) = (to - GoldenRatio * (to - from), from + GoldenRatio * (to - from));
        var (fa, fb) = (f(a), f(b));
        for (var i = 0; i < MaxNarrowing && Math.Min(fa, fb) > 0 && a < b; i++)
        {
            if (fa < fb)
            {
                (to, b, fb) = (b, a, fa);
                a = to - GoldenRatio * (to - from);
                fa = f(a);
            }
            else
            {
                (from, a, fa) = (a, b, fb);
                b = from + GoldenRatio * (to - from);
                fb = f(b);
            }
        }
        return Math.Min(fa, fb);
    }

    /// <summary>Every local maximum over τ².</summary>
    /// <param name="tested">The value that is tested; null for the most likely one at each τ².</param>
    private List<double> Modes(double? tested)
    {
        CancellationScope.ThrowIfCancelled();
        var modes = new List<double>();
        var upper = Bound(tested);
        var (left, leftScore) = (0.0, Score(tested, Grid(0).Sums).Value);
        if (leftScore <= 0)
        {
            modes.Add(0);
        }
        for (var i = 1; left < upper; i++)
        {
            var (right, sums) = Grid(i);
            var rightScore = Score(tested, sums).Value;
            if (leftScore > 0 && rightScore <= 0)
            {
                modes.Add(Newton.Root(tau2 => Score(tested, SumsAt(tau2)), left, right, left + (right - left) * (leftScore / (leftScore - rightScore))).Root);
            }
            (left, leftScore) = (right, rightScore);
        }
        return modes.Count > 0 ? modes : throw new StatisticsException("notConverged", "The likelihood has no maximum that double precision can find.");
    }

    /// <summary>Above it y′PPy ≤ RSS/τ⁴ is less than k/(v_max + τ²) ≤ Σw.</summary>
    private double Bound(double? tested)
    {
        var (a, b) = (_first.Totals, _second?.Totals);
        double SumOfSquares(double n, double r, double r2) => Math.Max(0, r2 - r * r / n);
        double squares;
        if (tested is not { } value)
        {
            squares = SumOfSquares(a.Effects, a.R, a.R2) + (b is null ? 0 : SumOfSquares(b.Effects, b.R, b.R2));
        }
        else
        {
            var d = b is null ? value - _centre : value;
            var (shifted, shifted2) = (a.R - d * a.Effects, a.R2 - d * (2 * a.R - d * a.Effects));
            squares = b is null ? Math.Max(0, shifted2) : SumOfSquares(_effects, shifted + b.R, shifted2 + b.R2);
        }
        var s = squares / _effects;
        return s == 0 ? 0 : s / 2 * (1 + Math.Sqrt(1 + 4 * _largestVariance / s)) * (1 + 1e-9);
    }

    private GridPoint Grid(int index)
    {
        for (var i = _grid.Count; i <= index; i++)
        {
            var tau2 = i switch { 0 => 0, 1 => _gridStart, _ => _grid[i - 1].TauSquared * GridRatio };
            _grid.Add(new GridPoint(tau2, SumsAt(tau2)));
        }
        return _grid[index];
    }

    private GroupSums SumsAt(double tau2) => new(_first.At(tau2), _second?.At(tau2) ?? default);

    /// <summary>Derivative of the log-likelihood by τ², and the derivative of that.</summary>
    private (double Value, double Slope) Score(double? tested, in GroupSums sums)
    {
        var s = Residuals(tested, sums);
        return ((s.W2R2 - s.W) / 2, s.W2 / 2 - s.W3R2);
    }

    private double LogLikelihood(double? tested, double tau2)
    {
        var (first, logFirst) = _first.WithLogVariancesAt(tau2);
        var (second, logSecond) = _second?.WithLogVariancesAt(tau2) ?? default;
        return -0.5 * (_effects * Math.Log(2 * Math.PI) + logFirst + logSecond + Residuals(tested, new(first, second)).WR2);
    }

    /// <summary>Sums around the most likely means under the value that is tested; Σ w³r² less what the means take of it.</summary>
    private PowerSums Residuals(double? tested, in GroupSums sums) => (tested, _second) switch
    {
        ({ } mean, null) => sums.First.ShiftedBy(mean - _centre),
        ({ } difference, _) => AroundMean(sums.First.ShiftedBy(difference) + sums.Second),
        (null, null) => AroundMean(sums.First),
        _ => AroundMean(sums.First) + AroundMean(sums.Second),
    };

    private static PowerSums AroundMean(in PowerSums sums)
    {
        var s = sums.ShiftedBy(sums.WR / sums.W);
        return s with { W3R2 = Math.Max(0, s.W3R2 - s.W2R * s.W2R / s.W) };
    }

    private double MostLikely(double tau2)
    {
        var (first, second) = SumsAt(tau2);
        return _second is null ? _centre + first.WR / first.W : first.WR / first.W - second.WR / second.W;
    }

    private double StandardError(double tau2)
    {
        var (first, second) = SumsAt(tau2);
        return Math.Sqrt(1 / first.W + (_second is null ? 0 : 1 / second.W));
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct GroupSums(PowerSums First, PowerSums Second);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct GridPoint(double TauSquared, GroupSums Sums);
}
