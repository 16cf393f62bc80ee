using System.Globalization;
using System.Linq.Expressions;

using FluentValidation;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Regression;

/// <summary>Kind of a moderator.</summary>
internal enum ModeratorKind { Categorical, Continuous }

/// <summary>Options of a regression that are pairs of names and values: <c>moderatorKind=NAME:categorical</c> and <c>at=NAME:VALUE,NAME:VALUE</c>.</summary>
internal static class RegressionOptions
{
    /// <summary>Parameter of the member <c>kind</c>: in a query, <c>kind</c> is a filter.</summary>
    public const string KindParameter = "moderatorKind";

    private const int MaxPoints = 100;
    private const int MaxNames = 20;

    public static RequestOption<RegressionRequest> At { get; } = new(
        new("at", QueryParameterType.Text,
            "Predicts the regression at these values of its moderators, as `NAME:VALUE,NAME:VALUE`, such as `at=year:2020,outcomeType:treatmentOutcome`; "
                + $"others are at their means, or have equal weights for their levels. At most {MaxPoints} points.")
        { Repeatable = true },
        (request, query) => request with { At = ReadPoints(query) })
    {
        Rule = rules =>
        {
            rules.RuleFor(q => q.At).MaxCount(MaxPoints, "points");
            rules.RuleForEach(q => q.At).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null");
        },
    };

    public static RequestOption<T> Kind<T>(Func<T, IReadOnlyDictionary<string, ModeratorKind>?, T> set,
        Expression<Func<T, IReadOnlyDictionary<string, ModeratorKind>?>> member) => new(
        new(KindParameter, QueryParameterType.Text,
            "Kind of a moderator (`kind` in a body), as `NAME:categorical` (numeric codes are levels) or `NAME:continuous`, where it is not that of its "
                + "values.")
        { Repeatable = true },
        (request, query) => set(request, ReadKinds(query)))
        {
            Rule = rules => rules.RuleFor(member).Must(kinds => kinds is null || kinds.Count <= MaxNames).WithErrorCode("tooMany")
                .WithMessage($"names more than {MaxNames} moderators"),
        };

    /// <summary>Distinct, no empty ones, at most 20.</summary>
    public static void TermRules(AbstractValidator<RegressionRequest> rules, Expression<Func<RegressionRequest, IReadOnlyList<string>?>> member,
        Expression<Func<RegressionRequest, IEnumerable<string>?>> items)
    {
        rules.RuleFor(member).NotEmptyIfGiven().MaxCount(MaxNames, "terms").Distinct(ErrorCodes.Repeated, "names a term twice");
        NoEmptyTerms(rules, items);
    }

    /// <summary>No term is null or empty.</summary>
    public static void NoEmptyTerms<T>(AbstractValidator<T> rules, Expression<Func<T, IEnumerable<string>?>> items) =>
        rules.RuleForEach(items).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").NotEmpty();

    /// <summary>Not empty if there.</summary>
    public static void NotEmptyName<T>(AbstractValidator<T> rules, Expression<Func<T, string?>> member) =>
        rules.RuleFor(member).MinimumLength(1).WithErrorCode(ErrorCodes.NotAValue).WithMessage("must not be empty; leave it out when there is nothing to say");

    private static SortedDictionary<string, ModeratorKind>? ReadKinds(QueryReader query)
    {
        var kinds = new SortedDictionary<string, ModeratorKind>(StringComparer.Ordinal);
        foreach (var text in query.Texts(KindParameter))
        {
            var colon = text.LastIndexOf(':');
            if (colon < 1 || !EnumNames<ModeratorKind>.TryParse(text[(colon + 1)..], out var kind))
            {
                query.AddInvalid(KindParameter, $"'{NameList.Of([text])}' must be NAME:categorical or NAME:continuous");
            }
            else if (!kinds.TryAdd(text[..colon], kind))
            {
                query.AddError(KindParameter, ErrorCodes.Repeated, $"names '{NameList.Of([text[..colon]])}' twice");
            }
        }

        return kinds.Count == 0 ? null : kinds;
    }

    private static IReadOnlyList<IReadOnlyDictionary<string, ModeratorValue>>? ReadPoints(QueryReader query)
    {
        var texts = query.Texts("at");
        return texts.Count == 0 ? null : [.. texts.Select(text => ReadPoint(text, query))];
    }

    // A part without a colon belongs to the value before it, which has a comma.
    private static SortedDictionary<string, ModeratorValue> ReadPoint(string text, QueryReader query)
    {
        var parts = new List<string>();
        foreach (var part in text.Split(','))
        {
            if (parts.Count > 0 && !part.Contains(':', StringComparison.Ordinal))
            {
                parts[^1] += "," + part;
            }
            else
            {
                parts.Add(part);
            }
        }

        var point = new SortedDictionary<string, ModeratorValue>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || colon == part.Length - 1)
            {
                query.AddInvalid("at", $"'{NameList.Of([text])}' must be NAME:VALUE,NAME:VALUE, such as year:2020,level:total");
            }
            else if (!point.TryAdd(part[..colon].Trim(), ToValue(part[(colon + 1)..].Trim())))
            {
                query.AddError("at", ErrorCodes.Repeated, $"names '{NameList.Of([part[..colon]])}' twice");
            }
        }

        return point;
    }

    private static ModeratorValue ToValue(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture,
            out var number) && double.IsFinite(number) ? ModeratorValue.Of(number) : ModeratorValue.Of(text);
}
