using Microsoft.Extensions.Primitives;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Analyses.Caching;

/// <summary>An answer as it was computed: its tag, the headers that its operation set, and its bytes.</summary>
internal sealed class CachedResponse(string eTag, IReadOnlyList<KeyValuePair<string, StringValues>> headers, byte[] body)
{
    private const int EstimatedHeaderBytes = 1024;

    /// <summary>About how much memory it takes.</summary>
    public long Size => body.Length + EstimatedHeaderBytes;

    /// <summary>Sends it, or 304 to who has it.</summary>
    public Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        if (context.Request.MatchesIfNoneMatch(eTag))
        {
            response.SetETag(eTag);
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        foreach (var (name, value) in headers)
        {
            response.Headers[name] = value;
        }

        response.ContentLength = body.Length;
        return response.BodyWriter.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
