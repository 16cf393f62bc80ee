using System.Net.Sockets;
using System.Text;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Ingest;

/// <summary>Streams that are long, broken, cut, and sent twice.</summary>
public sealed class SessionStreamTests : IAsyncLifetime
{
    private const int Lines = 10_000;

    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [SlowFact("It stores 20,000 lines.")]
    public async Task Malformed_lines_are_located_and_the_others_stored()
    {
        var text = string.Concat(Enumerable.Range(1, Lines).Select(line => line % 10 == 0
            ? (line % 20 == 0 ? "{\"sourceSystem\":\"ehr\",\n" : SessionTestData.RelationshipAndOutcome($"p{line}", "t1", 0, 4, 30).ToJsonString() + "\n")
            : SessionTestData.RelationshipAndOutcome($"p{line / 5}", $"t{line % 7}", line % 5 + 1, 3 + line % 9 * 0.2, 20 + line % 11).ToJsonString() + "\n"));
        var answer = (await _service.PostText("/sessions", text, "application/x-ndjson")).ShouldBe(207);
        Assert.Equal((Lines * 9 / 10, Lines / 10), (answer.At("accepted")!.GetValue<int>(), answer.At("rejected")!.GetValue<int>()));
        var results = answer.At("results")!.AsArray();
        Assert.Equal(Lines, results.Count);
        foreach (var (i, result) in results.Index())
        {
            var line = i + 1;
            Assert.Equal(i, result.At("index")!.GetValue<int>());
            Assert.Equal(line % 20 == 0 ? 400 : line % 10 == 0 ? 422 : 201, result.At("status")!.GetValue<int>());
            if (line % 20 == 0)
            {
                Assert.StartsWith($"line {line}:", result.At("errors/0/detail")!.GetValue<string>(), StringComparison.Ordinal);
            }
            else if (line % 10 == 0)
            {
                Assert.Equal("#/sessionNumber", result.At("errors/0/pointer")!.GetValue<string>());
            }
        }

        Assert.Equal(["18000"], RawStore.Query(_service.StorePath, "SELECT count(*) FROM measure_version"));
    }

    [Fact]
    public async Task A_resent_stream_is_stored_once()
    {
        var file =
            SessionTestData.ToNdjson(
                Enumerable.Range(0, 300)
                    .Select(i => SessionTestData.RelationshipAndOutcome($"p{i % 40}", $"t{i % 4}", i / 40 + 1, 3 + i % 9 * 0.2, 20 + i % 11)));
        Assert.Equal(300, (await _service.PostText("/sessions", file, "application/x-ndjson")).ShouldBe(201).At("accepted")!.GetValue<int>());
        var first = (await _service.Get("/associations")).ShouldBe(200);
        var again = (await _service.PostText("/sessions", file, "application/x-ndjson")).ShouldBe(200);
        Assert.All(again.At("results")!.AsArray(), r => Assert.Equal(200, r.At("status")!.GetValue<int>()));
        Assert.Equal(first.Text, (await _service.Get("/associations")).Text);
        Assert.Equal(["600"], RawStore.Query(_service.StorePath, "SELECT count(*) FROM measure_version"));
    }

    [Fact]
    public async Task A_truncated_stream_loses_only_its_last_line()
    {
        var text = SessionTestData.ToNdjson(Enumerable.Range(1, 5).Select(i => SessionTestData.RelationshipAndOutcome("p1", "t1", i, 4, 30)));
        var answer = (await _service.PostText("/sessions", text[..^40], "application/x-ndjson")).ShouldBe(207);
        Assert.Equal((4, 1), (answer.At("accepted")!.GetValue<int>(), answer.At("rejected")!.GetValue<int>()));
        Assert.Equal(400, answer.At("results/4/status")!.GetValue<int>());
        Assert.Equal(5, (await _service.PostText("/sessions", text, "application/x-ndjson")).ShouldBe(201).At("accepted")!.GetValue<int>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_interrupted_by_a_lost_connection_can_be_resent(bool isReset)
    {
        var sessions = Enumerable.Range(0, 400).Select(i => SessionTestData.RelationshipAndOutcome($"p{i}", "t1", 1, 3 + i % 9 * 0.2, 20 + i % 11)).ToList();
        var half = Encoding.UTF8.GetBytes(SessionTestData.ToNdjson(sessions.Take(300)));
        using (var socket = new TcpClient("127.0.0.1", _service.Client.BaseAddress!.Port))
        {
            var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                + $"application/x-ndjson\r\nContent-Length: {half.Length * 2}\r\n\r\n"), TestContext.Current.CancellationToken);
            await stream.WriteAsync(half, TestContext.Current.CancellationToken);
            await stream.FlushAsync(TestContext.Current.CancellationToken);
            await Wait.UntilAsync(() => Task.FromResult(RawStore.Query(_service.StorePath, "SELECT count(*) FROM measure_version") is not ["0"]));
            if (isReset)
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }

        var answer = (await _service.PostText("/sessions", SessionTestData.ToNdjson(sessions), "application/x-ndjson")).ShouldBe(201);
        Assert.Equal(400, answer.At("accepted")!.GetValue<int>());
        Assert.Equal(["800"], RawStore.Query(_service.StorePath, "SELECT count(*) FROM measure_version"));
        Assert.Equal("", _service.LoggedErrors.ToString());
    }

    [Fact]
    public async Task Empty_lines_and_carriage_returns_are_skipped()
    {
        var text = "\r\n\n" + SessionTestData.RelationshipAndOutcome("p1", "t1", 1, 4, 30).ToJsonString() + "\r\n  \n"
            + SessionTestData.RelationshipAndOutcome("p1", "t1", 2, 4, 30).ToJsonString();
        Assert.Equal(2, (await _service.PostText("/sessions", text, "application/x-ndjson")).ShouldBe(201).At("accepted")!.GetValue<int>());
    }
}
