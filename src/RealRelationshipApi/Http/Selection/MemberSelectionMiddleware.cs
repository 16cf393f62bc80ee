using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Selection;

/// <summary>Returns the members of a JSON response that the parameter <c>select</c> names. The rest of the pipeline sees the request without it, so that
/// selections are served from one cached response, unless it is without lists that one of them names.</summary>
internal static class MemberSelectionMiddleware
{
    private const int TagBytes = 6;

    public static IApplicationBuilder UseMemberSelection(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.Request.Query[MemberSelection.ParameterName] is not [{ } text] || ResponseTypeOf(context.GetEndpoint()) is not { } type)
        {
            await next(context);
            return;
        }

        if (context.NegotiatedMediaTypeOf() != MediaTypes.Json)
        {
            await Problem.Malformed([new($"?{MemberSelection.ParameterName}", ErrorCodes.NotAValue, "selects members of JSON: leave it out for other formats")])
                .ExecuteAsync(context);
            return;
        }

        var (selection, errors) = MemberSelection.Parse(text, type);
        await (selection is null ? Problem.Malformed([.. errors]).ExecuteAsync(context) : SelectAsync(context, next, selection, text));
    });

    // Operations that declare the parameter return one type as JSON.
    private static Type? ResponseTypeOf(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<QueryParametersMetadata>()?.Parameters.Contains(MemberSelection.Parameter) == true
            ? endpoint.Metadata.OfType<IProducesResponseTypeMetadata>()
                .First(produced => produced is { StatusCode: StatusCodes.Status200OK, Type: not null } && produced.ContentTypes.Contains(MediaTypes.Json)).Type
            : null;

    private static async Task SelectAsync(HttpContext context, RequestDelegate next, MemberSelection selection, string text)
    {
        var (request, response, suffix) = (context.Request, context.Response, SuffixOf(selection));
        request.QueryString = new QueryBuilder(request.Query.Where(p => p.Key != MemberSelection.ParameterName)).ToQueryString();
        RemoveSuffix(request, suffix);
        context.Features.Set(new SelectedMembers(selection));
        var body = response.Body;
        using var whole = new MemoryStream();
        response.Body = whole;
        try
        {
            await next(context);
            await response.BodyWriter.FlushAsync();
        }
        finally
        {
            response.Body = body;
        }

        if (response.StatusCode is StatusCodes.Status200OK or StatusCodes.Status304NotModified && response.Headers.ETag is [{ } tag])
        {
            response.Headers.ETag = $"{tag[..^1]}{suffix}";
        }

        if (whole.Length > 0)
        {
            var sent = response.StatusCode == StatusCodes.Status200OK ? Select(response, selection, whole, text)
                : whole.GetBuffer().AsMemory(0, (int)whole.Length);
            response.ContentLength = sent.Length;
            await body.WriteAsync(sent, context.RequestAborted);
        }
    }

    private static ReadOnlyMemory<byte> Select(HttpResponse response, MemberSelection selection, MemoryStream whole, string text)
    {
        if (response.Headers.Link is [{ } link])
        {
            response.Headers.Link = link.Replace(">;", $"&{MemberSelection.ParameterName}={Uri.EscapeDataString(text)}>;", StringComparison.Ordinal);
        }

        using var json = JsonDocument.Parse(whole.GetBuffer().AsMemory(0, (int)whole.Length));
        var selected = new MemoryStream();
        using (var writer = new Utf8JsonWriter(selected, new JsonWriterOptions { Encoder = StrictJson.Options.Encoder }))
        {
            selection.Write(json.RootElement, writer);
        }

        return selected.GetBuffer().AsMemory(0, (int)selected.Length);
    }

    // Each selection is a representation with an ETag of its own.
    private static string SuffixOf(MemberSelection selection) =>
        $".{WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.UTF8.GetBytes(selection.Canonical)).AsSpan(0, TagBytes))}\"";

    // Tags of other selections match nothing.
    private static void RemoveSuffix(HttpRequest request, string suffix)
    {
        if (request.Headers.IfNoneMatch.Count > 0 && EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var tags))
        {
            request.Headers.IfNoneMatch = tags.Select(tag => tag.ToString())
                .Where(tag => tag == "*" || tag.EndsWith(suffix, StringComparison.Ordinal))
                .Select(tag => tag == "*" ? tag : $"{tag[..^suffix.Length]}\"").ToArray();
        }
    }
}
