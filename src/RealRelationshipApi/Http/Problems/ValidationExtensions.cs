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

    /// <summary>The operation has a body of this type as <see cref="JsonBody{T}"/>; its handler runs only if the body has no error.</summary>
    public static RouteHandlerBuilder WithValidation<T>(this RouteHandlerBuilder builder) where T : class => builder
        .Accepts<T>(MediaTypes.Json)
        .AddEndpointFilter(async (context, next) =>
        {
            var body = context.Arguments.OfType<JsonBody<T>>().Single();
            if (body.Problem is { } problem)
            {
                return problem;
            }

            var errors = context.HttpContext.RequestServices.GetRequiredService<IValidator<T>>().GetErrors(body.Value);
            return errors.Count == 0 ? await next(context) : Problem.Invalid(errors);
        });

    public static IReadOnlyList<FieldError> GetErrors<T>(this IValidator<T> validator, T value, string root = "#") =>
        validator.Validate(value).ToFieldErrors(root);

    /// <summary>The errors of a validation.</summary>
    /// <param name="result">What the validator found.</param>
    /// <param name="root">JSON Pointer of the validated value.</param>
    public static IReadOnlyList<FieldError> ToFieldErrors(this ValidationResult result, string root) =>
        result.IsValid ? [] : [.. result.Errors.Select(e => ToFieldError(e, root)).Distinct()];

    /// <summary>Uses JSON names of members in messages, and the service's own messages.</summary>
    public static void UseOwnMessages()
    {
        ValidatorOptions.Global.DisplayNameResolver = (_, member, _) => member is null ? null : char.ToLowerInvariant(member.Name[0]) + member.Name[1..];
        ValidatorOptions.Global.LanguageManager = new RuleMessages();
    }

    private static FieldError ToFieldError(ValidationFailure failure, string root) =>
        new(JsonPointer.FromPropertyPath(failure.PropertyName, root), s_errorCodes.GetValueOrDefault(failure.ErrorCode, failure.ErrorCode),
            failure.ErrorMessage);
}
