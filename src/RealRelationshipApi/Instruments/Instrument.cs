namespace RealRelationshipApi.Instruments;

/// <summary>A questionnaire as far as its scores go: what they may be, how they come from items, and which way is up.
/// Item texts are licensed and have no place here.</summary>
internal sealed record Instrument
{
    public const string Total = "total";

    /// <summary>Names the instrument; compared without case.</summary>
    public required string Code { get; init; }

    public required string Name { get; init; }

    public required Construct Construct { get; init; }

    public required IReadOnlyList<ScoreRater> Raters { get; init; }

    /// <summary>What a higher score means.</summary>
    public required ScoreDirection Direction { get; init; }

    /// <summary>Null where the form is not publicly known, or where only scores are sent.</summary>
    public ItemRange? Items { get; init; }

    /// <summary>What is known of turning items round.</summary>
    public ScoringKey Key { get; init; }

    /// <summary>Numbers, from 1, of the items that are turned round before they are added up.</summary>
    public IReadOnlyList<long> Reversed { get; init; } = [];

    public IReadOnlyList<ScaleDefinition> Scales { get; init; } = [];

    /// <summary>Null where none is stated: then every item is needed.</summary>
    public MissingItemsRule? Missing { get; init; }

    public IReadOnlyList<InstrumentCoding> Codings { get; init; } = [];

    public IReadOnlyList<PublishedReliability> Reliability { get; init; } = [];

    /// <summary>The published reliable change index.</summary>
    public double? ReliableChange { get; init; }

    /// <summary>The published change from which on a change counts.</summary>
    public double? ChangeAtLeast { get; init; }

    public double? CutOff { get; init; }

    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What is not here because others own it; null for a site's own.</summary>
    public string? Licence { get; init; }

    /// <summary>0 as the service ships it; from 1 on what a site declared.</summary>
    public long Version { get; init; }

    /// <summary>When the site declared it; null as shipped.</summary>
    public DateTimeOffset? RecordedAt { get; init; }

    public ScaleDefinition? FindScale(string name) => Scales.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Numbers of the items that a scale takes; null where that is not known.</summary>
    internal IReadOnlyList<long>? ItemNumbersOf(ScaleDefinition scale) =>
        scale.Items ?? (scale.IsTotal && Items is { } items ? [.. Enumerable.Range(1, (int)items.Count).Select(i => (long)i)] : null);

    /// <summary>How many items a scale takes; null where that is not known.</summary>
    internal long? ItemCountOf(ScaleDefinition scale) => scale.Items?.Count ?? scale.Count ?? (scale.IsTotal ? Items?.Count : null);

    /// <summary>What a scale can be when it is given in that way; null where that is not known.</summary>
    internal (double Minimum, double Maximum)? RangeOf(ScaleDefinition scale, ScoreAggregation aggregation)
    {
        if (scale is not { Minimum: { } minimum, Maximum: { } maximum, Aggregations: [var own, ..] })
        {
            return null;
        }

        return aggregation == own ? (minimum, maximum)
            : ItemCountOf(scale) is { } count
                ? ((double)own.ConvertTo(aggregation, (decimal)minimum, count), (double)own.ConvertTo(aggregation, (decimal)maximum, count))
            : null;
    }
}

/// <summary>The numbers that an item can be.</summary>
/// <param name="Count">How many items the form has.</param>
/// <param name="Decimals">Whether an item is a point on a line (visual analogue) rather than a whole number.</param>
internal sealed record ItemRange(long Count, double Minimum, double Maximum, bool Decimals = false);

/// <summary>One score of an instrument.</summary>
internal sealed record ScaleDefinition
{
    /// <summary><c>total</c>, or the name of a subscale; compared without case.</summary>
    public required string Name { get; init; }

    /// <summary>How items become the score. The first is the unit in which it is kept; a score that is sent in another one is turned into it.</summary>
    public required IReadOnlyList<ScoreAggregation> Aggregations { get; init; }

    /// <summary>Numbers of its items, from 1; null for a <c>total</c> of all items, and where they are not publicly known.</summary>
    public IReadOnlyList<long>? Items { get; init; }

    /// <summary>How many items it has, where that is known though the items are not.</summary>
    public long? Count { get; init; }

    /// <summary>The smallest score, in the unit in which it is kept; null where it is not publicly known.</summary>
    public double? Minimum { get; init; }

    /// <summary>The largest score.</summary>
    public double? Maximum { get; init; }

    /// <summary>Neither better nor worse: never an outcome.</summary>
    public bool Descriptive { get; init; }

    internal bool IsTotal => Name.Equals(Instrument.Total, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What is done about missing items.</summary>
/// <param name="Rule">What is done.</param>
/// <param name="AtMost">Of how many missing items <c>prorate</c> takes care.</param>
internal sealed record MissingItemsRule(MissingItems Rule, long? AtMost = null);

/// <summary>A code by which other systems name a score of the instrument.</summary>
internal sealed record InstrumentCoding(string System, string Code, string Scale = Instrument.Total)
{
    public const string Loinc = "http://loinc.org";
}

/// <summary>A published reliability coefficient.</summary>
internal sealed record PublishedReliability(string Scale, ReliabilityCoefficient Coefficient, double Value);

internal enum Construct { RealRelationship, SessionOutcome, TreatmentOutcome, TreatmentProgress, Alliance }

internal enum ScoreRater { Client, Therapist }

/// <summary>What a higher score means: a stronger relationship, a better state, or a worse one.</summary>
internal enum ScoreDirection { Stronger, Better, Worse }

/// <summary>How the items of a scale become its score.</summary>
internal enum ScoreAggregation { Mean, Sum, MeanTimesTen }

/// <summary>All items are needed; a total is prorated from the items answered; or a blank becomes the rounded mean of the rest of its subscale.</summary>
internal enum MissingItems { AllNeeded, Prorate, SubscaleMean }

/// <summary>What is known of turning items round: the key is published; items are the numbers printed on the form, which are keyed already, unless a site's
/// key says otherwise; the key is not public; the site's own key.</summary>
internal enum ScoringKey { Published, AsPrinted, Unpublished, Site }

internal enum ReliabilityCoefficient { Alpha, Omega }

internal static class AggregationConversion
{
    /// <summary>The same score of <paramref name="count"/> items in another unit.</summary>
    public static decimal ConvertTo(this ScoreAggregation from, ScoreAggregation to, decimal value, long count)
    {
        if (from == to)
        {
            return value;
        }

        var mean = from switch { ScoreAggregation.Sum => value / count, ScoreAggregation.MeanTimesTen => value / 10, _ => value };
        return to switch { ScoreAggregation.Sum => mean * count, ScoreAggregation.MeanTimesTen => mean * 10, _ => mean };
    }
}
