using RealRelationship.Statistics;

using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.Models;

/// <summary>A kind of pairs of effects of one sample, whose sampling errors are assumed to correlate more.</summary>
/// <param name="Option">The option with the correlation.</param>
/// <param name="Shared">What such a pair shares, in words.</param>
/// <param name="Moderators">Moderators that both effects have and that are equal.</param>
/// <param name="RhoOf">The correlation; null unless set.</param>
internal sealed record PairKind(string Option, string Shared, IReadOnlyList<string> Moderators, Func<ResolvedModel, double?> RhoOf);

/// <summary>Assumed correlations of sampling errors by kind of pair.</summary>
internal static class PairCorrelations
{
    /// <summary>All kinds.</summary>
    public static IReadOnlyList<PairKind> Kinds { get; } =
    [
        new("rhoSameOutcome", "type of outcome", ["outcomeType"], m => m.RhoSameOutcome),
        new("rhoSameRater", "raters", ["relationshipRater", "outcomeRater"], m => m.RhoSameRater),
        new("rhoSameForm", "form of the relationship", ["relationshipMeasure"], m => m.RhoSameForm),
    ];

    /// <summary>The kinds with a correlation.</summary>
    public static IEnumerable<(PairKind Kind, double Rho)> Given(ResolvedModel model) =>
        Kinds.Where(kind => kind.RhoOf(model) is not null).Select(kind => (kind, kind.RhoOf(model)!.Value));

    /// <summary>Moderators of a kind that no effect has.</summary>
    public static IEnumerable<string> Missing(PairKind kind, EffectSet effects) =>
        kind.Moderators.Where(name => effects.ModeratorValues(name)?.Any(value => value is not null) != true);

    /// <summary>Correlations of some of the effects.</summary>
    /// <returns>Null if one correlation holds for all pairs.</returns>
    public static SamplingCorrelations? Of(EffectSet effects, IReadOnlyList<int> chosen, ResolvedModel model) => !model.UsesRho || !Given(model).Any() ? null
        : new(model.Rho, [.. Given(model).Select(given => new SharedTrait(Codes(effects, chosen, given.Kind), given.Rho))]);

    /// <summary>A sample in which the correlations contradict each other: no random errors have them.</summary>
    /// <returns>Null if there is none.</returns>
    public static string? Contradiction(EffectSet effects, ResolvedModel model)
    {
        // The pairs that share one attribute are in disjoint groups, so that a single kind never contradicts the rest.
        if (Given(model).Count() < 2 || Of(effects, [.. Enumerable.Range(0, effects.Count)], model) is not { } correlations)
        {
            return null;
        }

        return Enumerable.Range(0, effects.Count).GroupBy(i => effects.Samples[i], StringComparer.Ordinal)
            .FirstOrDefault(sample => !correlations.IsPositiveDefinite([.. sample]))?.Key;
    }

    private static int?[] Codes(EffectSet effects, IReadOnlyList<int> chosen, PairKind kind)
    {
        var (values, known) = (kind.Moderators.Map((name, _) => effects.ModeratorValues(name)), new Dictionary<string, int>(StringComparer.Ordinal));
        var codes = new int?[chosen.Count];
        for (var row = 0; row < codes.Length; row++)
        {
            CancellationScope.ThrowIfCancelled(row);
            string?[] own = [.. values.Select(value => value?[chosen[row]]?.ToString())];
            if (own.All(value => value is not null))
            {
                var key = string.Join('\u001f', own);
                known.TryAdd(key, known.Count);
                codes[row] = known[key];
            }
        }

        return codes;
    }
}
