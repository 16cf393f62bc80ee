namespace RealRelationshipApi.Instruments;

/// <summary>One administration of an instrument as reported by the sender.</summary>
internal sealed record Administration
{
    public required ScoreRater Rater { get; init; }

    public string Scale { get; init; } = Instrument.Total;

    public double? Score { get; init; }

    /// <summary>How <see cref="Score"/> was computed; optional when its range is unambiguous.</summary>
    public ScoreAggregation? Aggregation { get; init; }

    /// <summary>All items in the order of the form; null for a missing one.</summary>
    public IReadOnlyList<double?>? Items { get; init; }

    /// <summary>Indices of items that are scores already, as in FHIR's <c>ordinalValue</c>: they are never reversed. Null for none.</summary>
    public IReadOnlyList<int>? KeyedItems { get; init; }

    /// <summary>What a higher score means to the sender; checked against the instrument.</summary>
    public ScoreDirection? Direction { get; init; }
}

/// <summary>A score in the unit of its scale.</summary>
/// <param name="Value">The score, in the instrument's direction.</param>
/// <param name="Oriented">The score, reversed if necessary so that higher is stronger or better; null on a descriptive scale.</param>
/// <param name="Minimum">Smallest possible <paramref name="Value"/>.</param>
/// <param name="Maximum">Largest possible <paramref name="Value"/>.</param>
/// <param name="Unit">The unit.</param>
/// <param name="ItemsAnswered">Number of items answered; null if only a score was sent.</param>
/// <param name="ItemsExpected">Number of items of the scale; null if unknown.</param>
/// <param name="Rule">How the score was obtained.</param>
/// <param name="Prorated">Whether missing items were prorated.</param>
internal sealed record ScaleScore(double Value, double? Oriented, double Minimum, double Maximum, ScoreAggregation Unit,
    long? ItemsAnswered, long? ItemsExpected,
    ScoringRule Rule, bool Prorated);

/// <summary>How a score was obtained: as sent, converted to the scale's unit, or computed from items. <c>subscaleMean</c> first replaces missing items by the
/// rounded mean of the answered items of their subscale.</summary>
internal enum ScoringRule { AsSent, Converted, Mean, Sum, MeanTimesTen, SubscaleMean, SumTimesTwo, SumTimesFour }
