using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Moderators;

/// <summary><c>POST /meta/moderators</c> with effects in the body.</summary>
public sealed class ModeratorsOfInlineEffectsTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private readonly Service _service = empty.Service;

    [Fact]
    public async Task Clearly_different_levels_get_the_verdict_differ()
    {
        var answer = await PostModeratorsAsync(["a"], (0.1, "x"), (0.12, "x"), (0.08, "x"), (0.6, "y"), (0.62, "y"), (0.58, "y"));
        var moderator = answer.At("moderators/0")!;
        Assert.Equal("differ", moderator.At("verdict")!.GetValue<string>());
        Assert.Equal("categorical", moderator.At("kind")!.GetValue<string>());
        Assert.Equal(["x", "y"], moderator.At("levels")!.AsArray().Select(l => l.At("level")!.GetValue<string>()));
        Assert.Equal(Math.Tanh((Math.Atanh(0.1) + Math.Atanh(0.12) + Math.Atanh(0.08)) / 3), moderator.At("levels/0/correlation/r")!.GetValue<double>(), 1e-9);
        Assert.Equal(3, moderator.At("levels/1/counts/effects")!.GetValue<int>());
        var contrast = moderator.At("contrasts/0")!;
        Assert.Equal(("x", "y"), (contrast.At("a")!.GetValue<string>(), contrast.At("b")!.GetValue<string>()));
        Assert.True(contrast.At("difference")!.GetValue<double>() < -0.5);
        Assert.Equal(("F", 1, 4),
            (moderator.At("test/name")!.GetValue<string>(), moderator.At("test/df1")!.GetValue<int>(), moderator.At("test/df2")!.GetValue<int>()));
        Assert.True(moderator.At("minimumDetectableDifference")!.GetValue<double>() > 0);
    }

    [Fact]
    public async Task Few_effects_get_the_verdict_cannot_tell()
    {
        var answer = await PostModeratorsAsync(["a"], (0.3, "x"), (0.4, "x"), (0.35, "y"), (0.5, "y"));
        Assert.Equal("cannotTell", answer.String("moderators/0/verdict"));
        Assert.Equal(0.1, answer.Number("moderators/0/equivalenceMargin"));
    }

    [Fact]
    public async Task Many_similar_effects_get_the_verdict_equivalent()
    {
        var effects = Enumerable.Range(0, 12)
            .Select(i => $$"""{ "r": {{0.3 + 0.001 * (i % 3)}}, "n": 5000, "moderators": { "a": "{{(i % 2 == 0 ? "x" : "y")}}" } }""");
        var answer = (await _service.PostText("/meta/moderators", $$"""{ "by": ["a"], "effects": [{{string.Join(',', effects)}}] }""")).ShouldBe(200);
        Assert.Equal("equivalent", answer.String("moderators/0/verdict"));
        Assert.True(answer.At("moderators/0/withinMargin")!.GetValue<bool>());
    }

    [Fact]
    public async Task A_numeric_moderator_is_continuous()
    {
        var answer = await PostModeratorsAsync(["meanAge"], (0.1, 20), (0.2, 30), (0.3, 40), (0.4, 50), (0.45, 60));
        Assert.Equal("continuous", answer.String("moderators/0/kind"));
        Assert.Empty(answer.At("moderators/0/levels")!.AsArray());
        Assert.Equal(["intercept", "meanAge"], answer.At("moderators/0/coefficients")!.AsArray().Select(c => c.At("name")!.GetValue<string>()));
        Assert.InRange(answer.Number("moderators/0/coefficients/1/estimate"), 0.008, 0.011);
    }

    [Fact]
    public async Task A_number_for_some_and_a_text_for_others_is_refused()
    {
        var answer = await _service.Post("/meta/moderators", Body(["a"], (0.1, 20), (0.2, "old")));
        answer.ShouldBeProblem(422, "#/by/0", "mixedModerator");
    }

    [Fact]
    public async Task Several_moderators_are_analysed_one_by_one()
    {
        var body = JsonNode.Parse("""
            { "by": ["rater", "Ort_1"], "effects": [
              { "r": 0.1, "n": 50, "moderators": { "rater": "client", "Ort_1": "Köln" } }, { "r": 0.2, "n": 50, "moderators": { "rater": "client" } },
              { "r": 0.3, "n": 50, "moderators": { "rater": "therapist", "Ort_1": "Bonn" } }, { "r": 0.4, "n": 50 } ] }
            """)!;
        var answer = (await _service.Post("/meta/moderators", body)).ShouldBe(200);
        Assert.Equal(["rater", "Ort_1"], answer.At("moderators")!.AsArray().Select(m => m.At("name")!.GetValue<string>()));
        Assert.Equal(["Bonn", "Köln"], answer.At("moderators/1/levels")!.AsArray().Select(l => l.At("level")!.GetValue<string>()));
        Assert.Equal("""[{"reason":"moderatorMissing","count":1,"moderator":"rater"},{"reason":"moderatorMissing","count":2,"moderator":"Ort_1"}]""",
            answer.At("excluded")!.ToJsonString());
        Assert.Equal((4, 4), (answer.Number("given"), answer.Number("used")));
    }

    [Fact]
    public async Task With_separate_tau_squared_each_level_is_what_pooling_it_alone_gives()
    {
        (double, JsonNode)[] effects = [(0.1, "x"), (0.5, "x"), (0.3, "x"), (0.4, "y"), (0.42, "y"), (0.1, "y")];
        var answer = (await _service.Post("/meta/moderators", Body(["a"], effects).With("tauSquared", "separate"))).ShouldBe(200);
        foreach (var (i, level) in new[] { "x", "y" }.Index())
        {
            var alone = Body(["a"], [.. effects.Where(e => e.Item2.GetValue<string>() == level)]).Without("by");
            var pool = (await _service.Post("/meta/pool", alone)).ShouldBe(200);
            foreach (var number in new[] { "pooled/effect", "pooled/lower", "pooled/p", "heterogeneity/tau2", "heterogeneity/i2" })
            {
                Assert.Equal(pool.Number(number), answer.Number($"moderators/0/levels/{i}/{number}"), 1e-12);
            }
        }
    }

    [Theory]
    [InlineData("common")]
    [InlineData("separate")]
    public async Task A_level_of_one_effect_never_fails_a_breakdown(string tauSquared)
    {
        var answer =
            (await _service.Post("/meta/moderators", Body(["a"], (0.1, "x"), (0.5, "x"), (0.3, "lonely")).With("tauSquared", tauSquared))).ShouldBe(200);
        Assert.Equal("lonely", answer.String("moderators/0/levels/0/level"));
        Assert.Equal(0.3, answer.Number("moderators/0/levels/0/correlation/r"), 1e-12);
        Assert.Contains("oneEffectLevel", answer.Warnings);
    }

    [Fact]
    public async Task Contrasts_are_adjusted_after_Holm()
    {
        var answer = await PostModeratorsAsync(["a"], (0.1, "x"), (0.15, "x"), (0.3, "y"), (0.35, "y"), (0.5, "z"), (0.55, "z"));
        var contrasts = answer.At("moderators/0/contrasts")!.AsArray();
        Assert.Equal(["x y", "x z", "y z"], contrasts.Select(c => $"{c.At("a")} {c.At("b")}"));
        var sorted = contrasts.Select(c => (P: c.At("p")!.GetValue<double>(), Adjusted: c.At("pAdjusted")!.GetValue<double>())).OrderBy(c => c.P).ToList();
        var running = 0d;
        foreach (var (i, (p, adjusted)) in sorted.Index())
        {
            Assert.Equal(running = Math.Min(1, Math.Max(running, p * (3 - i))), adjusted, 1e-12);
        }
    }

    [Theory]
    [InlineData("""["nothing"]""", "#/by/0 unknownModerator", 422)]
    [InlineData("""["a", "nothing"]""", "#/by/1 unknownModerator", 422)]
    [InlineData("""["a", "a"]""", "#/by repeated", 400)]
    [InlineData("[]", "#/by empty", 422)]
    [InlineData("[null]", "#/by/0 null", 400)]
    [InlineData("\"a\"", "#/by notAValue", 400)]
    public async Task An_invalid_moderator_list_is_refused(string by, string error, int status) =>
        Assert.Contains(error,
            (await _service.Post("/meta/moderators", Body(["a"], (0.1, "x"), (0.2, "y")).With("by", JsonNode.Parse(by)))).ShouldBeProblem(status).Errors);

    [Fact]
    public async Task By_is_required() =>
        (await _service.PostText("/meta/moderators", """{ "effects": [{ "r": 0.1, "n": 50 }] }""")).ShouldBeProblem(400, "#/by", "required");

    [Theory]
    [InlineData("\"38.2\"", "numberAsText", 422)]
    [InlineData("\"\"", "empty", 422)]
    [InlineData("true", "notAValue", 400)]
    [InlineData("null", "notAValue", 400)]
    [InlineData("1e400", "notAValue", 400)]
    public async Task A_moderator_is_a_number_or_a_text(string value, string code, int status) =>
        (await _service.PostText("/meta/pool", $$"""{ "effects": [{ "r": 0.1, "n": 50, "moderators": { "a": {{value}} } }] }"""))
            .ShouldBeProblem(status, "#/effects/0/moderators/a", code);

    private async Task<ServiceResponse> PostModeratorsAsync(string[] by, params (double R, JsonNode Moderator)[] effects) =>
        (await _service.Post("/meta/moderators", Body(by, effects))).ShouldBe(200);

    private static JsonObject Body(string[] by, params (double R, JsonNode Moderator)[] effects) => new()
    {
        ["by"] = new JsonArray([.. by.Select(b => (JsonNode)b)]),
        ["effects"] =
            new JsonArray(
                [.. effects.Select(e => new JsonObject { ["r"] = e.R, ["n"] = 103, ["moderators"] = new JsonObject { [by[0]] = e.Moderator.DeepClone() } })]),
    };
}
