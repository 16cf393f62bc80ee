using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Tests.Instruments;

/// <summary>Scores in a line: <c>Scoring.Of("phq-9", items: "3 2 1 0 1 2 0 1 0")</c>; a dot is a missing item, and <c>34*2</c> is 34 times a 2.</summary>
internal static class ScorerTestData
{
    public static Instrument ShippedInstrument(string code) => InstrumentSet.BuiltInOnly.Find(code).Instrument!;

    public static ScaleScore Score(string code, double? score = null, string? items = null, string scale = Instrument.Total,
        ScoreAggregation? aggregation = null) =>
        Score(ShippedInstrument(code), score, items, scale, aggregation);

    public static ScaleScore Score(Instrument instrument, double? score = null, string? items = null, string scale = Instrument.Total,
        ScoreAggregation? aggregation = null)
    {
        var (found, errors) = Scorer.Score(instrument, CreateAdministration(instrument, score, items, scale, aggregation));
        Assert.Empty(errors);
        return found!;
    }

    /// <summary>The errors, as <c>pointer code</c>.</summary>
    public static string[] Errors(Instrument instrument, double? score = null, string? items = null, string scale = Instrument.Total,
        ScoreAggregation? aggregation = null) =>
        [.. ErrorsOf(instrument, CreateAdministration(instrument, score, items, scale, aggregation)).Select(f => $"{f.Pointer} {f.Code}")];

    public static IReadOnlyList<FieldError> ErrorsOf(Instrument instrument, Administration given)
    {
        var (score, errors) = Scorer.Score(instrument, given);
        Assert.Null(score);
        Assert.NotEmpty(errors);
        return errors;
    }

    public static Administration CreateAdministration(Instrument instrument, double? score = null, string? items = null, string scale = Instrument.Total,
        ScoreAggregation? aggregation = null) => new()
        {
            Rater = instrument.Raters[0], Scale = scale, Score = score, Items = items is null ? null : ParseItems(items), Aggregation = aggregation,
        };

    public static double?[] ParseItems(string text) =>
    [
        .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(part => part.Split('*') is [var times, var item]
            ? Enumerable.Repeat(ParseItem(item), int.Parse(times))
            : [ParseItem(part)]),
    ];

    private static double? ParseItem(string text) => text == "." ? null : double.Parse(text);
}
