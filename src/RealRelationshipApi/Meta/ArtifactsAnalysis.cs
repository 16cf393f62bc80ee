using RealRelationship.Statistics;

namespace RealRelationshipApi.Meta;

/// <summary>The Hunter–Schmidt part of <c>/meta/pool</c>: on r, dependent effects aggregated first.</summary>
internal static class ArtifactsAnalysis
{
    /// <exception cref="StatisticsException">No effect has what the analysis needs.</exception>
    public static ArtifactsAnswer? Run(EffectSet effects, Model model)
    {
        if (model.Artifacts == Artifacts.None)
            return null;
        var needsReliability = model.Artifacts == Artifacts.Reliability;
        int[] chosen = [.. Enumerable.Range(0, effects.Count).Where(i => effects.Participants[i] is not null
            && (!needsReliability || (effects.RelationshipReliabilities[i] is not null && effects.OutcomeReliabilities[i] is not null)))];
        if (chosen.Length == 0)
            throw new StatisticsException(needsReliability ? "reliabilitiesUnknown" : "participantsUnknown",
                $"No effect has its number of participants{(needsReliability ? " and both reliabilities" : "")}, which artifacts={(needsReliability ? "reliability" : "bareBones")} needs.");
        var rows = Entering.Of(effects, chosen, effects.HasSeveralEffectsInASample ? model with { Dependence = Dependence.Aggregate } : model);
        double[] r = [.. rows.Estimates.Select(FisherZ.ToCorrelation)];
        double[] n = [.. rows.Members.Select(m => m.Max(i => effects.Participants[i]!.Value))];
        var result = needsReliability
            ? HunterSchmidt.Corrected(r, n, Mean(rows, effects.RelationshipReliabilities), Mean(rows, effects.OutcomeReliabilities))
            : HunterSchmidt.BareBones(r, n);
        return new(model.Artifacts, result.Effects, effects.Count - chosen.Length, result.MeanCorrelation, result.ObservedVariance, result.ErrorVariance,
            result.ResidualVariance, result.StandardError, result.Credibility.Lower, result.Credibility.Upper, result.PercentOfVariance);
    }

    private static double[] Mean(Entering rows, double?[] reliabilities) => [.. rows.Members.Select(m => m.Average(i => reliabilities[i]!.Value))];
}
