using System.IO.Compression;
using System.Text.Json;

using RealRelationship.Storage;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Sessions.Csv;
using RealRelationshipApi.Sessions.Imports;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Response to a stream with the outcome of each line. It is buffered until the stream has been read, because many clients send everything
/// before they read.</summary>
internal sealed class SessionStreamResponse : IResult, IDisposable
{
    private readonly EncryptedSpillStream _compressed;
    private readonly GZipStream _results;
    private long _count;
    private long _accepted;
    private long _created;
    private long _incomplete;

    /// <summary>What a complete CSV file withdrew; null for others.</summary>
    public PeriodReplacementResponse? Replacement { get; set; }

    public SessionStreamResponse(ImportSpool folder)
    {
        _compressed = new(folder.CreateTemporaryFile);
        _results = new GZipStream(_compressed, CompressionLevel.Fastest, leaveOpen: true);
    }

    /// <exception cref="StorageUnavailableException">The buffer cannot be written. Stored sessions remain stored; the client can resend the stream.</exception>
    public void Add(IReadOnlyList<SessionOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            var result = SessionResult.From(_count, outcome);
            if (_count > 0)
            {
                _results.Write(","u8);
            }

            JsonSerializer.Serialize(_results, result, StrictJson.Options);
            _count++;
            _accepted += result.IsAccepted ? 1 : 0;
            _created += result.Status == StatusCodes.Status201Created ? 1 : 0;
            _incomplete += outcome.IsComplete ? 0 : 1;
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
        var response = httpContext.Response;
        response.StatusCode = BatchMode.StatusOf(_created + (Replacement?.Withdrawn ?? 0), _incomplete + (Replacement?.Errors.Count ?? 0));
        response.ContentType = "application/json; charset=utf-8";
        await response.WriteAsync("""{"results":[""", httpContext.RequestAborted);
        if (_count > 0)
        {
            await using var results = new GZipStream(_compressed.ReadBack(), CompressionMode.Decompress);
            await results.CopyToAsync(response.Body, httpContext.RequestAborted);
        }

        await response.WriteAsync($$"""],"accepted":{{_accepted}},"rejected":{{_count - _accepted}}""", httpContext.RequestAborted);
        if (Replacement is not null)
        {
            await response.WriteAsync(""","replacement":""", httpContext.RequestAborted);
            await response.WriteAsync(JsonSerializer.Serialize(Replacement, StrictJson.Options), httpContext.RequestAborted);
        }

        await response.WriteAsync("}", httpContext.RequestAborted);
    }
}
