using Hl7.Fhir.Model;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Fhir;

/// <summary>Endpoint metadata of the operations under <c>/fhir</c>: they accept resources and return resources or OperationOutcomes.</summary>
internal static class FhirConventions
{
    private static readonly ProblemKind[] s_writeProblems =
    [
        ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Conflict, ProblemKind.Gone, ProblemKind.ContentTooLarge,
        ProblemKind.UnsupportedMediaType, ProblemKind.Invalid, ProblemKind.TooManyRequests, ProblemKind.Unavailable,
    ];

    /// <summary>Metadata of an endpoint that stores a resource.</summary>
    public static RouteHandlerBuilder WithFhirWrite<TResource, TAnswer>(this RouteHandlerBuilder endpoint, params IReadOnlyList<int> statuses)
        where TResource : Resource where TAnswer : Resource
    {
        endpoint.RequireScope(Scopes.SessionsWrite).Accepts<TResource>(FhirConstants.JsonMediaType, MediaTypes.Json)
            .WithMediaTypes(FhirConstants.JsonMediaType, MediaTypes.Json).ProducesFhirProblems(s_writeProblems);
        foreach (var status in statuses)
        {
            endpoint.ProducesFhir<TAnswer>(status);
        }

        return endpoint;
    }

    public static RouteHandlerBuilder ProducesFhir<T>(this RouteHandlerBuilder endpoint, int status) where T : Resource =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(T), [FhirConstants.JsonMediaType, MediaTypes.Json]));

    public static RouteHandlerBuilder ProducesFhirProblems(this RouteHandlerBuilder endpoint, params IReadOnlyList<ProblemKind> kinds)
    {
        foreach (var status in kinds.Append(ProblemKind.Malformed).Append(ProblemKind.NotAcceptable).Select(k => k.Status).Distinct())
        {
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(OperationOutcome), [FhirConstants.JsonMediaType]));
        }

        return endpoint;
    }
}
