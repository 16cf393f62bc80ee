using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Studies;

/// <summary>The same people reported twice.</summary>
public sealed class OverlapTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartAsync();
        await _service.Submit(A.Study("lee-2020", A.Effect(n: 80).With("sample", "people")));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task The_same_effect_in_another_study_is_refused_whatever_its_value() =>
        (await _service.Post("/studies", A.Study("kim-2021", A.Effect(r: 0.7).With("sample", "other"), A.Effect(r: 0.1).With("sample", "people"))))
            .ShouldBeProblem(409, "#/effects/1", "duplicateEffect");

    [Fact]
    public async Task The_same_effect_twice_in_one_study_is_refused()
    {
        (await _service.Post("/studies", A.Study("kim-2021", A.Effect().With("sample", "other"), A.Effect(r: 0.4).With("sample", "other"))))
            .ShouldBeProblem(409, "#/effects/1", "duplicateEffect");
        (await _service.Get("/studies/kim-2021")).ShouldBeProblem(404);
    }

    [Fact]
    public async Task Instrument_codes_are_compared_without_case() =>
        (await _service.Post("/studies", A.Study("kim-2021", A.Effect().With("sample", "people").With("outcomeMeasure", "PHQ-9"))))
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
    public async Task An_effect_that_differs_in_any_of_these_is_another_one(string member, string value)
    {
        var study = await _service.Submit(A.Study("kim-2021", A.Effect().With("sample", "people").With(member, value)));
        Assert.Contains("sharedSample", study.Warnings);
    }

    [Fact]
    public async Task Two_effects_of_one_study_need_keys_of_their_own() =>
        (await _service.Post("/studies", A.Study("kim-2021", A.Effect().With("key", "same"), A.Effect().With("key", "same"))))
            .ShouldBeProblem(422, "#/effects/1/key", "repeatedKey");

    [Fact]
    public async Task A_retracted_effect_makes_room_for_another()
    {
        (await _service.Delete("/studies/lee-2020", ("If-Match", "*"))).ShouldBe(204);
        await _service.Submit(A.Study("kim-2021", A.Effect().With("sample", "people")));
    }

    [Fact]
    public async Task A_sample_of_two_studies_counts_as_one()
    {
        var study = await _service.Submit(A.Study("kim-2021", A.Effect(n: 85).With("sample", "people").With("outcomeType", "followUp")));
        Assert.Equal(["sharedSample"], study.Warnings);
        var pool = await _service.Get("/meta/pool");
        Assert.Equal((2, 1, 2, 85), (pool.Number("counts/effects"), pool.Number("counts/samples"), pool.Number("counts/studies"), pool.Number("counts/participants")));
    }

    [Theory]
    [InlineData(80, 2021, true)]
    [InlineData(80, 2019, true)]
    [InlineData(80, 2022, false)]
    [InlineData(81, 2020, false)]
    public async Task Samples_that_look_alike_draw_a_warning(int n, int year, bool alike)
    {
        var study = await _service.Submit(A.Study("kim-2021", A.Effect(n: n)).With("citation/year", year));
        Assert.Equal(alike ? ["alikeSamples"] : [], study.Warnings);
    }

    [Fact]
    public async Task Samples_of_different_countries_do_not_look_alike() =>
        Assert.Empty((await _service.Submit(A.Study("kim-2021", A.Effect(n: 80)).With("country", "IT"))).Warnings);

    // Many are not read one by one.
    [Theory]
    [InlineData(7, false)]
    [InlineData(40, false)]
    [InlineData(7, true)]
    [InlineData(40, true)]
    public async Task The_first_five_of_those_that_share_a_sample_or_look_alike_are_named(int others, bool share)
    {
        for (var i = others; i > 0; i--)
        {
            await _service.Submit(A.Study($"w-{i:00}", Effect(i, "followUp"), Effect(i, "treatmentOutcome")));
        }

        var warning = (await _service.Submit(A.Study("kim-2021", Effect(0, "followUp")))).String("warnings/0/detail");
        Assert.Contains(share ? "by w-01, w-02, w-03, w-04, w-05:" : "one of w-01, w-02, w-03, w-04, w-05 (", warning, StringComparison.Ordinal);

        JsonObject Effect(int study, string outcome) => A.Effect(n: 90).With("sample", share ? "crowd" : $"of-{study}").With("outcomeMeasure", $"own-{study}").With("outcomeType", outcome);
    }
}
