using FluentValidation;

namespace RealRelationshipApi.Http.Problems;

/// <summary>Rules shared by several members.</summary>
internal static class CommonRules
{
    public const string KeyPattern = "^[a-z0-9-]{1,64}$";
    public const string KeyMessage = "must be 1 to 64 lower-case letters, digits or hyphens";

    /// <summary>The whole text matches; in .NET, unlike in JSON Schema, <c>$</c> also matches before a final line break.</summary>
    public static IRuleBuilderOptions<T, string?> MatchesPattern<T>(this IRuleBuilder<T, string?> rule, string pattern, string message) =>
        rule.Matches(pattern).WithMessage(message).Must(text => text?.EndsWith('\n') != true).WithErrorCode("badFormat").WithMessage(message);

    /// <summary>One line of text without control characters.</summary>
    public static IRuleBuilderOptions<T, string?> SingleLine<T>(this IRuleBuilder<T, string?> rule, int maxLength) =>
        rule.MaximumLength(maxLength).Must(text => text is null || !text.Any(char.IsControl)).WithErrorCode("controlCharacter")
            .WithMessage("may not contain control characters");

    /// <summary>An optional line that is not empty if present, as an empty CSV cell means absent.</summary>
    public static IRuleBuilderOptions<T, string?> OptionalSingleLine<T>(this IRuleBuilder<T, string?> rule, int maxLength) => rule.SingleLine(maxLength)
        .NotEmptyIfGiven();

    /// <summary>An optional line that is not blank if present.</summary>
    public static IRuleBuilderOptions<T, string?> OptionalNonBlankLine<T>(this IRuleBuilder<T, string?> rule, int maxLength)
    {
        const string empty = "must not be empty";
        return rule.NotEmptyIfGiven().WithMessage(empty).Must(text => text is null || !string.IsNullOrWhiteSpace(text)).WithErrorCode("empty")
            .WithMessage(empty).SingleLine(maxLength);
    }

    /// <summary>An optional text of several lines, not empty if present.</summary>
    public static IRuleBuilderOptions<T, string?> OptionalMultilineText<T>(this IRuleBuilder<T, string?> rule, int maxLength) =>
        rule.NotEmptyIfGiven().MaximumLength(maxLength).Must(text => text is null || !text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
            .WithErrorCode("controlCharacter").WithMessage("may not contain control characters");

    /// <summary>A text of several lines that is not blank.</summary>
    public static IRuleBuilderOptions<T, string?> NonBlankMultilineText<T>(this IRuleBuilder<T, string?> rule, int maxLength) =>
        rule.NotEmpty().MaximumLength(maxLength).Must(text => text is null || !text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
            .WithErrorCode("controlCharacter").WithMessage("may not contain control characters");

    /// <summary>An optional address of the web.</summary>
    public static IRuleBuilderOptions<T, string?> WebAddress<T>(this IRuleBuilder<T, string?> rule)
    {
        const string message = "must be an http or https address such as https://doi.org/10.1037/pst0000183";
        return rule.NotEmptyIfGiven().SingleLine(MaxAddressLength)
            .Must(text => text is null || (!text.Any(char.IsWhiteSpace) && Uri.TryCreate(text, UriKind.Absolute, out var address)
                && address.Scheme is "http" or "https" && address.Host.Length > 0))
            .WithErrorCode("badFormat").WithMessage(message);
    }

    private const int MaxAddressLength = 2_000;
}
