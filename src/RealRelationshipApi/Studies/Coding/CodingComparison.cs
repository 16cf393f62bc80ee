using System.Text.Json;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Coding;

/// <summary>A study's own coding beside those of further coders.</summary>
/// <param name="Study">The study.</param>
/// <param name="Matches">Its effects beside those of each other coder.</param>
internal sealed record CodingComparison(StudyRecord Study, IReadOnlyList<CodingMatch> Matches)
{
    /// <summary>Compares codings with the study. A coder of the study itself, who became one later, is left out.</summary>
    /// <param name="study">The study.</param>
    /// <param name="codings">Codings of it.</param>
    /// <param name="isSelected">Which of the study's effects are compared; default all.</param>
    public static CodingComparison Of(StudyRecord study, IReadOnlyList<StudyCoding> codings, Func<EffectRecord, bool>? isSelected = null)
    {
        var own = StudyCodingStore.CodersOf(study);
        return new(study, [.. codings.Where(coding => !own.Contains(StudyCodingRequest.IdOf(coding.Coder)))
            .Select(coding => CodingMatch.Of(study, coding).Where(isSelected ?? (_ => true)))]);
    }
}

/// <summary>The effects of a study beside those of another coder.</summary>
/// <param name="Coding">The other coding.</param>
/// <param name="Pairs">Effects that both have, that of the study first.</param>
/// <param name="StudyOnly">Effects of the study that the coder does not have.</param>
/// <param name="CodingOnly">Effects of the coder that the study does not have.</param>
internal sealed record CodingMatch(StudyCoding Coding, IReadOnlyList<(EffectRecord Own, EffectRecord Other)> Pairs, IReadOnlyList<EffectRecord> StudyOnly,
    IReadOnlyList<EffectRecord> CodingOnly)
{
    // A coder may name effects otherwise; then what both read is compared, from the strictest rule on.
    private static readonly Func<EffectRecord, string>[] s_rules =
    [
        effect => effect.Key,
        StudyEffect.IdentityOf,
        effect => $"{effect.Sample.Trim().ToLowerInvariant()}\n{JsonSerializer.Serialize(effect.Statistic, StrictJson.Options)}",
    ];

    /// <summary>Matches by key, then by identity, then by sample and statistic; each only where exactly one effect is left on both sides.</summary>
    public static CodingMatch Of(StudyRecord study, StudyCoding coding)
    {
        var (own, others, pairs) = (study.Effects.ToList(), coding.Effects.ToList(), new List<(EffectRecord Own, EffectRecord Other)>());
        foreach (var rule in s_rules)
        {
            var candidates = others.ToLookup(rule);
            foreach (var group in own.ToLookup(rule).Where(group => group.Count() == 1 && candidates[group.Key].Count() == 1))
            {
                pairs.Add((group.Single(), candidates[group.Key].Single()));
            }

            own.RemoveAll(pairs.Select(pair => pair.Own).ToHashSet(ReferenceEqualityComparer.Instance).Contains);
            others.RemoveAll(pairs.Select(pair => pair.Other).ToHashSet(ReferenceEqualityComparer.Instance).Contains);
        }

        return new(coding, pairs, own, others);
    }

    /// <summary>The match for some of the study's effects.</summary>
    public CodingMatch Where(Func<EffectRecord, bool> isSelected) =>
        this with { Pairs = [.. Pairs.Where(pair => isSelected(pair.Own))], StudyOnly = [.. StudyOnly.Where(isSelected)] };
}
