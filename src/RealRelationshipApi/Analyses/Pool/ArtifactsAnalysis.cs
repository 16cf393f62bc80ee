using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>The Hunter–Schmidt part of <c>/meta/pool</c>: on r, dependent effects aggregated first.</summary>
internal static class ArtifactsAnalysis
{
    /// <returns>Null when it was not asked for; null with a warning when no effect has what it needs.</returns>
    public static (ArtifactsAnswer? Answer, IReadOnlyList<Warning> Warnings) Run(EffectSet effects, Model model)
    {
        if (model.Artifacts == Artifacts.None)
        {
            return (null, []);
        }

        var needsReliability = model.Artifacts == Artifacts.Reliability;
        int[] chosen = [.. Enumerable.Range(0, effects.Count).Where(i => effects.Participants[i] is not null
            && (!needsReliability || (effects.RelationshipReliabilities[i] is not null && effects.OutcomeReliabilities[i] is not null)))];
        if (chosen.Length == 0)
        {
            return (null, [new(needsReliability ? "reliabilitiesUnknown" : "participantsUnknown",
                $"artifacts: no effect has its number of participants{(needsReliability ? " and both reliabilities" : "")}.")]);
        }

        var rows = Entering.Of(effects, chosen, effects.HasSeveralEffectsInASample ? model with { Dependence = Dependence.Aggregate } : model);
        double[] r = [.. rows.Estimates.Select(FisherZ.ToCorrelation)];
        double[] n = [.. Enumerable.Range(0, rows.Count).Select(row => rows.ParticipantsOf(row)!.Value)];
        var result = needsReliability
            ? HunterSchmidt.Corrected(r, n, Mean(rows, effects.RelationshipReliabilities), Mean(rows, effects.OutcomeReliabilities))
            : HunterSchmidt.BareBones(r, n);
        return (new(model.Artifacts, result.Effects, effects.Count - chosen.Length, result.MeanCorrelation, result.ObservedVariance, result.ErrorVariance,
            result.ResidualVariance, result.StandardError, result.Credibility.Lower, result.Credibility.Upper, result.PercentOfVariance), []);
    }

    private static double[] Mean(Entering rows, double?[] reliabilities) => [.. rows.Members.Select(m => m.Average(i => reliabilities[i]!.Value))];
}
