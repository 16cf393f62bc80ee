using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting;

/// <summary>Describes results with hypothetical effects.</summary>
internal static class WhatIfPhrasing
{
    /// <summary>The hypothetical effects, and the estimate without them; null if there are none.</summary>
    public static string? Sentence(PoolResponse pool) => pool.Counts.Hypothetical is not { } added ? null
        : $"This is a what-if: {ApaFormat.Count(added)} of the {Phrasing.Plural(pool.Counts.Effects, "effect")} {(added == 1 ? "is" : "are")} hypothetical "
            + $"({Effects(pool)}) and no evidence. "
            + (pool.WithoutAdded is { } without ? $"Without {(added == 1 ? "it" : "them")}: {Estimate(pool, without)}."
                : $"Without {(added == 1 ? "it" : "them")} nothing can be pooled.");

    /// <summary>The estimate of the stored effects alone, with its interval.</summary>
    public static string Estimate(PoolResponse pool, WithoutAddedResponse without) =>
        PlotText.Estimate(pool with { Pooled = without.Pooled, Correlation = without.Correlation });

    private static string Effects(PoolResponse pool)
    {
        const int shown = 5;
        var effects = pool.Studies.Where(study => study.Hypothetical).ToList();
        return string.Join("; ", effects.Take(shown).Select(study =>
            (study.R is { } r ? $"r = {ApaFormat.Correlation(r)}" : $"effect {ApaFormat.Number(study.Effect)}")
                + (study.N is { } n ? $", n = {ApaFormat.Count(n)}" : ""))) + (effects.Count > shown ? "; …" : "");
    }
}
