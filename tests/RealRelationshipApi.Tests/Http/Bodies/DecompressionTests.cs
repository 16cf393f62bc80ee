using System.IO.Compression;
using System.Text;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http.Bodies;

/// <summary>Limits after decompression, for bodies that are read as a whole and for streams, which have no other limit.</summary>
public sealed class DecompressionTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private const string Ndjson = "application/x-ndjson";

    private readonly Service _service = empty.Service;

    public static TheoryData<string, string> Encodings => new MatrixTheoryData<string, string>(["/sessions", "/studies/batch", "/meta/pool", "/fhir"],
        ["gzip", "br", "deflate"]);

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Corrupt_data_is_malformed_in_every_encoding(string path, string encoding)
    {
        var whole = Compress(encoding, Encoding.UTF8.GetBytes(new string('x', 100)));
        foreach (var body in new[] { "not compressed at all, whatever the header says"u8.ToArray(), whole[..^2], [.. whole.Select(b => (byte)(b ^ 0xA5))] })
        {
            Assert.Equal(400, (await _service.PostBytes(path, body, MediaTypeOf(path), ("Content-Encoding", encoding))).Status);
        }
    }

    [Theory]
    [InlineData("/sessions", "gzip")]
    [InlineData("/sessions", "br")]
    [InlineData("/studies/batch", "br")]
    public async Task A_stream_that_grows_too_much_is_refused(string path, string encoding)
    {
        var bomb = Compress(encoding, Encoding.UTF8.GetBytes(new string(path == "/sessions" ? '\n' : ' ', 4_000_000)));
        var answer = (await _service.PostBytes(path, bomb, Ndjson, ("Content-Encoding", encoding))).ShouldBeProblem(413);
        Assert.Contains("200 times", answer.String("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_in_the_background_that_grows_too_much_is_refused()
    {
        var bomb = Compress("br", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{}\n", 4_000_000))));
        (await _service.PostBytes("/sessions", bomb, Ndjson, ("Content-Encoding", "br"), ("Prefer", "respond-async"))).ShouldBeProblem(413);
        Assert.Empty(Directory.Exists(_service.StorePath + ".imports") ? Directory.GetFiles(_service.StorePath + ".imports") : []);
    }

    [Fact]
    public async Task The_length_after_decompression_is_limited()
    {
        await using var service = await Service.StartAsync(("Limits__MaxDecompressedBytes", "5000"));
        var (small, large) = (new string('\n', 4999), new string('\n', 5001));
        (await service.PostBytes("/sessions", Compress("gzip", Encoding.UTF8.GetBytes(large)), Ndjson, ("Content-Encoding", "gzip"))).ShouldBeProblem(413);
        var answer = await service.PostBytes("/sessions", Compress("gzip", Encoding.UTF8.GetBytes(small)), Ndjson, ("Content-Encoding", "gzip"));
        answer.ShouldBe(200);
        Assert.Equal((0, 0), (answer.At("accepted")!.GetValue<int>(), answer.At("results")!.AsArray().Count));
    }

    private static string MediaTypeOf(string path) => path switch
    {
        "/sessions" or "/studies/batch" => Ndjson,
        "/fhir" => "application/fhir+json",
        _ => "application/json",
    };

    private static byte[] Compress(string encoding, byte[] content)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(compressed, CompressionLevel.SmallestSize),
            "br" => new BrotliStream(compressed, CompressionLevel.Optimal),
            _ => new ZLibStream(compressed, CompressionLevel.SmallestSize),
        })
        {
            stream.Write(content);
        }

        return compressed.ToArray();
    }
}
