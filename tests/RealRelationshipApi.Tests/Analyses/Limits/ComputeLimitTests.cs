using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Testing;

using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Security.RateLimiting;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Limits;

/// <summary>What one caller may cost the others.</summary>
public sealed class ComputeLimitTests
{
    // Minutes of computing, where nothing ends it: samples of ten effects, each with its own variance.
    private const int ManyEffects = 20_000;

    [Theory]
    [InlineData("/meta/sensitivity")]
    [InlineData("/meta/cumulative.svg")]
    [InlineData("/meta/moderators")]
    public async Task An_analysis_that_takes_too_long_is_refused(string path)
    {
        await using var service = await Service.StartAsync(("Limits__ComputeSeconds", "1"));
        var refused = (await service.Post(path, ManyEffectsBody(path))).ShouldBeProblem(422, "#", "tooCostly");
        Assert.Contains("1 s", refused.String("detail"), StringComparison.Ordinal);
        Assert.Matches(@"About [\d,]+ of the 20,000 effects would fit\.", refused.String("detail"));
        (await service.Get("/meta/references")).ShouldBe(200);
    }

    [Fact]
    public async Task An_analysis_is_admitted_by_memory_and_by_the_size_of_its_response()
    {
        await using var service = await Service.StartAsync(("Limits__MaxAnswerBytes", "100000"));
        JsonObject Effects(int count, int perSample) => new()
        {
            ["effects"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => new JsonObject
            {
                ["r"] = Math.Round(0.3 + (0.3 * Math.Sin(i)), 3), ["n"] = 20 + i, ["sample"] = $"s{i / perSample}",
            })]),
        };
        (await service.Post("/meta/pool", Effects(200, 1))).ShouldBe(200);
        Assert.Contains("The response would have", (await service.Post("/meta/pool", Effects(600, 1))).ShouldBeProblem(422, "#", "tooCostly").String("detail"),
            StringComparison.Ordinal);
        Assert.Contains("MB of memory", (await service.Post("/meta/pool", Effects(6_000, 5_999))).ShouldBeProblem(422, "#", "tooCostly").String("detail"),
            StringComparison.Ordinal);
    }

    /// <summary>Studies that each share a sample with the next are one cluster, beside a few others: its robust variance takes a time linear in its effects,
    /// and deletions, each of which is a fit, are refused at once.</summary>
    [Fact]
    public async Task Deletions_in_a_large_cluster_of_studies_are_refused_with_its_size()
    {
        await using var service = await Service.StartAsync(("Limits__ComputeSeconds", "3"));
        var body = new JsonObject
        {
            ["effects"] = new JsonArray([.. Enumerable.Range(0, 1_000).Select(i => new JsonObject
            {
                ["r"] = Math.Round(0.3 + (0.3 * Math.Sin(i)), 3), ["n"] = 20 + (i % 50), ["sample"] = $"s{(i + 1) / 2}",
                ["study"] = i < 900 ? $"t{i / 2}" : $"s{(i + 1) / 2}",
            })]),
            ["model"] = new JsonObject { ["cluster"] = "study" },
        };
        (await service.Post("/meta/pool", body)).ShouldBe(200);
        var detail = (await service.Post("/meta/sensitivity", body)).ShouldBeProblem(422, "#", "tooCostly").String("detail");
        Assert.Contains("The largest cluster of studies that share samples has 901 effects; cluster=sample costs less", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_analysis_ends_when_its_client_has_gone()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Limits__ConcurrentAnalyses", "1"), ("Limits__ComputeSeconds", "86400"));
        var limiter = service.Services.GetRequiredService<ComputeLimiter>();
        using (var impatient = new CancellationTokenSource())
        {
            using var content = new StringContent(ManyEffectsBody("/meta/sensitivity").ToJsonString(), System.Text.Encoding.UTF8, "application/json");
            var request = service.Client.PostAsync("/meta/sensitivity", content, impatient.Token);
            await Wait.UntilAsync(() => Task.FromResult(limiter.RunningAnalyses == 1));
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        }

        (await service.Get("/meta/pool")).ShouldBe(200);
        Assert.Empty(service.LoggedErrors.ToString());
    }

    [Fact]
    public async Task A_caller_leaves_a_turn_for_others()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Limits__ConcurrentAnalyses", "3"));
        var limiter = service.Services.GetRequiredService<ComputeLimiter>();
        var (greedy, modest) = (new RateLimitClient("a", "greedy", ""), new RateLimitClient("a", "modest", ""));
        using var first = await limiter.TryAcquireAsync(greedy, isCostly: true, default);
        using var second = await limiter.TryAcquireAsync(greedy, isCostly: true, default);
        var third = limiter.TryAcquireAsync(greedy, isCostly: true, default).AsTask();
        Assert.False(third.IsCompleted);
        using (var other = await limiter.TryAcquireAsync(modest, isCostly: true, default))
        {
            Assert.NotNull(other);
        }

        Assert.False(third.IsCompleted);
        first!.Dispose();
        using var last = await third;
        Assert.NotNull(last);
    }

    [Fact]
    public async Task A_cheap_analysis_does_not_wait_for_costly_ones_of_its_caller()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Limits__ConcurrentAnalyses", "2"), ("Limits__ComputeSeconds", "86400"));
        var limiter = service.Services.GetRequiredService<ComputeLimiter>();
        using var impatient = new CancellationTokenSource();
        using var many = new StringContent(ManyEffectsBody("/meta/sensitivity").ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        // Known to be costly only when its cost is estimated.
        using var few = new StringContent(ManyEffectsBody("/meta/sensitivity", AnalysisRun.MaxCheapEffects).ToJsonString(), System.Text.Encoding.UTF8,
            "application/json");
        var first = service.Client.PostAsync("/meta/sensitivity", many, impatient.Token);
        await Wait.UntilAsync(() => Task.FromResult(limiter.RunningAnalyses == 1));
        var second = service.Client.PostAsync("/meta/sensitivity", few, impatient.Token);
        await Wait.UntilAsync(() => Task.FromResult(limiter is { RunningAnalyses: 1, QueuedAnalyses: 1 }));
        (await service.Get("/meta/pool")).ShouldBe(200);
        Assert.Equal((1, 1), (limiter.RunningAnalyses, limiter.QueuedAnalyses));
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await Wait.UntilAsync(() => Task.FromResult(limiter is { RunningAnalyses: 0, QueuedAnalyses: 0 }));
    }

    [Fact]
    public async Task A_comparison_and_the_associations_of_a_site_are_admitted_by_cost()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Limits__MaxAnswerBytes", "2000"));
        (await service.PostSessions([.. Enumerable.Range(0, 4).Select(i =>
            SessionTestData.RelationshipAndOutcome($"p{i}", "t", 1, SessionTestData.Level(i), SessionTestData.Level(i + 1)))])).ShouldBe(201);
        Assert.Contains("The response would have", (await service.Get("/meta/changes?from=0")).ShouldBeProblem(422, "#", "tooCostly").String("detail"),
            StringComparison.Ordinal);
        foreach (var path in (string[])["/associations", "/associations.csv", "/associations.svg"])
        {
            (await service.Get(path)).ShouldBeProblem(422, "#", "tooCostly");
        }
    }

    [Fact]
    public async Task A_caller_cannot_fill_the_queue_of_others()
    {
        await using var service = await Service.StartAsync(("Limits__ConcurrentAnalyses", "2"));
        var limiter = service.Services.GetRequiredService<ComputeLimiter>();
        var greedy = new RateLimitClient("a", "greedy", "");
        var turns = Enumerable.Range(0, 200).Select(_ => limiter.TryAcquireAsync(greedy, isCostly: true, default).AsTask()).ToList();
        Assert.Contains(turns, turn => turn is { IsCompletedSuccessfully: true, Result: null });
        Assert.False(limiter.IsOverloaded);
        using var other = await limiter.TryAcquireAsync(new("b", "", ""), isCostly: true, default);
        Assert.NotNull(other);
        foreach (var turn in turns)
        {
            (await turn)?.Dispose();
        }
    }

    [SlowTheory("It fits a moderator of 100 levels.")]
    [InlineData("/meta/moderators", "by")]
    [InlineData("/meta/regression", "terms")]
    public async Task A_moderator_has_at_most_100_levels(string path, string member)
    {
        await using var service = await Service.StartAsync();
        (await service.Post(path, Levels(101, member))).ShouldBeProblem(422, $"#/{member}/0", "tooManyLevels");
        (await service.Post(path, Levels(100, member))).ShouldBe(200);
    }

    private static JsonObject ManyEffectsBody(string path, int count = ManyEffects)
    {
        var body = new JsonObject
        {
            ["effects"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => new JsonObject
            {
                ["r"] = Math.Round(0.3 + (0.3 * Math.Sin(i)), 3), ["n"] = 20 + (i % 300),
                ["sample"] = path == "/meta/moderators" ? $"s{i}" : $"s{i / 10}",
                ["moderators"] = path == "/meta/moderators" ? new JsonObject { ["a"] = $"a{i % 23}", ["b"] = $"b{i % 19}", ["c"] = $"c{i % 17}" } : null,
            })]),
        };
        foreach (var effect in path == "/meta/moderators" ? [] : body["effects"]!.AsArray())
        {
            effect!.AsObject().Remove("moderators");
        }

        if (path == "/meta/moderators")
        {
            body["by"] = new JsonArray("a", "b", "c");
        }

        return body;
    }

    private static JsonObject Levels(int levels, string member) => new()
    {
        ["effects"] = new JsonArray([.. Enumerable.Range(0, 2 * levels).Select(i => new JsonObject
        {
            ["r"] = Math.Round(0.3 + (0.3 * Math.Sin(i)), 3), ["n"] = 50, ["moderators"] = new JsonObject { ["level"] = $"l{i % levels}" },
        })]),
        [member] = new JsonArray("level"),
    };
}
