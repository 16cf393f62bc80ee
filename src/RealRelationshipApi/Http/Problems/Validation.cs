using System.Collections.Frozen;

using FluentValidation;
using FluentValidation.Results;

using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Http.Problems;

/// <summary>Runs the FluentValidation rules of a body and answers every fault at once, in the caller's names.</summary>
public static class Validation
{
    private static readonly FrozenDictionary<string, string> s_codes = new Dictionary<string, string>
    {
        ["NotNullValidator"] = FaultCodes.Required,
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

    public static RouteHandlerBuilder Validates<T>(this RouteHandlerBuilder builder) where T : class => builder.AddEndpointFilter(async (context, next) =>
    {
        var body = context.Arguments.OfType<T>().Single();
        var faults = context.HttpContext.RequestServices.GetRequiredService<IValidator<T>>().Faults(body);
        return faults.Count == 0 ? await next(context) : Problem.Invalid(faults);
    });

    public static IReadOnlyList<FieldError> Faults<T>(this IValidator<T> validator, T value, string root = "#")
    {
        ArgumentNullException.ThrowIfNull(validator);
        var result = validator.Validate(value);
        return result.IsValid ? [] : [.. result.Errors.Select(e => FaultOf(e, root)).Distinct()];
    }

    /// <summary>Members are named in messages as the caller wrote them.</summary>
    public static void NameMembersAsInJson() => ValidatorOptions.Global.DisplayNameResolver = (_, member, _) =>
        member is null ? null : char.ToLowerInvariant(member.Name[0]) + member.Name[1..];

    private static FieldError FaultOf(ValidationFailure failure, string root) =>
        new(JsonPointer.FromPropertyPath(failure.PropertyName, root), s_codes.GetValueOrDefault(failure.ErrorCode, failure.ErrorCode), failure.ErrorMessage);
}
