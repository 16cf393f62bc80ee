using Hl7.Fhir.Model;

using RealRelationshipApi.Access;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Fhir;

/// <summary>What the operations under <c>/fhir</c> say of themselves: resources in, resources or OperationOutcomes out.</summary>
internal static class FhirHabits
{
    private static readonly ProblemKind[] s_writes =
    [
        ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Conflict, ProblemKind.Gone, ProblemKind.TooLarge, ProblemKind.UnsupportedMediaType, ProblemKind.Invalid, ProblemKind.TooManyRequests, ProblemKind.Unavailable,
    ];

    /// <summary>A write of a resource.</summary>
    public static RouteHandlerBuilder Takes<TResource, TAnswer>(this RouteHandlerBuilder endpoint, params IReadOnlyList<int> statuses) where TResource : Resource where TAnswer : Resource
    {
        endpoint.NeedsScope(Scopes.SessionsWrite).Accepts<TResource>(FhirNames.Json, MediaTypes.Json).Offers(FhirNames.Json, MediaTypes.Json).RefusesInFhir(s_writes);
        foreach (var status in statuses)
        {
            endpoint.AnswersInFhir<TAnswer>(status);
        }

        return endpoint;
    }

    public static RouteHandlerBuilder AnswersInFhir<T>(this RouteHandlerBuilder endpoint, int status) where T : Resource =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(T), [FhirNames.Json, MediaTypes.Json]));

    public static RouteHandlerBuilder RefusesInFhir(this RouteHandlerBuilder endpoint, params IReadOnlyList<ProblemKind> kinds)
    {
        foreach (var status in kinds.Append(ProblemKind.Malformed).Append(ProblemKind.NotAcceptable).Select(k => k.Status).Distinct())
        {
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(OperationOutcome), [FhirNames.Json]));
        }

        return endpoint;
    }

    public static RouteHandlerBuilder WithFhirExample(this RouteHandlerBuilder endpoint, string json) => endpoint.WithExample(json, FhirNames.Json).WithExample(json);
}
