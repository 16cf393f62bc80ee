using System.Text;
using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http.Json;

/// <summary>Bodies that are not what they should be: the error is located, and nothing is stored.</summary>
public sealed class MalformedJsonTests(EmptyService empty) : IClassFixture<EmptyService>, IAsyncLifetime
{
    private readonly Service _service = empty.Service;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => Assert.Equal(0, await _service.EvidenceRevision());

    [Theory]
    [InlineData("effects/0/statistic/value", "1e400", "notAValue")]
    [InlineData("effects/0/statistic/value", "-1e400", "notAValue")]
    [InlineData("effects/0/statistic/value", "\"0.5\"", "notAValue")]
    [InlineData("effects/0/statistic/value", "true", "notAValue")]
    [InlineData("effects/0/statistic/value", "[0.5]", "notAValue")]
    [InlineData("effects/0/statistic/value", "NaN", "notJson")]
    [InlineData("effects/0/statistic/value", "nonsense", "notJson")]
    [InlineData("effects/0/statistic/n", "80.5", "notAValue")]
    [InlineData("effects/0/statistic/n", "1e30", "notAValue")]
    [InlineData("effects/0/statistic/type", "\"R\"", "notAValue")]
    [InlineData("effects/0/statistic/type", "0", "notAValue")]
    [InlineData("effects/0/statistic", "null", "null")]
    [InlineData("effects/0/level", "\"between\"", "notAValue")]
    [InlineData("effects/0", "null", "null")]
    [InlineData("effects", "{}", "notAValue")]
    [InlineData("effects", "null", "null")]
    [InlineData("key", "null", "null")]
    [InlineData("key", "7", "notAValue")]
    [InlineData("citation", "null", "null")]
    [InlineData("citation", "[]", "notAValue")]
    [InlineData("citation/year", "\"2020\"", "notAValue")]
    [InlineData("citation/title", "null", "null")]
    [InlineData("synthetic", "\"true\"", "notAValue")]
    [InlineData("synthetic", "null", "null")]
    [InlineData("kind", "\"Primary\"", "notAValue")]
    [InlineData("kind", "null", "null")]
    [InlineData("effects/0/adjustedFor", "null", "null")]
    [InlineData("effects/0/adjustedFor", "\"age\"", "notAValue")]
    [InlineData("effects/0/moderators", "null", "null")]
    [InlineData("effects/0/moderators", "[]", "notAValue")]
    [InlineData("note", "\"\\ud800\"", "notUnicode")]
    [InlineData("note", "\"\\udc00 the wrong way round \\ud800\"", "notUnicode")]
    [InlineData("effects/0/sample", "\"\\ud83d\"", "notUnicode")]
    public async Task A_value_of_the_wrong_type_is_reported_at_its_pointer(string path, string value, string code)
    {
        var body = TestData.Study().WithRawText(path, value);
        Assert.Equal([$"#/{path} {code}"], (await _service.PostText("/studies", body)).ShouldBeProblem(400).Errors);
        var item = (await _service.PostText("/studies/batch", $"[{body}]")).Json;
        Assert.True(item.AsObject().ContainsKey("errors") || item.At("results/0/status")!.GetValue<int>() == 400, item.ToJsonString());
    }

    [Theory]
    [InlineData("effects/0/moderators", """{ "a": null }""", "#/effects/0/moderators/a notAValue")]
    [InlineData("effects/0/moderators", """{ "a": [1] }""", "#/effects/0/moderators/a notAValue")]
    [InlineData("effects/0/moderators", """{ "a": 1, "a": 2 }""", "#/effects/0/moderators/a duplicateMember")]
    [InlineData("effects/0/statistic", """{ "type": "r", "value": 0.3, "n": 80, "value": 0.4 }""", "#/effects/0/statistic/value duplicateMember")]
    [InlineData("effects/0/statistic", """{ "type": "r", "value": 0.3, "n": 80, "Value": 0.4 }""", "#/effects/0/statistic/Value unknownMember")]
    [InlineData("effects/0/statistic", """{ "type": "r", "value": 0.3, "n": 80, "a/b~c": 0.4 }""", "#/effects/0/statistic/a~1b~0c unknownMember")]
    [InlineData("effects/0/statistic", """{ "type": "r", "value": 0.3, "n": 80, "it's": 0.4 }""", "#/effects/0/statistic/it's unknownMember")]
    [InlineData("effects/0/statistic", """{ "type": "r", "]": 0.4 }""",
        "#/effects/0/statistic/] unknownMember, #/effects/0/statistic/n required, #/effects/0/statistic/value required")]
    [InlineData("effects/0/statistic", """{ "type": "r", "a']": 0.4 }""",
        "#/effects/0/statistic/a'] unknownMember, #/effects/0/statistic/n required, #/effects/0/statistic/value required")]
    [InlineData("effects/0/statistic", """{ "type": "r", "'": 0.4 }""",
        "#/effects/0/statistic/' unknownMember, #/effects/0/statistic/n required, #/effects/0/statistic/value required")]
    [InlineData("effects/0/statistic", """{ "value": 0.3, "n": 80 }""", "#/effects/0/statistic/type required")]
    [InlineData("citation", """{ "doi": null }""", "#/citation/authors required, #/citation/title required")]
    public async Task Unknown_and_missing_members_are_reported(string path, string value, string errors) =>
        Assert.Equal(errors,
            string.Join(", ", (await _service.PostText("/studies", TestData.Study().WithRawText(path, value))).ShouldBeProblem(400).Errors.Order()));

    [Theory]
    [InlineData("""{ "key": "a", "key": "b" }""", "#/citation required, #/effects required, #/key duplicateMember, #/kind required")]
    [InlineData("""{ "colour": "red" }""", "#/citation required, #/colour unknownMember, #/effects required, #/key required, #/kind required")]
    [InlineData("{}", "#/citation required, #/effects required, #/key required, #/kind required")]
    public async Task Unknown_and_missing_members_of_a_study_are_reported(string body, string errors) =>
        Assert.Equal(errors, string.Join(", ", (await _service.PostText("/studies", body)).ShouldBeProblem(400).Errors.Order()));

    [Fact]
    public async Task Null_names_are_refused() =>
        (await _service.Post("/studies", TestData.Study().With("effects/0/adjustedFor", new JsonArray("age", null)))).ShouldBeProblem(400,
            "#/effects/0/adjustedFor/1", "null");

    [Fact]
    public async Task An_empty_effect_lists_its_missing_members()
    {
        var errors = (await _service.PostText("/studies", TestData.Study().WithRawText("effects", "[{}]"))).ShouldBeProblem(400).Errors;
        Assert.True(errors.Length >= 5);
        Assert.Empty(errors.Except(TestData.Study().At("effects/0")!.AsObject().Select(m => $"#/effects/0/{m.Key} required")));
    }

    [Fact]
    public async Task Outcome_type_and_raters_are_required_unless_it_is_a_reference()
    {
        var bare = TestData.Study().Without("effects/0/outcomeType").Without("effects/0/relationshipRater").Without("effects/0/outcomeRater");
        Assert.Equal(["#/effects/0/outcomeRater required", "#/effects/0/outcomeType required", "#/effects/0/relationshipRater required"],
            (await _service.Post("/studies", bare)).ShouldBeProblem(400).Errors.Order());
        var reference = bare.With("kind", "reference").With("effects/0/statistic", JsonNode.Parse("""{ "type": "range", "from": 0.2, "to": 0.3, "k": 5 }"""));
        (await _service.Post("/studies?validateOnly=true", reference)).ShouldBe(200);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("3")]
    [InlineData("\"a study\"")]
    [InlineData("{")]
    [InlineData("{ \"key\": \"lee-2020\", ")]
    [InlineData("{ 'key': 'lee-2020' }")]
    [InlineData("{ \"key\": \"lee-2020\", } // so be it")]
    [InlineData("<study/>")]
    [InlineData("key=lee-2020")]
    public async Task A_body_that_is_not_a_study_is_malformed(string body)
    {
        foreach (var path in new[] { "/studies", "/meta/pool", "/meta/moderators", "/meta/convert" })
        {
            Assert.NotEmpty((await _service.PostText(path, body)).ShouldBeProblem(400).Errors);
        }
    }

    [Theory]
    [InlineData(" x")]
    [InlineData("{}")]
    [InlineData("]")]
    public async Task Trailing_data_after_the_body_is_refused(string garbage)
    {
        (await _service.PostText("/studies", TestData.Study().ToJsonString() + garbage)).ShouldBeProblem(400);
        (await _service.PostText("/studies/batch", $"[{TestData.Study().ToJsonString()}]{garbage}")).ShouldBeProblem(400);
        (await _service.PostText("/meta/convert", """{ "type": "r", "value": 0.3, "n": 80 }""" + garbage)).ShouldBeProblem(400);
    }

    [Fact]
    public async Task A_study_truncated_at_any_byte_is_malformed()
    {
        var body = Encoding.UTF8.GetBytes(TestData.Study().ToJsonString());
        for (var length = 0; length < body.Length; length += 7)
        {
            (await _service.PostBytes("/studies", body[..length])).ShouldBeProblem(400);
        }
    }

    [Theory]
    [InlineData(0xC3, 0x28)]
    [InlineData(0xED, 0xA0)]
    [InlineData(0xFF, 0xFE)]
    [InlineData(0x00, 0x41)]
    public async Task Bytes_that_are_not_UTF_8_text_are_malformed(byte first, byte second)
    {
        var body = Encoding.UTF8.GetBytes(TestData.Study().With("note", "??").ToJsonString());
        var at = body.AsSpan().IndexOf("??"u8);
        (body[at], body[at + 1]) = (first, second);
        (await _service.PostBytes("/studies", body)).ShouldBeProblem(400);
        var result = (await _service.PostBytes("/studies/batch", [.. "["u8, .. body, .. "]"u8])).Json;
        Assert.True(result.AsObject().ContainsKey("errors") || result.At("results/0/status")!.GetValue<int>() == 400);
    }

    [Theory]
    [InlineData("note")]
    [InlineData("status")]
    [InlineData("effects/0/moderators")]
    [InlineData("effects")]
    public async Task Nesting_a_hundred_thousand_deep_is_refused(string path)
    {
        foreach (var (open, close) in new[] { ("[", "]"), ("{\"a\":", "}") })
        {
            var deep = string.Concat(Enumerable.Repeat(open, 100_000)) + '1' + string.Concat(Enumerable.Repeat(close, 100_000));
            (await _service.PostText("/studies", TestData.Study().WithRawText(path, deep))).ShouldBeProblem(400);
            (await _service.PostText("/studies/batch", $"[{TestData.Study().WithRawText(path, deep)}]")).ShouldBeProblem(400);
            (await _service.PostText("/meta/convert", deep)).ShouldBeProblem(400);
        }
    }

    [Theory]
    [InlineData("""{ "\ud800": 1 }""")]
    [InlineData("""{ "effects": [{ "r": 0.3, "n": 50, "moderators": { "\udfff": 1 } }] }""")]
    [InlineData("""{ "effects": [{ "r": 0.3, "n": 50, "moderators": { "a": "\ud800" } }] }""")]
    [InlineData("""{ "effects": [{ "r": 0.3, "n": 50, "id": "\ud800" }] }""")]
    [InlineData("""{ "filter": { "country": "\ud800" } }""")]
    [InlineData("""{ "filter": { "exclude": ["a", "\ud800"] } }""")]
    [InlineData("""{ "filter": { "asOf": "\ud800" } }""")]
    [InlineData("""{ "type": "\ud800" }""")]
    public async Task Lone_surrogates_are_refused_in_names_and_values(string body)
    {
        foreach (var path in new[] { "/studies", "/meta/pool", "/meta/moderators", "/meta/convert" })
        {
            (await _service.PostText(path, body)).ShouldBeProblem(400);
        }

        Assert.InRange((await _service.PostText("/studies/batch", $"[{body}]")).Status, 207, 400);
    }
}
