using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Analyses.Caching;

/// <summary>A cached response: ETag, headers set by the operation, and body.</summary>
internal sealed class CachedResponse(string eTag, IReadOnlyList<KeyValuePair<string, StringValues>> headers, byte[] body, bool dependsOnSelection)
{
    private const int EstimatedHeaderBytes = 1024;

    // RFC 9110, 15.4.5.
    private static readonly string[] s_notModifiedHeaders = [HeaderNames.ETag, HeaderNames.CacheControl, HeaderNames.Vary];

    /// <summary>Whether it has only the long lists that the request selected.</summary>
    public bool DependsOnSelection => dependsOnSelection;

    /// <summary>Estimated memory in bytes.</summary>
    public long Size => body.Length + EstimatedHeaderBytes;

    /// <summary>Writes the response, or 304 if <c>If-None-Match</c> matches.</summary>
    public Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        if (context.Request.MatchesIfNoneMatch(eTag))
        {
            foreach (var (name, value) in headers.Where(header => s_notModifiedHeaders.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
            {
                response.Headers[name] = value;
            }

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
