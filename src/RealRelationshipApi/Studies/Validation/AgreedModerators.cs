using System.Globalization;
using System.Text.RegularExpressions;

using FluentValidation;
using FluentValidation.Results;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Validation;

/// <summary>Moderators whose name, unit and range is agreed, so that studies can be compared.</summary>
internal static partial class AgreedModerators
{
    private static readonly Dictionary<string, (double Minimum, double Maximum, string Unit)> s_numbers = new(StringComparer.Ordinal)
    {
        ["lagWeeks"] = (0, 5_200, "weeks between relationship and outcome"),
        ["followUpMonths"] = (0, 1_200, "months after the end of treatment"),
        ["sessionCount"] = (1, 10_000, "mean number of sessions"),
        ["percentWomen"] = (0, 100, "per cent"),
        ["percentMinority"] = (0, 100, "per cent"),
        ["meanAge"] = (0, 120, "years"),
    };

    private static readonly string[] s_remote = ["no", "mixed", "yes"];

    /// <summary>Names with what they mean.</summary>
    public static IReadOnlyDictionary<string, string> Descriptions { get; } = s_numbers
        .ToDictionary(n => n.Key, n => string.Create(CultureInfo.InvariantCulture, $"{n.Value.Minimum} to {n.Value.Maximum} {n.Value.Unit}"),
            StringComparer.Ordinal)
        .Concat([new("language", "BCP 47 tag"), new("remote", string.Join(", ", s_remote))]).ToDictionary(StringComparer.Ordinal);

    public static void Check<T>(IReadOnlyDictionary<string, ModeratorValue>? moderators, ValidationContext<T> context)
    {
        foreach (var (name, value) in moderators ?? new Dictionary<string, ModeratorValue>())
        {
            if (ErrorOf(name, value) is { } detail)
            {
                context.AddFailure(
                    new ValidationFailure($"{context.PropertyPath}.{JsonPointer.EscapeDictionaryKey(name)}", detail) { ErrorCode = "agreedModerator" });
            }
        }
    }

    private static string? ErrorOf(string name, ModeratorValue value)
    {
        if (s_numbers.TryGetValue(name, out var range))
        {
            return value.Number is { } number && number >= range.Minimum && number <= range.Maximum ? null
                : string.Create(CultureInfo.InvariantCulture, $"must be a number from {range.Minimum} to {range.Maximum} ({range.Unit})");
        }

        return name switch
        {
            "language" when value.Text is not { } text || !LanguageTag().IsMatch(text) => "must be a BCP 47 language tag such as en or de-AT",
            "remote" when !s_remote.Contains(value.Text) => "must be no, mixed or yes",
            _ => null,
        };
    }

    [GeneratedRegex("^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LanguageTag();
}
