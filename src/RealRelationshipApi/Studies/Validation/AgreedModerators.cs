using System.Globalization;
using System.Text.RegularExpressions;

using FluentValidation;

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

    public static void Check<T>(IReadOnlyDictionary<string, ModeratorValue>? moderators, ValidationContext<T> context) =>
        ModeratorRules.CheckEach(moderators, context, ErrorOf);

    private static (string Code, string Detail)? ErrorOf(string name, ModeratorValue value) =>
        DetailOf(name, value) is { } detail ? ("agreedModerator", detail) : null;

    private static string? DetailOf(string name, ModeratorValue value)
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
