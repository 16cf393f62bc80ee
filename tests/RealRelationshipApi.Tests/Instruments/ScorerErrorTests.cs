using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Tests.Instruments;

/// <summary>Invalid scores and items, each with pointer, code and detail.</summary>
public sealed class ScorerErrorTests
{
    [Fact]
    public void A_total_that_contradicts_its_items_is_reported_with_both_numbers() // HL7's own SDC example of the PHQ-9
    {
        var phq9 = ScorerTestData.ShippedInstrument("phq-9");
        var error = Assert.Single(ScorerTestData.ErrorsOf(phq9, ScorerTestData.CreateAdministration(phq9, 13, "3 2 1 0 1 2 0 1 0")));
        Assert.Equal(("#/score", "totalDisagrees"), (error.Pointer, error.Code));
        Assert.Contains("13", error.Detail, StringComparison.Ordinal);
        Assert.Contains("10", error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("core-10", "4 8*1 .", 13.3, true)] // 13.333…
    [InlineData("core-10", "4 8*1 .", 13.33, true)]
    [InlineData("core-10", "4 8*1 .", 13, true)]
    [InlineData("core-10", "4 8*1 .", 14, false)]
    [InlineData("core-10", "4 8*1 .", 13.4, false)]
    [InlineData("core-10", "4 8*1 .", 12, false)]
    [InlineData("core-om", "9*1 25*0", 2.6, true)] // 2.647…
    [InlineData("core-om", "9*1 25*0", 2.65, true)]
    [InlineData("core-om", "9*1 25*0", 3, true)]
    [InlineData("ors", "7.13 6.02 8.21 7.7", 29.1, true)] // 29.06
    [InlineData("ors", "7.13 6.02 8.21 7.7", 29, true)]
    [InlineData("ors", "7.13 6.02 8.21 7.7", 29.0001, false)]
    [InlineData("phq-9", "9*1", 10, false)]
    public void Only_rounding_differences_are_tolerated(string code, string items, double stated, bool agrees)
    {
        var instrument = ScorerTestData.ShippedInstrument(code);
        var (score, errors) = Scorer.Score(instrument, ScorerTestData.CreateAdministration(instrument, stated, items));
        Assert.Equal(agrees, errors.Count == 0);
        if (agrees)
        {
            Assert.Equal(ScorerTestData.Score(instrument, items: items), score);
        }
    }

    [Fact]
    public void A_mean_rounded_to_an_integer_is_refused()
    {
        var keyed = ScorerTestData.ShippedInstrument("rri-c-12") with { Key = ScoringKey.Site };
        Assert.Equal(["#/score totalDisagrees"], ScorerTestData.Errors(keyed, 4, "10*4 2*5")); // 4.167
        Assert.Equal(50 / 12.0, ScorerTestData.Score(keyed, 4.2, "10*4 2*5").Value, 1e-15);
    }

    [Theory]
    [InlineData("phq-9", "9*4", "outOfRange")]
    [InlineData("phq-9", "9*-1", "outOfRange")]
    [InlineData("csq-8", "8*0", "outOfRange")]
    [InlineData("wai-sr", "12*6", "outOfRange")]
    [InlineData("ors", "4*10.1", "outOfRange")]
    [InlineData("gad-7", "7*1.5", "notWhole")]
    [InlineData("core-10", "10*0.1", "notWhole")]
    public void Every_invalid_item_is_reported_at_its_pointer(string code, string items, string error) =>
        Assert.Equal(Enumerable.Range(0, ScorerTestData.ParseItems(items).Length).Select(i => $"#/items/{i} {error}"),
            ScorerTestData.Errors(ScorerTestData.ShippedInstrument(code), items: items));

    [Theory]
    [InlineData("phq-9", 28, "outOfRange")]
    [InlineData("phq-9", -1, "outOfRange")]
    [InlineData("phq-9", 10.5, "notWhole")]
    [InlineData("core-10", 2.5, "notWhole")]
    [InlineData("core-10", 13.4, "notWhole")]
    [InlineData("yp-core", 0.5, "notWhole")]
    [InlineData("rri-c", 91.5, "notWhole")]
    [InlineData("oq-45", 181, "outOfRange")]
    [InlineData("csq-8", 7, "outOfRange")]
    [InlineData("rri-c", 0.9, "outOfRange")]
    [InlineData("rri-c", 121, "outOfRange")]
    [InlineData("core-om", 136, "outOfRange")] // the plain sum
    [InlineData("wai-sr", 8, "outOfRange")] // neither the mean nor the sum
    [InlineData("wai-sr", 84, "outOfRange")] // the form that runs from 1 to 7
    [InlineData("ors", 1e300, "outOfRange")]
    [InlineData("ors", double.NaN, "outOfRange")]
    public void An_impossible_score_is_refused(string code, double score, string error) =>
        Assert.Equal([$"#/score {error}"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument(code), score));

    [Theory]
    [InlineData("8*1")]
    [InlineData("10*1")]
    [InlineData("")]
    public void The_number_of_items_must_match_the_instrument(string items) =>
        Assert.Equal(["#/items wrongItemCount"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument("phq-9"), items: items));

    [Fact]
    public void Without_score_and_items_there_is_nothing_to_score() =>
        Assert.Equal(["#/score nothingToScore"], ScorerTestData.Errors(ScorerTestData.ShippedInstrument("phq-9")));

    [Fact]
    public void All_errors_are_reported_at_their_pointers()
    {
        var given = new Administration
        {
            Rater = ScoreRater.Therapist, Direction = ScoreDirection.Better, Score = 28,
            Items = ScorerTestData.ParseItems("4 1.5 7*0")
        };
        var (_, errors) = Scorer.Score(ScorerTestData.ShippedInstrument("phq-9"), given, "#/measures/2");
        Assert.Equal(
            ["#/measures/2/rater wrongRater", "#/measures/2/direction directionMismatch", "#/measures/2/items/0 outOfRange", "#/measures/2/items/1 notWhole",
            "#/measures/2/score outOfRange"], errors.Select(f => $"{f.Pointer} {f.Code}"));
    }

    [Theory]
    [InlineData("WAI", "ambiguousInstrument", "wai-sr")]
    [InlineData("wai", "ambiguousInstrument", "wai-36")]
    [InlineData("WAIS", "ambiguousInstrument", "wai-s")]
    [InlineData("rri", "ambiguousInstrument", "rri-c-sf")]
    [InlineData("CORE", "ambiguousInstrument", "core-om")]
    [InlineData("89204-2", "wrongCode", "44261-6")]
    [InlineData("75325-1", "wrongCode", "44261-6")]
    [InlineData("75325-1", "wrongCode", "70274-6")]
    [InlineData("69725-0", "wrongCode", "70274-6")]
    [InlineData("44261-6", "unknownInstrument", "phq-9")]
    [InlineData("CORE", "ambiguousInstrument", "yp-core")]
    [InlineData("phq9", "unknownInstrument", "did you mean phq-9")]
    [InlineData("PHQ4", "unknownInstrument", "did you mean phq-4")]
    [InlineData("bsi18", "unknownInstrument", "did you mean bsi-18")]
    [InlineData("DASS21", "unknownInstrument", "did you mean dass-21")]
    [InlineData("WAI_36", "unknownInstrument", "did you mean wai-36")]
    public void An_unknown_code_is_reported_with_the_correct_one(string name, string code, string right)
    {
        var (instrument, error) = InstrumentSet.BuiltInOnly.Find(name);
        Assert.Null(instrument);
        Assert.Equal(("#/instrument", code), (error!.Pointer, error.Code));
        Assert.Contains(right, error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Codes_are_case_insensitive() => Assert.Equal("rri-c-sf", InstrumentSet.BuiltInOnly.Find("RRI-C-SF").Instrument!.Code);

    [Theory]
    [InlineData("44261-6", "phq-9", null)]
    [InlineData("70274-6", "gad-7", null)]
    [InlineData("89204-2", null, "wrongCode")]
    [InlineData("75325-1", null, "wrongCode")]
    [InlineData("69725-0", null, "wrongCode")]
    [InlineData("8480-6", null, null)]
    public void A_LOINC_code_resolves_to_a_total_or_is_reported_as_wrong_or_unknown(string code, string? instrument, string? error)
    {
        var found = InstrumentSet.BuiltInOnly.FindCoding(InstrumentCoding.Loinc, code);
        Assert.Equal((instrument, error), (found.Instrument?.Code, found.Error?.Code));
        Assert.Null(InstrumentSet.BuiltInOnly.FindCoding("http://example.org", code).Instrument);
    }
}
