using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses;

/// <summary>Effects of a body that are hardly what their sender meant.</summary>
public sealed class InlineEffectWarningTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private const string SameStudy =
        """{ "study": "a", "r": 0.3, "n": 50 }, { "study": "a", "r": 0.4, "n": 50 }, { "r": 0.2, "n": 90 }, { "r": 0.45, "n": 70 }""";

    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData(SameStudy, "sameStudySeveralSamples")]
    [InlineData("""{ "study": "a", "sample": "x", "r": 0.3, "n": 50 }, { "study": "a", "r": 0.4, "n": 50 }""", "sameStudySeveralSamples")]
    [InlineData("""{ "study": "a", "sample": "x", "r": 0.3, "n": 50 }, { "study": "a", "sample": "y", "r": 0.4, "n": 50 }""", "")]
    [InlineData("""{ "study": "a", "r": 0.3, "n": 50 }, { "study": "b", "r": 0.4, "n": 50 }""", "")]
    [InlineData("""{ "r": 0.3, "n": 50 }, { "r": 0.3, "n": 50 }""", "identicalEffects")]
    [InlineData("""{ "study": "a", "sample": "a", "r": 0.3, "n": 50 }, { "study": "a", "sample": "a", "r": 0.3, "n": 50 }""", "identicalEffects")]
    [InlineData("""{ "study": "a", "id": "1", "r": 0.3, "n": 50 }, { "study": "a", "id": "2", "r": 0.3, "n": 50 }""",
        "sameStudySeveralSamples identicalEffects")]
    [InlineData("""{ "id": "Lee 2001", "r": 0.3, "n": 50 }, { "id": "Ray 2004", "r": 0.3, "n": 50 }""", "")]
    [InlineData("""{ "study": "a", "r": 0.3, "n": 50 }, { "study": "b", "r": 0.3, "n": 50 }""", "")]
    [InlineData("""{ "r": 0.3, "n": 50, "moderators": { "m": 1 } }, { "r": 0.3, "n": 50, "moderators": { "m": 2 } }""", "")]
    [InlineData("""{ "r": 0.3, "n": 50, "moderators": { "m": 1 } }, { "r": 0.3, "n": 50, "moderators": { "m": 1 } }""", "identicalEffects")]
    [InlineData("""{ "yi": 0.3, "vi": 0.1, "n": 100 }, { "yi": 0.4, "vi": 0.02, "n": 53 }""", "varianceContradictsN")] // .1 ≈ 1/√97
    [InlineData("""{ "yi": 0.3, "vi": 0.002, "n": 100 }, { "yi": 0.4, "vi": 0.02, "n": 53 }""", "varianceContradictsN")]
    [InlineData("""{ "yi": 0.3, "vi": 0.0100, "n": 100 }, { "yi": 0.4, "vi": 0.02, "n": 53 }""", "")]
    public async Task A_pool_warns(string effects, string codes) => Assert.Equal(codes,
        string.Join(' ', (await _service.PostText("/meta/pool", $$"""{ "effects": [{{effects}}] }""")).ShouldBe(200).Warnings
            .Intersect(["sameStudySeveralSamples", "identicalEffects", "varianceContradictsN"])));

    [Fact]
    public async Task Raw_effects_have_no_variance_of_a_sample_size() => Assert.DoesNotContain("varianceContradictsN", (await _service.PostText("/meta/pool",
        """{ "effects": [{ "yi": 3, "vi": 1, "n": 100 }, { "yi": 4, "vi": 2, "n": 53 }], "model": { "measure": "raw" } }""")).ShouldBe(200).Warnings);

    [Theory]
    [InlineData("/meta/pool", "")]
    [InlineData("/meta/moderators", ", \"by\": [\"m\"]")]
    [InlineData("/meta/regression", ", \"terms\": [\"m\"]")]
    [InlineData("/meta/bias", "")]
    [InlineData("/meta/sensitivity", "")]
    public async Task Every_analysis_warns(string path, string options)
    {
        var answer = (await _service.PostText(path, $$"""{ "effects": [{{WithModerator(SameStudy)}}]{{options}} }""")).ShouldBe(200);
        Assert.Contains("sameStudySeveralSamples", answer.Warnings);
        Assert.Contains("a has several effects without a sample", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("forest")]
    [InlineData("funnel")]
    [InlineData("cumulative")]
    public async Task Pictures_warn(string picture) => Assert.Contains("without a sample",
        SvgText((await _service.PostText($"/meta/{picture}.svg", $$"""{ "effects": [{{SameStudy}}] }""")).ShouldBe(200).Text), StringComparison.Ordinal);

    [Fact]
    public async Task Names_are_listed_up_to_five()
    {
        var effects = string.Join(", ", Enumerable.Range(0, 12).Select(i => $$"""{ "study": "s{{i / 2}}", "r": 0.{{i + 10}}, "n": 50 }"""));
        Assert.Contains("s0, s1, s2, s3, s4, … have several", (await _service.PostText("/meta/pool", $$"""{ "effects": [{{effects}}] }""")).ShouldBe(200).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_names_are_shortened_in_the_middle()
    {
        var name = new string('a', 23) + "\ud83d\ude00" + new string('b', 100) + "\ud83d\ude00" + new string('c', 11);
        var effects = $$"""{ "study": "{{name}}", "r": 0.3, "n": 50 }, { "study": "{{name}}", "r": 0.4, "n": 50 }""";
        Assert.Contains($"{new string('a', 23)}…{new string('c', 11)} has several",
            (await _service.PostText("/meta/pool", $$"""{ "effects": [{{effects}}] }""")).ShouldBe(200).Text, StringComparison.Ordinal);
    }

    private static string WithModerator(string effects)
    {
        var place = 0;
        return string.Join(" }", effects.Split(" }").Select(part => part.Length == 0 ? part : $"{part}, \"moderators\": {{ \"m\": {++place} }}"));
    }

    // A note is broken over several lines.
    private static string SvgText(string svg) => string.Join(' ', System.Xml.Linq.XDocument.Parse(svg).DescendantNodes().OfType<System.Xml.Linq.XText>()
        .SelectMany(text => text.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
}
