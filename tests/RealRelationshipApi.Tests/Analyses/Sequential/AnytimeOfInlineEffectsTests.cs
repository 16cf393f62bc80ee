using System.Text.Json.Nodes;

using RealRelationship.Statistics;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Sequential;

/// <summary><c>model.sequential: anytime</c> of effects in the body against the library.</summary>
public sealed class AnytimeOfInlineEffectsTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private static readonly (double R, int N, string Level)[] s_effects =
    [
        (0.45, 120, "x"), (0.38, 90, "y"), (0.5, 150, "x"), (0.41, 200, "z"), (0.36, 80, "y"), (0.48, 160, "x"), (0.44, 110, "z"), (0.39, 140, "y"),
    ];

    private static readonly double[] s_y = [.. s_effects.Select(e => Math.Atanh(e.R))];
    private static readonly double[] s_v = [.. s_effects.Select(e => 1.0 / (e.N - 3))];

    private readonly Service _service = empty.Service;

    [Fact]
    public async Task A_pool_has_the_e_value_and_the_sequence_of_the_library()
    {
        var answer = await PostAsync("pool");
        ShouldBe(AnytimeInference.Fit(s_y, s_v), answer.At("anytime")!);
        var crossed = AnytimeInference.FirstCrossed(s_y, s_v, [], [.. Enumerable.Range(1, 8)])!.Value;
        Assert.Equal($$"""{"revision":null,"at":null,"rows":{{crossed + 1}},"id":"{{crossed}}"}""", answer.At("anytime/firstCrossed")!.ToJsonString());
        Assert.Equal(("effects", 0.0, 20.0, 1.0), (answer.String("anytime/basis"), answer.Number("anytime/against"), answer.Number("anytime/threshold"),
            answer.Number("anytime/hypotheses")));
        Assert.Equal("""{"muSd":0.5,"tauScale":0.3}""", answer.At("anytime/prior")!.ToJsonString());
        Assert.Equal(Math.Tanh(answer.Number("anytime/lower")), answer.Number("anytime/r/lower"), 1e-12);
        Assert.Equal("anytime", answer.String("model/sequential"));
        Assert.DoesNotContain("priorChosen", answer.Warnings);
        Assert.False((await _service.PostText("/meta/pool", Body(""))).Json.AsObject().ContainsKey("anytime"));
    }

    [Fact]
    public async Task A_prior_and_a_confidence_of_ones_own_are_taken_and_told()
    {
        var answer = await PostAsync("pool", ", \"priorMuSd\": 0.2, \"priorTauScale\": 0.1, \"confidence\": 0.9");
        ShouldBe(AnytimeInference.Fit(s_y, s_v, new() { PriorMuSd = 0.2, PriorTauScale = 0.1, Confidence = 0.9 }), answer.At("anytime")!);
        Assert.Equal(10, answer.Number("anytime/threshold"));
        Assert.Contains("priorChosen", answer.Warnings);
    }

    [Fact]
    public async Task Neither_estimator_nor_test_changes_it()
    {
        var answer = (await _service.PostText("/meta/pool", $$"""
            { "effects": [{{string.Join(',', s_y.Zip(s_v, (y, v) => $$"""{ "yi": {{y:R}}, "vi": {{v:R}} }"""))}}],
              "model": { "estimator": "common", "test": "z", "sequential": "anytime" } }
            """)).ShouldBe(200);
        ShouldBe(AnytimeInference.Fit(s_y, s_v), answer.At("anytime")!);
    }

    // Around one effect the likelihood falls with the logarithm of the distance only, so that no double is far enough away.
    [Fact]
    public async Task Rows_whose_limits_cannot_be_computed_cost_nothing_else()
    {
        static string Far(int effects, string member = "") => $$"""
            { {{member}} "effects": [{{string.Concat(Enumerable.Repeat("""{ "yi": 14, "vi": 1e-8, "moderators": { "a": "x" } },""", effects))}}
                { "yi": 14.0001, "vi": 1e-8, "moderators": { "a": "y" } }],
              "model": { "sequential": "anytime", "priorMuSd": 0.1, "priorTauScale": 0.05 } }
            """;
        var sensitivity = (await _service.PostText("/meta/sensitivity", Far(1))).ShouldBe(200);
        Assert.Contains("sequenceNotComputable", sensitivity.Warnings);
        Assert.Contains("sequenceNotComputable", sensitivity.At("cumulative/0/warningCodes")!.AsArray().Select(code => code!.GetValue<string>()));
        Assert.False(sensitivity.At("cumulative/0")!.AsObject().ContainsKey("sequenceLower"));
        Assert.Equal(14, sensitivity.Number("cumulative/0/effect"));

        var pool = (await _service.PostText("/meta/pool", Far(0))).ShouldBe(200);
        Assert.Equal((null, null, null), (pool.At("anytime/lower"), pool.At("anytime/upper"), pool.At("anytime/r")));
        Assert.Equal(AnytimeInference.LogEValues([14.0001], [1e-8], [1], 0, new() { PriorMuSd = 0.1, PriorTauScale = 0.05 })[0],
            pool.Number("anytime/logEValue"), 1e-9);
        Assert.Contains("sequenceNotComputable", pool.Warnings);

        var moderators = (await _service.PostText("/meta/moderators", Far(3, "\"by\": [\"a\"],"))).ShouldBe(200);
        Assert.Null(moderators.At("moderators/0/levels/1/anytime/lower"));
        Assert.Contains("sequenceNotComputable", moderators.Warnings);
        var picture = SvgDocument.FromResponse((await _service.PostText("/meta/cumulative.svg", Far(1))).ShouldBe(200));
        Assert.Contains("The confidence sequence has no limits", string.Join(' ', picture.TextLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dependent_effects_enter_as_composites_shown_at_three_correlations()
    {
        var answer = (await _service.PostText("/meta/pool", Body(", \"rho\": 0.5", i => $", \"sample\": \"s{i / 2}\""))).ShouldBe(200);
        Assert.Equal(("correlatedHierarchical", "aggregated"), (answer.String("model/dependence"), answer.String("anytime/basis")));
        int[] samples = [0, 0, 1, 1, 2, 2, 3, 3];
        foreach (var (i, rho) in new[] { 0, 0.5, 0.9 }.Index())
        {
            var composites = Aggregation.Aggregate(s_y, s_v, samples, rho);
            var row = answer.At($"anytime/rho/{i}")!;
            Assert.Equal(rho, row.At("rho")!.GetValue<double>());
            ShouldBe(AnytimeInference.Fit([.. composites.Estimates], [.. composites.Variances]), row);
        }
        Assert.Equal(answer.Number("anytime/rho/1/lower"), answer.Number("anytime/lower"));
        Assert.StartsWith("s", answer.String("anytime/firstCrossed/id"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Levels_stand_alone_and_contrasts_share_the_threshold_of_all()
    {
        var moderator = (await PostAsync("moderators", "", "\"by\": [\"a\"],")).At("moderators/0")!;
        foreach (var level in moderator.At("levels")!.AsArray())
        {
            int[] rows = [.. Enumerable.Range(0, 8).Where(i => s_effects[i].Level == level.At("level")!.GetValue<string>())];
            ShouldBe(AnytimeInference.Fit([.. rows.Select(i => s_y[i])], [.. rows.Select(i => s_v[i])]), level.At("anytime")!);
        }
        Assert.Equal(3, moderator.At("contrasts")!.AsArray().Count);
        foreach (var contrast in moderator.At("contrasts")!.AsArray())
        {
            var (a, b) = (contrast.At("a")!.GetValue<string>(), contrast.At("b")!.GetValue<string>());
            int[] rows = [.. Enumerable.Range(0, 8).Where(i => s_effects[i].Level == a || s_effects[i].Level == b)];
            bool[] isFirst = [.. rows.Select(i => s_effects[i].Level == a)];
            ShouldBe(AnytimeInference.FitDifference([.. rows.Select(i => s_y[i])], [.. rows.Select(i => s_v[i])], isFirst, new() { Hypotheses = 3 }),
                contrast.At("anytime")!);
            Assert.Equal((60.0, 3.0), (contrast.At("anytime/threshold")!.GetValue<double>(), contrast.At("anytime/hypotheses")!.GetValue<double>()));
            Assert.Null(contrast.At("anytime/r"));
        }
    }

    [Fact]
    public async Task A_cumulative_analysis_has_two_columns_of_the_sequence()
    {
        var rows = (await PostAsync("sensitivity")).At("cumulative")!.AsArray();
        var expected = AnytimeInference.Path(s_y, s_v, [.. Enumerable.Range(1, 8)]);
        Assert.All(rows.Zip(expected), row =>
        {
            Assert.Equal(row.Second.Lower, row.First.At("sequenceLower")!.GetValue<double>(), 1e-9);
            Assert.Equal(row.Second.Upper, row.First.At("sequenceUpper")!.GetValue<double>(), 1e-9);
        });
        Assert.Equal(8, rows.Count);
    }

    [Fact]
    public async Task The_cumulative_plot_draws_the_sequence_beside_the_interval()
    {
        var picture = SvgDocument.FromResponse(await _service.PostText("/meta/cumulative.svg", Body()));
        var limits = AnytimeInference.Path(s_y, s_v, [8])[0];
        Assert.Contains($"[{Text(limits.Lower)}, {Text(limits.Upper)}]", picture.TextLines);
        Assert.Contains("95% confidence sequence: holds at every look", picture.TextLines);
        Assert.True(picture.CountByClass("line", "sequence") >= 9);
        Assert.Equal(0, SvgDocument.FromResponse(await _service.PostText("/meta/cumulative.svg", Body(""))).CountByClass("line", "sequence"));

        static string Text(double z) => Math.Tanh(z).ToString("F2").TrimStart('0');
    }

    [Theory]
    [InlineData("\"sequential\": \"anytime\", \"priorMuSd\": 3", 422, "#/model/priorMuSd outOfRange")]
    [InlineData("\"sequential\": \"anytime\", \"priorMuSd\": 0.09", 422, "#/model/priorMuSd outOfRange")]
    [InlineData("\"sequential\": \"anytime\", \"priorTauScale\": 1.01", 422, "#/model/priorTauScale outOfRange")]
    [InlineData("\"sequential\": \"anytime\", \"measure\": \"raw\"", 422, "#/model/sequential notAllowed")]
    [InlineData("\"sequential\": \"always\"", 400, "#/model/sequential notAValue")]
    [InlineData("\"sequential\": \"anytime\", \"priorTauScale\": \"0.3\"", 400, "#/model/priorTauScale notAValue")]
    public async Task Wrong_options_are_named(string options, int status, string error)
    {
        var problem = (await _service.PostText("/meta/pool", $$"""{ "effects": [{ "r": 0.3, "n": 40 }], "model": { {{options}} } }""")).ShouldBeProblem(status);
        Assert.Contains(error, problem.Errors);
    }

    private static void ShouldBe(AnytimeFit fit, JsonNode answer)
    {
        Assert.Equal(fit.LogEValue, answer.At("logEValue")!.GetValue<double>(), 1e-9);
        Assert.Equal(fit.EValue!.Value, answer.At("eValue")!.GetValue<double>(), 1e-9 * fit.EValue.Value);
        Assert.Equal(fit.Lower, answer.At("lower")!.GetValue<double>(), 1e-9);
        Assert.Equal(fit.Upper, answer.At("upper")!.GetValue<double>(), 1e-9);
    }

    private async Task<ServiceResponse> PostAsync(string analysis, string model = "", string members = "") =>
        (await _service.PostText($"/meta/{analysis}", Body($", \"sequential\": \"anytime\"{model}", members: members))).ShouldBe(200);

    private static string Body(string model = ", \"sequential\": \"anytime\"", Func<int, string>? sample = null, string members = "")
    {
        var effects = s_effects.Select((e, i) => $$"""{ "r": {{e.R}}, "n": {{e.N}}, "moderators": { "a": "{{e.Level}}" }{{sample?.Invoke(i)}} }""");
        var anytime = sample is null ? "" : ", \"sequential\": \"anytime\"";
        return $$"""{ {{members}} "effects": [{{string.Join(',', effects)}}], "model": { "measure": "fisherZ"{{model}}{{anytime}} } }""";
    }
}
