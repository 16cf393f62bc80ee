using System.Collections.Frozen;

using FluentValidation;
using FluentValidation.Results;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Http.Problems;

/// <summary>Runs FluentValidation rules and reports every error with its JSON pointer.</summary>
internal static class ValidationExtensions
{
    private static readonly FrozenDictionary<string, string> s_errorCodes = new Dictionary<string, string>
    {
        ["NotNullValidator"] = ErrorCodes.Required,
        ["NotEmptyValidator"] = "empty",
        ["NullValidator"] = "notAllowed",
        ["InclusiveBetweenValidator"] = "outOfRange",
        ["ExclusiveBetweenValidator"] = "outOfRange",
        ["GreaterThanValidator"] = "tooSmall",
        ["GreaterThanOrEqualValidator"] = "tooSmall",
        ["LessThanValidator"] = "tooLarge",
        ["LessThanOrEqualValidator"] = "tooLarge",
        ["MaximumLengthValidator"] = "tooLong",
        ["LengthValidator"] = "badLength",
        ["RegularExpressionValidator"] = "badFormat",
        ["PredicateValidator"] = "notAllowed",
        ["EqualValidator"] = "notAllowed",
        ["NotEqualValidator"] = "notAllowed",
    }.ToFrozenDictionary();

    public static RouteHandlerBuilder WithValidation<T>(this RouteHandlerBuilder builder) where T : class => builder.AddEndpointFilter(async (context, next) =>
    {
        var body = context.Arguments.OfType<T>().Single();
        var errors = context.HttpContext.RequestServices.GetRequiredService<IValidator<T>>().GetErrors(body);
        return errors.Count == 0 ? await next(context) : Problem.Invalid(errors);
    });

    public static IReadOnlyList<FieldError> GetErrors<T>(this IValidator<T> validator, T value, string root = "#")
    {
        var result = validator.Validate(value);
        return result.IsValid ? [] : [.. result.Errors.Select(e => ToFieldError(e, root)).Distinct()];
    }

    /// <summary>Uses JSON names of members in messages.</summary>
    public static void UseJsonMemberNames() => ValidatorOptions.Global.DisplayNameResolver = (_, member, _) =>
        member is null ? null : char.ToLowerInvariant(member.Name[0]) + member.Name[1..];

    private static FieldError ToFieldError(ValidationFailure failure, string root) =>
        new(JsonPointer.FromPropertyPath(failure.PropertyName, root), s_errorCodes.GetValueOrDefault(failure.ErrorCode, failure.ErrorCode),
            failure.ErrorMessage);
}
