using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

using static RealRelationshipApi.Instruments.InstrumentErrorCodes;

namespace RealRelationshipApi.Instruments;

/// <summary>A score computed by the sender: as sent, and converted to the unit of its scale.</summary>
internal sealed record ReportedScore(decimal Value, decimal Reported, ScoreAggregation ReportedUnit, ScoreAggregation Unit)
{
    public ScoringRule Rule => ReportedUnit == Unit ? ScoringRule.AsSent : ScoringRule.Converted;

    /// <summary>Reads a score, or adds an error and returns null if it is invalid.</summary>
    public static ReportedScore? Read(Instrument instrument, ScaleDefinition scale, double score, ScoreAggregation? declared, string at,
        List<FieldError> errors)
    {
        if (ResolveUnit(instrument, scale, score, declared, at, errors) is not { } sentAs)
        {
            return null;
        }

        var (minimum, maximum) = instrument.RangeOf(scale, sentAs)!.Value;
        if (!(score >= minimum && score <= maximum))
        {
            errors.Add(new($"{at}/score", OutOfRange, $"must lie from {minimum} to {maximum}"));
            return null;
        }

        if (sentAs.SumMultiple() is { } multiple && instrument.Items is { Decimals: false } && !IsPossibleSum((decimal)score, multiple, instrument, scale))
        {
            var sum = multiple == 1 ? "a sum of whole numbers" : $"{multiple} times a sum of whole numbers";
            errors.Add(new($"{at}/score", NotWhole, instrument.Missing is { Rule: MissingItems.Prorate, AtMost: { } missing }
                ? $"is neither {sum} nor one prorated for up to {missing} missing items: a mean of items is no score of {instrument.Code}" : $"is {sum}"));
            return null;
        }

        var sent = (decimal)score;
        var unit = scale.Aggregations[0];
        return new(sentAs == unit ? sent : sentAs.ConvertTo(unit, sent, instrument.ItemCountOf(scale)!.Value), sent, sentAs, unit);
    }

    /// <summary>The score computed from items, in the unit that the sender used.</summary>
    public decimal InReportedUnit(decimal itemScore, long? count) => Unit.ConvertTo(ReportedUnit, itemScore, count ?? 1);

    /// <summary>Whether the sent score equals the computed one, rounded to its own decimals, or to at least one for a mean.</summary>
    public bool AgreesWith(decimal itemScore, long? count)
    {
        var decimals = Math.Max(Reported.Scale, ReportedUnit == ScoreAggregation.Mean ? 1 : 0);
        var half = 0.5m;
        for (var i = 0; i < decimals; i++)
        {
            half /= 10;
        }

        return Math.Abs(Reported - InReportedUnit(itemScore, count)) <= half;
    }

    // The unit may not depend on the value: otherwise a mean of 3.9 would be accepted and one of 4.1 rejected.
    private static ScoreAggregation? ResolveUnit(Instrument instrument, ScaleDefinition scale, double score, ScoreAggregation? declared, string at,
        List<FieldError> errors)
    {
        var allowedUnits = string.Join(" or ", scale.Aggregations.Select(EnumNames<ScoreAggregation>.Of));
        if (declared is { } aggregation)
        {
            if (scale.Aggregations.Contains(aggregation))
            {
                return aggregation;
            }

            errors.Add(new($"{at}/aggregation", WrongAggregation, $"{scale.Name} of {instrument.Code} is a {allowedUnits}"));
            return null;
        }

        if (scale.Aggregations is [var only])
        {
            return only;
        }

        var ranges = scale.Aggregations.Select(a => (Unit: a, Range: instrument.RangeOf(scale, a)!.Value)).OrderBy(r => r.Range.Minimum).ToList();
        if (ranges.Zip(ranges.Skip(1)).Any(pair => pair.First.Range.Maximum >= pair.Second.Range.Minimum))
        {
            // Beyond a narrower range that lies within the own one, only the own unit is possible.
            var own = instrument.RangeOf(scale, scale.Aggregations[0])!.Value;
            var others = ranges.Where(r => r.Unit != scale.Aggregations[0]).Select(r => r.Range).ToList();
            if (others.TrueForAll(r => r.Minimum >= own.Minimum && r.Maximum <= own.Maximum && !(score >= r.Minimum && score <= r.Maximum)))
            {
                return scale.Aggregations[0];
            }

            errors.Add(
                new($"{at}/aggregation", AmbiguousAggregation,
                    $"aggregation is needed: {scale.Name} of {instrument.Code} may be a {allowedUnits}, and their ranges overlap"));
            return null;
        }

        foreach (var (unit, (minimum, maximum)) in ranges)
        {
            if (score >= minimum && score <= maximum)
            {
                return unit;
            }
        }

        errors.Add(new($"{at}/score", OutOfRange,
            $"must lie {string.Join(", or ", ranges.Select(r => $"from {r.Range.Minimum} to {r.Range.Maximum} ({EnumNames<ScoreAggregation>.Of(r.Unit)})"))}"));
        return null;
    }

    /// <summary>Whether a score, rounded to its own decimals, is a multiple of a sum of whole numbers, prorated where that is allowed.</summary>
    private static bool IsPossibleSum(decimal score, int multiple, Instrument instrument, ScaleDefinition scale)
    {
        if (score % multiple == 0)
        {
            return true;
        }

        var (count, half) = (instrument.ItemCountOf(scale), 0.5m / Pow10(score.Scale));
        return instrument.Missing is { Rule: MissingItems.Prorate } rule && count is { } n && Enumerable.Range(1, (int)(rule.AtMost ?? n - 1)).Any(missing =>
        {
            var step = multiple * (decimal)n / (n - missing);
            return Math.Abs((Math.Round(score / step) * step) - score) <= half;
        });
    }

    private static decimal Pow10(int exponent) => Enumerable.Repeat(10m, exponent).Aggregate(1m, (a, b) => a * b);
}
