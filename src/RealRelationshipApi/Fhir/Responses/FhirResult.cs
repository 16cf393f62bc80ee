using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Fhir.Responses;

/// <summary>Returns a resource.</summary>
internal sealed class FhirResult(Resource resource, int status = StatusCodes.Status200OK) : IResult
{
    private static readonly FhirJsonSerializer s_serializer = new();

    /// <summary>The stored version, for the ETag.</summary>
    public long? Version { get; init; }

    /// <summary>Value of the <c>Retry-After</c> header.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Whether the resource is sent; the status alone otherwise.</summary>
    public bool HasBody { get; init; } = true;

    public System.Threading.Tasks.Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        httpContext.Response.Headers.RetryAfter = RetryAfterSeconds?.ToString();
        httpContext.Response.Headers.ETag = Version is { } version ? ETag(version) : null;
        return HasBody ? WriteAsync(httpContext, resource, httpContext.NegotiatedMediaTypeOf()) : System.Threading.Tasks.Task.CompletedTask;
    }

    /// <summary>Weak ETag of a version, as FHIR specifies.</summary>
    public static string ETag(long version) => $"W/\"{version}\"";

    internal static async System.Threading.Tasks.Task WriteAsync(HttpContext context, Resource resource, string mediaType)
    {
        context.Response.ContentType = $"{mediaType}; charset=utf-8";
        // No cancellation token: writes to a disconnected client are discarded, and the error handler must not throw for them.
        await context.Response.Body.WriteAsync(s_serializer.SerializeToBytes(resource));
    }
}
