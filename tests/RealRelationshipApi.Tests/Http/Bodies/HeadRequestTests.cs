using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http.Bodies;

/// <summary>HEAD is answered like GET, without the body.</summary>
public sealed class HeadRequestTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Theory]
    [InlineData("/")]
    [InlineData("/meta/pool")]
    [InlineData("/meta/forest.svg")]
    [InlineData("/effects.csv")]
    [InlineData("/studies?limit=3")]
    [InlineData("/health/ready")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/studies/missing")]
    [InlineData("/meta/pool?estimator=none")]
    public async Task Head_has_the_status_and_headers_of_get(string path)
    {
        var (get, head) = (await _service.Get(path), await _service.Send(HttpMethod.Head, path, null));
        head.ShouldBe(get.Status);
        Assert.Empty(head.Bytes);
        Assert.Equal(get.MediaType, head.MediaType);
        Assert.Equal(get.ETag, head.ETag);
        Assert.Equal(get.Bytes.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), head.Header("Content-Length"));
    }

    [Fact]
    public async Task Head_of_what_only_takes_post_is_not_allowed()
    {
        var answer = (await _service.Send(HttpMethod.Head, "/erasures", null)).ShouldBe(405);
        Assert.Equal("POST", answer.Header("Allow"));
        Assert.Empty(answer.Bytes);
    }

    [Fact]
    public async Task A_matching_ETag_is_not_modified()
    {
        var tag = (await _service.Get("/meta/pool")).ETag!;
        (await _service.Send(HttpMethod.Head, "/meta/pool", null, ("If-None-Match", tag))).ShouldBe(304);
    }
}
