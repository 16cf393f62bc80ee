using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http;

public enum QueryParameterType { Text, Number, Integer, Boolean, Choice }

/// <summary>A query parameter that an operation understands; every other one is refused, so that a typo never changes an answer.</summary>
public sealed record QueryParameter(string Name, QueryParameterType Kind, string Description)
{
    /// <summary>The allowed values of a choice, the default first where there is one.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    public string? Default { get; init; }

    /// <summary>Whether the name may stand several times, meaning "or".</summary>
    public bool Repeatable { get; init; }

    public bool Required { get; init; }

    /// <summary>The smallest number that is taken: by the <see cref="QueryReader"/> that is given the parameter, and by the document.</summary>
    public double? Minimum { get; init; }

    /// <summary>The largest number that is taken.</summary>
    public double? Maximum { get; init; }

    /// <summary>Whether <see cref="Minimum"/> and <see cref="Maximum"/> themselves are refused.</summary>
    public bool IsExclusive { get; init; }

    /// <summary>The request of which the value becomes the member of the same name: the rules of that member are those of the parameter.</summary>
    public Type? RequestType { get; init; }

    /// <summary>A value that answers when pressed in Swagger UI.</summary>
    public string? Example { get; init; }

    /// <summary>Parameters whose values become members of a request, and keep its rules.</summary>
    public static IReadOnlyList<QueryParameter> ForRequest<TRequest>(IReadOnlyList<QueryParameter> parameters) =>
        [.. parameters.Select(p => p with { RequestType = typeof(TRequest) })];

    public static QueryParameter Choice<T>(string name, string description, T? defaultValue = null, bool repeatable = false) where T : struct, Enum =>
        new(name, QueryParameterType.Choice, description)
        {
            Values = EnumNames<T>.All,
            Default = defaultValue is { } value ? EnumNames<T>.Of(value) : null,
            Repeatable = repeatable,
        };
}

/// <summary>Endpoint metadata: the query parameters of the operation.</summary>
public sealed record QueryParametersMetadata(IReadOnlyList<QueryParameter> Parameters);

public static class StrictQuery
{
    /// <summary>Declares the operation's query parameters: they are documented, and no other is accepted.</summary>
    public static TBuilder WithQueryParameters<TBuilder>(this TBuilder builder, params IReadOnlyList<QueryParameter> parameters)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new QueryParametersMetadata(parameters));

    /// <summary>Refuses unknown parameters, and several values where one is meant.</summary>
    public static IApplicationBuilder UseStrictQuery(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || context.Request.Query.Count == 0)
        {
            return next(context);
        }

        var declared = endpoint.Metadata.GetMetadata<QueryParametersMetadata>()?.Parameters ?? [];
        FieldError[] errors = [.. context.Request.Query.SelectMany(given => ErrorsOf(given.Key, given.Value.Count, declared))];
        return errors.Length == 0 ? next(context) : Problem.Malformed(errors).ExecuteAsync(context);
    });

    private static IEnumerable<FieldError> ErrorsOf(string name, int count, IReadOnlyList<QueryParameter> declared)
    {
        var parameter = declared.FirstOrDefault(p => p.Name == name);
        if (parameter is null)
        {
            yield return new($"?{name}", ErrorCodes.UnknownParameter, declared.Count == 0
                ? "is not known: this operation takes no query parameters"
                : $"is not known here; known are {string.Join(", ", declared.Select(p => p.Name))}");
        }
        else if (count > 1 && !parameter.Repeatable)
        {
            yield return new($"?{name}", ErrorCodes.Repeated, "may stand only once");
        }
    }
}
