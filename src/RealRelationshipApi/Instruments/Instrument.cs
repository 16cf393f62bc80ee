using System.Text.Json.Serialization;

namespace RealRelationshipApi.Instruments;

/// <summary>An instrument: range of its scores, how they are computed from items, and what a higher score means. Item texts are licensed and not
/// included.</summary>
internal sealed record Instrument
{
    public const string Total = "total";

    /// <summary>Identifies the instrument; case-insensitive.</summary>
    public required string Code { get; init; }

    /// <summary>Name of the instrument.</summary>
    public required string Name { get; init; }

    /// <summary>What it measures.</summary>
    public required Construct Construct { get; init; }

    /// <summary>Who fills it in.</summary>
    public required IReadOnlyList<ScoreRater> Raters { get; init; }

    /// <summary>What a higher score means.</summary>
    public required ScoreDirection Direction { get; init; }

    /// <summary>Code of the long form whose items it takes a part of; null for none. A sample's short form is not pooled beside its long form.</summary>
    public string? ShortFormOf { get; init; }

    /// <summary>Number and range of the items; null if the form is not public or if only scores are sent.</summary>
    public ItemRange? Items { get; init; }

    /// <summary>What is known about the reverse-keyed items.</summary>
    public ScoringKey Key { get; init; }

    /// <summary>Numbers of the reverse-keyed items, from 1.</summary>
    public IReadOnlyList<long> Reversed { get; init; } = [];

    /// <summary>How items are sent; null where no item is reversed, or where a site's own key is for raw answers.</summary>
    public ItemsAs? ItemsAs { get; init; }

    /// <summary>A construct other than its own that a site may declare for it; null for none.</summary>
    public Construct? MayCountAs { get; init; }

    /// <summary>Members that the site declared although there is a published value; null for none.</summary>
    public IReadOnlyList<string>? Declared { get; init; }

    /// <summary>Whether items are rejected because the site holds items of release 0.1 and has not declared <see cref="ItemsAs"/>.</summary>
    [JsonIgnore]
    public bool IsItemsAsUndeclared { get; init; }

    /// <summary>Its scores.</summary>
    public IReadOnlyList<ScaleDefinition> Scales { get; init; } = [];

    /// <summary>Rule for missing items; null if none is published: then all items are required.</summary>
    public MissingItemsRule? Missing { get; init; }

    /// <summary>Codes that other systems use for it.</summary>
    public IReadOnlyList<InstrumentCoding> Codings { get; init; } = [];

    /// <summary>Published reliability coefficients.</summary>
    public IReadOnlyList<PublishedReliability> Reliability { get; init; } = [];

    /// <summary>Published reliable change index.</summary>
    public double? ReliableChange { get; init; }

    /// <summary>Published threshold of a meaningful change.</summary>
    public double? ChangeAtLeast { get; init; }

    /// <summary>Published cut-off between clinical and other persons.</summary>
    public double? CutOff { get; init; }

    /// <summary>Remarks on its scoring.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Licence of the parts that are not included; null for an instrument declared by a site.</summary>
    public string? Licence { get; init; }

    /// <summary>Where the published facts were read.</summary>
    public IReadOnlyList<InstrumentSource> Sources { get; init; } = [];

    /// <summary>0 for the built-in definition, from 1 for declarations of a site.</summary>
    public long Version { get; init; }

    /// <summary>When the site declared it; null for the built-in definition.</summary>
    public DateTimeOffset? RecordedAt { get; init; }

    /// <summary>Whether a site defined it alone: no instrument of this code was built in when it was declared.</summary>
    [JsonIgnore]
    internal bool IsCustom => Version > 0 && Licence is null;

    /// <summary>Numbers of the items to reverse when items are sent as <see cref="ItemsAs"/> says.</summary>
    [JsonIgnore]
    internal IReadOnlyList<long> ItemsToReverse => ItemsAs == Instruments.ItemsAs.Printed ? [] : Reversed;

    /// <summary>Whether printed and raw items differ, and which of the two are sent is known.</summary>
    [JsonIgnore]
    internal bool HasReadings => ItemsAs is not null && Reversed.Count > 0;

    public ScaleDefinition? FindScale(string name) => Scales.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Numbers of the items of a scale; null if unknown.</summary>
    internal IReadOnlyList<long>? ItemNumbersOf(ScaleDefinition scale) =>
        scale.Items ?? (scale.IsTotal && Items is { } items ? [.. Enumerable.Range(1, (int)items.Count).Select(i => (long)i)] : null);

    /// <summary>Number of items of a scale; null if unknown.</summary>
    internal long? ItemCountOf(ScaleDefinition scale) => scale.Items?.Count ?? scale.Count ?? (scale.IsTotal ? Items?.Count : null);

    /// <summary>Range of a scale in that unit; null if unknown.</summary>
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

/// <summary>Number and range of the items of a form.</summary>
/// <param name="Count">Number of items.</param>
/// <param name="Minimum">Smallest answer to an item.</param>
/// <param name="Maximum">Largest answer to an item.</param>
/// <param name="Decimals">Whether items are visual analogue scales, which allow decimals.</param>
internal sealed record ItemRange(long Count, double Minimum, double Maximum, bool Decimals = false);

/// <summary>One score of an instrument.</summary>
internal sealed record ScaleDefinition
{
    /// <summary><c>total</c> or the name of a subscale; case-insensitive.</summary>
    public required string Name { get; init; }

    /// <summary>How items are aggregated. Scores are stored in the first unit and converted to it from the others.</summary>
    public required IReadOnlyList<ScoreAggregation> Aggregations { get; init; }

    /// <summary>Numbers of its items, from 1; null for a <c>total</c> of all items, and if they are not public.</summary>
    public IReadOnlyList<long>? Items { get; init; }

    /// <summary>Number of items, if that is public but the items are not.</summary>
    public long? Count { get; init; }

    /// <summary>Smallest possible score, in the stored unit; null if it is not public.</summary>
    public double? Minimum { get; init; }

    /// <summary>Largest possible score, in the stored unit; null if it is not public.</summary>
    public double? Maximum { get; init; }

    /// <summary>Whether higher is neither better nor worse; such a scale is never an outcome.</summary>
    public bool Descriptive { get; init; }

    /// <summary>Whether a site's declaration may replace the range.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasDefaultRange { get; init; }

    internal bool IsTotal => Name.Equals(Instrument.Total, StringComparison.OrdinalIgnoreCase);
}

/// <summary>How missing items are handled.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="AtMost">Maximum number of missing items for <c>prorate</c>.</param>
internal sealed record MissingItemsRule(MissingItems Rule, long? AtMost = null);

/// <summary>A code that other systems use for a score of the instrument.</summary>
/// <param name="System">Code system, as a URI.</param>
/// <param name="Code">The code.</param>
/// <param name="Scale">The scale that it stands for.</param>
internal sealed record InstrumentCoding(string System, string Code, string Scale = Instrument.Total)
{
    public const string Loinc = "http://loinc.org";
    public const string Snomed = "http://snomed.info/sct";
}

/// <summary>A published reliability coefficient.</summary>
/// <param name="Scale">The scale.</param>
/// <param name="Coefficient">Its kind.</param>
/// <param name="Value">Its value, at most 1.</param>
/// <param name="N">Number of participants; null if the source gives it for several samples together or not at all.</param>
/// <param name="Source">Citation and address.</param>
internal sealed record PublishedReliability(string Scale, ReliabilityCoefficient Coefficient, double Value, long? N = null, string? Source = null);

/// <summary>A document that states facts of an instrument.</summary>
/// <param name="Facts">The members that it states, such as <c>items</c>, <c>scales</c> or <c>cutOff</c>.</param>
/// <param name="Citation">The document.</param>
/// <param name="Url">Its address.</param>
internal sealed record InstrumentSource(IReadOnlyList<string> Facts, string Citation, string Url);

internal enum Construct { RealRelationship, SessionOutcome, TreatmentOutcome, TreatmentProgress, Alliance, Satisfaction }

/// <summary>How items are sent: as the numbers printed on the form, which are keyed, or as raw answers, some of which are reversed before scoring.</summary>
internal enum ItemsAs { Printed, Raw }

internal enum ScoreRater { Client, Therapist }

/// <summary>What a higher score means: a stronger relationship, a better state, or a worse one.</summary>
internal enum ScoreDirection { Stronger, Better, Worse }

/// <summary>How the items of a scale are aggregated. <c>sumTimesTwo</c> makes scores of the DASS-21 comparable with the form of 42 items,
/// <c>sumTimesFour</c> is the percentage of the WHO-5.</summary>
internal enum ScoreAggregation { Mean, Sum, MeanTimesTen, SumTimesTwo, SumTimesFour }

/// <summary>All items are required; a total is prorated from the answered items; or a missing item is replaced by the rounded mean of the answered items of
/// its subscale.</summary>
internal enum MissingItems { AllNeeded, Prorate, SubscaleMean }

/// <summary>What is known about reverse-keyed items: the key is published; the numbers printed on the form are already keyed, unless a site declares a key;
/// the key is not public; or the site declared its key.</summary>
internal enum ScoringKey { Published, AsPrinted, Unpublished, Site }

internal enum ReliabilityCoefficient { Alpha, Omega }

internal static class AggregationConversion
{
    /// <summary>What the sum of the items is multiplied by; null for a mean.</summary>
    public static int? SumMultiple(this ScoreAggregation aggregation) => aggregation switch
    {
        ScoreAggregation.Sum => 1,
        ScoreAggregation.SumTimesTwo => 2,
        ScoreAggregation.SumTimesFour => 4,
        _ => null,
    };

    /// <summary>Converts a score of <paramref name="count"/> items to another unit.</summary>
    public static decimal ConvertTo(this ScoreAggregation from, ScoreAggregation to, decimal value, long count)
    {
        if (from == to)
        {
            return value;
        }

        // Of two multiples of the sum none is divided by the number of items, so that the result is exact.
        if (from.SumMultiple() is { } multiple && to.SumMultiple() is { } other)
        {
            return value * other / multiple;
        }

        var mean = from == ScoreAggregation.MeanTimesTen ? value / 10 : from.SumMultiple() is { } sums ? value / (sums * count) : value;
        return to == ScoreAggregation.MeanTimesTen ? mean * 10 : mean * (to.SumMultiple() * count ?? 1);
    }
}
