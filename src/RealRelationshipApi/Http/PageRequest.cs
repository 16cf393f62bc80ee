using System.Text;

using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http;

/// <summary>A page of a list in a deterministic order: at most <see cref="Limit"/> items after the key <see cref="After"/>.</summary>
internal sealed record PageRequest(int Limit, string After)
{
    public const int MaxLimit = 200;
    public const int DefaultLimit = 50;

    public static readonly QueryParameter LimitParameter =
        new("limit", QueryParameterType.Integer, $"How many items at the most, 1 to {MaxLimit}.")
        {
            Default = DefaultLimit.ToString(), Minimum = 1,
            Maximum = MaxLimit
        };

    public static readonly QueryParameter CursorParameter =
        new("cursor", QueryParameterType.Text, "Where to go on: the `next` of the page before. Opaque.");

    /// <summary>Reads <c>limit</c> and <c>cursor</c>; null with a problem where one is invalid.</summary>
    public static PageRequest? From(HttpRequest request, out Problem? problem)
    {
        var query = new QueryReader(request.Query);
        var page = From(query);
        problem = query.Errors.Count == 0 ? null : Problem.Invalid(query.Errors);
        return problem is null ? page : null;
    }

    /// <summary>Reads <c>limit</c> and <c>cursor</c> with other parameters; errors go to the reader.</summary>
    public static PageRequest From(QueryReader query)
    {
        var limit = query.Integer(LimitParameter) ?? DefaultLimit;
        var after = DecodeCursor(query.Text(CursorParameter.Name) ?? "");
        if (after is null)
        {
            query.AddInvalid(CursorParameter.Name, "is not a cursor that this service gave");
        }

        return new((int)limit, after ?? "");
    }

    /// <summary>The cursor after <paramref name="lastKey"/>, also set as <c>Link</c> header.</summary>
    public static string NextCursor(HttpContext context, string lastKey)
    {
        var cursor = WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(lastKey));
        var query = context.Request.Query.Where(p => p.Key != CursorParameter.Name)
            .Append(new(CursorParameter.Name, cursor));
        context.Response.Headers.Link = $"<{context.Request.PathBase}{context.Request.Path}{new QueryBuilder(query).ToQueryString()}>; rel=\"next\"";
        return cursor;
    }

    private static string? DecodeCursor(string cursor)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(WebEncoders.Base64UrlDecode(cursor));
        }
        catch (Exception error) when (error is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
