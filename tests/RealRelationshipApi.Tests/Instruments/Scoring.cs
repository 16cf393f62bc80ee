using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Tests.Instruments;

/// <summary>Scores in a line: <c>Scoring.Of("phq-9", items: "3 2 1 0 1 2 0 1 0")</c>; a dot is a missing item, and <c>34*2</c> is 34 times a 2.</summary>
internal static class Scoring
{
    public static Instrument Shipped(string code) => InstrumentSet.AsShipped.Find(code).Instrument!;

    public static ScaleScore Of(string code, double? score = null, string? items = null, string scale = Instrument.Total, ScoreAggregation? aggregation = null) =>
        Of(Shipped(code), score, items, scale, aggregation);

    public static ScaleScore Of(Instrument instrument, double? score = null, string? items = null, string scale = Instrument.Total, ScoreAggregation? aggregation = null)
    {
        var (found, faults) = Scorer.Score(instrument, Given(instrument, score, items, scale, aggregation));
        Assert.Empty(faults);
        return found!;
    }

    /// <summary>The faults, as <c>pointer code</c>.</summary>
    public static string[] Faults(Instrument instrument, double? score = null, string? items = null, string scale = Instrument.Total, ScoreAggregation? aggregation = null) =>
        [.. FaultsOf(instrument, Given(instrument, score, items, scale, aggregation)).Select(f => $"{f.Pointer} {f.Code}")];

    public static IReadOnlyList<FieldError> FaultsOf(Instrument instrument, Administration given)
    {
        var (score, faults) = Scorer.Score(instrument, given);
        Assert.Null(score);
        Assert.NotEmpty(faults);
        return faults;
    }

    public static Administration Given(Instrument instrument, double? score = null, string? items = null, string scale = Instrument.Total, ScoreAggregation? aggregation = null) => new()
    {
        Rater = instrument.Raters[0], Scale = scale, Score = score, Items = items is null ? null : Items(items), Aggregation = aggregation,
    };

    public static double?[] Items(string text) =>
    [
        .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(part => part.Split('*') is [var times, var item]
            ? Enumerable.Repeat(Item(item), int.Parse(times))
            : [Item(part)]),
    ];

    private static double? Item(string text) => text == "." ? null : double.Parse(text);
}
