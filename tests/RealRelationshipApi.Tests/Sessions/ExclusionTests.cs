using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Sessions;

/// <summary>Everything that takes no part is counted, by its reason, and counted no more once it does.</summary>
public sealed class ExclusionTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_session_without_a_counterpart()
    {
        await _service.Post(X("p", 1), Y("p", 2), X("q", 1), Y("q", 1), X("q", 2), Y("q", 2));
        Assert.Equal("noPair 2", await Excluded());
        await _service.Post(Y("p", 1), X("p", 2));
        Assert.Equal("", await Excluded());
    }

    [Fact]
    public async Task A_client_with_one_session()
    {
        await _service.Post(X("p", 1), Y("p", 1));
        Assert.Equal("oneSession 1", await Excluded());
    }

    [Fact]
    public async Task A_status_that_holds_back()
    {
        foreach (var (i, status) in new[] { "preliminary", "inProgress", "registered", "stopped", "cancelled", "unknown" }.Index())
        {
            (await _service.Post(Messages.Session("p", i + 1, Messages.Measure($"m{i}", "srs", 30, status: status)))).ShouldBe(201);
        }

        Assert.Equal("wrongStatus 6", await Excluded());
        await _service.Post(Messages.Session("p", 1, Messages.Measure("m0", "srs", 30, version: 2)), X("p", 1), X("p", 2), Y("p", 2));
        Assert.Equal("wrongStatus 5", await Excluded());
    }

    [Fact]
    public async Task A_withdrawal()
    {
        await _service.Post(X("p", 1), Y("p", 1), X("p", 2), Y("p", 2), X("p", 3), Messages.Withdrawal("p.3.x"));
        Assert.Equal("retracted 1", await Excluded());
    }

    [Fact]
    public async Task A_first_score_after_the_first_relationship()
    {
        await _service.Post(X("p", 1), X("p", 3), Phq("p", 2), Phq("p", 5));
        Assert.Equal("noPair 2, noPreScore 1", await Excluded());
    }

    [Fact]
    public async Task A_relationship_after_the_last_score()
    {
        await _service.Post(Phq("p", 1), Phq("p", 2), X("p", 3), X("p", 4));
        Assert.Equal("noPair 2, xAfterPost 1", await Excluded());
    }

    [Fact]
    public async Task A_treatment_without_a_second_score()
    {
        await _service.Post(Phq("p", 1), X("p", 2));
        Assert.Equal("noPair 2", await Excluded());
    }

    [Fact]
    public async Task A_form_that_changes_in_the_middle()
    {
        await _service.Post(X("p", 1), Y("p", 1), X("p", 2), Y("p", 2));
        (await _service.Post("/instruments", new JsonObject { ["code"] = "rri-c-sf", ["reversed"] = new JsonArray(2, 5) })).ShouldBe(201);
        var keyed = Messages.Measure("p.3.x", "rri-c-sf", 0).Without("score");
        keyed["items"] = new JsonArray(5, 1, 5, 5, 1, 5, 4, 4);
        (await _service.Post(Messages.Session("p", 3, keyed), Y("p", 3))).ShouldBe(207);
        Assert.Equal("noPair 1, formChanged 1", await Excluded());
    }

    private static JsonObject X(string patient, int number) => Messages.Session(patient, number, Messages.Measure($"{patient}.{number}.x", "rri-c-sf", 3 + number * number % 5 * 0.3));

    private static JsonObject Y(string patient, int number) => Messages.Session(patient, number, Messages.Measure($"{patient}.{number}.y", "srs", 20 + number * 3 % 7));

    private static JsonObject Phq(string patient, int number) => Messages.Session(patient, number, Messages.Measure($"{patient}.{number}.z", "phq-9", 20 - number));

    private async Task<string> Excluded() =>
        string.Join(", ", (await _service.Get("/associations")).ShouldBe(200).At("excluded")!.AsArray().Select(e => $"{e.At("reason")!.GetValue<string>()} {e.At("count")!.GetValue<int>()}"));
}
