using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>Texts that all plots share.</summary>
internal static class PlotText
{
    private const string StoredEvidenceTitle = "The real relationship and the outcome of psychotherapy";
    private const string InlineEffectsTitle = "Pooled effects";

    public static string Title(EffectSet effects, string kind) => $"{(effects.IsStored ? StoredEvidenceTitle : InlineEffectsTitle)}: {kind}";

    /// <summary>The estimate with its interval: <c>r = .37, 95% CI [.30, .44]</c>.</summary>
    public static string Estimate(PoolResponse pool)
    {
        var interval = $"{ApaFormat.Confidence(pool.Model.Confidence)} CI";
        return pool.Correlation is { } r
            ? $"r = {ApaFormat.Correlation(r.R)}, {interval} [{ApaFormat.Correlation(r.Lower)}, {ApaFormat.Correlation(r.Upper)}]"
            : $"pooled effect {ApaFormat.Number(pool.Pooled.Effect)}, {interval} [{ApaFormat.Number(pool.Pooled.Lower)}, "
                + $"{ApaFormat.Number(pool.Pooled.Upper)}]";
    }

    /// <summary>Where the pooled effect is drawn: r, or the effect on its own scale.</summary>
    public static double Centre(PoolResponse pool) => pool.Correlation is { } r ? r.R ?? Middle(r.Range) : Effect(pool);

    /// <summary>The pooled effect on the scale of analysis; the middle of what it can be where the likelihood does not tell it.</summary>
    public static double Effect(PoolResponse pool) => pool.Pooled.Effect ?? Middle(pool.Pooled.Range);

    private static double Middle(RangeResponse? range) => range is null ? 0 : (range.Lower + range.Upper) / 2;

    public static string Subtitle(PoolResponse pool, FilterRequest? filter) =>
        $"{Capitalize(Estimate(pool))}; {Phrasing.DescribeCounts(pool.Counts)}. {Capitalize(Phrasing.Describe(pool.Model))}; "
            + $"{Phrasing.DescribeTest(pool)}.{(Phrasing.Describe(filter) is { } chosen ? $" Only {chosen}." : "")}";

    public static IEnumerable<string> Notes(PoolResponse pool) => pool.Warnings.Select(w => w.Finding).Distinct(StringComparer.Ordinal)
        .Append(Phrasing.Describe(pool.Data));

    public static string Capitalize(string text) => text.StartsWith("r = ", StringComparison.Ordinal) ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
