using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http;

/// <summary>Endpoint metadata for the OpenAPI document.</summary>
internal static class EndpointConventions
{
    /// <summary>Declares the problems of the operation, besides 400 and 406.</summary>
    public static TBuilder ProducesProblems<TBuilder>(this TBuilder builder, params IReadOnlyList<ProblemKind> kinds)
        where TBuilder : IEndpointConventionBuilder
    {
        foreach (var status in kinds.Append(ProblemKind.Malformed).Append(ProblemKind.NotAcceptable).Select(k => k.Status).Distinct())
        {
            builder.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDocument), [Problem.ContentType]));
        }

        return builder;
    }

    /// <summary>An example value of a path parameter or header for Swagger UI; the operation accepts it.</summary>
    public static TBuilder WithExampleValue<TBuilder>(this TBuilder builder, string parameter, string value) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ParameterExample(parameter, value));
}
