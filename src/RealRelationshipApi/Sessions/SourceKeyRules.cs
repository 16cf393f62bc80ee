using System.Text.RegularExpressions;

using FluentValidation;
using FluentValidation.Validators;

namespace RealRelationshipApi.Sessions;

/// <summary>Rules of source system keys.</summary>
internal static partial class SourceKeyRules
{
    public const string Message = "must be a key of 1 to 128 letters, digits or ._:/-+=|# that names nobody: no free text, no name, no date, no address";

    private const string Pattern = "^[A-Za-z0-9._:/+=|#-]{1,128}$";

    /// <summary>Accepts opaque ids only: text, dates and addresses are rejected.</summary>
    public static IRuleBuilderOptions<T, string?> IsSourceKey<T>(this IRuleBuilder<T, string?> rule) => rule.SetValidator(new KeyValidator<T>())
        .WithErrorCode("notAKey").WithMessage(Message);

    /// <inheritdoc cref="IsSourceKey"/>
    public static bool IsKey(string text) => KeyPattern().IsMatch(text) && !text.EndsWith('\n') && !DatePattern().IsMatch(text);

    // In .NET, unlike in JSON Schema, $ also matches before a final line break.
    [GeneratedRegex(Pattern, RegexOptions.None, 1000)]
    private static partial Regex KeyPattern();

    [GeneratedRegex(@"^(\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})(T.*)?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DatePattern();

    /// <summary>Exposes the pattern to the OpenAPI document, without the rule on dates, which JSON Schema cannot express concisely.</summary>
    private sealed class KeyValidator<T> : PropertyValidator<T, string?>, IRegularExpressionValidator
    {
        public override string Name => nameof(KeyValidator<>);

        public string Expression => Pattern;

        public override bool IsValid(ValidationContext<T> context, string? value) =>
            value is null || IsKey(value);
    }
}
