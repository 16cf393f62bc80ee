using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http;

internal enum QueryParameterType { Text, Number, Integer, Boolean, Choice }

/// <summary>A declared query parameter. Undeclared ones are errors, so that a typo is never silently ignored.</summary>
internal sealed record QueryParameter(string Name, QueryParameterType Kind, string Description)
{
    /// <summary>The allowed values of a choice, the default first.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    public string? Default { get; init; }

    /// <summary>Whether the parameter may be repeated, meaning "or".</summary>
    public bool Repeatable { get; init; }

    public bool Required { get; init; }

    /// <summary>Minimum, for <see cref="QueryReader"/> and for the OpenAPI document.</summary>
    public double? Minimum { get; init; }

    /// <summary>Maximum, for <see cref="QueryReader"/> and for the OpenAPI document.</summary>
    public double? Maximum { get; init; }

    /// <summary>Whether <see cref="Minimum"/> and <see cref="Maximum"/> are exclusive.</summary>
    public bool IsExclusive { get; init; }

    /// <summary>The request whose member of the same name gets the value, with its validation rules.</summary>
    public Type? RequestType { get; init; }

    /// <summary>Whether the name is a pattern that stands for many: <c>moderators.NAME</c> for all that begin with <c>moderators.</c>. It is not a parameter of
    /// the OpenAPI document, which has none with a free name.</summary>
    public bool IsPattern { get; init; }

    /// <summary>Why this operation refuses the parameter, which others take; null if it takes it. It is then no parameter of the OpenAPI document.</summary>
    public string? Refusal { get; init; }

    /// <summary>Names that a pattern stands for; null for all that begin with the part up to its point.</summary>
    public Func<string, bool>? IsMatch { get; init; }

    /// <summary>Whether this parameter has that name.</summary>
    public bool Matches(string name) => IsMatch?.Invoke(name) ?? (Name == name || (IsPattern && name.Length > Name.IndexOf('.') + 1
        && name.StartsWith(Name.AsSpan(0, Name.IndexOf('.') + 1), StringComparison.Ordinal)));

    /// <summary>An example value for Swagger UI; the operation accepts it.</summary>
    public string? Example { get; init; }

    public static QueryParameter Choice<T>(string name, string description, T? defaultValue = null, bool repeatable = false) where T : struct, Enum =>
        new(name, QueryParameterType.Choice, description)
        {
            Values = EnumNames<T>.All,
            Default = defaultValue is { } value ? EnumNames<T>.Of(value) : null,
            Repeatable = repeatable,
        };
}

/// <summary>Endpoint metadata: the query parameters of the operation.</summary>
internal sealed record QueryParametersMetadata(IReadOnlyList<QueryParameter> Parameters);

internal static class StrictQuery
{
    /// <summary>Declares the operation's query parameters, for the OpenAPI document and for <see cref="UseStrictQuery"/>.</summary>
    public static TBuilder WithQueryParameters<TBuilder>(this TBuilder builder, params IReadOnlyList<QueryParameter> parameters)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new QueryParametersMetadata(parameters));

    /// <summary>400 for undeclared and refused parameters, and for repeated ones that are not repeatable.</summary>
    public static IApplicationBuilder UseStrictQuery(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || context.Request.Query.Count == 0)
        {
            return next(context);
        }

        var declared = endpoint.Metadata.GetMetadata<QueryParametersMetadata>()?.Parameters ?? [];
        FieldError[] errors = [.. FindErrors(context.Request.Query, declared)];
        return errors.Length == 0 ? next(context) : Problem.Malformed(errors).ExecuteAsync(context);
    });

    /// <summary>Parameters that are not declared, refused, or repeated without being repeatable.</summary>
    public static IEnumerable<FieldError> FindErrors(IQueryCollection query, IReadOnlyList<QueryParameter> declared) =>
        query.SelectMany(given => ErrorsOf(given.Key, given.Value.Count, declared));

    private static IEnumerable<FieldError> ErrorsOf(string name, int count, IReadOnlyList<QueryParameter> declared)
    {
        var parameter = declared.FirstOrDefault(p => p.Matches(name));
        if (parameter is null)
        {
            string[] known = [.. declared.Where(p => p.Refusal is null).Select(p => p.Name)];
            yield return new($"?{name}", ErrorCodes.UnknownParameter, declared.Count == 0
                ? "is not known: this operation takes no query parameters"
                : $"is not known here{SimilarNames.Suggest(name, known, $"; known are {string.Join(", ", known)}")}");
        }
        else if (parameter.Refusal is { } reason)
        {
            yield return new($"?{name}", "notAllowed", reason);
        }
        else if (count > 1 && !parameter.Repeatable)
        {
            yield return new($"?{name}", ErrorCodes.Repeated, "may stand only once");
        }
    }
}
