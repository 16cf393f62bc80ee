using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Tests.Instruments;

/// <summary>The built-in instruments have published facts only.</summary>
public sealed class InstrumentCatalogueTests
{
    [Theory]
    [InlineData("rri-c", "realRelationship client stronger 24 1-5 total:mean,sum:1-5 genuineness:mean:1-5 realism:mean:1-5")]
    [InlineData("rri-t", "realRelationship therapist stronger 24 1-5 total:mean,sum:1-5 genuineness:mean:1-5 realism:mean:1-5")]
    [InlineData("rri-c-12", "realRelationship client stronger 12 1-5 total:mean,sum:1-5")]
    [InlineData("rri-c-sf", "realRelationship client stronger 8 1-5 total:mean,sum:1-5 genuineness:mean,sum:1-5 realism:mean,sum:1-5")]
    [InlineData("rri-t-sf", "realRelationship therapist stronger ? ?")]
    [InlineData("ses", "sessionOutcome client,therapist better ? ? total:mean:1-5")]
    [InlineData("seq", "sessionOutcome client,therapist better 21 1-7 depth:mean:1-7 smoothness:mean:1-7 positivity:mean:1-7 arousal:mean:1-7")]
    [InlineData("srs", "alliance client stronger 4 0-10 total:sum:0-40")]
    [InlineData("ors", "treatmentOutcome client better 4 0-10 total:sum:0-40")]
    [InlineData("oq-45", "treatmentOutcome client worse 45 0-4 total:sum:0-180")]
    [InlineData("phq-9", "treatmentOutcome client worse 9 0-3 total:sum:0-27")]
    [InlineData("gad-7", "treatmentOutcome client worse 7 0-3 total:sum:0-21")]
    [InlineData("core-10", "treatmentOutcome client worse 10 0-4 total:sum:0-40")]
    [InlineData("core-om", "treatmentOutcome client worse 34 0-4 total:meanTimesTen,mean:0-40")]
    [InlineData("csq-8", "satisfaction client better 8 1-4 total:sum:8-32")]
    [InlineData("com", "treatmentProgress client,therapist better ? ? total:mean:-")]
    [InlineData("wai-sr", "alliance client stronger 12 1-5 total:sum,mean:12-60 task:sum,mean:4-20 goal:sum,mean:4-20 bond:sum,mean:4-20")]
    public void Every_shipped_instrument_is_as_published(string code, string facts) => Assert.Equal(facts, Facts(ScorerTestData.ShippedInstrument(code)));

    [Fact]
    public void No_other_instrument_is_shipped() => Assert.Equal(17, InstrumentSet.BuiltInOnly.Current.Count);

    [Fact]
    public void Only_visual_analogue_scales_allow_fractions() =>
        Assert.Equal(["ors", "srs"], InstrumentSet.BuiltInOnly.Current.Where(i => i.Items?.Decimals == true).Select(i => i.Code));

    [Fact]
    public void Ranges_follow_from_the_items()
    {
        foreach (var instrument in InstrumentSet.BuiltInOnly.Current.Where(i => i is { Items: not null }))
        {
            foreach (var scale in instrument.Scales)
            {
                var count = scale.Items?.Count ?? instrument.Items!.Count;
                var times = scale.Aggregations[0] switch { ScoreAggregation.Sum => count, ScoreAggregation.MeanTimesTen => 10, _ => 1 };
                Assert.Equal((instrument.Items!.Minimum * times, instrument.Items.Maximum * times), (scale.Minimum, scale.Maximum));
            }
        }
    }

    private static string Facts(Instrument i) => string.Join(' ',
        [
            Name(i.Construct), string.Join(',', i.Raters.Select(Name)), Name(i.Direction),
            i.Items is null ? "?" : $"{i.Items.Count}", i.Items is null ? "?" : $"{i.Items.Minimum}-{i.Items.Maximum}",
            .. i.Scales.Select(s => $"{s.Name}:{string.Join(',', s.Aggregations.Select(Name))}:{s.Minimum}-{s.Maximum}"),
        ]);

    private static string Name<T>(T value) where T : struct, Enum => RealRelationshipApi.Http.Json.EnumNames<T>.Of(value);
}
