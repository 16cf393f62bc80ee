using System.Globalization;
using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Bias;

/// <summary>The part <c>selectionSensitivity</c> of <c>/meta/bias</c>: Mathur and VanderWeele (2020), against clubSandwich.</summary>
public sealed class BiasSelectionSensitivityTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData("konstantopoulos2011")]
    [InlineData("assink2016")]
    [InlineData("crede2010")]
    [InlineData("tannersmith2016")]
    public async Task Every_number_agrees_with_clubSandwich(string name)
    {
        var file = MetaforReference.Read(name);
        foreach (var (key, expected) in file.At("dependent/selectionSensitivity")!.AsObject())
        {
            var ratio = double.Parse(key.Split('/')[1], CultureInfo.InvariantCulture);
            var answer = await PostAsync(MetaforReference.NestedRequestBody(file).With("direction", key.Split('/')[0]).With("selectionRatio", ratio));
            foreach (var (ours, theirs) in ("effect:beta standardError:se df:df lower:ciLower upper:ciUpper affirmative:affirmative sValue:sValue "
                + "sValueOfLimit:sValueOfLimit worstCase:worst/beta worstCaseLower:worst/ciLower worstCaseUpper:worst/ciUpper")
                .Split(' ').Select(pair => (pair.Split(':')[0], pair.Split(':')[1])))
            {
                MetaforReference.AssertAgrees($"{key} {ours}", expected.At(theirs), answer.At($"selectionSensitivity/{ours}"));
            }

            Assert.Equal((ratio, key.Split('/')[0]), (answer.Number("selectionSensitivity/ratio"), answer.String("selectionSensitivity/direction")));
            Assert.Equal("clusterRobust", answer.String("selectionSensitivity/basis"));
        }
    }

    [Fact]
    public async Task The_default_ratio_is_4()
    {
        var body = MetaforReference.NestedRequestBody(MetaforReference.Read("assink2016"));
        var (usual, asked) = (await PostAsync(body), await PostAsync(body.With("selectionRatio", 4)));
        Assert.Equal(4, usual.Number("selectionSensitivity/ratio"));
        Assert.Equal(usual.Bytes, asked.Bytes);
        var option = (await _service.Get("/meta/options")).ShouldBe(200).At("bias")!.AsArray()
            .Single(o => o.At("name")!.GetValue<string>() == "selectionRatio");
        Assert.Equal("4", option.At("default")!.GetValue<string>());
    }

    [Fact]
    public async Task Independent_and_aggregated_effects_have_no_selection_sensitivity()
    {
        var body = MetaforReference.NestedRequestBody(MetaforReference.Read("assink2016"));
        foreach (var dependence in new[] { "independent", "aggregate" })
        {
            Assert.Null((await PostAsync(body, dependence)).At("selectionSensitivity"));
        }
    }

    [Theory]
    [InlineData("allAffirmative", 0.9, 0.8, 0.7, 0.6)]
    [InlineData("noneAffirmative", 0.1, 0.18, -0.1, 0.15)]
    [InlineData("notFavored", 0.9, -0.8, -0.7, -0.6)]
    [InlineData("noRatioSuffices", 0.9, 0.8, 0.15, 0.19)]
    [InlineData("intervalHoldsZero", 0.9, 0.8, -0.15, -0.19)]
    [InlineData("oneNonaffirmativeSample", 0.9, 0.8, 0.7, 0.1)]
    public async Task A_missing_S_value_is_explained_by_a_warning(string code, double a, double b, double c, double d)
    {
        var effects = new JsonArray([.. new[] { (a, "x"), (b, "x"), (c, "y"), (d, "z") }
            .Select(e => new JsonObject { ["yi"] = e.Item1, ["vi"] = 0.01, ["sample"] = e.Item2 })]);
        var answer = await PostAsync(new JsonObject { ["effects"] = effects });
        Assert.Contains(answer.At("warnings")!.AsArray(), w =>
            w.At("code")!.GetValue<string>() == code && w.At("detail")!.GetValue<string>().StartsWith("selectionSensitivity: ", StringComparison.Ordinal));
        Assert.Null(answer.At("selectionSensitivity/sValueOfLimit"));
        Assert.Equal(code == "allAffirmative", answer.At("selectionSensitivity/worstCase") is null);
    }

    [Fact]
    public async Task Effects_robust_to_any_selection_are_reported_as_such()
    {
        var answer = await PostAsync(MetaforReference.NestedRequestBody(MetaforReference.Read("tannersmith2016")));
        Assert.Contains("noRatioSuffices", answer.Warnings);
        Assert.Contains("noRatioSufficesForLimit", answer.Warnings);
    }

    [Fact]
    public async Task A_ratio_below_1_is_reported_at_its_pointer()
    {
        (await _service.Post("/meta/bias",
            MetaforReference.NestedRequestBody(MetaforReference.Read("assink2016")).With("selectionRatio", 0.5))).ShouldBeProblem(422, "#/selectionRatio",
                "outOfRange");
        (await _service.Get("/meta/bias?selectionRatio=0.5")).ShouldBeProblem(422, "?selectionRatio", "outOfRange");
    }

    private async Task<ServiceResponse> PostAsync(JsonObject body, string dependence = "auto") =>
        (await _service.Post("/meta/bias", body.With("model", new JsonObject { ["measure"] = "raw", ["dependence"] = dependence }))).ShouldBe(200);
}
