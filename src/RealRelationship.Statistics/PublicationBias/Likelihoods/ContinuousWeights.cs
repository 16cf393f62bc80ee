using MathNet.Numerics.Integration;

namespace RealRelationship.Statistics;

/// <summary>Weight functions that fall smoothly with p, or bend at both ends (beta). p below the smallest one counts as it, and so above 1 minus it.</summary>
/// <remarks>In x = y/√v the kernel of an effect has a standard deviation of at least 1, so that one Gauss–Legendre rule suits all effects.</remarks>
internal sealed class ContinuousWeights : SelectionWeights
{
    public const double MaxDelta = 100;
    public const double MinBetaDelta = 1e-5;
    private const double Reach = 9; // beyond it p is below 1e-18
    private static readonly GaussLegendreRule s_rule = new(-1, 1, 96);

    private readonly SelectionFunction _function;
    private readonly double?[] _fixed;
    private readonly double[] _delta;
    private readonly (double A, double B)[] _observed; // statistics of p
    private readonly (double A, double B)[] _ends;
    private readonly (double A, double B)[] _nodes;
    private readonly double[] _ruleWeights;

    /// <param name="function">Any but the step function.</param>
    /// <param name="x">yᵢ/√vᵢ.</param>
    /// <param name="minP">The smallest p, from 0 to below ½.</param>
    /// <param name="fixedDeltas">One a parameter, null where it is estimated.</param>
    public ContinuousWeights(SelectionFunction function, double[] x, double minP, IReadOnlyList<double?> fixedDeltas)
        : base(fixedDeltas.Count(delta => delta is null), 2, s_rule.Order)
    {
        _function = function;
        _fixed = [.. fixedDeltas];
        _delta = new double[_fixed.Length];
        var end = minP > 0 ? Math.Min(Reach, Normal.UpperQuantile(minP)) : Reach;
        (TailPoints[0], TailPoints[1], IsLowerTail[0]) = (-end, end, true);
        _ends = [Statistics(-end), Statistics(end)];
        for (var j = 0; j < Nodes.Length; j++)
        {
            Nodes[j] = end * s_rule.GetAbscissa(j);
        }
        _nodes = [.. Nodes.Select(Statistics)];
        _ruleWeights = [.. Enumerable.Range(0, Nodes.Length).Select(j => end * s_rule.GetWeight(j))];
        _observed = [.. x.Select(xi => Statistics(minP > 0 ? Math.Clamp(xi, -end, end) : xi))];
    }

    public override (double Lower, double Upper) Bounds => (_function == SelectionFunction.Beta ? MinBetaDelta : 0, MaxDelta);

    public override (double Delta, double Slope, int Index)[] Deltas(ReadOnlySpan<double> free)
    {
        var deltas = new (double, double, int)[_fixed.Length];
        var next = 0;
        for (var a = 0; a < deltas.Length; a++)
        {
            deltas[a] = _fixed[a] is { } delta ? (delta, 0, -1) : (free[next], 1, next++);
        }
        return deltas;
    }

    public override void SetParameters(ReadOnlySpan<double> free)
    {
        var next = 0;
        for (var a = 0; a < _delta.Length; a++)
        {
            _delta[a] = _fixed[a] ?? free[next++];
        }
        Span<double> log = stackalloc double[Orders];
        for (var t = 0; t < _ends.Length; t++)
        {
            Set(_ends[t], 1, Tails, t, log);
        }
        for (var j = 0; j < _nodes.Length; j++)
        {
            Set(_nodes[j], _ruleWeights[j], NodeValues, j, log);
        }
    }

    public override void LogWeight(int effect, Span<double> values) => Log(_observed[effect], values);

    public override double[] Start(double[] expectedTails, int effects)
    {
        var start = new double[Free];
        Array.Fill(start, 1);
        return start;
    }

    /// <summary>w and its derivatives from those of ln w.</summary>
    private void Set((double A, double B) statistics, double factor, double[][] columns, int at, Span<double> log)
    {
        Log(statistics, log);
        var w = factor * Math.Exp(log[0]);
        columns[0][at] = w;
        for (var a = 0; a < Free; a++)
        {
            columns[1 + a][at] = w * log[1 + a];
            for (var b = 0; b <= a; b++)
            {
                columns[Pair(a, b)][at] = w * (log[1 + a] * log[1 + b] + log[Pair(a, b)]);
            }
        }
    }

    /// <summary>ln w, its derivatives by the free parameters, and their second derivatives.</summary>
    private void Log((double A, double B) statistics, Span<double> values)
    {
        values.Clear();
        if (_function == SelectionFunction.Logistic) // ln 2 − ln(1 + exp δp)
        {
            var share = 1 / (1 + Math.Exp(-_delta[0] * statistics.A));
            values[0] = Math.Log(2 - 2 * share);
            if (Free > 0)
            {
                values[1] = -statistics.A * share;
                values[2] = -statistics.A * statistics.A * share * (1 - share);
            }
            return;
        }
        var next = 0;
        for (var a = 0; a < _delta.Length; a++)
        {
            var statistic = a == 0 ? statistics.A : statistics.B;
            values[0] += (_function == SelectionFunction.Beta ? _delta[a] - 1 : _delta[a]) * statistic;
            if (_fixed[a] is null)
            {
                values[1 + next++] = statistic;
            }
        }
    }

    /// <summary>What δ multiplies in ln w; p itself for the logistic function.</summary>
    private (double A, double B) Statistics(double x) => _function switch
    {
        SelectionFunction.HalfNormal => (-VectorMath.Square(Normal.UpperTail(x)), 0),
        SelectionFunction.NegativeExponential => (-Normal.UpperTail(x), 0),
        SelectionFunction.Logistic => (Normal.UpperTail(x), 0),
        SelectionFunction.Power => (Normal.LogUpperTail(-x), 0),
        SelectionFunction.Beta => (Normal.LogUpperTail(x), Normal.LogUpperTail(-x)),
        _ => throw new ArgumentOutOfRangeException(nameof(x), _function, "Not a continuous weight function."),
    };
}
