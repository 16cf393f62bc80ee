using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http;

/// <summary>Endpoint metadata: the media types of the operation's responses, the default first.</summary>
internal sealed record OfferedMediaTypes(IReadOnlyList<string> MediaTypes);

internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string Csv = "text/csv";
    public const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    public const string Ndjson = "application/x-ndjson";
    public const string Html = "text/html";
    public const string Svg = "image/svg+xml";
    public const string Atom = "application/atom+xml";

    /// <summary>Whether a media type is of one JSON value per line.</summary>
    public static bool IsNdjson(string mediaType) => mediaType.EndsWith("ndjson", StringComparison.Ordinal);
}

/// <summary>Chooses the representation by the Accept header; 406 if none is acceptable, 415 if the charset of the body is not UTF-8.</summary>
internal static class ContentNegotiation
{
    private static readonly IReadOnlyList<string> s_jsonOnly = [MediaTypes.Json];

    public static TBuilder WithMediaTypes<TBuilder>(this TBuilder builder, params IReadOnlyList<string> mediaTypes)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new OfferedMediaTypes(mediaTypes));

    /// <summary>The negotiated media type of the response.</summary>
    public static string NegotiatedMediaTypeOf(this HttpContext context) =>
        context.Features.Get<NegotiatedMediaType>()?.MediaType ?? MediaTypes.Json;

    public static IApplicationBuilder UseContentNegotiation(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        // Routing's own endpoints, 405 and 415, have no representations.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return next(context);
        }

        if (!IsUtf8(context.Request) && !(endpoint.Metadata.GetMetadata<CsvCharsets.Accepted>() is not null && CsvCharsets.IsNamed(context.Request)))
        {
            return new Problem(ProblemKind.UnsupportedMediaType, "The body's charset must be UTF-8.").ExecuteAsync(context);
        }

        var offered = endpoint.Metadata.GetMetadata<OfferedMediaTypes>()?.MediaTypes ?? s_jsonOnly;
        if (SelectMediaType(context.Request.Headers.Accept, offered) is not { } chosen)
        {
            return new Problem(ProblemKind.NotAcceptable, $"This operation answers in {string.Join(", ", offered)}.").ExecuteAsync(context);
        }

        if (offered.Count > 1)
        {
            context.Response.Headers.Vary = HeaderNames.Accept;
            context.Features.Set(new NegotiatedMediaType(chosen));
        }
        return next(context);
    });

    private static bool IsUtf8(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.Charset.HasValue)
        {
            return true;
        }

        if (!type.Charset.Value.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
        // A quoted value is equivalent (RFC 9110 §8.3.1), but the framework looks up the encoding with its quotes.
        type.Charset = "utf-8";
        request.ContentType = type.ToString();
        return true;
    }

    private static string? SelectMediaType(Microsoft.Extensions.Primitives.StringValues accept, IReadOnlyList<string> offered)
    {
        if (accept.Count == 0 || accept == "*/*" || accept == offered[0])
        {
            return offered[0];
        }

        if (!MediaTypeHeaderValue.TryParseList(accept, out var accepted))
        {
            return null;
        }

        return offered
            .Select((type, order) => (Type: type, Place: order, Quality: QualityFor(MediaTypeHeaderValue.Parse(type), accepted)))
            .Where(o => o.Quality > 0)
            .OrderByDescending(o => o.Quality).ThenBy(o => o.Place)
            .Select(o => o.Type)
            .FirstOrDefault();
    }

    // The most specific range that covers the type decides (RFC 9110 §12.5.1).
    private static double QualityFor(MediaTypeHeaderValue type, IList<MediaTypeHeaderValue> accepted) => accepted
        .Where(
            range =>
                range.MatchesAllTypes
                    || (range.MatchesAllSubTypes ? range.Type == type.Type : range.MediaType.Equals(type.MediaType, StringComparison.OrdinalIgnoreCase)))
        .OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0)
        .Select(range => range.Quality ?? 1)
        .FirstOrDefault();

    private sealed record NegotiatedMediaType(string MediaType);
}
