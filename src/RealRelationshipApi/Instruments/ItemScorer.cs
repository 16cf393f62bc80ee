using RealRelationshipApi.Http.Problems;

using static RealRelationshipApi.Instruments.InstrumentErrorCodes;

namespace RealRelationshipApi.Instruments;

/// <summary>A score computed from items, in the unit of its scale.</summary>
internal sealed record ItemScore(decimal Value, long Answered, ScoringRule Rule, bool Prorated);

/// <summary>
/// Computes a score from items, in decimal arithmetic, so that it does not depend on their order:
/// <code>
/// 1  check       number of items, range, whole numbers where required
/// 2  reverse     minimum + maximum − item, by the scoring key
/// 3  prorate     missing items, by the instrument's rule
/// 4  aggregate   the items of the scale
/// </code>
/// </summary>
internal static class ItemScorer
{
    public static ItemScore? Score(Instrument instrument, ScaleDefinition scale, IReadOnlyList<double?> given, IReadOnlyList<int>? keyedItems, string at,
        List<FieldError> errors)
    {
        if (instrument.IsItemsAsUndeclared)
        {
            errors.Add(new($"{at}/items", ItemsAsUndeclared,
                $"cannot be scored until the site declares once how its systems send items of {instrument.Code}: POST /instruments with code "
                    + $"\"{instrument.Code}\" and itemsAs \"printed\" (the numbers on the form, keyed already) or \"raw\" (the answers)"));
            return null;
        }

        if (instrument is not { Items: { } range, Key: not ScoringKey.Unpublished } || instrument.ItemNumbersOf(scale) is not { } numbers)
        {
            errors.Add(new($"{at}/items", NeedsScoringKey,
                $"how the items of {instrument.Code} make up {scale.Name} is not publicly known: send the score, or declare your scoring key with POST "
                    + "/instruments"));
            return null;
        }

        var before = errors.Count;
        CheckItems(range, given, at, errors);
        if (errors.Count > before)
        {
            return null;
        }

        var keyed = ReverseItems(range, instrument.ItemsToReverse, given, keyedItems ?? []);
        return numbers.All(n => keyed[n - 1] is not null)
            ? new(Aggregate(scale, [.. numbers.Select(n => keyed[n - 1]!.Value)], numbers.Count), numbers.Count, RuleOf(scale), Prorated: false)
            : HandleMissingItems(instrument, scale, numbers, keyed, at, errors);
    }

    /// <summary>Reverse-keys an item.</summary>
    internal static decimal ReverseItem(ItemRange range, decimal item) => (decimal)range.Minimum + (decimal)range.Maximum - item;

    private static void CheckItems(ItemRange range, IReadOnlyList<double?> given, string at, List<FieldError> errors)
    {
        if (given.Count != range.Count)
        {
            errors.Add(new($"{at}/items", WrongItemCount, $"must be {range.Count} items, with null for a missing one; here are {given.Count}"));
        }

        for (var i = 0; i < given.Count; i++)
        {
            if (given[i] is not { } item)
            {
                continue;
            }

            if (!(item >= range.Minimum && item <= range.Maximum))
            {
                errors.Add(new($"{at}/items/{i}", OutOfRange, $"must lie from {range.Minimum} to {range.Maximum}"));
            }
            else if (!range.Decimals && Math.Truncate(item) != item)
            {
                errors.Add(new($"{at}/items/{i}", NotWhole, "must be a whole number"));
            }
        }
    }

    private static decimal?[] ReverseItems(ItemRange range, IReadOnlyList<long> reversed, IReadOnlyList<double?> given, IReadOnlyList<int> keyedItems) =>
        [.. given.Select((item, i) => item is not { } value ? (decimal?)null
            : reversed.Contains(i + 1) && !keyedItems.Contains(i) ? ReverseItem(range, (decimal)value) : (decimal)value)];

    private static ItemScore? HandleMissingItems(Instrument instrument, ScaleDefinition scale, IReadOnlyList<long> numbers, decimal?[] keyed, string at,
        List<FieldError> errors)
    {
        var answered = numbers.Where(n => keyed[n - 1] is not null).Select(n => keyed[n - 1]!.Value).ToList();
        var missing = numbers.Count - answered.Count;
        switch (instrument.Missing)
        {
            // The prorating rule of a form applies to its total only.
            case { Rule: MissingItems.Prorate, AtMost: { } maxMissing } when scale.IsTotal && missing <= maxMissing && answered.Count > 0:
                return new(Aggregate(scale, answered, numbers.Count), answered.Count, RuleOf(scale), Prorated: true);
            case { Rule: MissingItems.Prorate, AtMost: { } maxMissing } when scale.IsTotal:
                errors.Add(new($"{at}/items", TooManyMissing, $"{missing} of {numbers.Count} are missing; {maxMissing} may be"));
                return null;
            case { Rule: MissingItems.SubscaleMean }:
                return ImputeSubscaleMean(instrument, scale, numbers, keyed, answered.Count, at, errors);
            default:
                errors.Add(new($"{at}/items", TooManyMissing, $"{missing} of {numbers.Count} are missing; all are needed"));
                return null;
        }
    }

    private static ItemScore? ImputeSubscaleMean(Instrument instrument, ScaleDefinition scale, IReadOnlyList<long> numbers, decimal?[] keyed, long answered,
        string at, List<FieldError> errors)
    {
        var filled = new List<decimal>(numbers.Count);
        foreach (var number in numbers)
        {
            if (keyed[number - 1] is { } item)
            {
                filled.Add(item);
                continue;
            }

            if (instrument.Scales.FirstOrDefault(s => !s.IsTotal && s.Items?.Contains(number) == true) is not { } subscale)
            {
                errors.Add(new($"{at}/items/{number - 1}", NeedsScoringKey,
                    "a blank becomes the mean of the rest of its subscale, but which one that is your site's scoring key must say: declare it with POST "
                        + "/instruments"));
                continue;
            }

            var rest = subscale.Items!.Where(n => keyed[n - 1] is not null).Select(n => keyed[n - 1]!.Value).ToList();
            if (rest.Count == 0)
            {
                errors.Add(new($"{at}/items/{number - 1}", TooManyMissing, $"no item of {subscale.Name} is answered"));
                continue;
            }

            filled.Add(Math.Round(rest.Average(), MidpointRounding.AwayFromZero));
        }

        return filled.Count == numbers.Count ? new(Aggregate(scale, filled, numbers.Count), answered, ScoringRule.SubscaleMean, Prorated: true) : null;
    }

    // With missing items, a sum is the mean times the number of items of the scale.
    private static decimal Aggregate(ScaleDefinition scale, List<decimal> items, int count) => scale.Aggregations[0] switch
    {
        _ when scale.Aggregations[0].SumMultiple() is { } multiple => multiple * (items.Count == count ? items.Sum() : items.Sum() * count / items.Count),
        ScoreAggregation.MeanTimesTen => items.Sum() * 10 / items.Count,
        _ => items.Sum() / items.Count,
    };

    private static ScoringRule RuleOf(ScaleDefinition scale) => scale.Aggregations[0] switch
    {
        ScoreAggregation.Sum => ScoringRule.Sum,
        ScoreAggregation.MeanTimesTen => ScoringRule.MeanTimesTen,
        ScoreAggregation.SumTimesTwo => ScoringRule.SumTimesTwo,
        ScoreAggregation.SumTimesFour => ScoringRule.SumTimesFour,
        _ => ScoringRule.Mean,
    };
}
