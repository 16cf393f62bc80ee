using System.Text.Json;

using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

using RealRelationship.Storage;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Http.Problems;

/// <summary>Maps unhandled exceptions and bare status codes to problem documents.</summary>
internal static class ExceptionHandling
{
    public static IApplicationBuilder UseProblemDetails(this IApplicationBuilder app) => app
        .UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = context => ToProblem(context, context.Features.GetRequiredFeature<IExceptionHandlerFeature>().Error).ExecuteAsync(context),
            SuppressDiagnosticsCallback = suppress => ToProblem(suppress.Exception).Kind.Status < 500,
        })
        .UseStatusCodePages(context => ToProblem(context.HttpContext.Response).ExecuteAsync(context.HttpContext));

    private static Problem ToProblem(HttpResponse response) => new(ProblemKind.FromStatus(response.StatusCode),
        response.StatusCode == StatusCodes.Status405MethodNotAllowed && response.Headers.Allow is { Count: > 0 } allowed
            ? $"{response.HttpContext.Request.Method} is not among the methods of this path, which are {string.Join(", ", allowed.OfType<string>())}."
            : null);

    // Corruption of the database file stops the service, as in the writer; a row with a wrong hash fails only the request.
    private static Problem ToProblem(HttpContext context, Exception error)
    {
        var errorKind = context.RequestServices.GetRequiredService<Database>().ClassifyError(error);
        if (errorKind == StorageErrorKind.Corrupted && error is not StorageCorruptionException)
        {
            context.RequestServices.GetRequiredService<CorruptionGuard>().Stop(error.Message);
        }

        return ToProblem(errorKind, error);
    }

    internal static Problem ToProblem(StorageErrorKind kind, Exception error) => kind switch
    {
        StorageErrorKind.Corrupted => new(ProblemKind.Unavailable,
            error is StorageCorruptionException ? $"{error.Message} Restore the store from a backup." : "The store is damaged."),
        StorageErrorKind.Displaced => new(ProblemKind.Unavailable, "The file of the store was removed or replaced."),
        StorageErrorKind.Interrupted => new(ProblemKind.Unavailable, "Reading the store took too long."),
        StorageErrorKind.Transient or StorageErrorKind.AccessRefused => new(ProblemKind.Unavailable, "The store cannot be reached."),
        StorageErrorKind.NotWritable => new(ProblemKind.Unavailable, "The store cannot be written."),
        _ => ToProblem(error),
    };

    internal static Problem ToProblem(Exception error) => error switch
    {
        BadHttpRequestException { InnerException: InvalidDataException } or InvalidDataException => CorruptBody(),
        BadHttpRequestException bad => new(ProblemKind.FromStatus(bad.StatusCode),
            bad.StatusCode is StatusCodes.Status400BadRequest or StatusCodes.Status413PayloadTooLarge ? bad.Message : null),
        JsonException json => StrictJson.ToProblem(json),
        TamperedDataException => new(ProblemKind.Unavailable, $"{error.Message} The operator finds the extent with `verify`."),
        StorageUnavailableException or DependencyUnavailableException => new(ProblemKind.Unavailable, error.Message),
        _ => new(ProblemKind.Internal),
    };

    private static Problem CorruptBody() =>
        Problem.Malformed(new FieldError("#", "corruptBody", "The body could not be decompressed as its Content-Encoding says."));
}
