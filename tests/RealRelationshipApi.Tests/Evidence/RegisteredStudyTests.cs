using System.IO.Compression;
using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Evidence;

/// <summary>Two pooled studies, and five that give no coefficient.</summary>
public sealed class RegisteredEvidence : SharedService
{
    protected override async Task SeedAsync()
    {
        await Service.SubmitStudy(TestData.Study("pooled", TestData.Effect(r: 0.3)).With("effects/0/sample", "pooled-people"));
        await Service.SubmitStudy(TestData.Study("against", TestData.Effect(r: -0.1)).With("effects/0/sample", "other-people").With("country", "DE"));
        await Service.SubmitStudy(Registered("positive", """{ "state": "notReported", "direction": "positive", "significant": true, "n": 50 }"""));
        await Service.SubmitStudy(Registered("subset", """{ "state": "onlyJointModel", "direction": "positive", "n": 32, "sample": "positive" }"""));
        await Service.SubmitStudy(Registered("none", """{ "state": "notReported", "direction": "none", "significant": false, "n": 40 }""")
            .With("country", "DE"));
        await Service.SubmitStudy(Registered("again", """{ "state": "notReported", "direction": "negative", "n": 999, "sample": "pooled-people" }"""));
        await Service.SubmitStudy(Registered("out", """{ "state": "excluded", "direction": "positive", "reason": "no psychotherapy" }"""));
    }

    internal static JsonObject Registered(string key, string result) =>
        TestData.Study(key).With("kind", "registered").With("effects", new JsonArray()).With("registered", JsonNode.Parse(result))
            .With("citation/authors", "Gelso, C. J., Kivlighan, D. M., Jr., & Markin, R. D.");
}

public sealed class RegisteredStudyTests(RegisteredEvidence evidence) : IClassFixture<RegisteredEvidence>
{
    private readonly Service _service = evidence.Service;

    [Theory]
    [InlineData("", 5)]
    [InlineData("country=DE", 1)]
    [InlineData("outcomeRater=client&relationshipScale=genuineness", 5)] // effects only
    [InlineData("exclude=out&exclude=positive", 2)] // a key, and a sample of two
    [InlineData("yearFrom=2100", 0)]
    public async Task They_are_counted_beside_a_pool_and_enter_none(string query, int count)
    {
        var answer = await _service.Get("/meta/bias?" + query);
        if (answer.Status != 200)
        {
            answer.ShouldBeProblem(422, "#", "noEffects");
            return;
        }

        Assert.Equal(count, answer.Number("counts/registered"));
        Assert.InRange(answer.Number("counts/effects"), 1, 2);
    }

    [Fact]
    public async Task Each_sample_has_one_vote_in_the_harvest()
    {
        var answer = (await _service.Get("/meta/bias")).ShouldBe(200);
        var votes = answer.At("harvest/votes")!.AsObject().ToDictionary(v => v.Key, v => v.Value!.GetValue<int>());
        Assert.Equal(new() { ["positive"] = 2, ["none"] = 1, ["negative"] = 1, ["mixed"] = 0, ["unknown"] = 0 }, votes);
        Assert.Equal(4, answer.Number("harvest/samples"));
        Assert.Equal(80 + 80 + 50 + 40, answer.Number("harvest/participants"));
        Assert.Equal(1, answer.Number("harvest/signTest/p"), 12); // 2 of 3
        Assert.Equal(0.625, answer.Number("harvest/signTest/lowerBoundP"), 12); // 3 of 4
        Assert.Equal(1, answer.Number("harvest/signTest/upperBoundP"), 12); // 2 of 4
    }

    [Fact]
    public async Task Synthetic_effects_cast_no_vote()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        var answer = (await service.Get("/meta/bias")).ShouldBe(200);
        Assert.Equal((16, 5), (answer.Number("counts/samples"), answer.Number("harvest/votes/positive")));
    }

    [Fact]
    public async Task They_are_rows_of_the_forest_plot_a_paragraph_of_the_report_and_a_file_of_the_export()
    {
        var picture = (await _service.Get("/meta/forest.svg")).ShouldBe(200).Text;
        Assert.Contains("Gelso et al. 2020", picture, StringComparison.Ordinal);
        Assert.Contains("positive, significant; no coefficient reported", picture, StringComparison.Ordinal);
        var report = (await _service.Get("/meta/report")).ShouldBe(200).String("text");
        Assert.Contains("5 further eligible studies give no usable coefficient and are not pooled (reported direction: positive 3, no association 1, "
            + "negative 1; 1 reported as significant).", report, StringComparison.Ordinal);
        using var archive = new ZipArchive(new MemoryStream((await _service.Get("/export.zip")).ShouldBe(200).Bytes));
        using var reader = new StreamReader(archive.GetEntry("registered.csv")!.Open());
        Assert.Contains("positive,positive,", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("effects", "", 422)]
    [InlineData("registered", "null", 400)]
    [InlineData("registered/n", "0", 422)]
    [InlineData("registered/sample", "\" \"", 422)]
    [InlineData("kind", "\"primary\"", 422)]
    public async Task A_registered_study_has_a_result_and_no_effects(string path, string value, int status)
    {
        var study = RegisteredEvidence.Registered("wrong", """{ "state": "awaitingData", "direction": "unknown", "n": 1, "sample": "s" }""");
        var changed = path == "effects" ? TestData.Study("wrong").With("kind", "registered").With("registered", study["registered"]!.DeepClone())
            : study.With(path, JsonNode.Parse(value));
        (await _service.Post("/studies", changed)).ShouldBeProblem(status);
    }

    [Fact]
    public async Task It_is_read_back_as_it_was_sent()
    {
        var study = (await _service.Get("/studies/positive")).ShouldBe(200);
        Assert.Equal("positive", study.String("registered/direction"));
        Assert.Empty(study.At("effects")!.AsArray());
        Assert.Equal(1, (await _service.Get("/meta/pool?asOf=3")).Number("counts/registered"));
    }
}
