using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

using static RealRelationshipApi.Instruments.InstrumentFaults;

namespace RealRelationshipApi.Instruments;

/// <summary>A score that the sender worked out: in which unit it was sent, and what it is in the unit of its scale.</summary>
internal sealed record StatedScore(decimal Value, decimal Sent, ScoreAggregation SentAs, ScoreAggregation Unit)
{
    public ScoringRule Rule => SentAs == Unit ? ScoringRule.AsSent : ScoringRule.Converted;

    /// <summary>Reads a score; null with the fault noted where it cannot be one.</summary>
    public static StatedScore? Of(Instrument instrument, ScaleDefinition scale, double score, ScoreAggregation? declared, string at, List<FieldError> faults)
    {
        if (UnitOf(instrument, scale, score, declared, at, faults) is not { } sentAs)
        {
            return null;
        }

        var (minimum, maximum) = instrument.RangeOf(scale, sentAs)!.Value;
        if (!(score >= minimum && score <= maximum))
        {
            faults.Add(new($"{at}/score", OutOfRange, $"must lie from {minimum} to {maximum}"));
            return null;
        }

        if (sentAs == ScoreAggregation.Sum && IsWhole(instrument) && Math.Truncate(score) != score)
        {
            faults.Add(new($"{at}/score", NotWhole, "is a sum of whole numbers"));
            return null;
        }

        var sent = (decimal)score;
        var unit = scale.Aggregations[0];
        return new(sentAs == unit ? sent : sentAs.To(unit, sent, instrument.CountOf(scale)!.Value), sent, sentAs, unit);
    }

    /// <summary>What was found from the items, in the unit in which the sender stated it.</summary>
    public decimal InItsUnit(decimal counted, long? count) => Unit.To(SentAs, counted, count ?? 1);

    /// <summary>Whether the sender may have rounded what the items give. Nobody rounds a mean to a whole number and means it.</summary>
    public bool AgreesWith(decimal counted, long? count)
    {
        var decimals = Math.Max(Sent.Scale, SentAs == ScoreAggregation.Mean ? 1 : 0);
        var half = 0.5m;
        for (var i = 0; i < decimals; i++)
        {
            half /= 10;
        }

        return Math.Abs(Sent - InItsUnit(counted, count)) <= half;
    }

    // The choice must not hang on the value sent: a mean of 3.9 would be taken and one of 4.1 refused.
    private static ScoreAggregation? UnitOf(Instrument instrument, ScaleDefinition scale, double score, ScoreAggregation? declared, string at, List<FieldError> faults)
    {
        var known = string.Join(" or ", scale.Aggregations.Select(EnumNames<ScoreAggregation>.Of));
        if (declared is { } aggregation)
        {
            if (scale.Aggregations.Contains(aggregation))
            {
                return aggregation;
            }

            faults.Add(new($"{at}/aggregation", WrongAggregation, $"{scale.Name} of {instrument.Code} is a {known}"));
            return null;
        }

        if (scale.Aggregations is [var only])
        {
            return only;
        }

        var ranges = scale.Aggregations.Select(a => (Unit: a, Range: instrument.RangeOf(scale, a)!.Value)).OrderBy(r => r.Range.Minimum).ToList();
        if (ranges.Zip(ranges.Skip(1)).Any(pair => pair.First.Range.Maximum >= pair.Second.Range.Minimum))
        {
            faults.Add(new($"{at}/aggregation", AmbiguousAggregation, $"is needed: {scale.Name} of {instrument.Code} may be a {known}, and their ranges overlap"));
            return null;
        }

        foreach (var (unit, (minimum, maximum)) in ranges)
        {
            if (score >= minimum && score <= maximum)
            {
                return unit;
            }
        }

        faults.Add(new($"{at}/score", OutOfRange,
            $"must lie {string.Join(", or ", ranges.Select(r => $"from {r.Range.Minimum} to {r.Range.Maximum} ({EnumNames<ScoreAggregation>.Of(r.Unit)})"))}"));
        return null;
    }

    private static bool IsWhole(Instrument instrument) => instrument.Items is { Decimals: false } && instrument.Missing?.Rule != MissingItems.Prorate;
}
