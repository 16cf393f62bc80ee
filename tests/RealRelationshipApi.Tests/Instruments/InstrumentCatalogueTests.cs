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
    [InlineData("phq-2", "treatmentOutcome client worse 2 0-3 total:sum:0-6")]
    [InlineData("phq-4", "treatmentOutcome client worse 4 0-3 total:sum:0-12 anxiety:sum:0-6 depression:sum:0-6")]
    [InlineData("phq-8", "treatmentOutcome client worse 8 0-3 total:sum:0-24")]
    [InlineData("gad-2", "treatmentOutcome client worse 2 0-3 total:sum:0-6")]
    [InlineData("bdi-ii", "treatmentOutcome client worse 21 0-3 total:sum:0-63")]
    [InlineData("bsi-18", "treatmentOutcome client worse 18 0-4 total:sum:0-72 somatization:sum:0-24 depression:sum:0-24 anxiety:sum:0-24")]
    [InlineData("bsi", "treatmentOutcome client worse 53 0-4 total:mean,sum:0-4")]
    [InlineData("scl-90-r", "treatmentOutcome client worse 90 0-4 total:mean,sum:0-4")]
    [InlineData("dass-21",
        "treatmentOutcome client worse 21 0-3 total:sum,sumTimesTwo:0-63 depression:sum,sumTimesTwo:0-21 anxiety:sum,sumTimesTwo:0-21 "
        + "stress:sum,sumTimesTwo:0-21")]
    [InlineData("who-5", "treatmentOutcome client better 5 0-5 total:sum,sumTimesFour:0-25")]
    [InlineData("wsas", "treatmentOutcome client worse 5 0-8 total:sum:0-40")]
    [InlineData("pcl-5",
        "treatmentOutcome client worse 20 0-4 total:sum:0-80 intrusion:sum:0-20 avoidance:sum:0-8 cognitionAndMood:sum:0-28 arousal:sum:0-24")]
    [InlineData("itq", "treatmentOutcome client worse 18 0-4 ptsd:sum,mean:0-24 dso:sum,mean:0-24")]
    [InlineData("k10", "treatmentOutcome client worse ? ? total:sum:-")]
    [InlineData("cgi-s", "treatmentOutcome therapist worse 1 1-7 total:sum:1-7")]
    [InlineData("cgi-i", "treatmentProgress therapist worse 1 1-7 total:sum:1-7")]
    [InlineData("ders", "treatmentOutcome client worse 36 1-5 total:sum,mean:36-180 nonacceptance:sum,mean:6-30 goals:sum,mean:5-25 impulse:sum,mean:6-30 "
        + "awareness:sum,mean:6-30 strategies:sum,mean:8-40 clarity:sum,mean:5-25")]
    [InlineData("iip-32", "treatmentOutcome client worse 32 0-4 total:mean,sum:0-4")]
    [InlineData("iip-64", "treatmentOutcome client worse 64 0-4 total:mean,sum:0-4")]
    [InlineData("eq-5d-5l", "treatmentOutcome client better ? ? total:sum:-")]
    [InlineData("yp-core", "treatmentOutcome client worse 10 0-4 total:sum:0-40")]
    [InlineData("gp-core", "treatmentOutcome client worse 14 0-4 total:meanTimesTen,mean:0-40")]
    [InlineData("wai-36",
        "alliance client,therapist stronger 36 1-7 total:sum,mean:36-252 task:sum,mean:12-84 goal:sum,mean:12-84 bond:sum,mean:12-84")]
    [InlineData("wai-s", "alliance client,therapist stronger 12 1-7 total:sum,mean:12-84 task:sum,mean:4-28 goal:sum,mean:4-28 bond:sum,mean:4-28")]
    [InlineData("wai-srt", "alliance therapist stronger ? ?")]
    [InlineData("wai-o", "alliance  stronger 36 1-7 total:sum,mean:36-252")]
    [InlineData("calpas", "alliance client,therapist stronger ? ?")]
    [InlineData("arm-5", "alliance client,therapist stronger 5 1-7 total:mean,sum:1-7")]
    [InlineData("sai", "alliance client stronger ? ?")]
    [InlineData("haq-ii", "alliance client,therapist stronger ? ?")]
    public void Every_shipped_instrument_is_as_published(string code, string facts) => Assert.Equal(facts, Facts(ScorerTestData.ShippedInstrument(code)));

    [Fact]
    public void No_other_instrument_is_shipped() => Assert.Equal(47, InstrumentSet.BuiltInOnly.Current.Count);

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
                var count = scale.Items?.Count ?? scale.Count ?? instrument.Items!.Count;
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
