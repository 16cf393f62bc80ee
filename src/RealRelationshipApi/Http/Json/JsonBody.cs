using System.Text.Json;

using Microsoft.AspNetCore.Http.Features;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Json;

/// <summary>Reads the body of an operation that also accepts other formats, as the framework does for JSON alone.</summary>
internal static class JsonBody
{
    /// <summary>The value, or a problem: 400 if the body is empty or not that JSON, 415 if it is not declared as JSON.</summary>
    public static async Task<(T? Value, Problem? Problem)> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken) where T : class
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false)
        {
            return (null, Missing());
        }

        if (!request.HasJsonContentType())
        {
            return (null, new(ProblemKind.UnsupportedMediaType));
        }

        try
        {
            return await request.ReadFromJsonAsync<T>(StrictJson.Options, cancellationToken) is { } value ? (value, null) : (null, Missing());
        }
        catch (JsonException error)
        {
            return (null, StrictJson.ToProblem(error));
        }
    }

    private static Problem Missing() => Problem.Malformed(new FieldError("#", ErrorCodes.Required, "is required: the body is empty, or null"));
}
