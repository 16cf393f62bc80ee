using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Tests.Instruments;

/// <summary>Every shipped instrument, its scores worked out by hand.</summary>
public sealed class ScorerTests
{
    [Theory]
    [InlineData("srs", "9.5 8 10 7.25", 34.75, 34.75)]
    [InlineData("ors", "7.1 6.0 8.2 7.7", 29, 29)]
    [InlineData("oq-45", "45*1", 45, -45)] // the form prints keyed numbers
    [InlineData("oq-45", "45*0", 0, 0)]
    [InlineData("oq-45", "4 10*0 2*4 6*0 2*4 2*0 4 6*0 4 5*0 4 5*0 4 2*0", 36, -36)] // 4 on just the nine items that are reversed in raw answers
    [InlineData("phq-9", "3 2 1 0 1 2 0 1 0", 10, -10)]
    [InlineData("gad-7", "1 1 2 0 3 0 1", 8, -8)]
    [InlineData("core-10", "10*1", 10, -10)]
    [InlineData("core-10", "0 4 4 7*0", 8, -8)] // the form prints keyed numbers
    [InlineData("core-om", "17*1 17*2", 15, -15)] // 51/34·10
    [InlineData("csq-8", "4 3 3 4 2 3 4 1", 24, 24)]
    [InlineData("wai-sr", "5 4 3 2 1 5 4 3 2 1 5 4", 39, 39)]
    public void Items_give_the_total(string code, string items, double value, double oriented)
    {
        var score = ScorerTestData.Score(code, items: items);
        Assert.Equal((value, oriented), (score.Value, score.Oriented));
        var count = ScorerTestData.ParseItems(items).Length;
        Assert.Equal((count, count, false), (score.ItemsAnswered, score.ItemsExpected, score.Prorated));
        Assert.Equal(code == "core-om" ? ScoringRule.MeanTimesTen : ScoringRule.Sum, score.Rule);
        Assert.Equal(score, ScorerTestData.Score(code, score: value, items: items));
    }

    [Theory]
    [InlineData("task", 14)] // 1, 2, 10, 12
    [InlineData("goal", 15)] // 4, 6, 8, 11
    [InlineData("bond", 10)] // 3, 5, 7, 9
    public void Items_give_the_subscales_of_the_alliance(string scale, double value)
    {
        var score = ScorerTestData.Score("wai-sr", items: "5 4 3 2 1 5 4 3 2 1 5 4", scale: scale);
        Assert.Equal((value, 4L, 4L, 20), (score.Value, score.ItemsAnswered, score.ItemsExpected, score.Maximum));
    }

    [Theory]
    [InlineData("core-10", "9*1 .", 10, 9)]
    [InlineData("core-10", "1 . 8*2", 170.0 / 9, 9)]
    [InlineData("core-om", "3*. 31*1", 10, 31)]
    [InlineData("core-om", "33*2 .", 20, 33)]
    public void Few_missing_items_are_prorated_where_the_rule_allows(string code, string items, double value, long answered)
    {
        var score = ScorerTestData.Score(code, items: items);
        Assert.Equal(value, score.Value, 1e-13);
        Assert.Equal((answered, true), (score.ItemsAnswered, score.Prorated));
        Assert.Equal(ScorerTestData.ShippedInstrument(code).Items!.Count, score.ItemsExpected);
    }

    [Theory]
    [InlineData("srs", "9.5 8 . 7.25")]
    [InlineData("ors", ". 6.0 8.2 7.7")]
    [InlineData("phq-9", "8*1 .")]
    [InlineData("gad-7", ". 6*1")]
    [InlineData("core-10", "8*1 . .")]
    [InlineData("core-om", "30*1 4*.")]
    [InlineData("csq-8", "7*1 .")]
    [InlineData("oq-45", "44*1 .")]
    [InlineData("wai-sr", "11*1 .")]
    [InlineData("core-10", "10*.")]
    public void More_missing_items_are_refused(string code, string items) =>
        Assert.Equal(["#/items tooManyMissing"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument(code), items: items));

    [Theory]
    [InlineData("rri-c", 4.2, 4.2, false)]
    [InlineData("rri-c", 102, 4.25, true)]
    [InlineData("rri-c", 24, 1, true)]
    [InlineData("rri-t", 96, 4, true)]
    [InlineData("rri-t", 5, 5, false)]
    [InlineData("rri-c-12", 60, 5, true)]
    [InlineData("rri-c-12", 3.75, 3.75, false)]
    [InlineData("rri-c-sf", 4.2, 4.2, false)]
    [InlineData("rri-c-sf", 34, 4.25, true)]
    public void A_real_relationship_total_is_recognised_as_mean_or_sum_by_its_range(string code, double sent, double value, bool isConverted)
    {
        var rule = isConverted ? ScoringRule.Converted : ScoringRule.AsSent;
        var score = ScorerTestData.Score(code, sent);
        Assert.Equal((value, value, rule, ScoreAggregation.Mean), (score.Value, score.Oriented, score.Rule, score.Unit));
        Assert.Equal((1, 5), (score.Minimum, score.Maximum));
        Assert.Null(score.ItemsAnswered);
    }

    [Fact]
    public void A_value_between_the_ranges_of_mean_and_sum_is_refused() =>
        Assert.Equal(["#/score outOfRange"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument("rri-c"), 12));

    [Theory]
    [InlineData("rri-c-sf", "genuineness")] // mean 1 to 5, sum 4 to 20
    [InlineData("rri-c-sf", "realism")]
    [InlineData("wai-sr", "bond")]
    public void Where_mean_and_sum_ranges_overlap_the_aggregation_is_required(string code, string scale)
    {
        foreach (var score in new[] { 3.5, 4, 4.5, 12 })
        {
            Assert.Equal(["#/aggregation ambiguousAggregation"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument(code), score, scale: scale));
        }

        var (mean, sum) = (ScorerTestData.Score(code, 4.5, scale: scale, aggregation: ScoreAggregation.Mean),
            ScorerTestData.Score(code, 18, scale: scale, aggregation: ScoreAggregation.Sum));
        Assert.Equal(mean.Value, sum.Value);
    }

    [Fact]
    public void A_subscale_of_the_long_form_is_a_mean()
    {
        Assert.Equal(4.1, ScorerTestData.Score("rri-c", 4.1, scale: "genuineness").Value);
        Assert.Equal(["#/aggregation wrongAggregation"],
            ScorerTestData.Errors(ScorerTestData.ShippedInstrument("rri-c"), 49, scale: "realism", aggregation: ScoreAggregation.Sum));
    }

    [Fact]
    public void Arousal_is_descriptive_and_has_no_direction()
    {
        Assert.Equal(5.2, ScorerTestData.Score("seq", 5.2, scale: "depth").Oriented);
        Assert.Null(ScorerTestData.Score("seq", 3, scale: "arousal").Oriented);
        Assert.Equal(["#/scale unknownScale"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument("seq"), 5));
    }

    [Theory]
    [InlineData("oq-45", 180, -180)]
    [InlineData("phq-9", 27, -27)]
    [InlineData("gad-7", 0, 0)]
    [InlineData("core-10", 14.4, -14.4)]
    [InlineData("core-om", 12.35, -12.35)]
    [InlineData("csq-8", 32, 32)]
    [InlineData("ors", 29.4, 29.4)]
    [InlineData("srs", 40, 40)]
    [InlineData("wai-sr", 12, 12)]
    public void A_total_without_items_is_stored_as_sent(string code, double sent, double oriented)
    {
        var score = ScorerTestData.Score(code, sent);
        Assert.Equal((sent, oriented, ScoringRule.AsSent, false), (score.Value, score.Oriented, score.Rule, score.Prorated));
        Assert.Equal(ScorerTestData.ShippedInstrument(code).Items!.Count, score.ItemsExpected);
    }

    [Theory]
    [InlineData("com")]
    [InlineData("rri-t-sf")]
    public void A_non_public_instrument_is_held_until_the_site_declares_it(string code)
    {
        Assert.Equal(["#/instrument needsScoringKey"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument(code), 4));
        var declared = ScorerTestData.ShippedInstrument(code) with
        {
            Items = new(4, 1, 5),
            Key = ScoringKey.Site,
            Scales = [new() { Name = "total", Aggregations = [ScoreAggregation.Mean], Minimum = 1, Maximum = 5 }],
        };
        Assert.Equal(4, ScorerTestData.Score(declared, 4).Value);
        Assert.Equal(2.75, ScorerTestData.Score(declared, items: "1 2 3 5").Value);
    }

    [Theory]
    [InlineData("rri-c", "total", 24)]
    [InlineData("rri-c", "realism", 24)]
    [InlineData("rri-c-12", "total", 12)]
    [InlineData("rri-c-sf", "genuineness", 8)]
    [InlineData("rri-t", "total", 24)]
    [InlineData("seq", "depth", 21)]
    public void Items_without_a_public_scoring_key_are_held_for_the_sites_key(string code, string scale, int items) =>
        Assert.Equal(["#/items needsScoringKey"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument(code), items: $"{items}*3", scale: scale));

    [Fact]
    public void A_declared_scoring_key_scores_the_items() // an invented key: 2 and 7 turned round, the odd items genuineness
    {
        var keyed = ScorerTestData.ShippedInstrument("rri-c-sf") with
        {
            Key = ScoringKey.Site,
            Reversed = [2, 7],
            Scales = [.. ScorerTestData.ShippedInstrument("rri-c-sf").Scales.Select(s => s.Name == "genuineness" ? s with { Items = [1, 3, 5, 7] } : s)],
        };
        Assert.Equal(4.5, ScorerTestData.Score(keyed, items: "5 1 4 5 5 4 2 4").Value); // 5 5 4 5 5 4 4 4
        Assert.Equal(4.5, ScorerTestData.Score(keyed, items: "5 1 4 5 5 4 2 4", scale: "genuineness").Value); // 5 4 5 4
        Assert.Equal(["#/items needsScoringKey"], ScorerTestData.Errors(keyed, items: "5 1 4 5 5 4 2 4", scale: "realism"));
        Assert.Equal(4.5, ScorerTestData.Score(keyed, score: 36, items: "5 1 4 5 5 4 2 4").Value);
        Assert.Equal(["#/score totalDisagrees"], ScorerTestData.Errors(keyed, 33, "5 1 4 5 5 4 2 4"));
    }

    [Fact]
    public void A_missing_item_is_replaced_by_the_rounded_subscale_mean_where_a_site_declares_so() // an invented key: items 1 to 4 are one
    {
        var shipped = ScorerTestData.ShippedInstrument("oq-45");
        var keyed =
            shipped with
            {
                ItemsAs = ItemsAs.Raw,
                Missing = new(MissingItems.SubscaleMean),
                Scales = [.. shipped.Scales,
                new() { Name = "first", Aggregations = [ScoreAggregation.Sum], Items = [1, 2, 3, 4], Minimum = 0, Maximum = 16 }]
            };
        // Item 1 is reversed: 4 − 0 = 4. (4 + 0 + 1)/3 = 1.67, rounded to 2. The rest: 8 reversed items of 4.
        var score = ScorerTestData.Score(keyed, items: "0 . 0 1 41*0");
        Assert.Equal((4 + 2 + 0 + 1 + 32, 44L, true, ScoringRule.SubscaleMean), (score.Value, score.ItemsAnswered, score.Prorated, score.Rule));
        Assert.Equal(7, ScorerTestData.Score(keyed, items: "0 . 0 1 41*0", scale: "first").Value);
        // A half goes up: (4 + 1)/2 = 2.5.
        Assert.Equal(4 + 3 + 3 + 1, ScorerTestData.Score(keyed, items: "0 . . 1 41*0", scale: "first").Value);
        Assert.Equal(["#/items/0 tooManyMissing", "#/items/1 tooManyMissing", "#/items/2 tooManyMissing", "#/items/3 tooManyMissing"],
            ScorerTestData.Errors(keyed, items: "4*. 41*0"));
    }

    [Theory]
    [InlineData("core-10", "10*1", 14)] // 8·1 + 2·(4 − 1)
    [InlineData("core-10", "0 4 4 7*0", 0)]
    [InlineData("oq-45", "45*0", 36)] // 9·4
    [InlineData("oq-45", "4 10*0 2*4 6*0 2*4 2*0 4 6*0 4 5*0 4 5*0 4 2*0", 0)]
    public void Raw_answers_are_reversed_before_they_are_added_up(string code, string items, double value) =>
        Assert.Equal(value, ScorerTestData.Score(ScorerTestData.ShippedInstrument(code) with { ItemsAs = ItemsAs.Raw }, items: items).Value);

    [Fact]
    public void A_keyed_item_is_not_reversed_among_raw_answers()
    {
        var raw = ScorerTestData.ShippedInstrument("core-10") with { ItemsAs = ItemsAs.Raw };
        var given = ScorerTestData.CreateAdministration(raw, items: "0 4 4 7*0") with { KeyedItems = [1] };
        Assert.Equal(4, Scorer.Score(raw, given).Score!.Value);
    }

    [Theory]
    [InlineData("printed", 8, 0, "raw")]
    [InlineData("raw", 0, 8, "printed")]
    public void A_total_that_fits_the_other_reading_of_the_items_names_both(string itemsAs, double fitting, double other, string named)
    {
        var instrument = ScorerTestData.ShippedInstrument("core-10") with { ItemsAs = RealRelationshipApi.Http.Json.EnumNames<ItemsAs>.Parse(itemsAs) };
        Assert.Equal(fitting, ScorerTestData.Score(instrument, score: fitting, items: "0 4 4 7*0").Value);
        var error = Assert.Single(ScorerTestData.ErrorsOf(instrument, ScorerTestData.CreateAdministration(instrument, other, "0 4 4 7*0")));
        Assert.Equal("totalDisagrees", error.Code);
        Assert.Contains("printed", error.Detail, StringComparison.Ordinal);
        Assert.Contains($"itemsAs \"{named}\"", error.Detail, StringComparison.Ordinal);
        var neither = Assert.Single(ScorerTestData.ErrorsOf(instrument, ScorerTestData.CreateAdministration(instrument, 5, "0 4 4 7*0")));
        Assert.DoesNotContain("itemsAs", neither.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_CORE_OM_item_mean_is_not_taken_for_a_clinical_score()
    {
        var shipped = ScorerTestData.ShippedInstrument("core-om");
        foreach (var score in new[] { 0, 1.2, 4 })
        {
            Assert.Equal(["#/aggregation ambiguousAggregation"], ScorerTestData.Errors(shipped, score));
            Assert.Equal((score * 10, ScoreAggregation.MeanTimesTen),
                (ScorerTestData.Score("core-om", score, aggregation: ScoreAggregation.Mean).Value, ScorerTestData.Score("core-om", 12.35).Unit));
            Assert.Equal(score, ScorerTestData.Score("core-om", score, aggregation: ScoreAggregation.MeanTimesTen).Value);
        }

        Assert.Equal(["#/score outOfRange"], ScorerTestData.Errors(shipped, 12, aggregation: ScoreAggregation.Mean));
        // The items show which of the two a total is.
        Assert.Equal(5, ScorerTestData.Score("core-om", 0.5, "17*1 17*0").Value);
        Assert.Equal(1, ScorerTestData.Score("core-om", 1, "3*1 30*0 .").Value, 0.1);
    }

    [Theory]
    [InlineData(4.1, 49.2)]
    [InlineData(5, 60)]
    [InlineData(49, 49)]
    public void A_WAI_SR_total_is_recognised_as_mean_or_sum_by_its_range(double sent, double value) =>
        Assert.Equal(value, ScorerTestData.Score("wai-sr", sent).Value, 1e-12);

    [Fact]
    public void A_session_evaluation_is_a_mean_from_1_to_5_unless_another_form_is_declared()
    {
        Assert.Equal(4.2, ScorerTestData.Score("ses", 4.2).Value);
        Assert.Equal(["#/score outOfRange"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument("ses"), 6));
        Assert.Equal(["#/items needsScoringKey"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument("ses"), items: "4 4 4 4"));
    }
}
