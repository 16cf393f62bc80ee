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

    private static readonly QueryParameter s_format = new("_format", QueryParameterType.Choice, "The format of the answer; JSON is the only one.")
    {
        Values = ["json", FhirConstants.JsonMediaType, MediaTypes.Json, "text/json"],
    };

    private static readonly string[] s_otherFormats = ["xml", "text/xml", "application/xml", "application/fhir+xml", "ttl", "text/turtle", "html", "text/html"];

    private static readonly QueryParameter s_pretty = new("_pretty", QueryParameterType.Boolean, "Accepted without effect.");

    /// <summary>Accepts <c>_format</c> and <c>_pretty</c>, which HAPI sends with its first request. The only format is JSON.</summary>
    /// <param name="group">The operations.</param>
    /// <param name="parameters">Their other parameters.</param>
    public static RouteGroupBuilder WithFhirParameters(this RouteGroupBuilder group, params IReadOnlyList<QueryParameter> parameters) =>
        group.WithQueryParameters([.. parameters, s_format, s_pretty]).AddEndpointFilter(async (invocation, next) =>
        {
            var query = new QueryReader(invocation.HttpContext.Request.Query);
            query.Boolean(s_pretty.Name);
            // An unescaped plus sign reaches here as a space.
            var format = query.Text(s_format.Name)?.Replace(' ', '+');
            if (format is not null && !s_format.Values.Contains(format) && !s_otherFormats.Contains(format))
            {
                query.AddInvalid(s_format.Name, $"must be one of {string.Join(", ", s_format.Values)}");
            }

            return query.Errors.Count > 0 ? Problem.Invalid(query.Errors)
                : s_otherFormats.Contains(format) ? new Problem(ProblemKind.NotAcceptable, $"This operation answers in {FhirConstants.JsonMediaType}.")
                : await next(invocation);
        });

    /// <summary>Metadata of an endpoint that stores a resource.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="mediaTypes">Media types that it reads besides JSON.</param>
    /// <param name="statuses">Statuses of success.</param>
    public static RouteHandlerBuilder WithFhirWrite<TResource, TAnswer>(this RouteHandlerBuilder endpoint, IReadOnlyList<string> mediaTypes,
        params IReadOnlyList<int> statuses) where TResource : Resource where TAnswer : Resource
    {
        endpoint.RequireScope(Scopes.SessionsWrite).Accepts<TResource>(FhirConstants.JsonMediaType, [MediaTypes.Json, .. mediaTypes])
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
