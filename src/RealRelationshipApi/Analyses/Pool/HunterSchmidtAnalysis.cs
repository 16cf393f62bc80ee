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

        // Composites are formed on Fisher z for every measure: on r, one with negative weights could lie outside (-1, 1).
        model = model with { Measure = EffectMeasure.FisherZ };
        var rows = ModelFrame.Create(effects, chosen, effects.HasDependentEffects ? model with { Dependence = Dependence.Aggregate } : model);
        double[] r = [.. rows.Estimates.Select(FisherZ.ToCorrelation)];
        double[] n = [.. Enumerable.Range(0, rows.Count).Select(row => rows.ParticipantsOf(row)!.Value)];
        var (x, y) = (Reliabilities(rows, effects.RelationshipReliabilities), Reliabilities(rows, effects.OutcomeReliabilities));
        var leftOut = effects.Count - chosen.Length;
        return model.Artifacts switch
        {
            ArtifactCorrection.BareBones => (ToResponse(model, leftOut, HunterSchmidt.BareBones(r, n)), []),
            ArtifactCorrection.Reliability => Individually(r, n, x, y, model, leftOut),
            _ => ByDistributions(r, n, x, y, model, leftOut),
        };
    }

    private static (HunterSchmidtResponse? Answer, IReadOnlyList<Warning> Warnings) Individually(double[] r, double[] n, double[] x, double[] y,
        ResolvedModel model, int leftOut)
    {
        try
        {
            return (ToResponse(model, leftOut, HunterSchmidt.Corrected(r, n, x, y, model.RangeRestriction)), []);
        }
        catch (StatisticsException error)
        {
            return (null, [new(error.Code, $"artifacts: {error.Message}")]);
        }
    }

    private static (HunterSchmidtResponse? Answer, IReadOnlyList<Warning> Warnings) ByDistributions(double[] r, double[] n, double[] x, double[] y,
        ResolvedModel model, int leftOut)
    {
        var fit = HunterSchmidt.ByDistributions(r, n, x, y, model.Artifacts == ArtifactCorrection.Interactive
            ? ArtifactDistributionMethod.Interactive : ArtifactDistributionMethod.Noninteractive);
        string[] unknown = [.. fit.X.Count == 0 ? ["relationship"] : Array.Empty<string>(), .. fit.Y.Count == 0 ? ["outcome"] : Array.Empty<string>()];
        return (ToResponse(model, leftOut, fit.Result) with
        {
            ArtifactVariance = fit.ArtifactVariance,
            RelationshipReliability = ToResponse(fit.X),
            OutcomeReliability = ToResponse(fit.Y),
        }, unknown.Length == 0 ? [] : [new("reliabilitiesUnknown",
            $"artifacts: no reliability of the {string.Join(" or the ", unknown)} measure is known, for which nothing is corrected.")]);
    }

    private static HunterSchmidtResponse ToResponse(ResolvedModel model, int leftOut, HunterSchmidtResult result) =>
        new(model.Artifacts, result.Effects, leftOut, result.MeanCorrelation, result.ObservedVariance, result.ErrorVariance,
            result.ResidualVariance, result.StandardError, result.CredibilityInterval.Lower, result.CredibilityInterval.Upper, result.PercentOfVariance);

    private static ArtifactDistributionResponse ToResponse(ArtifactDistribution distribution) =>
        new(distribution.Count, distribution.Mean, distribution.StandardDeviation);

    // The mean of those of the effects of each row, if any is known.
    private static double[] Reliabilities(ModelFrame rows, double?[] reliabilities) =>
        [.. rows.Members.Select(m => m.Average(i => reliabilities[i])).OfType<double>()];
}
