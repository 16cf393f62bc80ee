using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http;

/// <summary>ETags and conditional requests (RFC 9110 §13).</summary>
internal static class ETagExtensions
{
    /// <summary>428 without <c>If-Match</c>, 412 if none of its strong tags is the current one, otherwise null.</summary>
    public static Problem? RequireIfMatch(this HttpRequest request, string currentETag)
    {
        var given = request.Headers.IfMatch;
        if (given.Count == 0)
        {
            return new(ProblemKind.PreconditionRequired);
        }

        var matches = EntityTagHeaderValue.TryParseList(given, out var tags)
            && tags.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(new EntityTagHeaderValue(currentETag), useStrongComparison: true));
        return matches ? null : new(ProblemKind.PreconditionFailed) { ETag = currentETag };
    }

    /// <summary>412 if <c>If-Match</c> is present and does not match, otherwise null.</summary>
    public static Problem? CheckIfMatch(this HttpRequest request, string currentETag) =>
        request.Headers.IfMatch.Count == 0 ? null : request.RequireIfMatch(currentETag);

    /// <summary>Whether <c>If-None-Match</c> contains this tag.</summary>
    public static bool MatchesIfNoneMatch(this HttpRequest request, string eTag)
    {
        var given = request.Headers.IfNoneMatch;
        return given == eTag || given.Count > 0 && EntityTagHeaderValue.TryParseList(given, out var tags)
            && tags.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(new EntityTagHeaderValue(eTag), useStrongComparison: false));
    }

    /// <summary>200 with the value and its ETag, or 304 if <c>If-None-Match</c> contains that.</summary>
    public static Results<Ok<T>, StatusCodeHttpResult, Problem> OkOrNotModified<T>(this HttpContext context, T value, string eTag)
    {
        context.Response.SetETag(eTag);
        return context.Request.MatchesIfNoneMatch(eTag) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(value);
    }

    /// <summary>The canonical form of a query string: escaped, sorted by name; injective.</summary>
    public static string CanonicalQuery(this HttpRequest request, params IReadOnlyList<string> excludedParameters)
    {
        return request.Query.Count == 0 ? ""
            : string.Join('&', request.Query.Where(p => !excludedParameters.Contains(p.Key)).OrderBy(p => p.Key, StringComparer.Ordinal)
            .SelectMany(p => p.Value.Select(value => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(value ?? "")}")));
    }

    /// <summary>Sets the ETag, and makes caches revalidate before each use.</summary>
    public static void SetETag(this HttpResponse response, string eTag)
    {
        response.Headers.ETag = eTag;
        response.Headers.CacheControl = "no-cache";
    }
}
