using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http;

/// <summary>Compressed and enormous bodies.</summary>
public sealed class RequestSizeTests(EmptyService empty) : IClassFixture<EmptyService>, IAsyncLifetime
{
    private const long HundredMegabytes = 100L * 1024 * 1024;

    private readonly Service _service = empty.Service;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => Assert.Equal(0, await _service.EvidenceRevision());

    // Objects take many times the memory of their text.
    [Theory]
    [InlineData("/meta/pool", "{ \"effects\": [", "{},", "{}] }", 1_000_001, "application/json")]
    [InlineData("/fhir", "{ \"resourceType\": \"Bundle\", \"entry\": [", "0,", "0] }", 1_000_001, "application/json")]
    [InlineData("/studies/batch", "[", "{},", "{}]", 200_001, "application/json")]
    [InlineData("/studies/batch", "", "{}\n", "", 200_001, "application/x-ndjson")]
    [InlineData("/studies/batch", "key\n", ",\n", "", 200_001, "text/csv")]
    public async Task A_body_has_a_limited_number_of_values(string path, string start, string item, string end, int count, string type)
    {
        var body = new StringBuilder(start).Insert(start.Length, item, count).Append(end);
        (await _service.PostText(path, body.ToString(), type)).ShouldBe(413);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_compressed_body_is_accepted(string encoding)
    {
        var body = Compress(encoding, stream => stream.Write(Encoding.UTF8.GetBytes(TestData.Study().ToJsonString())));
        (await _service.PostBytes("/studies?validateOnly=true", body, headers: ("Content-Encoding", encoding))).ShouldBe(200);
    }

    [Theory]
    [InlineData("/studies")]
    [InlineData("/studies/batch")]
    [InlineData("/meta/pool")]
    [InlineData("/meta/convert")]
    public async Task A_corrupt_compressed_body_is_malformed(string path)
    {
        var whole = Compress("gzip", stream => stream.Write(Encoding.UTF8.GetBytes(TestData.Study().ToJsonString())));
        var corrupt = whole.ToArray();
        corrupt[^12] ^= 0x55;
        foreach (var (name, body) in new[] { ("corrupt", corrupt), ("not", "not compressed at all"u8.ToArray()), ("cut", whole[..^9]) })
        {
            Assert.Equal($"{name} 400", $"{name} {(await _service.PostBytes(path, body, headers: ("Content-Encoding", "gzip"))).Status}");
        }
    }

    [Fact]
    public async Task An_unknown_content_encoding_is_refused() =>
        (await _service.PostBytes("/studies", "x"u8.ToArray(), headers: ("Content-Encoding", "zstd-ultra"))).ShouldBeProblem(415);

    [Theory]
    [InlineData("/studies")]
    [InlineData("/studies/batch")]
    [InlineData("/meta/pool")]
    [InlineData("/meta/convert")]
    public async Task A_decompression_bomb_is_stopped_at_the_size_limit(string path)
    {
        var bomb = Compress("gzip", stream =>
        {
            var chunk = new byte[1024 * 1024];
            chunk.AsSpan().Fill((byte)' ');
            for (var i = 0; i < 100; i++)
            {
                stream.Write(chunk);
            }
        });
        Assert.True(bomb.Length < 1024 * 1024);
        (await _service.PostBytes(path, bomb, headers: ("Content-Encoding", "gzip"))).ShouldBeProblem(413);
    }

    [Theory]
    [InlineData("/studies", "application/json")]
    [InlineData("/studies/batch", "text/csv")]
    [InlineData("/meta/pool", "application/json")]
    public async Task A_Content_Length_over_the_limit_is_refused_before_the_body_is_read(string path, string mediaType)
    {
        var content = new SpacesContent(HundredMegabytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        (await _service.Send(HttpMethod.Post, path, content, ("Expect", "100-continue"))).ShouldBeProblem(413);
        Assert.Equal(0, content.Sent);
    }

    [Theory]
    [InlineData("/studies", "application/json")]
    [InlineData("/studies/batch", "application/json")]
    [InlineData("/studies/batch", "text/csv")]
    [InlineData("/studies/batch", "application/x-ndjson")]
    [InlineData("/meta/pool", "application/json")]
    [InlineData("/meta/convert", "application/json")]
    public async Task A_chunked_body_is_cut_off_at_the_size_limit(string path, string mediaType)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(_service.Client.BaseAddress!.Host, _service.Client.BaseAddress.Port);
        await using var stream = connection.GetStream();
        using var reader = new StreamReader(stream, leaveOpen: true);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {mediaType}\r\nTransfer-Encoding: chunked\r\n\r\n"));
        var (answer, sent) = (reader.ReadLineAsync(), 0L);
        byte[] chunk = [.. "10000\r\n"u8, .. Enumerable.Repeat((byte)' ', 0x10000), .. "\r\n"u8];
        try
        {
            for (; sent < HundredMegabytes && !answer.IsCompleted; sent += 0x10000)
            {
                await stream.WriteAsync(chunk);
            }
        }
        catch (IOException)
        {
            // The service responded and closed the connection while the body was being sent.
        }
        Assert.StartsWith("HTTP/1.1 413", await answer, StringComparison.Ordinal);
        Assert.True(sent < HundredMegabytes, "all of it was taken");
    }

    [Fact]
    public async Task The_limit_can_be_set()
    {
        await using var small = await Service.StartAsync(("Limits__MaxBodyBytes", "1000"));
        (await small.Post("/studies", TestData.Study().With("note", new string('n', 900)))).ShouldBeProblem(413);
        (await small.Post("/studies", TestData.Study())).ShouldBe(201);
    }

    private static byte[] Compress(string encoding, Action<Stream> write)
    {
        using var target = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(target, CompressionLevel.Fastest, leaveOpen: true),
            _ => new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            write(stream);
        }

        return target.ToArray();
    }

    /// <summary>A body that is made while it is sent.</summary>
    private sealed class SpacesContent(long length) : HttpContent
    {
        public long Sent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var chunk = new byte[64 * 1024];
            chunk.AsSpan().Fill((byte)' ');
            for (; Sent < length; Sent += chunk.Length)
            {
                await stream.WriteAsync(chunk);
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return true;
        }
    }
}
