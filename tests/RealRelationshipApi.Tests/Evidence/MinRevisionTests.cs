using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Evidence;

/// <c>minRevision</c>: read your own writes from any replica.
public sealed class MinRevisionTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartAsync();
        await _service.SubmitStudy(TestData.Study("a"));
        await _service.SubmitStudy(TestData.Study("b"));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("/meta/pool?")]
    [InlineData("/meta/moderators?by=outcomeType&")]
    [InlineData("/meta/sensitivity?")]
    [InlineData("/meta/changes?from=1&")]
    [InlineData("/meta/references?")]
    [InlineData("/meta/options?")]
    public async Task A_reached_minRevision_changes_nothing_and_a_future_one_is_refused(string question)
    {
        var plain = (await _service.Get(question.TrimEnd('?', '&'))).ShouldBe(200);
        var asked = (await _service.Get($"{question}minRevision=2")).ShouldBe(200);
        Assert.Equal((plain.Text, plain.ETag), (asked.Text, asked.ETag));
        (await _service.Get($"{question}minRevision=3")).ShouldBeProblem(422, "?minRevision", "future");
        (await _service.Get($"{question}minRevision=soon")).ShouldBeProblem(400, "?minRevision", "notAValue");
    }

    [Fact]
    public async Task A_body_sets_minRevision_in_its_filter()
    {
        Assert.Equal(2, (await _service.PostText("/meta/pool", """{ "filter": { "minRevision": 2 } }""")).ShouldBe(200).Number("data/revision"));
        (await _service.PostText("/meta/pool", """{ "filter": { "minRevision": 3 } }""")).ShouldBeProblem(422, "#/filter/minRevision", "future");
        (await _service.PostText("/meta/pool", """{ "filter": { "minRevision": -1 } }""")).ShouldBeProblem(422, "#/filter/minRevision", "tooSmall");
        (await _service.PostText("/meta/pool", """{ "filter": { "minRevision": "2" } }""")).ShouldBeProblem(400);
    }

    [Fact]
    public async Task asOf_before_minRevision_is_refused()
    {
        (await _service.Get("/meta/pool?asOf=1&minRevision=2")).ShouldBeProblem(422, "?minRevision", "afterAsOf");
        (await _service.Get("/meta/changes?from=0&to=1&minRevision=2")).ShouldBeProblem(422, "?minRevision", "afterAsOf");
        Assert.Equal(2, (await _service.Get("/meta/pool?asOf=2&minRevision=1")).ShouldBe(200).Number("data/revision"));
    }
}
