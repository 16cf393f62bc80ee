namespace RealRelationship.Statistics;

/// <summary>The direction in which effects are favoured.</summary>
public enum SelectionDirection
{
    /// <summary>p-values are one-sided for positive effects.</summary>
    Greater,
    /// <summary>p-values are one-sided for negative effects.</summary>
    Less,
}

/// <summary>How the probability that an effect is observed depends on its one-sided p-value. All agree with <c>type=</c> of metafor's <c>selmodel</c>,
/// named in brackets.</summary>
public enum SelectionFunction
{
    /// <summary>Constant between cut points, 1 up to the first; Hedges 1992, Statistical Science 7; Vevea and Hedges 1995, Psychometrika 60
    /// (stepfun).</summary>
    Step,
    /// <summary>exp(−δp²); Preston, Ashby and Smyth 2004, Journal of Evaluation in Clinical Practice 10 (halfnorm).</summary>
    HalfNormal,
    /// <summary>exp(−δp); Preston, Ashby and Smyth 2004 (negexp).</summary>
    NegativeExponential,
    /// <summary>2 exp(−δp)/(1 + exp(−δp)); Preston, Ashby and Smyth 2004 (logistic).</summary>
    Logistic,
    /// <summary>(1 − p)^δ (power).</summary>
    Power,
    /// <summary>p^(δ₁−1) (1 − p)^(δ₂−1); Citkowicz and Vevea 2017, Psychological Methods 22 (beta).</summary>
    Beta,
}

/// <summary>Options of a selection model.</summary>
public sealed record WeightFunctionOptions
{
    private const double DefaultStep = 0.025;
    private const double SmallestPOfPowers = 1e-5;

    /// <summary>The weight function; a step function unless set.</summary>
    public SelectionFunction Function { get; init; } = SelectionFunction.Step;

    /// <summary>Cut points of the one-sided p-value of a step function, strictly between 0 and 1, in any order; a final 1 is optional. 0.025 unless set;
    /// ignored by other functions.</summary>
    public IReadOnlyList<double> Steps { get; init; } = [DefaultStep];

    /// <summary>Parameters δ that are assumed, null for one that is estimated: the weight of each interval after the first of a step function (positive;
    /// Vevea and Woods 2005, Psychological Methods 10), or the parameters of another function. Empty: all are estimated.</summary>
    public IReadOnlyList<double?> Fixed { get; init; } = [];

    /// <summary>The direction of p-values and of the effects favoured; greater unless set.</summary>
    public SelectionDirection Direction { get; init; } = SelectionDirection.Greater;

    /// <summary>Coverage of intervals, strictly between 0 and 1; 0.95 unless set.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>The p-value that smaller ones count as in a continuous function (and 1 minus it for larger ones), from 0 to below ½; null: 1e-5 for power and
    /// beta, which have no limit at 0 or 1, and 0 for the others.</summary>
    public double? SmallestP { get; init; }

    internal double MinP => SmallestP ?? (Function is SelectionFunction.Power or SelectionFunction.Beta ? SmallestPOfPowers : 0);

    /// <summary>Number of parameters δ of the function.</summary>
    internal int ParameterCount(double[] cuts) => Function switch
    {
        SelectionFunction.Step => cuts.Length,
        SelectionFunction.Beta => 2,
        _ => 1,
    };

    /// <summary>Cut points in ascending order, without the last, 1.</summary>
    internal static double[] CutPoints(WeightFunctionOptions options)
    {
        if (options.Function != SelectionFunction.Step)
        {
            return [];
        }
        double[] cuts = [.. options.Steps.Where(step => step != 1).Distinct().Order()];
        if (cuts.Length == 0)
        {
            throw new ArgumentException("There are no steps.", nameof(options));
        }
        foreach (var cut in cuts)
        {
            Guard.InRange(cut is > 0 and < 1, cut, nameof(Steps), "Steps lie strictly between 0 and 1.");
        }
        return cuts;
    }

    internal static double?[] FixedDeltas(WeightFunctionOptions options, double[] cuts)
    {
        var count = options.ParameterCount(cuts);
        if (options.Fixed.Count == 0)
        {
            return new double?[count];
        }
        if (options.Fixed.Count != count)
        {
            throw new ArgumentException($"The function has {count} parameters, not {options.Fixed.Count}.", nameof(options));
        }
        var smallest = options.Function is SelectionFunction.Step or SelectionFunction.Beta ? double.Epsilon : 0;
        foreach (var delta in options.Fixed)
        {
            if (delta is { } value)
            {
                var largest = options.Function == SelectionFunction.Step ? double.MaxValue : ContinuousWeights.MaxDelta;
                Guard.InRange(value >= smallest && value <= largest, value, nameof(Fixed), "An assumed parameter lies within the bounds of its function.");
            }
        }
        return [.. options.Fixed];
    }
}
