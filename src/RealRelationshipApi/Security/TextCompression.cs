using System.IO.Compression;

using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Security;

/// <summary>Compresses public text (br, gzip). Responses with site data, and those whose ETag is sent back as <c>If-Match</c>, never are: the length of a
/// compressed response can reveal what it contains (BREACH: Gluck, Harris &amp; Prado 2013), and such an ETag is compared byte by byte.</summary>
internal static class TextCompression
{
    // Below, headers and dictionaries outweigh what compression saves.
    private const int MinBytes = 1024;

    private static readonly string[] s_mediaTypes =
    [
        MediaTypes.Json, "application/problem+json", MediaTypes.Csv, MediaTypes.Ndjson, MediaTypes.Html, MediaTypes.Svg, MediaTypes.Atom, "application/xml",
        "text/xml", "text/plain", "text/markdown", "text/css", "text/javascript", "application/x-bibtex", "application/x-research-info-systems",
        "application/vnd.citationstyles.csl+json",
    ];

    private static readonly string[] s_codings = ["br", "gzip"];

    public static IServiceCollection AddTextCompression(this IServiceCollection services) => services
        .AddSingleton<IResponseCompressionProvider, Provider>()
        .Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest)
        .Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest)
        .AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
            compression.MimeTypes = s_mediaTypes;
        });

    public static IApplicationBuilder UseTextCompression(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var matched = RemoveCodings(context.Request);
        context.Response.OnStarting(() =>
        {
            AddCoding(context.Response, matched);
            return Task.CompletedTask;
        });
        return next(context);
    }).UseResponseCompression();

    /// <summary>Excludes an operation from compression.</summary>
    public static TBuilder WithoutCompression<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new Uncompressed());

    // Each coding is a representation with an ETag of its own: "abc" as br is "abc.br". Handlers know "abc" only.
    private static List<(string Plain, string Coded)> RemoveCodings(HttpRequest request)
    {
        var matched = new List<(string, string)>();
        if (request.Headers.IfNoneMatch.Count > 0 && EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var tags)
            && tags.Any(tag => s_codings.Any(coding => IsCoded(tag.Tag.Value!, coding))))
        {
            request.Headers.IfNoneMatch = tags.Select(tag =>
            {
                var text = tag.Tag.Value!;
                if (Array.Find(s_codings, coding => IsCoded(text, coding)) is not { } coding)
                {
                    return tag.ToString();
                }

                var plain = $"{text[..^(coding.Length + 2)]}\"";
                matched.Add((plain, text));
                return plain;
            }).ToArray();
        }

        return matched;
    }

    private static bool IsCoded(string tag, string coding) => tag.EndsWith($".{coding}\"", StringComparison.Ordinal);

    private static void AddCoding(HttpResponse response, List<(string Plain, string Coded)> matched)
    {
        var headers = response.Headers;
        if (headers.ETag is [{ } tag])
        {
            if (response.StatusCode == StatusCodes.Status304NotModified)
            {
                headers.ETag = matched.Find(pair => pair.Plain == tag).Coded ?? tag;
            }
            else if (headers.ContentEncoding is [{ } coding])
            {
                headers.ETag = $"{tag[..^1]}.{coding}\"";
            }
        }

        if (headers.Vary.Count > 1)
        {
            headers.Vary = string.Join(", ", headers.GetCommaSeparatedValues(HeaderNames.Vary).Distinct(StringComparer.OrdinalIgnoreCase));
        }
    }

    private sealed record Uncompressed;

    private sealed class Provider(IServiceProvider services, IOptions<ResponseCompressionOptions> options) : ResponseCompressionProvider(services, options)
    {
        public override bool ShouldCompressResponse(HttpContext context) =>
            !(context.Response.ContentLength < MinBytes) && context.Response.Headers.ContentEncoding.Count == 0 && IsPublic(context.GetEndpoint())
            && base.ShouldCompressResponse(context);

        // Without endpoint: the contract, Swagger UI and the files of the page.
        private static bool IsPublic(Endpoint? endpoint) => endpoint is null
            || (endpoint.Metadata.GetMetadata<RequiredScope>()?.Scope == Scopes.MetaRead && endpoint.Metadata.GetMetadata<Uncompressed>() is null);
    }
}
