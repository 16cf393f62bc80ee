using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

/// <summary>What a conversion assumes, and the precision that it may claim: through <c>/meta/convert</c>, submissions and tables.</summary>
public sealed class ConversionCertaintyTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private readonly Service _service = empty.Service;

    [Fact]
    public async Task A_difference_of_groups_comes_back_as_it_was_sent()
    {
        var d = await Convert("""{ "type": "d", "value": 1, "n1": 10, "n2": 190 }""");
        Assert.Equal((1.0, 1 / 10.0 + 1 / 190.0 + 1 / 400.0), (d.Number("cohensD/d"), d.Number("cohensD/variance")));
        Assert.Empty(d.Warnings);
        var g = await Convert("""{ "type": "g", "value": 0.5, "n": 40 }""");
        Assert.Equal(0.5, g.Number("hedgesG/g"));
        var j = 0.5 / g.Number("cohensD/d"); // J(38) = .98010, Hedges 1981
        Assert.Equal(0.9801, j, 1e-4);
        Assert.Equal(j * j * g.Number("cohensD/variance"), g.Number("hedgesG/variance"), 1e-15);
        Assert.Equal(["assumesEqualGroups"], g.Warnings);
        var r = await Convert("""{ "type": "r", "value": 0.5, "n": 40 }""");
        Assert.Equal(["assumesEqualGroups"], r.Warnings);
        Assert.Null(r.At("hedgesG"));
    }

    [Fact]
    public async Task The_design_decides_the_variance_not_the_statistic() // d = 1 and t = 5 of 50 and 50: (.04 + 1/200)/(1 + 3.92)
    {
        foreach (var statistic in new[]
        {
            """{ "type": "d", "value": 1, "n1": 50, "n2": 50 }""", """{ "type": "t", "value": 5, "n1": 50, "n2": 50 }""",
            """{ "type": "t", "value": 5, "df": 98, "n1": 50, "n2": 50 }""", """{ "type": "f", "value": 25, "n1": 50, "n2": 50, "sign": 1 }""",
            """{ "type": "p", "value": 2.4899e-6, "n1": 50, "n2": 50, "tails": 2, "sign": 1 }""",
        })
        {
            var answer = await Convert(statistic);
            Assert.Equal(0.045 / 4.92, answer.Number("fisherZ/vi"), 1e-5);
            Assert.Equal(1, answer.Number("cohensD/d"), 1e-3);
            Assert.Equal(100, answer.Number("n"));
            Assert.Empty(answer.Warnings);
        }

        var unknown = await Convert("""{ "type": "t", "value": 5, "df": 98 }""");
        Assert.Equal(1 / 97.0, unknown.Number("fisherZ/vi"), 1e-15);
        Assert.Equal(["assumesEqualGroups", "designUnknown"], unknown.Warnings);
    }

    [Theory]
    [InlineData("""{ "type": "oddsRatio", "value": 2, "contrast": "perSd", "lower": 1.2, "upper": 2.6, "n": 100 }""", "asymmetricInterval")]
    [InlineData("""{ "type": "oddsRatio", "value": 2, "contrast": "perSd", "lower": 1.98, "upper": 2.02, "n": 50 }""", "varianceContradictsN")]
    [InlineData("""{ "type": "r", "value": 0.4, "n": 100, "lower": 0.3, "upper": 0.7 }""", "asymmetricInterval")]
    [InlineData("""{ "type": "spearman", "value": 0.4, "n": 100, "lower": 0.39, "upper": 0.41 }""", "varianceContradictsN")]
    [InlineData("""{ "type": "partialR", "value": 0.4, "n": 100, "covariates": 2, "lower": 0.22, "upper": 0.55 }""", "")]
    [InlineData("""{ "type": "fisherZ", "value": 0.4, "se": 0.1, "lower": 0.38, "upper": 0.42 }""", "varianceContradictsN")]
    [InlineData("""{ "type": "g", "value": 0.5, "n1": 50, "n2": 50, "lower": 0.1, "upper": 0.9 }""", "")]
    [InlineData("""{ "type": "g", "value": 0, "n1": 50, "n2": 50, "lower": -0.4, "upper": 0.7 }""", "asymmetricInterval")]
    [InlineData("""{ "type": "effect", "yi": 0.4, "vi": 0.1, "n": 100 }""", "varianceContradictsN")] // 1/√97 ≈ .1 is the standard error
    [InlineData("""{ "type": "effect", "yi": 0.4, "vi": 0.01, "n": 100 }""", "")]
    [InlineData("""{ "type": "r", "value": 0.4, "n": 100, "dichotomized": "one" }""", "upperBound")]
    [InlineData("""{ "type": "counts", "a": 30, "b": 0, "c": 9, "d": 28 }""", "")]
    [InlineData("""{ "type": "counts", "a": 30, "b": 0, "c": 9, "d": 28, "dichotomized": "one" }""", "emptyCell")]
    [InlineData("""{ "type": "counts", "a": 30, "b": 0, "c": 9, "d": 28, "dichotomized": "both" }""", "emptyCell")]
    [InlineData("""{ "type": "kendall", "value": 0.4, "n": 100, "lower": 0.39, "upper": 0.41 }""", "varianceContradictsN")]
    public async Task A_precision_that_is_hardly_possible_is_noted(string statistic, string note)
    {
        string[] expected = [.. note.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        Assert.Equal(expected, (await Convert(statistic)).Warnings.Except(["assumesEqualGroups"]));
        var stored = (await _service.Post("/studies?validateOnly=true", Reporting(statistic))).ShouldBe(200);
        Assert.Equal(expected, stored.Warnings);
        Assert.Equal(expected, Notes(stored.At("effects/0/stored/notes")!));
    }

    [Fact]
    public async Task An_interval_over_the_whole_range_of_numbers_is_converted() // half of ln OR: 690.8 + 13.8
    {
        var answer = await Convert("""{ "type": "oddsRatio", "value": 1000000, "contrast": "perSd", "lower": 1e-300, "upper": 1e300 }""");
        var (b, half) = (6 * Math.Log(10), 306 * Math.Log(10) / 1.959963984540054);
        Assert.Equal(half * half / (b * b + Math.PI * Math.PI / 3), answer.Number("fisherZ/vi"), 1e-9);
    }

    [Theory]
    [InlineData("""{ "type": "d", "value": 4.5, "n1": 30, "n2": 30, "dichotomized": "one" }""", "value outsideRange")]
    [InlineData("""{ "type": "r", "value": 0.9999999999999999, "n": 50 }""", "value tooExtreme")]
    [InlineData("""{ "type": "pooled", "r": 0.3, "k": 5 }""", "type notAllowed")]
    public async Task An_error_of_conversion_has_the_pointer_of_its_member(string statistic, string error)
    {
        Assert.Equal([$"#/{error}"], (await _service.PostText("/meta/convert", statistic)).ShouldBeProblem(422).Errors);
        Assert.Equal([$"#/statistic/{error}"],
            (await _service.PostText("/meta/convert", $$"""{ "statistic": {{statistic}} }""")).ShouldBeProblem(422).Errors);
        if (!error.StartsWith("type", StringComparison.Ordinal))
        {
            Assert.Equal([$"?{error}"], (await _service.Get($"/meta/convert?{Query(statistic)}")).ShouldBeProblem(422).Errors);
        }
    }

    [Fact]
    public async Task The_wider_half_of_an_interval_is_the_variance() // z .4236; upper .8673: half .4437
    {
        var answer = await Convert("""{ "type": "r", "value": 0.4, "n": 100, "lower": 0.3, "upper": 0.7 }""");
        Assert.Equal(Math.Pow((Math.Atanh(0.7) - Math.Atanh(0.4)) / 1.959963984540054, 2), answer.Number("fisherZ/vi"), 1e-15);
    }

    [Theory]
    [InlineData("""{ "type": "d", "value": 0.33, "n1": 12, "n2": 14, "dichotomized": "one" }""", 0.21514251729515607, 0.064270344969535237)]
    [InlineData("""{ "type": "d", "value": 0.5, "n1": 50, "n2": 25, "dichotomized": "one", "proportions": [0.67] }""",
        0.31091103260154523, 0.023778457859326908)]
    [InlineData("""{ "type": "chi2", "value": 12.3, "n": 120, "sign": 1, "dichotomized": "both", "proportions": [0.5, 0.5] }""", 0.5322305, null)]
    public async Task A_cut_variable_is_taken_before_its_cut(string statistic, double yi, double? vi) // ZBIS of reference/frontier/conversions.json; Sheppard
    {
        var answer = await Convert(statistic);
        // Cut at both medians ρ = sin(πφ/2), φ = √(12.3/120).
        var expected = vi is null ? Math.Atanh(Math.Sin(Math.PI / 2 * Math.Sqrt(12.3 / 120))) : yi;
        Assert.Equal(expected, answer.Number("fisherZ/yi"), 1e-10);
        if (vi is { } variance)
        {
            Assert.Equal(variance, answer.Number("fisherZ/vi"), 1e-10);
        }

        var stored = (await _service.Post("/studies?validateOnly=true", Reporting(statistic))).ShouldBe(200);
        Assert.Equal(answer.Number("fisherZ/yi"), stored.Number("effects/0/stored/yi"));
    }

    [Fact]
    public async Task Point_biserial_partial_and_semi_partial_correlations_agree_with_the_reference()
    {
        var compared = 0;
        foreach (var data in MetaforReference.Read("frontier/conversions").At("cases")!.AsArray())
        {
            double Of(string member) => data.At($"input/{member}")!.GetValue<double>();
            bool Has(string member) => data.At("input")!.AsObject().ContainsKey(member);
            var (measure, onR) = (data.At("options/measure")!.GetValue<string>(), false);
            JsonObject? statistic = null;
            if (measure is "RPB" or "ZPB" && data.At("options/vtype") is null)
            {
                var d = Has("d") ? Of("d") : Has("t") ? 0 : (Of("m1") - Of("m2"))
                    / Math.Sqrt(((Of("n1") - 1) * Math.Pow(Of("sd1"), 2) + (Of("n2") - 1) * Math.Pow(Of("sd2"), 2)) / (Of("n1") + Of("n2") - 2));
                statistic = new() { ["type"] = Has("t") ? "t" : "d", ["value"] = Has("t") ? Of("t") : d, ["n1"] = Of("n1"), ["n2"] = Of("n2") };
                onR = measure == "RPB";
            }
            else if (measure is "PCOR" or "ZPCOR")
            {
                // m of the reference counts the focal predictor too.
                statistic = Has("t") ? new() { ["type"] = "t", ["value"] = Of("t"), ["df"] = Of("n") - Of("m") - 1 }
                    : new() { ["type"] = "partialR", ["value"] = Of("r"), ["n"] = Of("n"), ["covariates"] = Of("m") - 1 };
            }
            else if (measure is "SPCOR" or "ZSPCOR")
            {
                statistic = new()
                {
                    ["type"] = "semiPartialR", ["n"] = Of("n"), ["covariates"] = Of("m") - 1, ["rSquared"] = Of("R2"),
                    ["value"] = Has("r") ? Of("r") : Of("t") * Math.Sqrt((1 - Of("R2")) / (Of("n") - Of("m") - 1)),
                };
            }

            if (statistic is null)
            {
                continue;
            }

            var answer = (await _service.Post("/meta/convert", statistic)).ShouldBe(200);
            var (r, vi) = (answer.Number("r"), answer.Number("fisherZ/vi"));
            var (expected, variance) = (data.At("expected/yi")!.GetValue<double>(), data.At("expected/vi")!.GetValue<double>());
            if (measure is "SPCOR" or "ZSPCOR")
            {
                // A semi-partial correlation is stored as the partial one of the same data: t/√(t² + df), v = 1/(df − 1).
                var sr = measure == "SPCOR" ? expected : Math.Tanh(expected);
                Assert.Equal(sr / Math.Sqrt(1 - Of("R2") + sr * sr), r, 1e-10);
                Assert.Equal(1 / (Of("n") - Of("m") - 2), vi, 1e-12);
            }
            else
            {
                Assert.Equal(expected, measure is "RPB" or "PCOR" ? r : answer.Number("fisherZ/yi"), 1e-10);
                Assert.Equal(variance, measure == "PCOR" ? Math.Pow(1 - r * r, 2) / (Of("n") - Of("m")) : onR ? vi * Math.Pow(1 - r * r, 2) : vi, 1e-10);
            }

            compared++;
        }

        Assert.Equal(9, compared);
    }

    private async Task<ServiceResponse> Convert(string statistic)
    {
        var answer = (await _service.PostText("/meta/convert", statistic)).ShouldBe(200);
        Assert.Equal(answer.Text, (await _service.Get($"/meta/convert?{Query(statistic)}")).ShouldBe(200).Text);
        return answer;
    }

    private static string Query(string statistic) => string.Join('&', JsonNode.Parse(statistic)!.AsObject()
        .SelectMany(m => m.Value is JsonArray list ? list.Select(item => $"{m.Key}={item}") : [$"{m.Key}={m.Value}"]));

    private static JsonObject Reporting(string statistic) => TestData.Study("lee-2020", TestData.Effect(JsonNode.Parse(statistic)!.AsObject()));

    private static string[] Notes(JsonNode notes) => [.. notes.AsArray().Select(note => note!.GetValue<string>())];
}
