using RealRelationship.Statistics;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Pool;

/// <summary>Four studies, of which two report both reliabilities, one that of the relationship, and one none.</summary>
public sealed class StudiesWithReliabilities : SharedService
{
    public static double[] R { get; } = [0.35, 0.2, 0.5, 0.28];

    public static double[] N { get; } = [80, 120, 60, 200];

    public static double?[] X { get; } = [0.9, 0.8, 0.85, null];

    public static double?[] Y { get; } = [0.81, 0.7, null, null];

    protected override async Task SeedAsync()
    {
        foreach (var (i, r) in R.Index())
        {
            var effect = TestData.Effect(r, (long)N[i]);
            effect = X[i] is { } x ? effect.With("relationshipReliability", x) : effect;
            effect = Y[i] is { } y ? effect.With("outcomeReliability", y) : effect;
            await Service.SubmitStudy(TestData.Study($"s{i}", effect));
        }
    }
}

/// <summary>Hunter–Schmidt analyses of <c>/meta/pool</c>.</summary>
public sealed class ArtifactTests(StudiesWithReliabilities shared) : IClassFixture<StudiesWithReliabilities>
{
    private static readonly double[] s_r = StudiesWithReliabilities.R;
    private static readonly double[] s_n = StudiesWithReliabilities.N;
    private static readonly double[] s_x = [.. StudiesWithReliabilities.X.OfType<double>()];
    private static readonly double[] s_y = [.. StudiesWithReliabilities.Y.OfType<double>()];

    private readonly Service _service = shared.Service;

    [Theory]
    [InlineData("noninteractive", ArtifactDistributionMethod.Noninteractive)]
    [InlineData("interactive", ArtifactDistributionMethod.Interactive)]
    public async Task Distributions_correct_all_effects(string name, ArtifactDistributionMethod method)
    {
        var answer = (await _service.Get($"/meta/pool?artifacts={name}")).ShouldBe(200);
        var expected = HunterSchmidt.ByDistributions(s_r, s_n, s_x, s_y, method);
        ShouldBe(expected.Result, answer);
        Assert.Equal(0, answer.Number("artifacts/leftOut"));
        Assert.Equal(expected.ArtifactVariance, answer.Number("artifacts/artifactVariance"), 1e-12);
        Assert.Equal(3, answer.Number("artifacts/relationshipReliability/known"));
        Assert.Equal(expected.X.Mean, answer.Number("artifacts/relationshipReliability/meanRoot"), 1e-12);
        Assert.Equal(expected.Y.StandardDeviation, answer.Number("artifacts/outcomeReliability/sdRoot"), 1e-12);
        Assert.Contains("By the method of Hunter and Schmidt", (await _service.Get($"/meta/report.txt?artifacts={name}&parts=estimate")).Text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", null, 1)]
    [InlineData("&rangeRestriction=direct&uRatio=0.7", RangeRestrictionKind.Direct, 0.7)]
    [InlineData("&rangeRestriction=indirect&uRatio=0.7", RangeRestrictionKind.Indirect, 0.7)]
    [InlineData("&rangeRestriction=indirect&uRatio=1.2&measure=correlation", RangeRestrictionKind.Indirect, 1.2)]
    public async Task Each_effect_with_both_reliabilities_is_corrected(string query, RangeRestrictionKind? kind, double u)
    {
        var answer = (await _service.Get($"/meta/pool?artifacts=reliability{query}")).ShouldBe(200);
        ShouldBe(HunterSchmidt.Corrected(s_r.AsSpan(0, 2), s_n.AsSpan(0, 2), s_x.AsSpan(0, 2), s_y, kind is { } known ? new(known, u) : null), answer);
        Assert.Equal(2, answer.Number("artifacts/leftOut"));
    }

    [Fact]
    public async Task An_analysis_of_r_is_the_same_for_both_measures_of_correlations()
    {
        var byR = (await _service.Get("/meta/pool?artifacts=bareBones&measure=correlation")).ShouldBe(200);
        ShouldBe(HunterSchmidt.BareBones(s_r, s_n), byR);
        Assert.Equal((await _service.Get("/meta/pool?artifacts=bareBones")).At("artifacts")!.ToJsonString(), byR.At("artifacts")!.ToJsonString());
    }

    [Fact]
    public async Task What_cannot_be_corrected_is_said()
    {
        var answer = (await _service.Get("/meta/pool?artifacts=reliability&rangeRestriction=indirect&uRatio=3")).ShouldBe(200);
        Assert.Contains("rangeContradictsReliability", answer.Warnings);
        Assert.Contains("reliabilitiesUnknown", (await _service.Get("/meta/pool?artifacts=interactive&exclude=s0&exclude=s1")).ShouldBe(200).Warnings);
    }

    [Theory]
    [InlineData("artifacts=interactive&rangeRestriction=direct&uRatio=0.7", "?rangeRestriction notAllowed")]
    [InlineData("artifacts=reliability&rangeRestriction=direct", "?rangeRestriction notAllowed")]
    [InlineData("artifacts=reliability&uRatio=0.7", "?uRatio notAllowed")]
    [InlineData("artifacts=reliability&rangeRestriction=direct&uRatio=0", "?uRatio tooSmall")]
    public async Task Options_that_contradict_each_other_are_refused(string query, string error) =>
        Assert.Contains(error, (await _service.Get($"/meta/pool?{query}")).ShouldBeProblem(422).Errors);

    private static void ShouldBe(HunterSchmidtResult expected, ServiceResponse answer)
    {
        Assert.Equal(expected.Effects, answer.Number("artifacts/effects"));
        Assert.Equal(expected.MeanCorrelation, answer.Number("artifacts/meanR"), 1e-12);
        Assert.Equal(expected.ErrorVariance, answer.Number("artifacts/errorVariance"), 1e-12);
        Assert.Equal(expected.ResidualVariance, answer.Number("artifacts/residualVariance"), 1e-12);
        Assert.Equal(expected.StandardError, answer.Number("artifacts/standardError"), 1e-12);
    }
}
