using RealRelationshipApi.Http;

namespace RealRelationshipApi.Fhir;

/// <summary>Under <c>/fhir</c> whatever goes wrong is told as an OperationOutcome.</summary>
public static class FhirProblems
{
    private static readonly ProblemFormat s_outcome = new((context, problem) => FhirResult.WriteAsync(context, Outcomes.Of(problem), FhirNames.Json));

    public static IApplicationBuilder UseFhirOutcomes(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.Path.StartsWithSegments(FhirNames.Root, StringComparison.Ordinal))
        {
            context.Features.Set(s_outcome);
        }

        return next(context);
    });
}
