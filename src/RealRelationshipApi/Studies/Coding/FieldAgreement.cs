using RealRelationship.Statistics.Agreement;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Coding;

/// <summary>Agreement on the categories of effects and studies.</summary>
internal static class FieldAgreement
{
    private static readonly (string Field, Func<EffectBase, string> CategoryOf)[] s_fields =
    [
        ("outcomeType", effect => NameOf(effect.OutcomeType)),
        ("raters", effect => $"{NameOf(effect.RelationshipRater)}|{NameOf(effect.OutcomeRater)}"),
        ("measures", effect => $"{effect.RelationshipMeasure}|{effect.OutcomeMeasure}".ToLowerInvariant()),
        ("scales", effect => $"{ScaleOf(effect.RelationshipScale)}|{ScaleOf(effect.OutcomeScale)}"),
        ("direction", effect => EnumNames<OutcomeDirection>.Of(effect.OutcomeDirection)),
        ("level", effect => EnumNames<EffectLevel>.Of(effect.Level)),
        ("timing", effect => NameOf(effect.Timing)),
    ];

    /// <summary>The agreement on each field, over the pairs of effects; on the design over the codings that say it.</summary>
    public static IReadOnlyList<FieldAgreementResponse> Of(IReadOnlyList<CodingComparison> comparisons)
    {
        var pairs = comparisons.SelectMany(comparison => comparison.Matches).SelectMany(match => match.Pairs).ToList();
        var designs = comparisons.SelectMany(comparison => comparison.Matches.Where(match => match.Coding.Design is not null)
            .Select(match => (NameOf(comparison.Study.Design), NameOf(match.Coding.Design))));
        return
        [
            .. s_fields.Select(field => Compare(field.Field, [.. pairs.Select(pair => (field.CategoryOf(pair.Own), field.CategoryOf(pair.Other)))])),
            Compare("design", [.. designs]),
        ];
    }

    private static FieldAgreementResponse Compare(string field, IReadOnlyList<(string Own, string Other)> categories)
    {
        var numbers = categories.SelectMany(pair => (string[])[pair.Own, pair.Other]).Distinct(StringComparer.Ordinal).Index()
            .ToDictionary(category => category.Item, category => category.Index, StringComparer.Ordinal);
        var kappa = CohensKappa.Estimate([.. categories.Select(pair => numbers[pair.Own])], [.. categories.Select(pair => numbers[pair.Other])]);
        return new(field, categories.Count, categories.Count == 0 ? null : 100.0 * categories.Count(pair => pair.Own == pair.Other) / categories.Count,
            KappaResponse.Of(kappa));
    }

    // What is not given is a category of its own.
    private static string NameOf<T>(T? value) where T : struct, Enum => value is { } known ? EnumNames<T>.Of(known) : "";

    private static string ScaleOf(string? scale) => scale?.ToLowerInvariant() ?? "total";
}
