namespace RealRelationship.Statistics;

/// <summary>A step function: weight 1 up to the first cut point, δⱼ = exp θⱼ in the later intervals, fixed, or 0 in an interval without effects.</summary>
internal sealed class StepWeights : SelectionWeights
{
    private readonly int[] _interval; // of each effect
    private readonly int[] _index; // of each interval: its θ among the free parameters, −1 when δ is fixed
    private readonly double[] _fixed;
    private readonly double[] _delta;
    private readonly double[] _logDelta;

    /// <param name="x">yᵢ/√vᵢ.</param>
    /// <param name="steps">Cut points of the one-sided p-value, ascending.</param>
    /// <param name="fixedWeights">One an interval after the first, null where it is estimated.</param>
    public StepWeights(double[] x, double[] steps, IReadOnlyList<double?> fixedWeights) : this(x, steps, fixedWeights, CountIn(x, steps)) { }

    private StepWeights(double[] x, double[] steps, IReadOnlyList<double?> fixedWeights, int[] counts)
        : base(Enumerable.Range(0, steps.Length).Count(j => fixedWeights[j] is null && counts[j + 1] > 0), steps.Length, 0)
    {
        Counts = counts;
        (_index, _fixed) = (new int[counts.Length], new double[counts.Length]);
        (_delta, _logDelta) = (new double[counts.Length], new double[counts.Length]);
        (_index[0], _fixed[0]) = (-1, 1);
        var next = 0;
        for (var j = 1; j < counts.Length; j++)
        {
            _index[j] = fixedWeights[j - 1] is null && counts[j] > 0 ? next++ : -1;
            _fixed[j] = fixedWeights[j - 1] ?? 0;
        }
        _interval = [.. x.Select(xi => IntervalOf(xi, steps))];
        for (var j = 0; j < steps.Length; j++)
        {
            TailPoints[j] = Normal.UpperQuantile(steps[j]);
        }
    }

    /// <summary>Effects in each interval.</summary>
    public int[] Counts { get; }

    public override (double Lower, double Upper) Bounds => (double.NegativeInfinity, double.PositiveInfinity);

    public override (double Delta, double Slope, int Index)[] Deltas(ReadOnlySpan<double> free)
    {
        var deltas = new (double, double, int)[_index.Length - 1];
        for (var j = 1; j < _index.Length; j++)
        {
            var delta = _index[j] < 0 ? _fixed[j] : Math.Exp(free[_index[j]]);
            deltas[j - 1] = (delta, _index[j] < 0 ? 0 : delta, _index[j]);
        }
        return deltas;
    }

    public override void SetParameters(ReadOnlySpan<double> free)
    {
        for (var j = 0; j < _delta.Length; j++)
        {
            _delta[j] = _index[j] < 0 ? _fixed[j] : Math.Exp(free[_index[j]]);
            _logDelta[j] = Math.Log(_delta[j]);
        }
        Array.Clear(Constant);
        foreach (var column in Tails)
        {
            Array.Clear(column);
        }
        Constant[0] = _delta[^1];
        for (var j = 0; j < TailPoints.Length; j++)
        {
            Tails[0][j] = _delta[j] - _delta[j + 1];
        }
        for (var j = 1; j < _delta.Length; j++)
        {
            if (_index[j] < 0)
            {
                continue;
            }
            foreach (var order in (ReadOnlySpan<int>)[1 + _index[j], Pair(_index[j], _index[j])])
            {
                Tails[order][j - 1] = -_delta[j];
                if (j < TailPoints.Length)
                {
                    Tails[order][j] = _delta[j];
                }
                else
                {
                    Constant[order] = _delta[j];
                }
            }
        }
    }

    public override void LogWeight(int effect, Span<double> values)
    {
        values.Clear();
        var j = _interval[effect];
        values[0] = _logDelta[j];
        if (_index[j] >= 0)
        {
            values[1 + _index[j]] = 1;
        }
    }

    /// <summary>Observed over expected numbers.</summary>
    public override double[] Start(double[] expectedTails, int effects)
    {
        double Expected(int j) => (j < expectedTails.Length ? expectedTails[j] : effects) - (j > 0 ? expectedTails[j - 1] : 0);
        var start = new double[Free];
        for (var j = 1; j < Counts.Length; j++)
        {
            if (_index[j] >= 0)
            {
                var ratio = Counts[j] / Expected(j) * Expected(0) / Math.Max(1, Counts[0]);
                start[_index[j]] = double.IsNaN(ratio) ? 0 : Math.Clamp(Math.Log(ratio), -8, 8);
            }
        }
        return start;
    }

    private static int[] CountIn(double[] x, double[] steps)
    {
        var counts = new int[steps.Length + 1];
        foreach (var xi in x)
        {
            counts[IntervalOf(xi, steps)]++;
        }
        return counts;
    }

    private static int IntervalOf(double x, double[] steps)
    {
        var p = Normal.UpperTail(x);
        return Array.FindIndex(steps, step => p <= step) is >= 0 and var j ? j : steps.Length;
    }
}
