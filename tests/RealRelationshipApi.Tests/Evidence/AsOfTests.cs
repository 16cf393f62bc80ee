using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Evidence;

/// <summary><c>asOf</c>: three studies, then a change and a retraction.</summary>
public sealed class AsOfTests : IAsyncLifetime
{
    private Service _service = null!;
    private string _thirdRecordedAt = "";

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartAsync();
        await _service.SubmitStudy(TestData.Study("a", TestData.Effect(r: 0.2)));
        await _service.SubmitStudy(TestData.Study("b", TestData.Effect(r: 0.4)));
        _thirdRecordedAt = (await _service.SubmitStudy(TestData.Study("c", TestData.Effect(r: 0.6)))).String("recordedAt");
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("/meta/pool")]
    [InlineData("/meta/pool?estimator=dl&test=z")]
    [InlineData("/meta/moderators?by=year&by=country")]
    public async Task Responses_as_of_a_revision_stay_byte_identical(string question)
    {
        if (question.Contains("country", StringComparison.Ordinal))
        {
            await _service.SubmitStudy(TestData.Study("it", TestData.Effect()).With("country", "IT"));
        }

        var revision = await _service.EvidenceRevision();
        var asOf = $"{question}{(question.Contains('?') ? '&' : '?')}asOf={revision}";
        var before = (await _service.Get(asOf)).ShouldBe(200);
        Assert.Equal(before.Text, (await _service.Get(question)).Text);
        await ChangeEvidence();
        var after = (await _service.Get(asOf)).ShouldBe(200);
        Assert.Equal(before.Bytes, after.Bytes);
        Assert.Equal(before.ETag, after.ETag);
        Assert.NotEqual(before.Text, (await _service.Get(question)).Text);
    }

    [Fact]
    public async Task A_timestamp_selects_the_last_revision_recorded_by_then()
    {
        var then = await _service.Get("/meta/pool");
        await ChangeEvidence();
        var answer = (await _service.Get($"/meta/pool?asOf={_thirdRecordedAt}")).ShouldBe(200);
        Assert.Equal(then.Text, answer.Text);
        Assert.Equal(3, answer.Number("data/revision"));
        Assert.Equal(_thirdRecordedAt, answer.String("data/asOf"));
    }

    [Fact]
    public async Task A_timestamp_may_have_any_offset()
    {
        var shifted = DateTimeOffset.Parse(_thirdRecordedAt, null).ToOffset(TimeSpan.FromHours(2)).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", null);
        Assert.Equal(3, (await _service.Get($"/meta/pool?asOf={Uri.EscapeDataString(shifted)}")).ShouldBe(200).Number("data/revision"));
    }

    [Fact]
    public async Task asOf_works_in_a_request_body()
    {
        await ChangeEvidence();
        var byQuery = await _service.Get("/meta/pool?asOf=2");
        Assert.Equal(2, byQuery.Number("used"));
        Assert.Equal(byQuery.Text, (await _service.PostText("/meta/pool", """{ "filter": { "asOf": 2 } }""")).ShouldBe(200).Text);
        Assert.Equal((await _service.Get("/meta/pool?asOf=3")).Text,
            (await _service.PostText("/meta/pool", $$"""{ "filter": { "asOf": "{{_thirdRecordedAt}}" } }""")).ShouldBe(200).Text);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1999-12-31T23:59:59Z")]
    public async Task Before_the_first_study_there_is_no_effect(string asOf) =>
        (await _service.Get($"/meta/pool?asOf={asOf}")).ShouldBeProblem(422, "#", "noEffects");

    [Theory]
    [InlineData("4")]
    [InlineData("9223372036854775807")]
    [InlineData("2999-01-01T00:00:00Z")]
    public async Task A_future_revision_or_timestamp_is_refused(string asOf)
    {
        (await _service.Get($"/meta/pool?asOf={asOf}")).ShouldBeProblem(422, "?asOf", "future");
        var value = asOf.Contains('T') ? $"\"{asOf}\"" : asOf;
        (await _service.PostText("/meta/pool", $$"""{ "filter": { "asOf": {{value}} } }""")).ShouldBeProblem(422, "#/filter/asOf", "future");
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("2026-01-01")]
    [InlineData("2026-01-01T00:00:00")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("99999999999999999999")]
    public async Task asOf_must_be_a_revision_or_a_timestamp_with_offset(string asOf)
    {
        (await _service.Get($"/meta/pool?asOf={asOf}")).ShouldBeProblem(400, "?asOf", "notAValue");
        (await _service.PostText("/meta/pool", $$"""{ "filter": { "asOf": "{{asOf}}" } }""")).ShouldBeProblem(400, "#/filter/asOf", "notAValue");
    }

    [Fact]
    public async Task Past_responses_survive_a_restart()
    {
        using var folder = new TemporaryFolder();
        ServiceResponse before;
        await using (var first = await Service.StartInAsync(folder))
        {
            await first.SubmitStudy(TestData.Study("a", TestData.Effect(r: 0.2)));
            await first.SubmitStudy(TestData.Study("b", TestData.Effect(r: 0.4)));
            before = await first.Get("/meta/pool?asOf=2");
            await first.Delete("/studies/a", ("If-Match", "*"));
        }
        await using var second = await Service.StartInAsync(folder);
        Assert.Equal(before.Bytes, (await second.Get("/meta/pool?asOf=2")).Bytes);
    }

    private async Task ChangeEvidence()
    {
        (await _service.Put("/studies/a", TestData.Study("a", TestData.Effect(r: 0.9)).With("citation/year", 2001), ("If-Match", "*"))).ShouldBe(200);
        (await _service.Delete("/studies/b", ("If-Match", "*"))).ShouldBe(204);
        await _service.SubmitStudy(TestData.Study("d", TestData.Effect(r: 0.1)));
    }
}
