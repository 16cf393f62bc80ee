using System.IO.Compression;
using System.Text.Json;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Sessions;

/// <summary>The answer to a stream: what came of each line, kept compressed until the stream has been read, because many senders do not read before they have written.</summary>
internal sealed class StreamResults : IResult, IDisposable
{
    private readonly MemoryStream _compressed = new();
    private readonly GZipStream _results;
    private long _count;
    private long _accepted;

    public StreamResults() => _results = new GZipStream(_compressed, CompressionLevel.Fastest, leaveOpen: true);

    public void Add(IReadOnlyList<SessionOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            var result = SessionResult.Of(_count, outcome);
            if (_count > 0)
            {
                _results.Write(","u8);
            }

            JsonSerializer.Serialize(_results, result, StrictJson.Options);
            _count++;
            _accepted += result.IsAccepted ? 1 : 0;
        }
    }

    public void Dispose()
    {
        _results.Dispose();
        _compressed.Dispose();
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await _results.DisposeAsync();
        _compressed.Position = 0;
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status207MultiStatus;
        response.ContentType = "application/json; charset=utf-8";
        await response.WriteAsync("""{"results":[""", httpContext.RequestAborted);
        await using (var results = new GZipStream(_compressed, CompressionMode.Decompress))
        {
            await results.CopyToAsync(response.Body, httpContext.RequestAborted);
        }

        await response.WriteAsync($$"""],"accepted":{{_accepted}},"rejected":{{_count - _accepted}}}""", httpContext.RequestAborted);
    }
}
