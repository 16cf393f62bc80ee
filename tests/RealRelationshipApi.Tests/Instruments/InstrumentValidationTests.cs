using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Instruments;

/// <summary>Declarations that break a rule: every error is listed, and nothing is stored.</summary>
public sealed class InstrumentValidationTests(EmptyService empty) : IClassFixture<EmptyService>, IAsyncLifetime
{
    private readonly Service _service = empty.Service;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Assert.Empty(RawStore.Query(_service.StorePath, "SELECT code FROM instrument_version"));
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("code", "\"Clinic Form\"", "badFormat")]
    [InlineData("code", "\"wai\"", "ambiguousInstrument")]
    [InlineData("code", "\"89204-2\"", "wrongCode")]
    [InlineData("name", "\"\"", "empty")]
    [InlineData("name", "\"a\\nb\"", "controlCharacter")]
    [InlineData("name", "\"I feel that my therapist and I have a realistic perception of our relationship, and so on and on\"", "tooLong")]
    [InlineData("raters", "[]", "empty")]
    [InlineData("raters", "[\"client\", \"client\"]", "repeatedValue")]
    [InlineData("items/count", "0", "outOfRange")]
    [InlineData("items/count", "1e15", "outOfRange")]
    [InlineData("items/minimum", "-1e300", "outOfRange")]
    [InlineData("items/maximum", "0", "tooSmall")]
    [InlineData("reversed", "[1, 1]", "repeatedValue")]
    [InlineData("scales/0/name", "\"the total\"", "badFormat")]
    [InlineData("scales/0/items", "[]", "empty")]
    [InlineData("scales/0/items", "[2, 2]", "repeatedValue")]
    [InlineData("scales/0/minimum", "1", "rangeMismatch")]
    [InlineData("scales/0/maximum", "17", "rangeMismatch")]
    [InlineData("codings/0/system", "\"loinc\"", "badFormat")]
    [InlineData("codings/0/code", "\"a b\"", "badFormat")]
    [InlineData("codings/0/scale", "\"other\"", "unknownScale")]
    public async Task A_violated_rule_is_reported_at_its_pointer(string path, string value, string code)
    {
        var own = InstrumentDeclarationTests.CustomInstrument().With("codings", JsonNode.Parse("""[{ "system": "https://clinic.example", "code": "x" }]"""))
            .With("scales/0/items", new JsonArray(1, 2, 3, 4));
        (await _service.PostText("/instruments", own.WithRawText(path, value))).ShouldBeProblem(422, $"#/{path}", code);
    }

    [Theory]
    [InlineData("reversed", "[5]", "#/reversed/0", "outOfRange")]
    [InlineData("reversed", "[0]", "#/reversed/0", "outOfRange")]
    [InlineData("scales/0/items", "[1, 9]", "#/scales/0/items/1", "outOfRange")]
    [InlineData("missing", "{ \"rule\": \"prorate\" }", "#/missing", "oneOf")]
    [InlineData("missing", "{ \"rule\": \"allNeeded\", \"atMost\": 1 }", "#/missing", "oneOf")]
    [InlineData("missing", "{ \"rule\": \"prorate\", \"atMost\": 4 }", "#/missing/atMost", "outOfRange")]
    [InlineData("codings", "[{ \"system\": \"http://loinc.org\", \"code\": \"75325-1\" }]", "#/codings/0/code", "wrongCode")]
    [InlineData("codings", "[{ \"system\": \"http://loinc.org\", \"code\": \"44261-6\" }]", "#/codings", "codingTaken")]
    [InlineData("scales", "[{ \"name\": \"total\", \"aggregation\": \"sum\" }, { \"name\": \"total\", \"aggregation\": \"mean\" }]", "#/scales/1/name",
        "repeatedValue")]
    public async Task Inconsistent_declarations_are_refused(string path, string value, string pointer, string code) =>
        (await _service.PostText("/instruments", InstrumentDeclarationTests.CustomInstrument().WithRawText(path, value))).ShouldBeProblem(422, pointer, code);

    [Theory]
    [InlineData("name")]
    [InlineData("construct")]
    [InlineData("raters")]
    [InlineData("direction")]
    [InlineData("scales")]
    [InlineData("reversed")]
    [InlineData("scales/0/aggregation")]
    public async Task A_custom_instrument_requires_every_member(string member) =>
        (await _service.Post("/instruments", InstrumentDeclarationTests.CustomInstrument().Without(member))).ShouldBeProblem(400, $"#/{member}", "required");

    [Fact]
    public async Task A_scale_without_items_requires_a_range()
    {
        var scores = InstrumentDeclarationTests.CustomInstrument().Without("items").Without("reversed");
        (await _service.Post("/instruments", scores)).ShouldBeProblem(400, "#/scales/0/minimum", "required");
        (await _service.Post("/instruments", scores.With("scales/0/minimum", 10).With("scales/0/maximum", 5))).ShouldBeProblem(422, "#/scales/0/maximum",
            "tooSmall");
        (await _service.Post("/instruments", InstrumentDeclarationTests.CustomInstrument().Without("items"))).ShouldBeProblem(400, "#/reversed", "notAllowed");
    }

    [Theory]
    [InlineData("phq-9", "direction", "\"better\"", "#/direction", "directionMismatch")]
    [InlineData("phq-9", "items", "{ \"count\": 8, \"minimum\": 0, \"maximum\": 3 }", "#/items", "contradictsCatalogue")]
    [InlineData("phq-9", "reversed", "[1]", "#/reversed", "contradictsCatalogue")]
    [InlineData("csq-8", "reversed", "[2]", "#/reversed", "contradictsCatalogue")]
    [InlineData("oq-45", "reversed", "[]", "#/reversed", "contradictsCatalogue")]
    [InlineData("phq-9", "missing", "{ \"rule\": \"prorate\", \"atMost\": 1 }", "#/missing", "contradictsCatalogue")]
    [InlineData("core-10", "missing", "{ \"rule\": \"prorate\", \"atMost\": 2 }", "#/missing", "contradictsCatalogue")]
    [InlineData("rri-c", "construct", "\"alliance\"", "#/construct", "contradictsCatalogue")]
    [InlineData("rri-c", "raters", "[\"client\", \"therapist\"]", "#/raters", "contradictsCatalogue")]
    [InlineData("rri-c", "name", "\"Another\"", "#/name", "contradictsCatalogue")]
    [InlineData("phq-9", "scales", "[{ \"name\": \"total\", \"aggregation\": \"mean\" }]", "#/scales/0/aggregation", "contradictsCatalogue")]
    [InlineData("seq", "scales", "[{ \"name\": \"arousal\", \"descriptive\": false }]", "#/scales/0/descriptive", "contradictsCatalogue")]
    [InlineData("wai-sr", "scales", "[{ \"name\": \"bond\", \"items\": [1, 2, 3, 4] }]", "#/scales/0/items", "contradictsCatalogue")]
    [InlineData("rri-c-sf", "scales", "[{ \"name\": \"realism\", \"items\": [1, 2, 3] }]", "#/scales/0/items", "contradictsCatalogue")]
    [InlineData("rri-c", "scales", "[{ \"name\": \"total\", \"items\": [1, 2, 3] }]", "#/scales/0/items", "contradictsCatalogue")]
    public async Task A_published_fact_cannot_be_overridden(string code, string member, string value, string pointer, string error) =>
        (await _service.PostText("/instruments", $$"""{ "code": "{{code}}", "{{member}}": {{value}} }""")).ShouldBeProblem(422, pointer, error);

    [Fact]
    public async Task All_errors_are_reported_at_once()
    {
        var own = InstrumentDeclarationTests.CustomInstrument("Bad Code").With("items/count", 501).With("reversed", new JsonArray(600))
            .With("scales/0/name", "no name").With("scales/0/items", new JsonArray(1)).With("name", "");
        Assert.Equal(["#/code badFormat", "#/items/count outOfRange", "#/name empty", "#/reversed/0 outOfRange", "#/scales/0/name badFormat"],
            (await _service.Post("/instruments", own)).ShouldBeProblem(422).Errors.Order());
    }

    [Theory]
    [InlineData("{ \"code\": \"x\", \"itemTexts\": [\"I feel well\"] }", "#/itemTexts", "unknownMember")]
    [InlineData("{ \"code\": \"phq-9\", \"reversed\": [\"I feel well\"] }", "#/reversed/0", "notAValue")]
    [InlineData("{ \"code\": \"phq-9\", \"scales\": [null] }", "#/scales/0", "null")]
    [InlineData("{ \"code\": \"phq-9\", \"codings\": [null] }", "#/codings/0", "null")]
    [InlineData("{ \"code\": \"phq-9\", \"direction\": \"Worse\" }", "#/direction", "notAValue")]
    [InlineData("{ \"code\": \"phq-9\", \"items\": { \"count\": 9 } }", "#/items/minimum", "required")]
    [InlineData("{}", "#/code", "required")]
    public async Task Malformed_declarations_are_refused(string body, string pointer, string code) =>
        (await _service.PostText("/instruments", body)).ShouldBeProblem(400, pointer, code);
}
