using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Tests.Instruments;

/// <summary>What is refused, and what the refusal says.</summary>
public sealed class ScorerFaultTests
{
    [Fact]
    public void A_stated_total_that_its_items_do_not_give_is_refused_with_both_numbers() // HL7's own SDC example of the PHQ-9
    {
        var phq9 = Scoring.Shipped("phq-9");
        var fault = Assert.Single(Scoring.FaultsOf(phq9, Scoring.Given(phq9, 13, "3 2 1 0 1 2 0 1 0")));
        Assert.Equal(("#/score", "totalDisagrees"), (fault.Pointer, fault.Code));
        Assert.Contains("13", fault.Detail, StringComparison.Ordinal);
        Assert.Contains("10", fault.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("core-10", "9*1 .", 14.4, true)] // 14.444…
    [InlineData("core-10", "9*1 .", 14.44, true)]
    [InlineData("core-10", "9*1 .", 14, true)]
    [InlineData("core-10", "9*1 .", 15, false)]
    [InlineData("core-10", "9*1 .", 14.5, false)]
    [InlineData("core-10", "9*1 .", 13, false)]
    [InlineData("core-om", "9*1 25*0", 2.6, true)] // 2.647…
    [InlineData("core-om", "9*1 25*0", 2.65, true)]
    [InlineData("core-om", "9*1 25*0", 3, true)]
    [InlineData("ors", "7.13 6.02 8.21 7.7", 29.1, true)] // 29.06
    [InlineData("ors", "7.13 6.02 8.21 7.7", 29, true)]
    [InlineData("ors", "7.13 6.02 8.21 7.7", 29.0001, false)]
    [InlineData("phq-9", "9*1", 10, false)]
    public void Only_the_senders_rounding_is_forgiven(string code, string items, double stated, bool agrees)
    {
        var instrument = Scoring.Shipped(code);
        var (score, faults) = Scorer.Score(instrument, Scoring.Given(instrument, stated, items));
        Assert.Equal(agrees, faults.Count == 0);
        if (agrees)
        {
            Assert.Equal(Scoring.Of(instrument, items: items), score);
        }
    }

    [Fact]
    public void Nobody_rounds_a_mean_to_a_whole_number()
    {
        var keyed = Scoring.Shipped("rri-c-12") with { Key = ScoringKey.Site };
        Assert.Equal(["#/score totalDisagrees"], Scoring.Faults(keyed, 4, "10*4 2*5")); // 4.167
        Assert.Equal(50 / 12.0, Scoring.Of(keyed, 4.2, "10*4 2*5").Value, 1e-15);
    }

    [Theory]
    [InlineData("phq-9", "9*4", "outOfRange")]
    [InlineData("phq-9", "9*-1", "outOfRange")]
    [InlineData("csq-8", "8*0", "outOfRange")]
    [InlineData("wai-sr", "12*6", "outOfRange")]
    [InlineData("ors", "4*10.1", "outOfRange")]
    [InlineData("gad-7", "7*1.5", "notWhole")]
    [InlineData("core-10", "10*0.1", "notWhole")]
    public void Every_item_that_cannot_be_is_pointed_to(string code, string items, string fault) =>
        Assert.Equal(Enumerable.Range(0, Scoring.Items(items).Length).Select(i => $"#/items/{i} {fault}"), Scoring.Faults(Scoring.Shipped(code), items: items));

    [Theory]
    [InlineData("phq-9", 28, "outOfRange")]
    [InlineData("phq-9", -1, "outOfRange")]
    [InlineData("phq-9", 10.5, "notWhole")]
    [InlineData("rri-c", 91.5, "notWhole")]
    [InlineData("oq-45", 181, "outOfRange")]
    [InlineData("csq-8", 7, "outOfRange")]
    [InlineData("rri-c", 0.9, "outOfRange")]
    [InlineData("rri-c", 121, "outOfRange")]
    [InlineData("core-om", 136, "outOfRange")] // the plain sum
    [InlineData("wai-sr", 4.5, "outOfRange")] // the mean
    [InlineData("wai-sr", 84, "outOfRange")] // the form that runs from 1 to 7
    [InlineData("ors", 1e300, "outOfRange")]
    [InlineData("ors", double.NaN, "outOfRange")]
    public void A_score_that_cannot_be_is_refused(string code, double score, string fault) => Assert.Equal([$"#/score {fault}"], Scoring.Faults(Scoring.Shipped(code), score));

    [Theory]
    [InlineData("8*1")]
    [InlineData("10*1")]
    [InlineData("")]
    public void Items_are_as_many_as_the_form_has(string items) => Assert.Equal(["#/items wrongItemCount"], Scoring.Faults(Scoring.Shipped("phq-9"), items: items));

    [Fact]
    public void Without_score_and_items_there_is_nothing_to_score() => Assert.Equal(["#/score nothingToScore"], Scoring.Faults(Scoring.Shipped("phq-9")));

    [Fact]
    public void Every_fault_is_listed_where_it_stands()
    {
        var given = new Administration { Rater = ScoreRater.Therapist, Direction = ScoreDirection.Better, Score = 28, Items = Scoring.Items("4 1.5 7*0") };
        var (_, faults) = Scorer.Score(Scoring.Shipped("phq-9"), given, "#/measures/2");
        Assert.Equal(["#/measures/2/rater wrongRater", "#/measures/2/direction directionMismatch", "#/measures/2/items/0 outOfRange", "#/measures/2/items/1 notWhole",
            "#/measures/2/score outOfRange"], faults.Select(f => $"{f.Pointer} {f.Code}"));
    }

    [Theory]
    [InlineData("WAI", "ambiguousInstrument", "wai-sr")]
    [InlineData("rri", "ambiguousInstrument", "rri-c-sf")]
    [InlineData("CORE", "ambiguousInstrument", "core-om")]
    [InlineData("89204-2", "wrongCode", "44261-6")]
    [InlineData("75325-1", "wrongCode", "44261-6")]
    [InlineData("75325-1", "wrongCode", "70274-6")]
    [InlineData("69725-0", "wrongCode", "70274-6")]
    [InlineData("44261-6", "unknownInstrument", "phq-9")]
    [InlineData("phq9", "unknownInstrument", "/instruments")]
    public void A_name_that_names_nothing_is_refused_with_the_right_one(string name, string code, string right)
    {
        var (instrument, fault) = InstrumentSet.AsShipped.Find(name);
        Assert.Null(instrument);
        Assert.Equal(("#/instrument", code), (fault!.Pointer, fault.Code));
        Assert.Contains(right, fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Codes_are_compared_without_case() => Assert.Equal("rri-c-sf", InstrumentSet.AsShipped.Find("RRI-C-SF").Instrument!.Code);

    [Theory]
    [InlineData("44261-6", "phq-9", null)]
    [InlineData("70274-6", "gad-7", null)]
    [InlineData("89204-2", null, "wrongCode")]
    [InlineData("75325-1", null, "wrongCode")]
    [InlineData("69725-0", null, "wrongCode")]
    [InlineData("8480-6", null, null)]
    public void A_LOINC_code_names_a_total_or_is_wrong_or_is_not_known(string code, string? instrument, string? fault)
    {
        var found = InstrumentSet.AsShipped.FindCoding(InstrumentCoding.Loinc, code);
        Assert.Equal((instrument, fault), (found.Instrument?.Code, found.Fault?.Code));
        Assert.Null(InstrumentSet.AsShipped.FindCoding("http://example.org", code).Instrument);
    }
}
