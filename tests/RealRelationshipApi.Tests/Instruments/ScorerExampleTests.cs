using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Tests.Instruments;

/// <summary>One score of every instrument built in since 0.1, worked out by hand, and what is refused.</summary>
public sealed class ScorerExampleTests
{
    [Theory]
    [InlineData("phq-2", "total", "3 2", 5, -5)]
    [InlineData("phq-4", "total", "3 2 1 0", 6, -6)]
    [InlineData("phq-4", "anxiety", "3 2 1 0", 5, -5)]
    [InlineData("phq-4", "depression", "3 2 1 0", 1, -1)]
    [InlineData("phq-8", "total", "3 2 1 0 1 2 0 1", 10, -10)]
    [InlineData("gad-2", "total", "1 3", 4, -4)]
    [InlineData("bdi-ii", "total", "10*1 10*2 3", 33, -33)]
    [InlineData("bsi-18", "total", "9*1 9*3", 36, -36)]
    [InlineData("scl-90-r", "total", "45*1 45*2", 1.5, -1.5)]
    [InlineData("dass-21", "total", "3*1 18*0", 3, -3)]
    [InlineData("dass-21", "depression", "2*0 3 0 2 4*0 1 11*0", 6, -6)] // items 3, 5 and 10
    [InlineData("dass-21", "anxiety", "0 3 0 2 16*0 1", 5, -5)] // items 2 and 4
    [InlineData("dass-21", "stress", "3 4*0 2 15*0", 5, -5)] // items 1 and 6
    [InlineData("who-5", "total", "5 4 3 2 1", 15, 15)]
    [InlineData("wsas", "total", "8 0 4 2 1", 15, -15)]
    [InlineData("pcl-5", "total", "5*4 2*3 7*2 6*1", 46, -46)]
    [InlineData("pcl-5", "intrusion", "5*4 2*3 7*2 6*1", 20, -20)]
    [InlineData("pcl-5", "avoidance", "5*4 2*3 7*2 6*1", 6, -6)]
    [InlineData("pcl-5", "cognitionAndMood", "5*4 2*3 7*2 6*1", 14, -14)]
    [InlineData("pcl-5", "arousal", "5*4 2*3 7*2 6*1", 6, -6)]
    [InlineData("cgi-s", "total", "5", 5, -5)]
    [InlineData("cgi-i", "total", "2", 2, -2)]
    [InlineData("ders", "total", "36*1", 80, -80)] // 25 of 1, and 11 reversed of 5
    [InlineData("ders", "awareness", "36*1", 30, -30)] // all six are reversed
    [InlineData("ders", "nonacceptance", "36*1", 6, -6)] // none is
    [InlineData("ders", "clarity", "2 2*5 3 4 5 5 5 1 27*5", 13, -13)] // 1 and 7 reversed: 4, 3, 4, 1, 1
    [InlineData("arm-5", "total", "7 6 2 5 4", 5.6, 5.6)] // item 3 reversed: 7 6 6 5 4
    public void Items_give_the_score(string code, string scale, string items, double value, double oriented)
    {
        var score = ScorerTestData.Score(code, items: items, scale: scale);
        Assert.Equal((value, oriented), (score.Value, score.Oriented));
    }

    [Theory]
    [InlineData("who-5", "total", 60, nameof(ScoreAggregation.SumTimesFour), 15)]
    [InlineData("who-5", "total", 15, nameof(ScoreAggregation.Sum), 15)]
    [InlineData("dass-21", "stress", 42, nameof(ScoreAggregation.SumTimesTwo), 21)]
    [InlineData("dass-21", "total", 30, nameof(ScoreAggregation.Sum), 30)]
    [InlineData("bsi", "total", 1.2, nameof(ScoreAggregation.Mean), 1.2)]
    [InlineData("bsi", "total", 53, nameof(ScoreAggregation.Sum), 1)]
    [InlineData("iip-32", "total", 64, nameof(ScoreAggregation.Sum), 2)]
    [InlineData("itq", "ptsd", 2.5, nameof(ScoreAggregation.Mean), 15)]
    [InlineData("gp-core", "total", 1.5, nameof(ScoreAggregation.Mean), 15)]
    [InlineData("wai-36", "total", 6, nameof(ScoreAggregation.Mean), 216)]
    [InlineData("wai-s", "bond", 20, nameof(ScoreAggregation.Sum), 20)]
    public void A_total_with_its_aggregation_is_converted(string code, string scale, double sent, string aggregation, double value) =>
        Assert.Equal(value, ScorerTestData.Score(code, sent, scale: scale, aggregation: Enum.Parse<ScoreAggregation>(aggregation)).Value, 1e-12);

    [Theory]
    [InlineData("who-5", "total", 20)]
    [InlineData("who-5", "total", 60)]
    [InlineData("dass-21", "anxiety", 12)]
    [InlineData("bsi", "total", 2)]
    [InlineData("scl-90-r", "total", 3)]
    [InlineData("itq", "dso", 3)]
    public void Where_two_units_are_in_use_the_aggregation_is_required(string code, string scale, double score) =>
        Assert.Equal(["#/aggregation ambiguousAggregation"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument(code), score, scale: scale));

    [Theory]
    [InlineData("who-5", 62, nameof(ScoreAggregation.SumTimesFour))]
    [InlineData("dass-21", 7, nameof(ScoreAggregation.SumTimesTwo))]
    public void A_multiple_of_a_sum_of_whole_numbers_is_one(string code, double score, string aggregation) =>
        Assert.Equal(["#/score notWhole"],
            ScorerTestData.Errors(ScorerTestData.ShippedInstrument(code), score, aggregation: Enum.Parse<ScoreAggregation>(aggregation)));

    [Theory]
    [InlineData("phq-2", 7)]
    [InlineData("phq-4", 13)]
    [InlineData("phq-8", 25)]
    [InlineData("gad-2", -1)]
    [InlineData("bdi-ii", 64)]
    [InlineData("bsi-18", 73)]
    [InlineData("wsas", 40.5)]
    [InlineData("pcl-5", 81)]
    [InlineData("cgi-s", 0)] // not assessed
    [InlineData("cgi-i", 8)]
    [InlineData("yp-core", 41)]
    public void A_total_out_of_range_is_refused(string code, double score) =>
        Assert.Equal(["#/score outOfRange"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument(code), score));

    [Theory]
    [InlineData("bsi-18", "depression", 18)]
    [InlineData("bsi", "total", 53)]
    [InlineData("itq", "ptsd", 18)]
    [InlineData("iip-64", "total", 64)]
    [InlineData("yp-core", "total", 10)]
    [InlineData("gp-core", "total", 14)]
    [InlineData("wai-36", "total", 36)]
    [InlineData("wai-s", "task", 12)]
    public void Items_without_a_published_key_are_refused(string code, string scale, int count) => Assert.Equal(["#/items needsScoringKey"],
        ScorerTestData.Errors(ScorerTestData.ShippedInstrument(code), items: $"{count}*1", scale: scale));

    [Theory]
    [InlineData("k10")]
    [InlineData("eq-5d-5l")]
    [InlineData("wai-srt")]
    [InlineData("calpas")]
    [InlineData("sai")]
    [InlineData("haq-ii")]
    public void A_form_of_unknown_range_waits_for_a_declaration(string code) =>
        Assert.Equal(["#/instrument needsScoringKey"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument(code), 4));

    [Fact]
    public void One_missing_item_is_prorated_where_the_source_says_so() => Assert.Equal(20, ScorerTestData.Score("wsas", items: ". 4 4 4 4").Value);

    [Fact]
    public void An_observer_rates_no_session()
    {
        var error = Assert.Single(ScorerTestData.ErrorsOf(ScorerTestData.ShippedInstrument("wai-o"),
            new() { Rater = ScoreRater.Client, Score = 200, Aggregation = ScoreAggregation.Sum }));
        Assert.Equal(("#/rater", "wrongRater"), (error.Pointer, error.Code));
        Assert.Contains("observer", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clinician_rates_the_global_impression() => Assert.Equal(["#/rater wrongRater"],
        ScorerTestData.ErrorsOf(ScorerTestData.ShippedInstrument("cgi-s"), new() { Rater = ScoreRater.Client, Score = 4 })
            .Select(e => $"{e.Pointer} {e.Code}"));
}
