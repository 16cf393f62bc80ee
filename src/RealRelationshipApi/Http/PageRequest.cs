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
        new("limit", QueryParameterType.Integer, $"Maximum number of items, 1 to {MaxLimit}.")
        {
            Default = DefaultLimit.ToString(), Minimum = 1,
            Maximum = MaxLimit
        };

    public static readonly QueryParameter CursorParameter =
        new("cursor", QueryParameterType.Text, "Opaque cursor: `next` of the previous page.");

    /// <summary>Reads <c>limit</c> and <c>cursor</c>; null with a problem if one is invalid.</summary>
    public static PageRequest? From(HttpRequest request, out Problem? problem)
    {
        var query = new QueryReader(request.Query);
        var page = From(query);
        problem = query.Errors.Count == 0 ? null : Problem.Invalid(query.Errors);
        return problem is null ? page : null;
    }

    /// <summary>Reads <c>limit</c> and <c>cursor</c> along with other parameters; errors are added to the reader.</summary>
    public static PageRequest From(QueryReader query)
    {
        var limit = query.Integer(LimitParameter) ?? DefaultLimit;
        return new((int)limit, ReadCursor(query));
    }

    /// <summary>Reads <c>cursor</c>: the key of the last item of the previous page, empty on the first page. An error is added to the reader.</summary>
    public static string ReadCursor(QueryReader query)
    {
        if (DecodeCursor(query.Text(CursorParameter.Name) ?? "") is { } after)
        {
            return after;
        }

        AddInvalidCursor(query);
        return "";
    }

    /// <summary>Adds the error of a cursor that is not from this service.</summary>
    public static void AddInvalidCursor(QueryReader query) => query.AddInvalid(CursorParameter.Name, "is not a cursor that this service gave");

    /// <summary>Returns the cursor after <paramref name="lastKey"/> and sets the <c>Link</c> header.</summary>
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
