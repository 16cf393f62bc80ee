using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Pool;

/// <summary>The Hunter–Schmidt part of <c>/meta/pool</c>: on r, dependent effects aggregated first.</summary>
internal static class HunterSchmidtAnalysis
{
    /// <returns>Null if not requested; null with a warning if no effect has the required data.</returns>
    public static (HunterSchmidtResponse? Answer, IReadOnlyList<Warning> Warnings) Run(EffectSet effects, ResolvedModel model)
    {
        if (model.Artifacts == ArtifactCorrection.None)
        {
            return (null, []);
        }

        var needsReliability = model.Artifacts == ArtifactCorrection.Reliability;
        int[] chosen = [.. Enumerable.Range(0, effects.Count).Where(i => effects.Participants[i] is not null
            && (!needsReliability || (effects.RelationshipReliabilities[i] is not null && effects.OutcomeReliabilities[i] is not null)))];
        if (chosen.Length == 0)
        {
            return (null, [new(needsReliability ? "reliabilitiesUnknown" : "participantsUnknown",
                $"artifacts: no effect has its number of participants{(needsReliability ? " and both reliabilities" : "")}.")]);
        }

        var rows = ModelFrame.Create(effects, chosen, effects.HasDependentEffects ? model with { Dependence = Dependence.Aggregate } : model);
        double[] r = [.. rows.Estimates.Select(FisherZ.ToCorrelation)];
        double[] n = [.. Enumerable.Range(0, rows.Count).Select(row => rows.ParticipantsOf(row)!.Value)];
        var result = needsReliability
            ? HunterSchmidt.Corrected(r, n, MeanReliabilities(rows, effects.RelationshipReliabilities), MeanReliabilities(rows, effects.OutcomeReliabilities))
            : HunterSchmidt.BareBones(r, n);
        return (new(model.Artifacts, result.Effects, effects.Count - chosen.Length, result.MeanCorrelation, result.ObservedVariance, result.ErrorVariance,
            result.ResidualVariance, result.StandardError, result.CredibilityInterval.Lower, result.CredibilityInterval.Upper, result.PercentOfVariance), []);
    }

    private static double[] MeanReliabilities(ModelFrame rows, double?[] reliabilities) =>
        [.. rows.Members.Select(m => m.Average(i => reliabilities[i]!.Value))];
}
