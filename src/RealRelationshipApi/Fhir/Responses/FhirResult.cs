using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Fhir.Responses;

/// <summary>A resource as a response.</summary>
internal sealed class FhirResult(Resource resource, int status = StatusCodes.Status200OK) : IResult
{
    private static readonly FhirJsonSerializer s_serializer = new();

    /// <summary>The version that was stored.</summary>
    public long? Version { get; init; }

    public System.Threading.Tasks.Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        httpContext.Response.Headers.ETag = Version is { } version ? ETag(version) : null;
        return WriteAsync(httpContext, resource, httpContext.NegotiatedMediaTypeOf());
    }

    /// <summary>A version as FHIR tags it.</summary>
    public static string ETag(long version) => $"W/\"{version}\"";

    internal static async System.Threading.Tasks.Task WriteAsync(HttpContext context, Resource resource, string mediaType)
    {
        context.Response.ContentType = $"{mediaType}; charset=utf-8";
        // Without a token: the server discards what is written to a client that has gone, and the error handler must not fail on it.
        await context.Response.Body.WriteAsync(s_serializer.SerializeToBytes(resource));
    }
}
