using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Tests.Instruments;

/// <summary>What the built-in instruments state is stated by a named document.</summary>
public sealed class InstrumentSourceTests
{
    // Built in since 0.1; their facts are those of the domain description of that release.
    private static readonly string[] s_release01 =
        ["rri-c", "rri-t", "rri-c-12", "rri-c-sf", "rri-t-sf", "ses", "seq", "srs", "ors", "oq-45", "phq-9", "gad-7", "core-10", "core-om", "csq-8", "com",
        "wai-sr"];

    private static readonly string s_commonLicence = ScorerTestData.ShippedInstrument("rri-t").Licence!;

    public static TheoryData<string> Codes => [.. InstrumentSet.BuiltInOnly.Current.Select(i => i.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_fact_has_a_source(string code)
    {
        var instrument = ScorerTestData.ShippedInstrument(code);
        var stated = instrument.Sources.SelectMany(s => s.Facts).ToHashSet(StringComparer.Ordinal);
        Assert.All(FactsOf(instrument), fact => Assert.Contains(fact, stated));
        Assert.All(instrument.Sources, source =>
        {
            Assert.NotEmpty(source.Facts);
            Assert.True(source.Citation.Length > 8, source.Citation);
            Assert.True(Uri.TryCreate(source.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https", source.Url);
        });
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_reliability_of_a_source_is_a_coefficient(string code) => Assert.All(ScorerTestData.ShippedInstrument(code).Reliability, reliability =>
    {
        Assert.InRange(reliability.Value, 0.5, 1);
        Assert.Contains("http", reliability.Source, StringComparison.Ordinal);
        Assert.True(reliability.N is null or > 30);
    });

    [Fact]
    public void Names_without_case_and_separators_are_unique()
    {
        var normalised = InstrumentSet.BuiltInOnly.Current.Select(i => string.Concat(i.Code.Where(char.IsLetterOrDigit))).ToList();
        Assert.Equal(normalised.Count, normalised.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(InstrumentSet.BuiltInOnly.Current.Where(i => i.Code != "wai-s"),
            i => Assert.Equal(i.Code, InstrumentSet.BuiltInOnly.FindByName(i.Code.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant())?.Code));
        Assert.Null(InstrumentSet.BuiltInOnly.FindByName("wais")); // an intelligence test
    }

    [Theory]
    [InlineData(InstrumentCoding.Loinc, "55758-7", "phq-2")]
    [InlineData(InstrumentCoding.Loinc, "70272-0", "phq-4")]
    [InlineData(InstrumentCoding.Loinc, "44261-6", "phq-9")]
    [InlineData(InstrumentCoding.Loinc, "70274-6", "gad-7")]
    [InlineData(InstrumentCoding.Snomed, "720433000", "phq-9")]
    [InlineData(InstrumentCoding.Snomed, "445455005", "gad-7")]
    [InlineData(InstrumentCoding.Snomed, "718583008", "core-10")]
    [InlineData(InstrumentCoding.Snomed, "718612000", "core-om")]
    [InlineData(InstrumentCoding.Snomed, "718437004", "yp-core")]
    [InlineData(InstrumentCoding.Snomed, "716613004", "ors")]
    [InlineData(InstrumentCoding.Snomed, "720482000", "srs")]
    [InlineData(InstrumentCoding.Snomed, "720211004", "k10")]
    [InlineData(InstrumentCoding.Snomed, "736534008", "eq-5d-5l")]
    public void A_published_code_names_its_score(string system, string code, string instrument)
    {
        var found = InstrumentSet.BuiltInOnly.FindCoding(system, code);
        Assert.Equal((instrument, "total"), (found.Instrument!.Code, found.Scale));
    }

    [Fact]
    public void No_other_code_is_shipped() => Assert.Equal(13, InstrumentSet.BuiltInOnly.Current.SelectMany(i => i.Codings).Distinct().Count());

    [Fact]
    public void An_instrument_of_a_sites_own_stays_as_declared_when_its_code_is_built_in_later()
    {
        var own = new Instrument
        {
            Code = "ders",
            Name = "Depression rating of our clinic",
            Construct = Construct.SessionOutcome,
            Raters = [ScoreRater.Therapist],
            Direction = ScoreDirection.Better,
            Key = ScoringKey.Site,
            Scales = [new() { Name = "total", Aggregations = [ScoreAggregation.Sum], Minimum = 0, Maximum = 9 }],
            Codings = [new(InstrumentCoding.Snomed, "720211004")],
            Version = 1,
        };
        Assert.Equal(own, InstrumentDeclaration.WithPublishedFacts(own));
        var set = new InstrumentSet([own]);
        Assert.Equal(own, set.Find("DERS").Instrument);
        Assert.Equal("ders", set.FindCoding(InstrumentCoding.Snomed, "720211004").Instrument!.Code);
        var request = new InstrumentRequest
        {
            Code = "ders", Name = "Depression rating of our clinic", Construct = Construct.SessionOutcome, Raters = [ScoreRater.Therapist],
            Direction = ScoreDirection.Better, Scales = [new() { Name = "total", Aggregation = ScoreAggregation.Sum, Minimum = 0, Maximum = 9 }],
        };
        Assert.Empty(InstrumentDeclaration.Resolve(request, isCustom: true).Errors);
        Assert.Contains(InstrumentDeclaration.Resolve(request).Errors, e => e.Code == InstrumentDeclaration.ContradictionCode);
    }

    private static IEnumerable<string> FactsOf(Instrument instrument)
    {
        (string Fact, bool IsStated)[] facts = s_release01.Contains(instrument.Code) ? [] :
        [
            ("raters", instrument.Raters is not [ScoreRater.Client]),
            ("direction", instrument.Construct != Construct.Alliance), // an alliance is stronger when it is higher
            ("items", instrument.Items is not null),
            ("scales", instrument.Scales.Count > 0),
            ("reversed", instrument.Reversed.Count > 0),
            ("itemsAs", instrument.ItemsAs is not null),
            ("missing", instrument.Missing is not null),
            ("reliableChange", instrument.ReliableChange is not null),
            ("changeAtLeast", instrument.ChangeAtLeast is not null),
            ("cutOff", instrument.CutOff is not null),
        ];
        return [.. facts.Where(f => f.IsStated).Select(f => f.Fact), .. instrument.Codings.Count > 0 ? ["codings"] : Array.Empty<string>(),
            .. instrument.Licence != s_commonLicence ? ["licence"] : Array.Empty<string>()];
    }
}
