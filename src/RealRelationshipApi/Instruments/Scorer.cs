using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

using static RealRelationshipApi.Instruments.InstrumentErrorCodes;

namespace RealRelationshipApi.Instruments;

/// <summary>Scores an administration from items or from a reported score. Ambiguous input is an error.</summary>
internal static class Scorer
{
    /// <param name="instrument">The instrument in its current version.</param>
    /// <param name="given">The administration as sent.</param>
    /// <param name="at">JSON pointer of the administration, for errors.</param>
    /// <returns>The score, or all errors.</returns>
    public static (ScaleScore? Score, IReadOnlyList<FieldError> Errors) Score(Instrument instrument, Administration given, string at = "#")
    {
        var errors = new List<FieldError>();
        CheckRaterAndDirection(instrument, given, at, errors);
        var scale = ResolveScale(instrument, given, at, errors);
        if (scale is null)
        {
            return (null, errors);
        }

        var itemScore = given.Items is null ? null : ItemScorer.Score(instrument, scale, given.Items, given.KeyedItems, at, errors);
        var reportedScore = given.Score is { } score ? ReadReportedScore(instrument, scale, score, given.Aggregation, itemScore, at, errors) : null;
        if (given.Score is null && given.Items is null)
        {
            errors.Add(new($"{at}/score", NothingToScore, "either score or items is needed"));
        }

        if (itemScore is not null && reportedScore is not null && !reportedScore.AgreesWith(itemScore.Value, instrument.ItemCountOf(scale)))
        {
            errors.Add(new($"{at}/score", TotalDisagrees, DescribeDisagreement(instrument, scale, given, itemScore.Value, reportedScore)));
        }

        return errors.Count > 0 ? (null, errors) : (ToScaleScore(instrument, scale, itemScore, reportedScore), errors);
    }

    // The unit may be missing where the items leave no doubt about it.
    private static ReportedScore? ReadReportedScore(Instrument instrument, ScaleDefinition scale, double score, ScoreAggregation? declared,
        ItemScore? itemScore, string at, List<FieldError> errors)
    {
        if (declared is null && itemScore is not null && scale.Aggregations.Count > 1)
        {
            var agreeing = scale.Aggregations.Select(unit => ReportedScore.Read(instrument, scale, score, unit, at, []))
                .FirstOrDefault(read => read?.AgreesWith(itemScore.Value, instrument.ItemCountOf(scale)) == true);
            if (agreeing is not null)
            {
                return agreeing;
            }
        }

        return ReportedScore.Read(instrument, scale, score, declared, at, errors);
    }

    // The total may tell that the items are of the other reading; which of the two is meant is for the site to declare.
    private static string DescribeDisagreement(Instrument instrument, ScaleDefinition scale, Administration given, decimal itemScore, ReportedScore reported)
    {
        var count = instrument.ItemCountOf(scale);
        var disagreement = $"is stated as {given.Score}, but the items give {reported.InReportedUnit(itemScore, count):0.####}";
        if (!instrument.HasReadings)
        {
            return disagreement;
        }

        var other = instrument.ItemsAs == ItemsAs.Printed ? ItemsAs.Raw : ItemsAs.Printed;
        return ItemScorer.Score(instrument with { ItemsAs = other }, scale, given.Items!, given.KeyedItems, "#", []) is { } otherScore
            && reported.AgreesWith(otherScore.Value, count)
                ? $"{disagreement} when read as {EnumNames<ItemsAs>.Of(instrument.ItemsAs!.Value)}; it fits items that are {EnumNames<ItemsAs>.Of(other)}. "
                    + $"If that is how your systems send them, declare it: POST /instruments with code \"{instrument.Code}\" and itemsAs "
                    + $"\"{EnumNames<ItemsAs>.Of(other)}\""
                : disagreement;
    }

    private static void CheckRaterAndDirection(Instrument instrument, Administration given, string at, List<FieldError> errors)
    {
        if (!instrument.Raters.Contains(given.Rater))
        {
            var raters = instrument.Raters.Count == 0 ? "an observer, and is no session measurement"
                : string.Join(" or ", instrument.Raters.Select(EnumNames<ScoreRater>.Of));
            errors.Add(new($"{at}/rater", WrongRater, $"{instrument.Code} is rated by {raters}"));
        }

        // An alliance that may count as an outcome is stronger and better when it is higher.
        if (given.Direction is { } direction && direction != instrument.Direction
            && (instrument.MayCountAs is null || direction == ScoreDirection.Worse || instrument.Direction == ScoreDirection.Worse))
        {
            errors.Add(new($"{at}/direction", DirectionMismatch, $"a higher {instrument.Code} means {EnumNames<ScoreDirection>.Of(instrument.Direction)}"));
        }
    }

    private static ScaleDefinition? ResolveScale(Instrument instrument, Administration given, string at, List<FieldError> errors)
    {
        var scale = instrument.FindScale(given.Scale);
        if (scale is null && instrument.Scales.Count > 0)
        {
            errors.Add(new($"{at}/scale", UnknownScale, $"{instrument.Code} has {string.Join(", ", instrument.Scales.Select(s => s.Name))}"));
            return null;
        }

        if (scale is not { Minimum: not null })
        {
            errors.Add(
                new($"{at}/instrument", NeedsScoringKey,
                    $"number and range of the items of {instrument.Code} are not publicly known: declare them with POST /instruments"));
            return null;
        }

        return scale;
    }

    private static ScaleScore ToScaleScore(Instrument instrument, ScaleDefinition scale, ItemScore? itemScore, ReportedScore? reportedScore)
    {
        var value = (double)(itemScore?.Value ?? reportedScore!.Value);
        double? oriented = scale.Descriptive ? null : instrument.Direction == ScoreDirection.Worse ? -value : value;
        return new(value, oriented, scale.Minimum!.Value, scale.Maximum!.Value, scale.Aggregations[0], itemScore?.Answered, instrument.ItemCountOf(scale),
            itemScore?.Rule ?? reportedScore!.Rule, itemScore?.Prorated ?? false);
    }
}
