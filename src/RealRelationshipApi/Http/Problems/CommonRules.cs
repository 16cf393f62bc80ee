using FluentValidation;

namespace RealRelationshipApi.Http.Problems;

/// <summary>Rules that several members share.</summary>
internal static class CommonRules
{
    public const string KeyPattern = "^[a-z0-9-]{1,64}$";
    public const string KeyMessage = "must be 1 to 64 lower-case letters, digits or hyphens";

    /// <summary>The text as a whole matches; in .NET, unlike in JSON Schema, <c>$</c> also stands before a last line break.</summary>
    public static IRuleBuilderOptions<T, string?> MatchesPattern<T>(this IRuleBuilder<T, string?> rule, string pattern, string message) =>
        rule.Matches(pattern).WithMessage(message).Must(text => text?.EndsWith('\n') != true).WithErrorCode("badFormat").WithMessage(message);

    /// <summary>One line of text without control characters.</summary>
    public static IRuleBuilderOptions<T, string?> SingleLine<T>(this IRuleBuilder<T, string?> rule, int maxLength) =>
        rule.MaximumLength(maxLength).Must(text => text is null || !text.Any(char.IsControl)).WithErrorCode("controlCharacter")
            .WithMessage("may not contain control characters");

    /// <summary>A line that may be left out, but is something when it is there: a table knows no other nothing than an empty cell.</summary>
    public static IRuleBuilderOptions<T, string?> OptionalSingleLine<T>(this IRuleBuilder<T, string?> rule, int maxLength) => rule.SingleLine(maxLength)
        .NotEmptyIfGiven();

    /// <summary>A line that may be left out, and holds more than blanks when it is there.</summary>
    public static IRuleBuilderOptions<T, string?> OptionalNonBlankLine<T>(this IRuleBuilder<T, string?> rule, int maxLength)
    {
        const string empty = "must not be empty";
        return rule.NotEmptyIfGiven().WithMessage(empty).Must(text => text is null || !string.IsNullOrWhiteSpace(text)).WithErrorCode("empty")
            .WithMessage(empty).SingleLine(maxLength);
    }

    /// <summary>Text that may have several lines, or be left out.</summary>
    public static IRuleBuilderOptions<T, string?> OptionalMultilineText<T>(this IRuleBuilder<T, string?> rule, int maxLength) =>
        rule.NotEmptyIfGiven().MaximumLength(maxLength).Must(text => text is null || !text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
            .WithErrorCode("controlCharacter").WithMessage("may not contain control characters");
}
