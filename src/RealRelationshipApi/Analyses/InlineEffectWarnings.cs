using System.Text.Json;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Analyses;

/// <summary>Warnings of likely mistakes in effects of a body: participants or rows that are repeated, standard errors given as variances.</summary>
internal static class InlineEffectWarnings
{
    /// <param name="effects">Validated effects.</param>
    /// <param name="ids">Their ids.</param>
    /// <param name="notes">Their notes.</param>
    public static IEnumerable<Warning> Of(IReadOnlyList<InlineEffect> effects, string[] ids, IReadOnlyList<string>[] notes) =>
        [.. StudiesWithoutSamples(effects), .. IdenticalEffects(effects, ids), .. EffectNotes.Warnings(notes, i => ids[i])];

    /// <summary>Notes of an effect; only the variance of Fisher z can be compared with n.</summary>
    public static IReadOnlyList<string> Notes(InlineEffect effect, EffectMeasure? measure) =>
        measure != EffectMeasure.Raw && effect is { Vi: { } vi, N: { } n } && EffectSizeConversion.ContradictsSampleSize(vi, n)
            ? [EffectNotes.VarianceContradictsN] : [];

    private static IEnumerable<Warning> StudiesWithoutSamples(IReadOnlyList<InlineEffect> effects)
    {
        var counts = new Dictionary<string, (int Effects, int WithoutSample)>(StringComparer.Ordinal);
        foreach (var effect in effects)
        {
            if (effect.Study is { } study)
            {
                var (several, without) = counts.GetValueOrDefault(study);
                counts[study] = (several + 1, without + (effect.Sample is null ? 1 : 0));
            }
        }

        string[] found = [.. counts.Where(study => study.Value is { Effects: > 1, WithoutSample: > 0 }).Select(study => study.Key)];
        if (found.Length > 0)
        {
            yield return new("sameStudySeveralSamples",
                $"{NameList.Of(found)} {(found.Length == 1 ? "has" : "have")} several effects without a sample, which are treated as independent. "
                    + "Give effects of the same participants the same sample.");
        }
    }

    private static IEnumerable<Warning> IdenticalEffects(IReadOnlyList<InlineEffect> effects, string[] ids)
    {
        var seen = new HashSet<object>();
        var repeated = new List<string>();
        for (var i = 0; i < effects.Count; i++)
        {
            // Effects with ids of their own, but no study, can have the same numbers by chance.
            if (effects[i] is var effect && (effect.Study is not null || effect.Id is null) && !seen.Add(Content(effect)))
            {
                repeated.Add(ids[i]);
            }
        }

        if (repeated.Count > 0)
        {
            yield return new("identicalEffects",
                $"{repeated.Count} {(repeated.Count == 1 ? "effect equals" : "effects equal")} another in every member "
                    + $"({NameList.Of(repeated)}). The same result is counted twice.");
        }
    }

    private static object Content(InlineEffect e) => (e.Study, e.Sample, e.Year, e.R, e.N, e.Yi, e.Vi,
        e.Statistic is null ? "" : JsonSerializer.Serialize(e.Statistic, StrictJson.Options), e.Moderators is null ? ""
        : string.Join('\u001e', e.Moderators.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key}\u001f{m.Value.Number is null}{m.Value}")));
}
