using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using RealRelationship.Statistics;

using RealRelationshipApi.Reporting;
using RealRelationshipApi.Reporting.Reports;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Reports;

/// <summary>The walk of the README: sixteen invented studies, and a real one with two effects of one sample.</summary>
public sealed class ReportEvidence() : SharedService(("Demo__Load", "true"))
{
    protected override async Task SeedAsync() => await Service.SubmitStudy(TestData.Study("stefana-2025",
            TestData.Effect(0.62, 700).With("key", "rri24-ses"), TestData.Effect(0.58, 700).With("key", "rri12-ses").With("relationshipMeasure", "rri-c-12"))
        .With("effects/0/sample", "online").With("effects/1/sample", "online").With("effects/0/outcomeType", "sessionOutcome")
        .With("effects/1/outcomeType", "sessionOutcome").With("citation/authors", "Stefana, A., Fusar-Poli, P., Vieta, E., & Youngstrom, E. A.")
        .With("citation/year", 2025));
}

/// <summary>The numbers of each part are those of the analyses.</summary>
public sealed partial class ReportPartTests(ReportEvidence evidence) : IClassFixture<ReportEvidence>
{
    private const string All = "synthetic=include&scales=all";
    private const string Aggregated = All + "&dependence=aggregate";
    private const string Sixteen = "synthetic=only";
    private const string Five = "synthetic=only&outcomeType=sessionOutcome";
    private const string Three = "synthetic=only&yearFrom=2018";
    private const string Two = "synthetic=only&yearFrom=2018&exclude=illustration-10";
    private const string One = "";
    private const string Raw = All + "&measure=raw&dependence=aggregate";
    private const string Untransformed = All + "&measure=correlation&dependence=aggregate";

    private static readonly string[] s_parts = [.. Enum.GetNames<ReportPart>().Select(name => name.ToLowerInvariant())];

    // A Bayesian analysis is written on request.
    private static readonly string[] s_defaults = [.. s_parts.Where(part => part != "bayes")];

    private readonly Service _service = evidence.Service;

    [Theory]
    [InlineData(One, 1)]
    [InlineData(Two, 2)]
    [InlineData(Three, 3)]
    [InlineData(Five, 5)]
    [InlineData(Sixteen, 16)]
    [InlineData(All, 18)]
    [InlineData(Aggregated, 18)]
    [InlineData(Raw, 18)]
    [InlineData(Untransformed, 18)]
    public async Task Levels_have_the_numbers_of_the_moderators(string question, int effects)
    {
        var text = await PartAsync("moderators", question);
        var answer = (await _service.Get($"/meta/moderators?by=outcomeType&by=relationshipRater&by=outcomeRater&{question}")).ShouldBe(200);
        Assert.Equal(effects, answer.Number("counts/effects"));
        foreach (var moderator in answer.At("moderators")!.AsArray())
        {
            var levels = moderator.At("levels")!.AsArray();
            Assert.All(levels, level => Assert.Contains(levels.Count == 1 ? $"all effects have {Words(level.At("level"))}" : $"{Words(level.At("level"))}: k = "
                + $"{level.At("counts/effects")}, {Estimate(answer, level.At("pooled/effect"), level.At("pooled/lower"), level.At("pooled/upper"))}", text,
                StringComparison.OrdinalIgnoreCase));
            if (levels.Count > 1 && moderator.At("test") is { } test)
            {
                Assert.Contains($") = {ApaFormat.Number(Value(test.At("statistic")))}, p {ApaFormat.PValue(Value(test.At("p")))}", text,
                    StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(Three)]
    [InlineData(Five)]
    [InlineData(Sixteen)]
    [InlineData(All)]
    [InlineData(Aggregated)]
    [InlineData(Raw)]
    [InlineData(Untransformed)]
    public async Task Tests_of_bias_have_the_numbers_of_the_analysis(string question)
    {
        var text = await PartAsync("bias", question);
        var bias = (await _service.Get($"/meta/bias?{question}")).ShouldBe(200);
        Contains($"t({Value(bias.At("egger/df"))!.Value.ToString("0.##", CultureInfo.InvariantCulture)}) = {Number(bias, "egger/statistic")}, p "
            + PValue(bias, "egger/p"));
        Contains($"PEESE estimate for an infinitely large study ({Basis(bias, "peese")}) was {Estimate(bias, "peese", "limit", "limitLower", "limitUpper")}.");
        Contains(bias.Number("trimAndFill/missing") == 0 ? "found no missing effects" : $"with {(bias.Number("trimAndFill/missing") == 1 ? "it" : "them")}, "
            + Estimate(bias, "trimAndFill", "effect", "lower", "upper"));
        Contains(Estimate(bias, "henmiCopas", "effect", "lower", "upper"));
        Contains($"was {ApaFormat.Count(bias.Number("failSafeN/rosenthal"))} by Rosenthal and {ApaFormat.Count(bias.Number("failSafeN/rosenberg"))} by");
        Contains($"{bias.Number("excessSignificance/observed")} {(bias.Number("excessSignificance/observed") == 1 ? "was" : "were")} significant and "
            + $"{Number(bias, "excessSignificance/expected")} would be expected");
        Contains(bias.At("selection/effect") is null ? "The selection model of Vevea and Hedges cannot be computed" : Estimate(bias, "selection", "effect",
            "lower", "upper"));
        Contains($"{bias.At("harvest/votes/positive")} positive, {bias.At("harvest/votes/negative")} negative");
        Assert.Equal(bias.Warnings.Contains("tooFewForBiasTests"), text.Contains("too little power", StringComparison.Ordinal));
        if (bias.At("selectionSensitivity") is not null)
        {
            Contains($"4 times as likely to be published as others (all effects, cluster-robust variances), "
                + Estimate(bias, "selectionSensitivity", "effect", "lower", "upper"));
        }

        void Contains(string expected) => Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(One, "nothing")]
    [InlineData(Two, "nothing")]
    public async Task One_or_two_effects_have_no_tests_of_bias_but_directions(string question, string said)
    {
        var text = await PartAsync("bias", question);
        Assert.StartsWith($"With fewer than three effects, tests of small-study effects and selection say {said}", text, StringComparison.Ordinal);
        Assert.Contains("a vote by sample, which is no effect", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Two)]
    [InlineData(Five)]
    [InlineData(Sixteen)]
    [InlineData(All)]
    [InlineData(Aggregated)]
    [InlineData(Raw)]
    [InlineData(Untransformed)]
    public async Task Sensitivity_has_the_range_and_the_study_that_moves_the_estimate_most(string question)
    {
        var text = await PartAsync("sensitivity", question);
        var answer = (await _service.Get($"/meta/sensitivity?{question}")).ShouldBe(200);
        var pooled = (await _service.Get($"/meta/pool?{question}")).Number("pooled/effect");
        var rows = answer.At("leaveOneOut")!.AsArray();
        Contains($"the pooled estimate was {Range(answer, rows)}; it moved most without ");
        var most = rows.MaxBy(row => Math.Abs(Value(row.At("effect"))!.Value - pooled))!;
        Contains($"{Estimate(answer, most.At("effect"), most.At("lower"), most.At("upper"))})");
        Contains($"{answer.At("estimators")!.AsArray().Count} estimators of τ², the pooled estimate was {Range(answer, answer.At("estimators")!.AsArray())}");
        Assert.All(answer.At("subsets")!.AsArray().Where(row => Value(row.At("counts/effects")) is > 0 and var k && k < answer.Number("counts/effects")),
            row => Contains($"k = {row.At("counts/effects")}, {Estimate(answer, row.At("pooled/effect"), row.At("pooled/lower"), row.At("pooled/upper"))}"));
        if (answer.At("rho")!.AsArray() is { Count: > 0 } rho)
        {
            Contains($"from .00 to .90, it was {Range(answer, rho)}");
        }

        void Contains(string expected) => Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(All)]
    [InlineData(One)]
    public async Task A_part_alone_is_the_part_of_the_whole(string question)
    {
        var whole = Sections((await _service.Get($"/meta/report.md?{question}")).ShouldBe(200).Text);
        Assert.Equal(s_defaults.Length + 1, whole.Count);
        foreach (var part in s_defaults)
        {
            var (heading, text) = Assert.Single(Sections((await _service.Get($"/meta/report.md?parts={part}&{question}")).ShouldBe(200).Text), section =>
                section.Key != "Reservations and source");
            Assert.Equal(whole[heading], text);
            whole.Remove(heading);
        }

        Assert.Equal("Reservations and source", Assert.Single(whole).Key);
    }

    [Fact]
    public async Task Parts_are_in_the_order_of_a_paper_and_unknown_ones_are_rejected()
    {
        var sections = Sections((await _service.Get("/meta/report.md?parts=looks&parts=estimate&parts=looks")).ShouldBe(200).Text);
        Assert.Equal(["Estimate", "Repeated looks", "Reservations and source"], sections.Keys);
        var error = (await _service.Get("/meta/report?parts=estimate&parts=discussion")).ShouldBeProblem(400, "?parts", "notAValue");
        Assert.Contains(string.Join(", ", s_parts), error.Text, StringComparison.Ordinal);
        (await _service.Get("/meta/report?parts=looks&dependence=threeLevel&estimator=dl")).ShouldBeProblem(422, "?estimator", "notForNested");
    }

    [Fact]
    public async Task Effects_are_listed_with_their_weights_and_hypothetical_ones_are_named_so()
    {
        var text = await PartAsync("estimate", All);
        Assert.Contains("Stefana et al. 2025 (stefana-2025/rri24-ses), r = .62 [.57, .66], n = 700, ", text, StringComparison.Ordinal);
        var whatIf = (await _service.Get("/meta/report.txt?parts=estimate&add=.4:50")).ShouldBe(200).Text;
        Assert.StartsWith("This is a what-if: 1 of the 2 effects is hypothetical", whatIf, StringComparison.Ordinal);
        Assert.Contains("hypothetical, r = .40 [.14, .61], n = 50, ", whatIf, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invented_studies_are_no_evidence_in_any_part()
    {
        foreach (var part in s_parts)
        {
            Assert.StartsWith("16 of 18 effects are synthetic: invented for illustration, not evidence.",
                (await _service.Get($"/meta/report.txt?parts={part}&{All}")).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Dependence_and_looks_say_what_was_assumed_and_how_often_the_numbers_changed()
    {
        Assert.StartsWith("Of 17 samples, 1 has several effects (2 at most). Effects are nested in samples. The sampling errors of a sample are assumed to "
            + "correlate by rho = .60. Variances are cluster-robust (CR2), with ", await PartAsync("dependence", All), StringComparison.Ordinal);
        Assert.Contains("aggregated to one composite per sample", await PartAsync("dependence", Aggregated), StringComparison.Ordinal);
        var pool = await _service.Get($"/meta/pool?{All}&sequential=anytime");
        var looks = await PartAsync("looks", $"{All}&sequential=anytime");
        Assert.Contains($"confidence sequence was [{R(pool, "anytime/r/lower")}, {R(pool, "anytime/r/upper")}] on r (", looks, StringComparison.Ordinal);
        Assert.DoesNotContain("confidence sequence", await PartAsync("looks", All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_effect_each_part_says_so()
    {
        var sections = Sections((await _service.Get("/meta/report.md?yearFrom=2100")).ShouldBe(200).Text);
        Assert.Equal(s_defaults.Length + 1, sections.Count);
        Assert.StartsWith("No effect is left: 16 by synthetic, ", sections["Selection of evidence"], StringComparison.Ordinal);
        Assert.All(sections.Where(section => section.Key is not ("Selection of evidence" or "Reservations and source")),
            section => Assert.StartsWith("This cannot be computed. No effect is left: ", section.Value, StringComparison.Ordinal));
        (await _service.Get("/export.zip?yearFrom=2100")).ShouldBeProblem(422, "#", "noEffects");
    }

    /// <summary>The whole text, to be read as a reviewer would; <c>REALRELATIONSHIP_WRITE_ANSWERS=1</c> records it.</summary>
    [Fact]
    public async Task The_walk_of_the_README_reads_as_recorded()
    {
        const string file = "tests/RealRelationshipApi.Tests/Reporting/Reports/walk.md";
        var text = VariablePattern().Replace((await _service.Get($"/meta/report.md?{All}")).ShouldBe(200).Text, "…");
        if (Environment.GetEnvironmentVariable("REALRELATIONSHIP_WRITE_ANSWERS") == "1")
        {
            await File.WriteAllTextAsync(Path.Combine(RepositoryFiles.Root, file), text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(RepositoryFiles.Read(file), text);
    }

    // Dates of the run, version, and address.
    [GeneratedRegex(@"\d{4}-\d\d-\d\d|(?<=software )[\d.]+\d|(?<=RealRelationshipApi\. \()\d{4}|http://[^/]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VariablePattern();

    private async Task<string> PartAsync(string part, string question)
    {
        var text = (await _service.Get($"/meta/report.md?parts={part}&{question}")).ShouldBe(200).Text;
        return Sections(text).First().Value.Replace("*", "", StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Sections(string markdown) => markdown.Split("## ").Skip(1).Select(section => section.Split("\n\n", 2))
        .ToDictionary(section => section[0], section => section[1].Trim());

    private static double? Value(JsonNode? number) => number?.GetValue<double>();

    private static string Words(JsonNode? name) => Phrasing.SplitCamelCase(name!.GetValue<string>());

    private static string Number(ServiceResponse answer, string path) => ApaFormat.Number(Value(answer.At(path)));

    private static string PValue(ServiceResponse answer, string path) => ApaFormat.PValue(Value(answer.At(path)));

    private static string R(ServiceResponse answer, string path) => ApaFormat.Correlation(Value(answer.At(path)));

    private static string OnScale(ServiceResponse answer, double? effect) => answer.String("model/measure") switch
    {
        "raw" => ApaFormat.Number(effect),
        "correlation" => ApaFormat.Correlation(effect),
        _ => ApaFormat.Correlation(effect is { } z ? FisherZ.ToCorrelation(z) : null),
    };

    private static string Name(ServiceResponse answer) => answer.String("model/measure") == "raw" ? "effect" : "r";

    private static string Estimate(ServiceResponse answer, JsonNode? effect, JsonNode? lower, JsonNode? upper) =>
        $"{Name(answer)} = {OnScale(answer, Value(effect))}" + (lower is null ? " (no confidence interval)"
            : $", 95% CI [{OnScale(answer, Value(lower))}, {OnScale(answer, Value(upper))}]");

    private static string Estimate(ServiceResponse answer, string member, string effect, string lower, string upper) =>
        Estimate(answer, answer.At($"{member}/{effect}"), answer.At($"{member}/{lower}"), answer.At($"{member}/{upper}"));

    private static string Basis(ServiceResponse bias, string member) => bias.String($"{member}/basis") switch
    {
        "aggregated" => "one composite per sample",
        "clusterRobust" => "all effects, cluster-robust variances",
        _ => "all effects",
    };

    private static string Range(ServiceResponse answer, JsonArray rows)
    {
        var effects = rows.Select(row => Value(row.At("effect"))!.Value).ToList();
        var (lowest, highest) = (OnScale(answer, effects.Min()), OnScale(answer, effects.Max()));
        return lowest == highest ? $"{Name(answer)} = {lowest}" : $"{Name(answer)} = {lowest} to {highest}";
    }
}
