using System.Text;

using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;

namespace RealRelationshipApi.Http;

/// <summary>A page of a list in a deterministic order: at most <see cref="Limit"/> items after the key <see cref="After"/>.</summary>
public sealed record Page(int Limit, string After)
{
    public const int Largest = 200;
    public const int Usual = 50;

    public static readonly QueryParameter LimitParameter =
        new("limit", QueryKind.Whole, $"How many items at the most, 1 to {Largest}.") { Default = Usual.ToString() };

    public static readonly QueryParameter CursorParameter =
        new("cursor", QueryKind.Text, "Where to go on: the `next` of the page before. Opaque.");

    /// <summary>Reads <c>limit</c> and <c>cursor</c>; null with the faults noted where they cannot be followed.</summary>
    public static Page? From(HttpRequest request, out Problem? problem)
    {
        ArgumentNullException.ThrowIfNull(request);
        var query = new QueryReader(request.Query);
        var limit = query.Whole(LimitParameter.Name) ?? Usual;
        var after = Decode(query.Text(CursorParameter.Name) ?? "");
        List<FieldError> faults = [.. query.Faults];
        if (limit is < 1 or > Largest)
        {
            faults.Add(new("?limit", "outOfRange", $"must be from 1 to {Largest}"));
        }

        if (after is null)
        {
            faults.Add(new("?cursor", FaultCodes.NotAValue, "is not a cursor that this service gave"));
        }

        problem = faults.Count == 0 ? null : Problem.Invalid(faults);
        return problem is null ? new((int)limit, after!) : null;
    }

    /// <summary>The cursor after <paramref name="lastKey"/>, announced in the <c>Link</c> header as well.</summary>
    public string Next(HttpContext context, string lastKey)
    {
        ArgumentNullException.ThrowIfNull(context);
        var cursor = WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(lastKey));
        var query = context.Request.Query.Where(p => p.Key != CursorParameter.Name)
            .Append(new(CursorParameter.Name, cursor));
        context.Response.Headers.Link = $"<{context.Request.PathBase}{context.Request.Path}{new QueryBuilder(query).ToQueryString()}>; rel=\"next\"";
        return cursor;
    }

    private static string? Decode(string cursor)
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
