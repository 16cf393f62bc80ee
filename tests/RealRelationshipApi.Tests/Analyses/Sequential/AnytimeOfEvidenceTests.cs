using System.Text.Json.Nodes;

using RealRelationship.Statistics;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Sequential;

/// <summary><c>sequential=anytime</c> over the store: a to f at revisions 1 to 6, then at 7 another result of b, and at 8 a second effect of the sample
/// of c.</summary>
public sealed class AnytimeOfEvidenceTests(AnytimeOfEvidenceTests.Evidence evidence) : IClassFixture<AnytimeOfEvidenceTests.Evidence>
{
    private readonly Service _service = evidence.Service;

    [Fact]
    public async Task The_path_is_that_of_the_effects_of_now_by_their_first_entry()
    {
        double[] y = [.. new[] { 0.45, 0.5, 0.4, 0.42, 0.38, 0.44 }.Select(Math.Atanh)], v = [.. Enumerable.Repeat(1.0 / 97, 6)];
        var answer = (await _service.Get("/meta/pool?sequential=anytime&asOf=7")).ShouldBe(200);
        var crossed = AnytimeInference.FirstCrossed(y, v, [], [1, 2, 3, 4, 5, 6])!.Value + 1;
        Assert.Equal(crossed, answer.Number("anytime/firstCrossed/revision"));
        Assert.Equal((await _service.Get($"/meta/pool?asOf={crossed}")).String("data/asOf"), answer.String("anytime/firstCrossed/at"));
        Assert.Equal(AnytimeInference.Fit(y, v).LogEValue, answer.Number("anytime/logEValue"), 1e-9);

        var rows = (await _service.Get("/meta/sensitivity?sequential=anytime&asOf=7")).ShouldBe(200).At("cumulative")!.AsArray();
        Assert.Equal(["a/e1", "b/e1", "c/e1", "d/e1", "e/e1", "f/e1"], rows.Select(row => row.At("id")!.GetValue<string>()));
        Assert.Equal(answer.Number("anytime/lower"), rows[5].At("sequenceLower")!.GetValue<double>(), 1e-9);
        var csv = (await _service.Get("/meta/sensitivity.csv?table=cumulative&sequential=anytime&asOf=7")).ShouldBe(200).Text;
        Assert.StartsWith("id,effect,standardError,tau2,lower,upper,sequenceLower,sequenceUpper,", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_breaks_the_sequence_is_told_from_the_revision_on()
    {
        Assert.DoesNotContain("sequenceBroken", (await _service.Get("/meta/pool?sequential=anytime&asOf=6")).Warnings);
        Assert.StartsWith("b/e1 differs", await BreakAsync(7), StringComparison.Ordinal);
        Assert.StartsWith("b, c differ", await BreakAsync(8), StringComparison.Ordinal);
        Assert.Equal("aggregated", (await _service.Get("/meta/pool?sequential=anytime&asOf=8")).String("anytime/basis"));
        Assert.DoesNotContain("sequenceBroken", (await _service.Get("/meta/pool?asOf=8")).Warnings);
    }

    [Fact]
    public async Task Another_key_hides_no_correction_and_a_retracted_study_is_told()
    {
        await using var service = await Service.StartAsync();
        foreach (var (key, r) in new[] { ("a", 0.4), ("b", 0.54), ("c", 0.42) })
        {
            await service.SubmitStudy(TestData.Study(key, TestData.Effect(r, n: 100).With("sample", $"sample-{key}")));
        }
        (await service.Put("/studies/b", TestData.Study("b", TestData.Effect(r: 0.1, n: 100).With("key", "e9").With("sample", "sample-b")), ("If-Match", "*")))
            .ShouldBe(200);
        Assert.StartsWith("b/e9 differs", Break(await service.Get("/meta/pool?sequential=anytime")), StringComparison.Ordinal);
        var rows = (await service.Get("/meta/sensitivity?sequential=anytime")).ShouldBe(200).At("cumulative")!.AsArray();
        Assert.Equal(["a/e1", "b/e9", "c/e1"], rows.Select(row => row.At("id")!.GetValue<string>()));

        (await service.Delete("/studies/b", ("If-Match", "*"))).ShouldBe(204);
        Assert.StartsWith("sample-b was part of earlier looks", Break(await service.Get("/meta/pool?sequential=anytime")), StringComparison.Ordinal);
        Assert.DoesNotContain("sequenceBroken", (await service.Get("/meta/pool?sequential=anytime&asOf=3")).Warnings);
    }

    [Fact]
    public async Task Repeated_looks_are_warned_of_from_the_sixth_revision_on()
    {
        Assert.DoesNotContain("repeatedLooks", (await _service.Get("/meta/pool?asOf=5")).Warnings);
        Assert.Contains("The confidence sequence holds at every look.", (await _service.Get("/meta/pool?sequential=anytime")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("sequential=anytime", (await _service.Get("/meta/regression?terms=year")).Text, StringComparison.Ordinal);
        foreach (var path in new[] { "/meta/pool?asOf=6", "/meta/moderators?by=outcomeType&asOf=6", "/meta/regression?terms=year&asOf=6" })
        {
            Assert.Contains("repeatedLooks", (await _service.Get(path)).ShouldBe(200).Warnings);
        }
    }

    [Fact]
    public async Task A_plot_has_one_row_per_look_and_a_report_one_sentence()
    {
        var picture = SvgDocument.FromResponse(await _service.Get("/meta/cumulative.svg?sequential=anytime&asOf=7"));
        Assert.Equal(6, picture.TextLines.Count(text => text.StartsWith("Revision ", StringComparison.Ordinal)));
        Assert.Contains("Entered up to", picture.TextLines);
        var report = (await _service.Get("/meta/report.txt?sequential=anytime&asOf=7")).ShouldBe(200).Text;
        Assert.Contains("At all looks together, the 95% confidence sequence was [", report, StringComparison.Ordinal);
        Assert.Contains("the threshold of 20 was first reached at evidence revision ", report, StringComparison.Ordinal);
        Assert.DoesNotContain("confidence sequence was", (await _service.Get("/meta/report.txt?asOf=7")).Text, StringComparison.Ordinal);
        Assert.Contains("confidence sequence was", (await _service.Get("/?sequential=anytime&asOf=7")).ShouldBe(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Synthetic_evidence_is_no_part_of_the_path_of_the_real_one()
    {
        await using var service = await Service.StartAsync();
        foreach (var (key, synthetic) in new[] { ("a", true), ("b", true), ("c", false), ("d", false) })
        {
            await service.SubmitStudy(TestData.Study(key, TestData.Effect(r: 0.6, n: 300)).With("synthetic", synthetic));
        }
        var rows = (await service.Get("/meta/sensitivity?sequential=anytime")).ShouldBe(200).At("cumulative")!.AsArray();
        Assert.Equal(["c/e1", "d/e1"], rows.Select(row => row.At("id")!.GetValue<string>()));
        Assert.True((await service.Get("/meta/pool?sequential=anytime&synthetic=include")).Number("anytime/firstCrossed/revision") < 4);
        Assert.Null((await service.Get("/meta/pool?sequential=anytime")).At("anytime/firstCrossed"));
    }

    [Fact]
    public async Task Converted_effects_make_it_approximate()
    {
        await using var service = await Service.StartAsync();
        await service.SubmitStudy(TestData.Study("a", TestData.Effect(new JsonObject { ["type"] = "d", ["value"] = 0.8, ["n1"] = 30, ["n2"] = 32 })));
        Assert.Contains("sequenceApproximate", (await service.Get("/meta/pool?sequential=anytime")).ShouldBe(200).Warnings);
    }

    [Theory]
    [InlineData("sequential=often", 400, "?sequential notAValue")]
    [InlineData("sequential=anytime&sequential=none", 400, "?sequential repeated")]
    [InlineData("sequential=anytime&priorMuSd=0.05&priorTauScale=2", 422, "?priorMuSd outOfRange,?priorTauScale outOfRange")]
    [InlineData("priorMuSd=0,5", 400, "?priorMuSd notAValue")]
    [InlineData("priorMuSd=", 400, "?priorMuSd notAValue")]
    public async Task Wrong_parameters_are_named(string query, int status, string errors) =>
        Assert.Equal(errors, string.Join(',', (await _service.Get($"/meta/pool?{query}")).ShouldBeProblem(status).Errors));

    private async Task<string> BreakAsync(long revision) => Break(await _service.Get($"/meta/pool?sequential=anytime&asOf={revision}"));

    private static string Break(ServiceResponse answer) => answer.ShouldBe(200)
        .At("warnings")!.AsArray().Single(w => w.At("code")!.GetValue<string>() == "sequenceBroken").At("detail")!.GetValue<string>();

    public sealed class Evidence : SharedService
    {
        protected override async Task SeedAsync()
        {
            foreach (var (key, r) in new[] { ("a", 0.45), ("b", 0.35), ("c", 0.4), ("d", 0.42), ("e", 0.38), ("f", 0.44) })
            {
                // In the order of years they would come the other way round.
                await Service.SubmitStudy(TestData.Study(key, TestData.Effect(r, n: 100)).With("citation/year", 2020 - key[0] + 'a'));
            }
            await ReplaceAsync(TestData.Study("b", TestData.Effect(r: 0.5, n: 100)));
            await ReplaceAsync(TestData.Study("c", TestData.Effect(r: 0.4, n: 100).With("sample", "c"),
                TestData.Effect(r: 0.3, n: 100).With("sample", "c").With("outcomeMeasure", "phq-9")));
        }

        private async Task ReplaceAsync(JsonObject study) => (await Service.Put($"/studies/{study.At("key")}", study, ("If-Match", "*"))).ShouldBe(200);
    }
}
