using System.Globalization;
using System.Text.RegularExpressions;

using FluentValidation;
using FluentValidation.Results;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

/// <summary>Rules of moderator names and values in studies and in inline effects.</summary>
internal static partial class ModeratorRules
{
    private const int MaxTextLength = 200;

    public static void Check<T>(IReadOnlyDictionary<string, ModeratorValue>? moderators, ValidationContext<T> context) =>
        CheckEach(moderators, context, ErrorOf);

    /// <summary>Adds the error that a rule finds in each moderator.</summary>
    internal static void CheckEach<T>(IReadOnlyDictionary<string, ModeratorValue>? moderators, ValidationContext<T> context,
        Func<string, ModeratorValue, (string Code, string Detail)?> errorOf)
    {
        foreach (var (name, value) in moderators ?? new Dictionary<string, ModeratorValue>())
        {
            if (errorOf(name, value) is var (code, detail))
            {
                context.AddFailure(new ValidationFailure($"{context.PropertyPath}.{JsonPointer.EscapeDictionaryKey(name)}", detail) { ErrorCode = code });
            }
        }
    }

    /// <summary>Whether <see cref="Check"/> finds no error.</summary>
    public static bool AreValid(IReadOnlyDictionary<string, ModeratorValue>? moderators) =>
        moderators is null || moderators.All(m => ErrorOf(m.Key, m.Value) is null);

    private static (string Code, string Detail)? ErrorOf(string name, ModeratorValue value) => value.Text switch
    {
        _ when !NamePattern().IsMatch(name) => ("badName", "moderators are named by a letter and at most 63 more letters, digits, '_' or '-'"),
        null => null,
        "" => ("empty", "must not be empty; leave an unknown moderator out"),
        { Length: > MaxTextLength } => ("tooLong", $"may have {MaxTextLength} characters at the most"),
        var text when text.Any(char.IsControl) => ("controlCharacter", "may not contain control characters"),
        var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) =>
            ("numberAsText", "is a number given as a text: send it without quotes"),
        _ => null,
    };

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,63}\\z", RegexOptions.None, 1000)]
    private static partial Regex NamePattern();
}
