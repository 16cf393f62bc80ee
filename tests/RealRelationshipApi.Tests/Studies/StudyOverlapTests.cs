using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

/// <summary>The same sample in several studies.</summary>
public sealed class StudyOverlapTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartAsync();
        await _service.SubmitStudy(TestData.Study("lee-2020", TestData.Effect(n: 80).With("sample", "people")));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task The_same_effect_in_another_study_is_refused_whatever_its_value() =>
        (await _service.Post("/studies",
            TestData.Study("kim-2021", TestData.Effect(r: 0.7).With("sample", "other"), TestData.Effect(r: 0.1).With("sample", "people"))))
            .ShouldBeProblem(409, "#/effects/1", "duplicateEffect");

    [Fact]
    public async Task The_same_effect_twice_in_one_study_is_refused()
    {
        (await _service.Post("/studies",
            TestData.Study("kim-2021", TestData.Effect().With("sample", "other"), TestData.Effect(r: 0.4).With("sample", "other"))))
            .ShouldBeProblem(409, "#/effects/1", "duplicateEffect");
        (await _service.Get("/studies/kim-2021")).ShouldBeProblem(404);
    }

    [Fact]
    public async Task Instrument_codes_are_case_insensitive() =>
        (await _service.Post("/studies", TestData.Study("kim-2021", TestData.Effect().With("sample", "people").With("outcomeMeasure", "ORS"))))
            .ShouldBeProblem(409, "#/effects/0", "duplicateEffect");

    [Theory]
    [InlineData("outcomeType", "followUp")]
    [InlineData("relationshipRater", "therapist")]
    [InlineData("outcomeRater", "observer")]
    [InlineData("relationshipMeasure", "rri-c-sf")]
    [InlineData("relationshipScale", "genuineness")]
    [InlineData("outcomeMeasure", "gad-7")]
    [InlineData("level", "withinClient")]
    [InlineData("timing", "early")]
    public async Task An_effect_that_differs_in_any_identity_member_is_distinct(string member, string value)
    {
        var study = await _service.SubmitStudy(TestData.Study("kim-2021", TestData.Effect().With("sample", "people").With(member, value)));
        Assert.Contains("sharedSample", study.Warnings);
    }

    [Fact]
    public async Task Effect_keys_are_unique_within_a_study() =>
        (await _service.Post("/studies", TestData.Study("kim-2021", TestData.Effect().With("key", "same"), TestData.Effect().With("key", "same"))))
            .ShouldBeProblem(422, "#/effects/1/key", "repeatedKey");

    [Fact]
    public async Task A_retracted_effect_can_be_reported_by_another_study()
    {
        (await _service.Delete("/studies/lee-2020", ("If-Match", "*"))).ShouldBe(204);
        await _service.SubmitStudy(TestData.Study("kim-2021", TestData.Effect().With("sample", "people")));
    }

    [Fact]
    public async Task A_sample_of_two_studies_counts_as_one()
    {
        var study = await _service.SubmitStudy(TestData.Study("kim-2021", TestData.Effect(n: 85).With("sample", "people").With("outcomeType", "followUp")));
        Assert.Equal(["sharedSample"], study.Warnings);
        var pool = await _service.Get("/meta/pool");
        Assert.Equal((2, 1, 2, 85),
            (pool.Number("counts/effects"), pool.Number("counts/samples"), pool.Number("counts/studies"), pool.Number("counts/participants")));
    }

    [Theory]
    [InlineData(80, 2021, true)]
    [InlineData(80, 2019, true)]
    [InlineData(80, 2022, false)]
    [InlineData(81, 2020, false)]
    public async Task Similar_samples_give_a_warning(int n, int year, bool alike)
    {
        var study = await _service.SubmitStudy(TestData.Study("kim-2021", TestData.Effect(n: n)).With("citation/year", year));
        Assert.Equal(alike ? ["alikeSamples"] : [], study.Warnings);
    }

    [Fact]
    public async Task Samples_of_different_countries_are_not_similar() =>
        Assert.Empty((await _service.SubmitStudy(TestData.Study("kim-2021", TestData.Effect(n: 80)).With("country", "IT"))).Warnings);

    // Many are not read one by one.
    [Theory]
    [InlineData(7, false)]
    [InlineData(40, false)]
    [InlineData(7, true)]
    [InlineData(40, true)]
    public async Task The_first_five_overlapping_or_similar_samples_are_listed(int others, bool share)
    {
        for (var i = others; i > 0; i--)
        {
            await _service.SubmitStudy(TestData.Study($"w-{i:00}", Effect(i, "followUp"), Effect(i, "treatmentOutcome")));
        }

        var warning = (await _service.SubmitStudy(TestData.Study("kim-2021", Effect(0, "followUp")))).String("warnings/0/detail");
        Assert.Contains(share ? "by w-01, w-02, w-03, w-04, w-05:" : "one of w-01, w-02, w-03, w-04, w-05 (", warning, StringComparison.Ordinal);

        JsonObject Effect(int study, string outcome) => TestData.Effect(n: 90).With("sample", share ? "crowd" : $"of-{study}")
            .With("outcomeMeasure", $"own-{study}").With("outcomeType", outcome);
    }
}
