using FluentValidation;

namespace RealRelationshipApi.Http;

/// <summary>Definition of one option of a request: documentation, reader and rule.</summary>
/// <param name="Parameter">Name, kind, values, default and description of the query parameter.</param>
/// <param name="Read">Sets the option of the request from a query.</param>
internal sealed record RequestOption<TRequest>(QueryParameter Parameter, Func<TRequest, QueryReader, TRequest> Read)
{
    public QueryParameter Parameter { get; init; } = Parameter with { RequestType = typeof(TRequest) };

    /// <summary>Adds the validation rule, for query and body alike; null if all values of the type are allowed.</summary>
    public Action<AbstractValidator<TRequest>>? Rule { get; init; }

    /// <summary>Detail of the error if a required parameter is missing.</summary>
    public string Requirement { get; init; } = "is required";

    public static RequestOption<TRequest> Text(string name, string description, Func<TRequest, string?, TRequest> set) =>
        new(new(name, QueryParameterType.Text, description), (request, query) => set(request, query.Text(name)));

    public static RequestOption<TRequest> Texts(string name, string description, Func<TRequest, IReadOnlyList<string>, TRequest> set) =>
        new(new(name, QueryParameterType.Text, description) { Repeatable = true }, (request, query) => set(request, query.Texts(name)));

    public static RequestOption<TRequest> Number(string name, string description, Func<TRequest, double?, TRequest> set, string? defaultValue = null) =>
        new(new(name, QueryParameterType.Number, description) { Default = defaultValue }, (request, query) => set(request, query.Number(name)));

    public static RequestOption<TRequest> Integer(string name, string description, Func<TRequest, long?, TRequest> set, string? defaultValue = null) =>
        new(new(name, QueryParameterType.Integer, description) { Default = defaultValue }, (request, query) => set(request, query.Integer(name)));

    public static RequestOption<TRequest> Boolean(string name, string description, Func<TRequest, bool?, TRequest> set, string? defaultValue = null) =>
        new(new(name, QueryParameterType.Boolean, description) { Default = defaultValue }, (request, query) => set(request, query.Boolean(name)));

    public static RequestOption<TRequest> Choice<T>(string name, string description, Func<TRequest, T?, TRequest> set) where T : struct, Enum =>
        new(QueryParameter.Choice<T>(name, description), (request, query) => set(request, query.Choice<T>(name)));

    public static RequestOption<TRequest> Choice<T>(string name, string description, Func<TRequest, T?, TRequest> set, T defaultValue)
        where T : struct, Enum => new(QueryParameter.Choice<T>(name, description, defaultValue), (request, query) => set(request, query.Choice<T>(name)));
}

internal static class RequestOptions
{
    /// <summary>Reads all options of a query into a request.</summary>
    /// <param name="options">The options.</param>
    /// <param name="request">The request to start from.</param>
    /// <param name="query">The query; errors are added to it.</param>
    public static TRequest Read<TRequest>(this IReadOnlyList<RequestOption<TRequest>> options, TRequest request, QueryReader query) =>
        options.Aggregate(request, (read, option) => option.Read(read, query));

    /// <summary>Makes the option required.</summary>
    /// <param name="option">The option.</param>
    /// <param name="example">A value for Swagger UI.</param>
    /// <param name="requirement">Detail of the error if it is missing.</param>
    public static RequestOption<TRequest> Required<TRequest>(this RequestOption<TRequest> option, string example, string requirement) =>
        option with { Parameter = option.Parameter with { Required = true, Example = example }, Requirement = requirement };

    /// <summary>Gives the option a value for Swagger UI.</summary>
    public static RequestOption<TRequest> WithExample<TRequest>(this RequestOption<TRequest> option, string example) =>
        option with { Parameter = option.Parameter with { Example = example } };

    public static IReadOnlyList<QueryParameter> Parameters<TRequest>(this IReadOnlyList<RequestOption<TRequest>> options) =>
        [.. options.Select(option => option.Parameter)];
}

/// <summary>Validates a request by the rules of its options.</summary>
internal sealed class RequestOptionValidator<TRequest> : AbstractValidator<TRequest>
{
    public RequestOptionValidator(IReadOnlyList<RequestOption<TRequest>> options)
    {
        foreach (var option in options)
        {
            option.Rule?.Invoke(this);
        }
    }
}
