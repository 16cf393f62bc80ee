using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

/// <summary>All types of statistics, as stored and as returned by <c>/meta/convert</c>.
/// The expected numbers were computed by hand from the formulas named.</summary>
public sealed class StatisticConversionTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private readonly Service _service = empty.Service;

    private static readonly double s_twoRows = 77 * (1.0 / 42 + 1.0 / 37); // a of d of 42 and 37

    public static TheoryData<string, double, double> Known => new()
    {
        { """{ "type": "r", "value": 0.3, "n": 80 }""", 0.309519604203112, 1d / 77 },                                   // atanh r, 1/(n−3)
        { """{ "type": "partialR", "value": 0.25, "n": 60, "covariates": 2 }""", 0.255412811882995, 1d / 55 },          // 1/(n−m−3)
        { """{ "type": "semiPartialR", "value": 0.2, "n": 60, "covariates": 2, "rSquared": 0.3 }""", 0.236825720851741, 1d / 55 }, // r = sr/√(1−R²+sr²)
        { """{ "type": "spearman", "value": 0.4, "n": 50 }""", 0.442631585089296, 0.0248681794411395 },                 // r = 2 sin(πρ/6), Bonett & Wright
        { """{ "type": "fisherZ", "value": 0.5, "n": 40 }""", 0.5, 1d / 37 },
        { """{ "type": "fisherZ", "value": 0.5, "se": 0.15 }""", 0.5, 0.0225 },
        { """{ "type": "d", "value": 0.6, "n1": 25, "n2": 35 }""", 0.296497479160133, 0.016501976284585 },              // r = d/√(d²+a)
        { """{ "type": "d", "value": 0.6, "n": 60 }""", 0.300581851325538, 0.0164826498422713 },
        { """{ "type": "g", "value": 0.6, "n1": 25, "n2": 35 }""", 0.300289023887158, 0.0164840422067045 },             // d = g/J
        { """{ "type": "g", "value": 0.6, "n": 60 }""", 0.304422572922103, 0.0164642915985839 },
        { """{ "type": "t", "value": 3, "df": 18 }""", 0.658478948462408, 1d / 17 },                                    // tanh gives .577
        { """{ "type": "t", "value": 5, "n1": 50, "n2": 50 }""", Math.Atanh(5 / Math.Sqrt(123)), 0.045 / 4.92 },              // as d = 1
        { """{ "type": "f", "value": 25, "n1": 50, "n2": 50, "sign": 1 }""", Math.Atanh(5 / Math.Sqrt(123)), 0.045 / 4.92 },
        { """{ "type": "f", "value": 9, "df1": 1, "df2": 58, "sign": -1 }""", -0.384383628900837, 1d / 57 },
        { """{ "type": "f", "value": 9, "df2": 58, "sign": 1 }""", 0.384383628900837, 1d / 57 },
        { """{ "type": "chi2", "value": 8, "n": 100, "sign": 1 }""", 0.290769289037252, 1d / 97 },                      // φ = √(χ²/n)
        { """{ "type": "p", "value": 0.01, "n": 50, "tails": 2, "sign": 1 }""", 0.3780714188075, 1d / 47 },             // t = 2.682204, df 48
        { """{ "type": "p", "value": 0.01, "n": 50, "tails": 1, "sign": -1 }""", -0.3407288268905, 1d / 47 },           // t = 2.406581, df 48
        { """{ "type": "oddsRatio", "value": 2.5, "contrast": "groups", "lower": 1.25, "upper": 5, "n": 100 }""", 0.252462749341174, 0.00910538914982477 },
        { """{ "type": "oddsRatio", "value": 2.5, "contrast": "perSd", "lower": 1.25, "upper": 5, "confidence": 0.95 }""", 0.485837970934366,
            0.0302873871384257 },
        { """{ "type": "kendall", "value": 0.4, "n": 50 }""", 0.6742754776268166, 0.024756871946823203 },                // r = sin(πτ/2), Esscher's variance
        // PHI, PBIT, RTET and RPB of metafor's escalc
        { """{ "type": "counts", "a": 30, "b": 12, "c": 9, "d": 28 }""", 0.5102445871149871, 0.01615708200347524 },
        { """{ "type": "counts", "a": 30, "b": 12, "c": 9, "d": 28, "dichotomized": "one" }""", Math.Asinh(1.261856758811821 / Math.Sqrt(s_twoRows)),
            0.09279095165294844 / (1.261856758811821 * 1.261856758811821 + s_twoRows) },
        { """{ "type": "counts", "a": 44, "b": 21, "c": 18, "d": 37, "dichotomized": "both" }""", 0.57831049002635715, 0.024901650945147409 },
        { """{ "type": "means", "mean1": 10.2, "sd1": 2.1, "n1": 40, "mean2": 8.9, "sd2": 2.4, "n2": 35 }""", 0.28882302761948747, 0.013143177036879429 },
        { """{ "type": "means", "mean1": 5, "sd1": 2, "n1": 50, "mean2": 4, "sd2": 2, "n2": 25, "dichotomized": "one" }""", 0.31091103260154523,
            0.023778457859326908 },
        { """{ "type": "effect", "yi": 0.42, "vi": 0.013 }""", 0.42, 0.013 },
        { """{ "type": "effect", "yi": 0.42, "vi": 0.013, "n": 80 }""", 0.42, 0.013 },
    };

    [Theory, MemberData(nameof(Known))]
    public async Task A_statistic_is_stored_as_its_formula_gives(string statistic, double yi, double vi)
    {
        var answer = (await _service.Post("/studies?validateOnly=true", Reporting(statistic))).ShouldBe(200);
        AssertClose(yi, answer.Number("effects/0/stored/yi"));
        AssertClose(vi, answer.Number("effects/0/stored/vi"));
        AssertClose(Math.Tanh(yi), answer.Number("effects/0/stored/r"));
        Assert.NotEmpty(answer.String("effects/0/stored/formula"));
    }

    [Theory, MemberData(nameof(Known))]
    public async Task Convert_returns_what_a_submission_stores(string statistic, double yi, double vi)
    {
        var answer = (await _service.PostText("/meta/convert", statistic)).ShouldBe(200);
        AssertClose(yi, answer.Number("fisherZ/yi"));
        AssertClose(vi, answer.Number("fisherZ/vi"));
        var r = Math.Tanh(yi);
        AssertClose(r, answer.Number("r"));
        if (answer.At("hedgesG") is null)
        {
            AssertClose(2 * r / Math.Sqrt(1 - r * r), answer.Number("cohensD/d"));
            AssertClose(4 * vi / (1 - r * r), answer.Number("cohensD/variance"));
            Assert.Contains("assumesEqualGroups", answer.Warnings);
        }

        var query = JsonNode.Parse(statistic)!.AsObject().Select(m => $"{m.Key}={m.Value}");
        Assert.Equal(answer.Text, (await _service.Get($"/meta/convert?{string.Join('&', query)}")).ShouldBe(200).Text);
    }

    [Theory]
    [InlineData("r", false)]
    [InlineData("partialR", false)]
    [InlineData("fisherZ", false)]
    [InlineData("effect", false)]
    [InlineData("spearman", true)]
    [InlineData("t", true)]
    [InlineData("chi2", true)]
    [InlineData("oddsRatio", true)]
    [InlineData("kendall", true)]
    [InlineData("counts", true)]
    [InlineData("means", true)]
    public async Task Statistics_other_than_r_are_marked_converted(string type, bool converted)
    {
        var statistic = Known.Select(row => row.Data.Item1).First(s => s.Contains($"\"{type}\"", StringComparison.Ordinal));
        var answer = await _service.Post("/studies?validateOnly=true", Reporting(statistic));
        Assert.Equal(converted, answer.At("effects/0/stored/converted")!.GetValue<bool>());
        Assert.Equal(type == "chi2", answer.At("effects/0/stored/approximate")!.GetValue<bool>());
    }

    [Fact]
    public async Task The_known_values_cover_every_statistic_type()
    {
        var document = await _service.Get("/openapi/v1.json");
        var types = document.At("components/schemas/StatisticType/enum")!.AsArray().Select(t => t!.GetValue<string>());
        var covered = Known.Select(row => JsonNode.Parse(row.Data.Item1)!.At("type")!.GetValue<string>()).Distinct();
        Assert.Equal(["beta", "pooled", "range"], types.Except(covered).Order());
    }

    [Theory]
    [InlineData("higherIsBetter", 0.3, false)]
    [InlineData("higherIsWorse", -0.3, true)]
    public async Task A_coefficient_with_reversed_outcome_direction_is_sign_reversed_and_marked(string direction, double r, bool signReversed)
    {
        var answer = await _service.Post("/studies?validateOnly=true", TestData.Study().With("effects/0/outcomeDirection", direction));
        AssertClose(r, answer.Number("effects/0/stored/r"));
        AssertClose(Math.Atanh(r), answer.Number("effects/0/stored/yi"));
        Assert.Equal(signReversed, answer.At("effects/0/stored/turned")!.GetValue<bool>());
        Assert.Equal(0.3, answer.Number("effects/0/statistic/value"));
    }

    [Fact]
    public async Task A_regression_weight_is_refused_with_the_reason()
    {
        var answer = await _service.Post("/studies", Reporting("""{ "type": "beta", "value": 0.3, "n": 80 }"""));
        answer.ShouldBeProblem(422, "#/effects/0/statistic/type", "betaRefused");
        Assert.Contains("sign", answer.String("errors/0/detail"), StringComparison.Ordinal);
        (await _service.PostText("/meta/convert", """{ "type": "beta", "value": 0.3, "n": 80 }""")).ShouldBeProblem(422, "#/type", "betaRefused");
    }

    [Theory]
    [InlineData("""{ "type": "r", "value": 1, "n": 80 }""", "value outOfRange")]
    [InlineData("""{ "type": "r", "value": -1.2, "n": 80 }""", "value outOfRange")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 3 }""", "n outOfRange")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 1000000000000 }""", "n outOfRange")]
    [InlineData("""{ "type": "partialR", "value": 0.3, "n": 5, "covariates": 2 }""", "n tooSmall")]
    [InlineData("""{ "type": "semiPartialR", "value": 0.6, "n": 50, "covariates": 2, "rSquared": 0.3 }""", "rSquared tooSmall")]
    [InlineData("""{ "type": "spearman", "value": 0.3, "n": 9 }""", "n tooSmall")]
    [InlineData("""{ "type": "fisherZ", "value": 0.3 }""", "n oneOf")]
    [InlineData("""{ "type": "d", "value": 0.3, "n1": 10 }""", "n oneOf")]
    [InlineData("""{ "type": "f", "value": 4, "df1": 2, "df2": 50, "sign": 1 }""", "df1 notAllowed")]
    [InlineData("""{ "type": "chi2", "value": 100, "n": 100, "sign": 1 }""", "value tooLarge")]
    [InlineData("""{ "type": "p", "value": 0, "n": 50, "tails": 2, "sign": 1 }""", "value outOfRange")]
    [InlineData("""{ "type": "p", "value": 0.05, "n": 50, "tails": 3, "sign": 1 }""", "tails notAllowed")]
    [InlineData("""{ "type": "t", "value": 2, "df": 50, "n": 52 }""", "n notForThisType")]
    [InlineData("""{ "type": "oddsRatio", "value": 6, "contrast": "groups", "lower": 1.25, "upper": 5 }""", "lower outOfRange")]
    [InlineData("""{ "type": "oddsRatio", "value": 4.37, "contrast": "groups", "lower": 4.3, "upper": 9.5 }""", "lower asymmetricInterval")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 80, "lower": 0.29, "upper": 0.6 }""", "lower asymmetricInterval")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 80, "lower": 0.4, "upper": 0.2 }""", "lower outOfRange")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 80, "lower": 0.3, "upper": 0.3 }""", "lower outOfRange")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 80, "lower": 0.1 }""", "upper oneOf")]
    [InlineData("""{ "type": "r", "value": 0, "n": 80, "lower": 0, "upper": 0.4 }""", "lower asymmetricInterval")]
    [InlineData("""{ "type": "r", "value": 0.9, "n": 80, "lower": 0.8, "upper": 1 }""", "upper outOfRange")]
    [InlineData("""{ "type": "d", "value": 0.5, "n": 80, "lower": 0.45, "upper": 2 }""", "lower asymmetricInterval")]
    [InlineData("""{ "type": "t", "value": 2, "n1": 20 }""", "n2 oneOf")]
    [InlineData("""{ "type": "t", "value": 2, "df": 60, "n1": 20, "n2": 30 }""", "df tooLarge")]
    [InlineData("""{ "type": "f", "value": 4, "df2": 49, "n1": 20, "n2": 30, "sign": 1 }""", "df2 tooLarge")]
    [InlineData("""{ "type": "p", "value": 0.05, "n": 50, "n1": 20, "n2": 30, "tails": 2, "sign": 1 }""", "n oneOf")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 80, "proportions": [0.3] }""", "dichotomized oneOf")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 80, "dichotomized": "both", "proportions": [0.3] }""", "proportions wrongCount")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 80, "dichotomized": "one", "proportions": [1] }""", "proportions/0 outOfRange")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 80, "dichotomized": "one", "proportions": [0.01] }""", "proportions outOfRange")]
    [InlineData("""{ "type": "d", "value": 0.3, "n1": 20, "n2": 60, "dichotomized": "one", "proportions": [0.5] }""", "proportions contradictsGroups")]
    [InlineData("""{ "type": "d", "value": 4.5, "n1": 30, "n2": 30, "dichotomized": "one" }""", "value outsideRange")]
    [InlineData("""{ "type": "chi2", "value": 90, "n": 100, "sign": 1, "dichotomized": "both", "proportions": [0.1, 0.6] }""", "value outsideRange")]
    [InlineData("""{ "type": "oddsRatio", "value": 2, "contrast": "groups", "lower": 1, "upper": 4, "dichotomized": "one" }""",
        "dichotomized notForThisType")]
    [InlineData("""{ "type": "r", "value": 0.3, "n": 80, "df": 60 }""", "df notForThisLevel")]
    [InlineData("""{ "type": "effect", "yi": 0.3, "vi": 0 }""", "vi outOfRange")]
    [InlineData("""{ "type": "kendall", "value": 1.2, "n": 50 }""", "value outOfRange")]
    [InlineData("""{ "type": "kendall", "value": -1, "n": 50 }""", "value outOfRange")]
    [InlineData("""{ "type": "kendall", "value": 0.3, "n": 9 }""", "n tooSmall")]
    [InlineData("""{ "type": "kendall", "value": 0.3, "n": 50, "lower": 0.29, "upper": 0.6 }""", "lower asymmetricInterval")]
    [InlineData("""{ "type": "counts", "a": -1, "b": 5, "c": 5, "d": 5 }""", "a outOfRange")]
    [InlineData("""{ "type": "counts", "a": 0, "b": 0, "c": 5, "d": 5 }""", "a emptyMargin")]
    [InlineData("""{ "type": "counts", "a": 5, "b": 0, "c": 5, "d": 0 }""", "b emptyMargin")]
    [InlineData("""{ "type": "counts", "a": 1, "b": 0, "c": 1, "d": 1 }""", "a tooSmall")]
    [InlineData("""{ "type": "counts", "a": 9000000, "b": 9000000, "c": 1, "d": 1 }""", "a tooLarge")]
    [InlineData("""{ "type": "counts", "a": 9, "b": 0, "c": 0, "d": 9 }""", "b outsideRange")]
    [InlineData("""{ "type": "counts", "a": 0, "b": 9, "c": 9, "d": 0 }""", "a outsideRange")]
    [InlineData("""{ "type": "counts", "a": 9, "b": 2, "c": 3, "d": 9, "n": 23 }""", "n notForThisType")]
    [InlineData("""{ "type": "means", "mean1": 5, "sd1": 0, "n1": 20, "mean2": 4, "sd2": 2, "n2": 20 }""", "sd1 tooSmall")]
    [InlineData("""{ "type": "means", "mean1": 5, "sd1": 2, "n1": 20, "mean2": 4, "sd2": -2, "n2": 20 }""", "sd2 tooSmall")]
    [InlineData("""{ "type": "means", "mean1": 5, "sd1": 2, "n1": 1, "mean2": 4, "sd2": 2, "n2": 20 }""", "n1 outOfRange")]
    [InlineData("""{ "type": "means", "mean1": 500, "sd1": 2, "n1": 20, "mean2": 4, "sd2": 2, "n2": 20 }""", "sd1 outOfRange")]
    [InlineData("""{ "type": "means", "mean1": 5, "sd1": 2, "n1": 20, "mean2": 4, "sd2": 2, "n2": 20, "dichotomized": "both" }""", "dichotomized notAllowed")]
    [InlineData("""{ "type": "means", "mean1": 9, "sd1": 1, "n1": 20, "mean2": 4, "sd2": 1, "n2": 20, "dichotomized": "one" }""", "mean1 outsideRange")]
    [InlineData("""{ "type": "counts", "a": 9, "b": 2, "c": 3, "d": 9, "dichotomized": "both", "proportions": [0.5, 0.5] }""",
        "proportions notForThisType")]
    [InlineData("""{ "type": "pooled", "r": 0.3 }""", " kindMismatch")]
    public async Task An_invalid_statistic_is_reported_at_its_pointer(string statistic, string error)
    {
        var (member, code) = (error.Split(' ')[0], error.Split(' ')[1]);
        (await _service.Post("/studies", Reporting(statistic))).ShouldBeProblem(422, member.Length > 0 ? $"#/effects/0/statistic/{member}" : "#/effects/0",
            code);
    }

    [Theory]
    [InlineData("""{ "type": "t", "value": 2 }""", "df")]
    [InlineData("""{ "type": "f", "value": 2, "sign": 1 }""", "df2")]
    public async Task A_member_that_another_one_needs_is_required(string statistic, string member) =>
        (await _service.Post("/studies", Reporting(statistic))).ShouldBeProblem(400, $"#/effects/0/statistic/{member}", "required");

    [Fact]
    public async Task A_statistic_lists_every_missing_member_of_its_type()
    {
        var answer = (await _service.Post("/studies", Reporting("""{ "type": "oddsRatio" }"""))).ShouldBeProblem(400);
        foreach (var member in new[] { "value", "contrast", "lower", "upper" })
        {
            answer.ShouldBeProblem(400, $"#/effects/0/statistic/{member}", "required");
        }

        var means = (await _service.Post("/studies", Reporting("""{ "type": "means", "mean1": 4, "sd1": -1 }"""))).ShouldBeProblem(400);
        Assert.Equal(
            [
                "#/effects/0/statistic/mean2 required", "#/effects/0/statistic/n1 required", "#/effects/0/statistic/n2 required",
                "#/effects/0/statistic/sd1 tooSmall", "#/effects/0/statistic/sd2 required",
            ], means.Errors.Order(StringComparer.Ordinal));
    }

    private static JsonObject Reporting(string statistic) => TestData.Study("lee-2020", TestData.Effect(JsonNode.Parse(statistic)!.AsObject()));

    private static void AssertClose(double expected, double actual) => Assert.Equal(expected, actual, Math.Abs(expected) * 1e-12);
}
