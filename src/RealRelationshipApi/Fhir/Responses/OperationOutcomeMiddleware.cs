using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Fhir.Responses;

/// <summary>Writes problems under <c>/fhir</c> as OperationOutcomes.</summary>
internal static class OperationOutcomeMiddleware
{
    private static readonly CustomProblemWriter s_outcome =
        new((context, problem) => FhirResult.WriteAsync(context, OperationOutcomeBuilder.Build(problem), FhirConstants.JsonMediaType));

    public static IApplicationBuilder UseFhirOperationOutcomes(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.Path.StartsWithSegments(FhirConstants.BasePath, StringComparison.Ordinal))
        {
            context.Features.Set(s_outcome);
        }

        return next(context);
    });
}
