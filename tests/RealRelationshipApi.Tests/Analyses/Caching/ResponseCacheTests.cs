using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Caching;

/// <summary>Responses over the stored evidence are computed once per revision and query.</summary>
public sealed class ResponseCacheTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartAsync(("Limits__RequestsPerDay", "1000"), ("Limits__RequestsPerMinute", "0"));
        await _service.SubmitStudy(TestData.Study("a", TestData.Effect(r: 0.2)));
        await _service.SubmitStudy(TestData.Study("b", TestData.Effect(r: 0.4)).With("citation/year", 2010));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("/meta/pool?test=z&estimator=dl")]
    [InlineData("/meta/pool.csv")]
    [InlineData("/meta/moderators?by=year")]
    [InlineData("/meta/forest.svg")]
    [InlineData("/meta/citation.bib")]
    [InlineData("/meta/report.md")]
    [InlineData("/export.zip")]
    [InlineData("/")]
    public async Task The_second_response_is_byte_identical_and_comes_from_the_cache(string question)
    {
        var first = (await _service.Get(question)).ShouldBe(200);
        var second = (await _service.Get(question)).ShouldBe(200);
        Assert.Equal(first.Bytes, second.Bytes);
        foreach (var header in new[] { "ETag", "Content-Type", "Cache-Control", "Vary", "Content-Disposition", "Content-Security-Policy",
            "X-Content-Type-Options" })
        {
            Assert.Equal(first.Header(header), second.Header(header));
        }

        Assert.Equal(1, Hits);
        (await _service.Get(question, ("If-None-Match", first.ETag!))).ShouldBe(304);
        Assert.Equal(2, Hits);
    }

    [Fact]
    public async Task The_cache_key_is_canonical_in_parameter_order_but_exact()
    {
        var answer = await _service.Get("/meta/pool?test=z&exclude=a");
        Assert.Equal(answer.Bytes, (await _service.Get("/meta/pool?exclude=a&test=z")).Bytes);
        Assert.Equal(1, Hits);
        (await _service.Get("/meta/pool?exclude=nobody%0Atest%3Dz")).ShouldBe(200);
        (await _service.Get("/meta/pool?exclude=nobody%26test%3Dz")).ShouldBe(200);
        Assert.Equal("z", (await _service.Get("/meta/pool?exclude=nobody&test=z")).Json["model"]!["test"]!.GetValue<string>());
        Assert.Equal(1, Hits);
        Assert.NotEqual((await _service.Get("/meta/pool?exclude=nobody%0Atest%3Dz")).ETag, (await _service.Get("/meta/pool?exclude=nobody&test=z")).ETag);
    }

    [Fact]
    public async Task Each_media_type_and_revision_has_its_own_cache_entry()
    {
        var json = (await _service.Get("/meta/pool")).ShouldBe(200);
        var csv = (await _service.Get("/meta/pool", ("Accept", "text/csv"))).ShouldBe(200);
        Assert.StartsWith("text/csv", csv.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Equal(json.Bytes, (await _service.Get("/meta/pool")).Bytes);
        Assert.Equal(csv.Bytes, (await _service.Get("/meta/pool", ("Accept", "text/csv"))).Bytes);
        await _service.SubmitStudy(TestData.Study("c"));
        Assert.Equal(3, (await _service.Get("/meta/pool")).Number("used"));
        Assert.Equal(2, (await _service.Get("/meta/pool?asOf=2")).Number("used"));
    }

    [Fact]
    public async Task A_response_of_several_chunks_is_whole_both_times()
    {
        await using var service = await Service.StartAsync();
        (await service.Post("/studies/batch", new JsonArray([.. Enumerable.Range(0, 600).Select(i => TestData.Study($"study-{i}"))]))).ShouldBe(201);
        var first = (await service.Get("/meta/pool")).ShouldBe(200);
        Assert.InRange(first.Text.Length, 128 * 1024, int.MaxValue);
        Assert.Equal(600, first.At("studies")!.AsArray().Count);
        Assert.Equal(first.Text, (await service.Get("/meta/pool")).Text);
    }

    [Fact]
    public async Task Error_responses_are_not_cached()
    {
        (await _service.Get("/meta/pool?country=XX")).ShouldBeProblem(422);
        (await _service.Get("/meta/pool?country=XX")).ShouldBeProblem(422);
        (await _service.Get("/meta/pool?estimator=best")).ShouldBeProblem(400);
        (await _service.Get("/meta/pool?asOf=99")).ShouldBeProblem(422);
        Assert.Equal(0, Hits);
        await _service.SubmitStudy(TestData.Study("c").With("country", "XX"));
        (await _service.Get("/meta/pool?country=XX")).ShouldBe(200);
    }

    [Fact]
    public async Task A_response_larger_than_the_cache_limit_is_sent_whole_but_not_cached()
    {
        await using var small = await Service.StartAsync(("Demo__Load", "true"), ("Cache__MaxBytes", "48000"));
        var first = (await small.Get("/meta/sensitivity")).ShouldBe(200);
        Assert.True(first.Bytes.Length > 12_000, "the answer is short enough to be kept");
        Assert.Equal(first.Bytes, (await small.Get("/meta/sensitivity")).Bytes);
        (await small.Get("/meta/options")).ShouldBe(200);
        Assert.Equal(0, small.Services.GetRequiredService<ResponseCache>().Statistics.TotalHits);
        (await small.Get("/meta/report.txt?parts=estimate&parts=certainty")).ShouldBe(200);
        (await small.Get("/meta/report.txt?parts=estimate&parts=certainty")).ShouldBe(200);
        Assert.Equal(1, small.Services.GetRequiredService<ResponseCache>().Statistics.TotalHits);
    }

    [Fact]
    public async Task A_full_cache_admits_repeated_queries_only_and_a_new_revision_empties_it()
    {
        await using var small = await Service.StartAsync(("Demo__Load", "true"), ("Cache__MaxBytes", "48000"));
        foreach (var confidence in Enumerable.Range(60, 30))
        {
            (await small.Get($"/meta/report.txt?parts=estimate&parts=certainty&confidence=0.{confidence}")).ShouldBe(200);
        }

        // The cache makes room in the background, and until then takes none of those that come again either.
        Assert.InRange(await AsksUntilKept("/meta/report.txt?parts=estimate&parts=certainty&test=z"), 3, 50);
        Assert.InRange(await AsksUntilKept("/meta/report.txt?parts=estimate&parts=certainty&test=t"), 3, 50);
        await small.SubmitStudy(TestData.Study("another"));
        Assert.Equal(2, await AsksUntilKept("/meta/report.txt?parts=estimate&parts=certainty&test=z"));

        async Task<int> AsksUntilKept(string question)
        {
            var kept = small.Services.GetRequiredService<ResponseCache>();
            var before = kept.Statistics.TotalHits;
            for (var asks = 1; asks < 100; asks++)
            {
                (await small.Get(question)).ShouldBe(200);
                if (kept.Statistics.TotalHits > before)
                {
                    return asks;
                }
            }

            return int.MaxValue;
        }
    }

    [Fact]
    public async Task A_cache_of_size_zero_is_disabled()
    {
        await using var none = await Service.StartAsync(("Demo__Load", "true"), ("Cache__MaxBytes", "0"));
        Assert.Equal((await none.Get("/meta/pool")).Bytes, (await none.Get("/meta/pool")).Bytes);
        Assert.Equal(0, none.Services.GetRequiredService<ResponseCache>().Statistics.TotalHits);
    }

    [Fact]
    public async Task Cached_responses_require_authorization_and_carry_the_callers_own_rate_limit_headers()
    {
        await ProductionService.CreateKeyAsync(_service, "operator", [Scopes.Admin]);
        var (one, other) = (("X-API-Key", await ProductionService.CreateKeyAsync(_service, "one", [Scopes.MetaRead])),
            ("X-API-Key", await ProductionService.CreateKeyAsync(_service, "other", [Scopes.MetaRead])));
        var stranger = ("X-API-Key", await ProductionService.CreateKeyAsync(_service, "stranger", [Scopes.StudiesWrite]));
        for (var left = 999; left > 996; left--)
        {
            Assert.Contains($"r={left};", (await _service.Get("/meta/pool", one)).ShouldBe(200).Header("RateLimit"), StringComparison.Ordinal);
        }

        Assert.Contains("r=999;", (await _service.Get("/meta/pool", other)).ShouldBe(200).Header("RateLimit"), StringComparison.Ordinal);
        (await _service.Get("/meta/pool", stranger)).ShouldBeProblem(403);
        (await _service.Get("/meta/pool", ("X-API-Key", "rr_no_key"))).ShouldBeProblem(401);
    }

    [Fact]
    public void Every_operation_on_stored_evidence_has_response_caching()
    {
        var asked = _service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true
                && e.Metadata.GetMetadata<System.Reflection.MethodInfo>()?.GetParameters().Any(p => p.ParameterType == typeof(AnalysisService)) == true)
            .ToList();
        Assert.True(asked.Count > 20, $"only {asked.Count} operations were found");
        // A site's sessions and second codings change without the evidence, and subsets are sent while they are fitted.
        Assert.Empty(asked.Where(e => !e.RoutePattern.RawText!.StartsWith("/associations", StringComparison.Ordinal)
                && e.RoutePattern.RawText is not ("/meta/agreement" or "/meta/gosh.csv"))
            .Where(e => !e.Metadata.Any(m => m is ResponseCache.ResponseCachingMetadata)).Select(e => e.RoutePattern.RawText));
    }

    private long Hits => _service.Services.GetRequiredService<ResponseCache>().Statistics.TotalHits;
}
