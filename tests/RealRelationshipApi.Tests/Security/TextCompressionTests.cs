using System.IO.Compression;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security;

/// <summary>Compression of public text, and how long it may be reused.</summary>
public sealed class TextCompressionTests(TextCompressionTests.PublicService shared) : IClassFixture<TextCompressionTests.PublicService>
{
    private readonly Service _service = shared.Service;

    [Theory]
    [InlineData("/meta/pool", "application/json")]
    [InlineData("/meta/pool?select=studies", "application/json")]
    [InlineData("/meta/pool.csv", "text/csv")]
    [InlineData("/meta/forest.svg", "image/svg+xml")]
    [InlineData("/meta/news.atom", "application/atom+xml")]
    [InlineData("/meta/report.md", "text/markdown")]
    [InlineData("/meta/citation.bib?of=studies", "application/x-bibtex")]
    [InlineData("/effects.csv", "text/csv")]
    [InlineData("/studies", "application/json")]
    [InlineData("/", "text/html")]
    [InlineData("/embed", "text/html")]
    [InlineData("/page.css", "text/css")]
    [InlineData("/page.js", "text/javascript")]
    [InlineData("/openapi/v1.json", "application/json")]
    public async Task Text_is_compressed_in_the_coding_that_the_client_prefers(string path, string mediaType)
    {
        var plain = (await _service.Get(path)).ShouldBe(200);
        foreach (var (accepted, coding) in new[] { ("gzip, deflate, br", "br"), ("gzip;q=1, br;q=0.2", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", null) })
        {
            var answer = (await _service.Get(path, ("Accept-Encoding", accepted))).ShouldBe(200);
            Assert.Equal((coding, mediaType), (answer.Header("Content-Encoding"), answer.MediaType));
            Assert.Equal(plain.Bytes, Decode(answer.Bytes, coding));
            Assert.Contains("Accept-Encoding", answer.Header("Vary"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/studies/illustration-01")]
    [InlineData("/about")]
    [InlineData("/practice")]
    [InlineData("/meta/convert?type=r&value=.3&n=80")]
    [InlineData("/export.zip")]
    public async Task Nothing_that_is_guarded_by_If_Match_short_or_compressed_is(string path) =>
        Assert.Null((await _service.Get(path, ("Accept-Encoding", "br, gzip"))).ShouldBe(200).Header("Content-Encoding"));

    [Fact]
    public async Task Data_of_a_site_are_never_compressed()
    {
        (await _service.PostSessions([.. Enumerable.Range(0, 36).Select(i => SessionTestData.RelationshipAndOutcome($"p{i / 3}", $"t{i % 4}", 1 + (i % 3),
            3 + (i * 7 % 11 / 10.0), (25 + (i * 5 % 13)) / 10.0))])).ShouldBe(201);
        foreach (var path in new[] { "/sessions", "/associations", "/associations.csv" })
        {
            var answer = (await _service.Get(path, ("Accept-Encoding", "br, gzip"))).ShouldBe(200);
            Assert.True(answer.Bytes.Length > 1024, path);
            Assert.Null(answer.Header("Content-Encoding"));
        }
    }

    [Fact]
    public async Task Each_coding_has_an_ETag_of_its_own()
    {
        var (plain, br) = ((await _service.Get("/meta/pool")).ShouldBe(200), (await _service.Get("/meta/pool", ("Accept-Encoding", "br"))).ShouldBe(200));
        Assert.Equal($"{plain.ETag![..^1]}.br\"", br.ETag);
        Assert.Equal(br.ETag, (await _service.Get("/meta/pool", ("Accept-Encoding", "br"), ("If-None-Match", br.ETag!))).ShouldBe(304).ETag);
        Assert.Equal(plain.ETag, (await _service.Get("/meta/pool", ("If-None-Match", $"\"x\", {plain.ETag}"))).ShouldBe(304).ETag);
        var some = (await _service.Get("/meta/pool?select=studies", ("Accept-Encoding", "gzip"))).ShouldBe(200);
        Assert.EndsWith(".gzip\"", some.ETag, StringComparison.Ordinal);
        Assert.Equal(some.ETag,
            (await _service.Get("/meta/pool?select=studies", ("Accept-Encoding", "gzip"), ("If-None-Match", $"W/\"y\", {some.ETag}"))).ShouldBe(304).ETag);
        (await _service.Get("/meta/pool?estimator=dl", ("Accept-Encoding", "br"), ("If-None-Match", br.ETag!))).ShouldBe(200);
    }

    [Theory]
    [InlineData("/meta/pool?asOf=20", true)]
    [InlineData("/meta/pool?asOf=20&source=studies&select=counts", true)]
    [InlineData("/meta/forest.svg?asOf=20", true)]
    [InlineData("/meta/changes?from=17&to=20", true)]
    [InlineData("/meta/news?asOf=20&limit=2", true)]
    [InlineData("/meta/pool", false)]
    [InlineData("/meta/pool?minRevision=20", false)]
    [InlineData("/meta/pool?asOf=20&source=all", false)] // sites may withdraw associations
    [InlineData("/meta/pool?asOf=2099-01-01T00:00:00Z", null)]
    [InlineData("/meta/changes?from=17", false)]
    [InlineData("/meta/agreement?asOf=20", false)] // codings are of now
    [InlineData("/meta/report?asOf=20", false)] // shows documents of the operator
    [InlineData("/?asOf=20", false)]
    [InlineData("/embed?asOf=20", false)]
    [InlineData("/meta/news.atom?asOf=20", false)]
    public async Task Answers_of_a_numbered_revision_are_cacheable_for_a_day(string path, bool? isPermanent)
    {
        // The second one comes from the cache of the service.
        for (var i = 0; i < 2; i++)
        {
            var answer = await _service.Get(path);
            if (isPermanent is null)
            {
                Assert.Equal("no-store", answer.ShouldBeProblem(422).Header("Cache-Control"));
                continue;
            }

            var expected = isPermanent.Value ? "public, max-age=86400, immutable" : "no-cache";
            Assert.Equal(expected, answer.ShouldBe(200).Header("Cache-Control"));
            Assert.Equal("Accept, Accept-Encoding, Authorization, X-API-Key, Origin", answer.Header("Vary"));
            var unchanged = (await _service.Get(path, ("If-None-Match", answer.ETag!))).ShouldBe(304);
            Assert.Equal((expected, answer.Header("Vary")), (unchanged.Header("Cache-Control"), unchanged.Header("Vary")));
        }
    }

    private static byte[] Decode(byte[] bytes, string? coding)
    {
        using var compressed = new MemoryStream(bytes);
        using var plain = new MemoryStream();
        using Stream decoded = coding switch
        {
            "br" => new BrotliStream(compressed, CompressionMode.Decompress),
            "gzip" => new GZipStream(compressed, CompressionMode.Decompress),
            _ => compressed,
        };
        decoded.CopyTo(plain);
        return plain.ToArray();
    }

    public sealed class PublicService() : SharedService(("Demo__Load", "true"), ("Access__PublicRead", "true"));
}
