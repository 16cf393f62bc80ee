using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies.Validation;

/// <summary>Well-formed studies that break a rule: every error is listed, and nothing is stored.</summary>
public sealed class StudyValidationTests(EmptyService empty) : IClassFixture<EmptyService>, IAsyncLifetime
{
    private readonly Service _service = empty.Service;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => Assert.Equal(0, await _service.EvidenceRevision());

    [Theory]
    [InlineData("key", "\"Lee 2020\"", "badFormat")]
    [InlineData("key", "\"\"", "badFormat")]
    [InlineData("key", "\"lee\\u0000\"", "badFormat")]
    [InlineData("key", "\"lee\\n\"", "badFormat")]
    [InlineData("key", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "badFormat")]
    [InlineData("key", "\"batch\"", "notAllowed")]
    [InlineData("effects", "[]", "empty")]
    [InlineData("effects/0/key", "\"E 1\"", "badFormat")]
    [InlineData("effects/0/sample", "\"\"", "empty")]
    [InlineData("effects/0/sample", "\"a\\u0000b\"", "controlCharacter")]
    [InlineData("effects/0/outcomeMeasure", "\"a\\u0000b\"", "controlCharacter")]
    [InlineData("effects/0/relationshipReliability", "1.1", "outOfRange")]
    [InlineData("effects/0/relationshipReliability", "0", "tooSmall")]
    [InlineData("effects/0/statistic/value", "1", "outOfRange")]
    [InlineData("effects/0/statistic/value", "-1", "outOfRange")]
    [InlineData("effects/0/statistic/n", "3", "outOfRange")]
    [InlineData("effects/0/statistic/n", "1e12", "outOfRange")]
    [InlineData("effects/0/statistic/n", "-80", "outOfRange")]
    [InlineData("citation/year", "1492", "tooSmall")]
    [InlineData("citation/year", "2999", "tooLarge")]
    [InlineData("citation/authors", "\"\"", "empty")]
    [InlineData("citation/title", "\"a\\u0000b\"", "controlCharacter")]
    [InlineData("citation/doi", "\"doi 10.1037/pst0000183\"", "badFormat")]
    [InlineData("citation/doi", "\"https://example.org/10.1037/pst0000183\"", "badFormat")]
    [InlineData("citation/url", "\"ftp://example.org\"", "badFormat")]
    [InlineData("citation/url", "\"javascript:alert(1)\"", "badFormat")]
    [InlineData("citation/pmid", "\"PMC12\"", "badFormat")]
    [InlineData("citation/journal", "\" \"", "empty")]
    [InlineData("effects/0/outcomeScale", "\"\"", "empty")]
    [InlineData("effects/0/dyads", "0", "outOfRange")]
    [InlineData("effects/0/therapists", "-1", "outOfRange")]
    [InlineData("effects/0/source/url", "\"x\"", "badFormat")]
    [InlineData("effects/0/coding/date", "\"2100-01-01\"", "future")]
    [InlineData("effects/0/moderators/meanAge", "121", "agreedModerator")]
    [InlineData("effects/0/moderators/percentWomen", "\"half\"", "agreedModerator")]
    [InlineData("effects/0/moderators/language", "\"English spoken\"", "agreedModerator")]
    [InlineData("effects/0/moderators/remote", "\"maybe\"", "agreedModerator")]
    [InlineData("country", "\"Italy\"", "badFormat")]
    [InlineData("country", "\"IT\\n\"", "badFormat")]
    [InlineData("citation/doi", "\"10.1037/pst0000183\\n\"", "badFormat")]
    [InlineData("therapists", "0", "outOfRange")]
    [InlineData("note", "\"a\\u0000b\"", "controlCharacter")]
    [InlineData("setting", "\"two\\nlines\"", "controlCharacter")]
    public async Task A_violated_rule_is_reported_at_its_pointer(string path, string value, string code)
    {
        var study = TestData.Study().With("citation/doi", "10.1037/pst0000183").With("country", "IT").With("therapists", 3).With("note", "n")
            .With("effects/0/source", new JsonObject())
            .With("effects/0/coding", new JsonObject()).With("effects/0/moderators", new JsonObject())
            .With("setting", "s").With("effects/0/relationshipReliability", 0.9);
        (await _service.PostText("/studies", study.WithRawText(path, value))).ShouldBeProblem(422, $"#/{path}", code);
        (await _service.Post("/studies?validateOnly=true", study)).ShouldBe(200);
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("a\n")]
    [InlineData("1st")]
    [InlineData("with space")]
    [InlineData("a.b[0]/c~d")]
    [InlineData("")]
    public async Task An_invalid_moderator_name_is_reported_as_it_was_sent(string name)
    {
        var study = TestData.Study().With("effects/0/moderators", new JsonObject { [name] = 1 });
        var pointer = "#/effects/0/moderators/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
        (await _service.Post("/studies", study)).ShouldBeProblem(422, pointer, "badName");
    }

    [Fact]
    public async Task All_errors_are_reported_at_once()
    {
        var study = TestData.Study("Bad Key", TestData.Effect(r: 2, n: 3), TestData.Effect().With("sample", "")).With("country", "Italy")
            .With("citation/year", 1);
        Assert.Equal(
            ["#/citation/year tooSmall", "#/country badFormat", "#/effects/0/statistic/n outOfRange", "#/effects/0/statistic/value outOfRange",
                "#/effects/1/sample empty", "#/key badFormat"],
            (await _service.Post("/studies", study)).ShouldBeProblem(422).Errors.Order());
    }

    [Fact]
    public async Task The_type_of_a_problem_links_to_its_explanation()
    {
        var problem = await _service.Post("/studies", TestData.Study("lee-2020", TestData.Effect(n: 3)));
        Assert.StartsWith(_service.Client.BaseAddress!.ToString(), problem.String("type"), StringComparison.Ordinal);
        var page = (await _service.Get(new Uri(problem.String("type")).AbsolutePath)).ShouldBe(200);
        Assert.Equal(422, page.Number("status"));
        (await _service.Get("/problems/nothing-of-the-kind")).ShouldBeProblem(404);
    }
}
