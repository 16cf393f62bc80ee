using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http;

/// <summary>What every operation says of itself.</summary>
public static class EndpointConventions
{
    /// <summary>Declares the problems with which the operation may answer, beside those that any operation may.</summary>
    public static TBuilder ProducesProblems<TBuilder>(this TBuilder builder, params IReadOnlyList<ProblemKind> kinds)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(kinds);
        foreach (var status in kinds.Append(ProblemKind.Malformed).Append(ProblemKind.NotAcceptable).Select(k => k.Status).Distinct())
        {
            builder.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDocument), [Problem.ContentType]));
        }

        return builder;
    }

    /// <summary>The body with which the operation answers when pressed in Swagger UI.</summary>
    public static TBuilder WithExample<TBuilder>(this TBuilder builder, string json, string mediaType = MediaTypes.Json)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequestBodyExample(mediaType, json));

    /// <summary>A value for a path parameter or header with which the operation answers when pressed.</summary>
    public static TBuilder WithExampleValue<TBuilder>(this TBuilder builder, string parameter, string value) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ParameterExample(parameter, value));
}
