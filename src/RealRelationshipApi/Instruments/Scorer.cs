using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

using static RealRelationshipApi.Instruments.InstrumentFaults;

namespace RealRelationshipApi.Instruments;

/// <summary>Turns what a sender tells into a score, or says everything that is wrong with it. Nothing is guessed.</summary>
public static class Scorer
{
    /// <param name="instrument">The instrument, in the version that counts.</param>
    /// <param name="given">What was sent.</param>
    /// <param name="at">Where it stands in the sender's request: faults are pointed to from there.</param>
    /// <returns>The score, or every fault.</returns>
    public static (ScaleScore? Score, IReadOnlyList<FieldError> Faults) Score(Instrument instrument, Administration given, string at = "#")
    {
        ArgumentNullException.ThrowIfNull(instrument);
        ArgumentNullException.ThrowIfNull(given);
        var faults = new List<FieldError>();
        CheckSender(instrument, given, at, faults);
        var scale = ScaleOf(instrument, given, at, faults);
        if (scale is null)
        {
            return (null, faults);
        }

        var counted = given.Items is null ? null : ItemScorer.Score(instrument, scale, given.Items, at, faults);
        var stated = given.Score is { } score ? StatedScore.Of(instrument, scale, score, given.Aggregation, at, faults) : null;
        if (given.Score is null && given.Items is null)
        {
            faults.Add(new($"{at}/score", NothingToScore, "either score or items is needed"));
        }

        if (counted is not null && stated is not null && !stated.AgreesWith(counted.Value, instrument.CountOf(scale)))
        {
            faults.Add(new($"{at}/score", TotalDisagrees, $"is stated as {given.Score}, but the items give {stated.InItsUnit(counted.Value, instrument.CountOf(scale)):0.####}"));
        }

        return faults.Count > 0 ? (null, faults) : (Result(instrument, scale, counted, stated), faults);
    }

    private static void CheckSender(Instrument instrument, Administration given, string at, List<FieldError> faults)
    {
        if (!instrument.Raters.Contains(given.Rater))
        {
            faults.Add(new($"{at}/rater", WrongRater, $"{instrument.Code} is rated by {string.Join(" or ", instrument.Raters.Select(EnumNames<ScoreRater>.Of))}"));
        }

        if (given.Direction is { } direction && direction != instrument.Direction)
        {
            faults.Add(new($"{at}/direction", DirectionMismatch, $"a higher {instrument.Code} means {EnumNames<ScoreDirection>.Of(instrument.Direction)}"));
        }
    }

    private static ScaleDefinition? ScaleOf(Instrument instrument, Administration given, string at, List<FieldError> faults)
    {
        var scale = instrument.Scale(given.Scale);
        if (scale is null && instrument.Scales.Count > 0)
        {
            faults.Add(new($"{at}/scale", UnknownScale, $"{instrument.Code} has {string.Join(", ", instrument.Scales.Select(s => s.Name))}"));
            return null;
        }

        if (scale is not { Minimum: not null })
        {
            faults.Add(new($"{at}/instrument", NeedsScoringKey, $"number and range of the items of {instrument.Code} are not publicly known: declare them with POST /instruments"));
            return null;
        }

        return scale;
    }

    private static ScaleScore Result(Instrument instrument, ScaleDefinition scale, CountedScore? counted, StatedScore? stated)
    {
        var value = (double)(counted?.Value ?? stated!.Value);
        double? oriented = scale.Descriptive ? null : instrument.Direction == ScoreDirection.Worse ? -value : value;
        return new(value, oriented, scale.Minimum!.Value, scale.Maximum!.Value, scale.Aggregations[0], counted?.Answered, instrument.CountOf(scale),
            counted?.Rule ?? stated!.Rule, counted?.Prorated ?? false);
    }
}
