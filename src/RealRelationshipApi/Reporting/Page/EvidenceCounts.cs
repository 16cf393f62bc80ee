using RealRelationshipApi.Evidence;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>Numbers of effects that the form shows beside its choices.</summary>
/// <param name="Values">By filter and value: effects that the choice would give, with the other filters as they are.</param>
/// <param name="Moderators">Moderators that effects of the question have, with the number of these effects and of different values.</param>
internal sealed record EvidenceCounts(IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Values,
    IReadOnlyList<(string Name, int Effects, int Values)> Moderators)
{
    // Above, counting would slow the page down.
    private const int MaxEffects = 20_000;
    private const int MaxFreeModerators = 40;

    private static readonly Dictionary<string, Func<FilterRequest, FilterRequest?>> s_withoutFilter = new(StringComparer.Ordinal)
    {
        ["outcomeType"] = filter => filter.OutcomeType is null ? null : filter with { OutcomeType = null },
        ["relationshipRater"] = filter => filter.RelationshipRater is null ? null : filter with { RelationshipRater = null },
        ["outcomeRater"] = filter => filter.OutcomeRater is null ? null : filter with { OutcomeRater = null },
        ["design"] = filter => filter.Design is null ? null : filter with { Design = null },
        ["timing"] = filter => filter.Timing is null ? null : filter with { Timing = null },
    };

    /// <summary>Names of the filters whose values are counted.</summary>
    public static IReadOnlyCollection<string> Filters => s_withoutFilter.Keys;

    /// <summary>Counts the effects; null if they are too many.</summary>
    /// <param name="effects">The selected effects.</param>
    /// <param name="filter">The filter that selected them.</param>
    /// <param name="evidence">The evidence.</param>
    public static EvidenceCounts? Of(EffectSet effects, FilterRequest filter, EvidenceSnapshot evidence)
    {
        if (evidence.Count > MaxEffects)
        {
            return null;
        }

        var names = EvidenceSnapshot.ModeratorFields
            .Concat(effects.FreeModerators.Take(MaxFreeModerators).Select(name => EvidenceSnapshot.FreeModeratorPrefix + name));
        return new(
            s_withoutFilter.ToDictionary(pair => pair.Key, pair => CountValues(
                pair.Value(filter) is { } without ? EvidenceSelection.Apply(without, evidence) : effects, pair.Key), StringComparer.Ordinal),
            [.. names.Select(name => (Name: name, Counts: CountValues(effects, name))).Where(moderator => moderator.Counts.Count > 0)
                .Select(moderator => (moderator.Name, moderator.Counts.Values.Sum(), moderator.Counts.Count))]);
    }

    private static IReadOnlyDictionary<string, int> CountValues(EffectSet effects, string moderator) => (effects.ModeratorValues(moderator) ?? [])
        .Select(value => value?.ToString()).OfType<string>().CountBy(value => value, StringComparer.Ordinal)
        .ToDictionary(StringComparer.Ordinal);
}
