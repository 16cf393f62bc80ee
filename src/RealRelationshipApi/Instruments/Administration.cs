namespace RealRelationshipApi.Instruments;

/// <summary>One administration of an instrument, as a sender tells of it.</summary>
internal sealed record Administration
{
    public required ScoreRater Rater { get; init; }

    public string Scale { get; init; } = Instrument.Total;

    public double? Score { get; init; }

    /// <summary>How <see cref="Score"/> was formed; may be left out where its range leaves no doubt.</summary>
    public ScoreAggregation? Aggregation { get; init; }

    /// <summary>Every item of the form in its order; null for a missing one.</summary>
    public IReadOnlyList<double?>? Items { get; init; }

    /// <summary>What the sender takes a higher score to mean; checked where it is given.</summary>
    public ScoreDirection? Direction { get; init; }
}

/// <summary>A score in the unit in which its scale is kept.</summary>
/// <param name="Value">The score, lower and higher as the instrument has it.</param>
/// <param name="Oriented">The score turned so that higher is stronger or better; null on a descriptive scale.</param>
/// <param name="Minimum">The smallest that <paramref name="Value"/> can be.</param>
/// <param name="Maximum">The largest.</param>
/// <param name="Unit">The unit.</param>
/// <param name="ItemsAnswered">How many items were answered; null where only a score was sent.</param>
/// <param name="ItemsExpected">How many items the scale has; null where that is not known.</param>
/// <param name="Rule">How the score came about.</param>
/// <param name="Prorated">Whether missing items were made up for.</param>
internal sealed record ScaleScore(double Value, double? Oriented, double Minimum, double Maximum, ScoreAggregation Unit,
    long? ItemsAnswered, long? ItemsExpected,
    ScoringRule Rule, bool Prorated);

/// <summary>How a score came about: taken as it was sent, turned into the scale's unit, or found from items; the last after filling blanks with the rounded
/// mean of the rest of their subscale.</summary>
internal enum ScoringRule { AsSent, Converted, Mean, Sum, MeanTimesTen, SubscaleMean }
