namespace RealRelationship.Statistics;

/// <summary>Options of <see cref="AnytimeInference"/>. The guarantee needs all of them fixed before the effects are seen.</summary>
public sealed record AnytimeOptions
{
    private const int Decimals = 9;

    private readonly double _priorMuSd = 0.5;
    private readonly double _priorTauScale = 0.3;
    private readonly double _confidence = 0.95;
    private readonly int _hypotheses = 1;

    /// <summary>Standard deviation of the normal prior of a mean, whose centre is 0, on the scale of the effects; positive, 0.5 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive and finite.</exception>
    public double PriorMuSd
    {
        get => _priorMuSd;
        init => _priorMuSd = Guard.InRange(value > 0, value, nameof(value), "The standard deviation of a prior is positive.");
    }

    /// <summary>Scale of the half-normal prior of τ (the standard deviation of the normal distribution that is folded); positive, 0.3 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive and finite.</exception>
    public double PriorTauScale
    {
        get => _priorTauScale;
        init => _priorTauScale = Guard.InRange(value > 0, value, nameof(value), "The scale of a prior is positive.");
    }

    /// <summary>Coverage of the confidence sequence at all looks together, strictly between 0 and 1; 0.95 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not strictly between 0 and 1.</exception>
    public double Confidence
    {
        get => _confidence;
        init => _confidence = Guard.InRange(value is > 0 and < 1, value, nameof(value), "Confidence lies strictly between 0 and 1.");
    }

    /// <summary>Number q of hypotheses that are tested together, such as the contrasts of a question: the cut is q/α; 1 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public int Hypotheses
    {
        get => _hypotheses;
        init => _hypotheses = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "There is at least one hypothesis.");
    }

    /// <summary>The e-value from which on a value is excluded, q/α.</summary>
    public double Threshold => Math.Round(Hypotheses / Alpha, Decimals);

    // 1 − .95 is not .05 in binary fractions. Decimal ones have 28 digits; a confidence that differs from 1 by less than them is left as it is.
    private double Alpha => (double)(1 - (decimal)Confidence) is > 0 and var alpha ? alpha : 1 - Confidence;

    /// <summary>Its logarithm.</summary>
    public double LogThreshold => Math.Log(Threshold);
}
