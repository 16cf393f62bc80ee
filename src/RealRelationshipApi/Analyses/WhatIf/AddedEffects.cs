using System.Globalization;

using FluentValidation;
using FluentValidation.Results;

using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Analyses.WhatIf;

/// <summary>The query parameter <c>add=R:N</c> and the rules of <c>add</c>: hypothetical effects to analyse beside the stored ones.</summary>
internal static class AddedEffects
{
    public const int MaxEffects = 100;

    private const int MinSample = 4;
    private const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public static QueryParameter Parameter { get; } = new("add", QueryParameterType.Text,
        "What if: adds a hypothetical effect to the stored ones, as R:N, a correlation in (−1, 1) and at least 4 participants, such as `add=.45:80`. It is a "
            + $"sample of its own; filters do not apply to it. Nothing is stored, and the response is not cached. At most {MaxEffects}.")
    { Repeatable = true };

    /// <summary>The effects of a query; null without any. What cannot be read or is out of range is an error.</summary>
    public static IReadOnlyList<InlineEffect>? Read(QueryReader query)
    {
        var texts = query.Texts(Parameter.Name);
        return texts.Count == 0 ? null : [.. texts.Select(text => Parse(text, query)).OfType<InlineEffect>()];
    }

    /// <summary>Checks what the type of an added effect does not: values of the moderators that are fields of the evidence.</summary>
    public static void Check<T>(IReadOnlyList<InlineEffect>? added, ValidationContext<T> context)
    {
        foreach (var (i, effect) in (added ?? []).Index())
        {
            foreach (var (name, value) in effect?.Moderators?.AsEnumerable() ?? [])
            {
                string[] allowed = [.. AllowedValues(name)];
                if (allowed.Length > 0 && !allowed.Contains(value.Text, StringComparer.Ordinal))
                {
                    context.AddFailure(new ValidationFailure($"Add[{i}].Moderators.{name}", $"must be one of {string.Join(", ", allowed)}")
                    {
                        ErrorCode = "notAllowed",
                    });
                }
            }
        }
    }

    private static IEnumerable<string> AllowedValues(string moderator) => FilterTable.Columns.All(column => column.Name != moderator) ? []
        : FilterTable.Parameters.First(parameter => parameter.Name == moderator) switch
        {
            { Kind: QueryParameterType.Boolean } => ["true", "false"],
            { Name: "synthetic" } => ["true", "false"],
            var parameter => parameter.Values.Where(value => value != "all"),
        };

    private static InlineEffect? Parse(string text, QueryReader query)
    {
        if (text.Split(':') is not [var r, var n]
            || !double.TryParse(r, Decimal, CultureInfo.InvariantCulture, out var correlation) || !double.IsFinite(correlation)
            || !long.TryParse(n, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var participants))
        {
            query.AddInvalid(Parameter.Name,
                $"{Quote(text)} must be R:N, a correlation with a point before decimals and a whole number of participants, such as .45:80");
            return null;
        }

        if (correlation is not (> -1 and < 1))
        {
            query.AddError(Parameter.Name, "outOfRange", $"{Quote(text)}: the correlation must lie between -1 and 1, both excluded");
        }

        if (participants is < MinSample or > StatisticValidator.MaxSample)
        {
            query.AddError(Parameter.Name, "outOfRange",
                string.Create(CultureInfo.InvariantCulture, $"{Quote(text)}: participants must be from {MinSample} to {StatisticValidator.MaxSample:N0}"));
        }

        return new InlineEffect { R = correlation, N = participants };
    }

    private static string Quote(string text) => $"'{NameList.Of([text])}'";
}
