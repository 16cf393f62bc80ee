using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>The posterior of the random-effects model, and the evidence for an effect and for heterogeneity.</summary>
internal static class BayesPart
{
    public static IEnumerable<RichText> Of(Computed<BayesResponse> bayes, ModelResponse model)
    {
        if (bayes.Response is not { } fit)
        {
            return [RichText.Of($"This cannot be computed: {bayes.Reason}.")];
        }

        var (scale, interval) = (EffectScale.Of(model), $"{ApaFormat.Confidence(model.Confidence)} credible interval");
        var rows = fit.Counts.Effects > fit.Counts.Samples ? " Dependent effects entered as one composite per sample." : "";
        return
        [
            RichText.Of($"A Bayesian random-effects model had a normal prior of the mean (centre {ApaFormat.Number(fit.Prior.MuMean)}, standard deviation "
                + $"{ApaFormat.Number(fit.Prior.MuSd)}) and a {PosteriorPhrasing.Family(fit.Prior.Tau)} prior of tau (scale "
                + $"{ApaFormat.Number(fit.Prior.TauScale)}), both on the scale of analysis, and was integrated numerically.{rows}"),
            RichText.Of($"The posterior median of the mean was {scale.Point(fit.Mean.Median)}, {interval} [{scale.Value(fit.Mean.Lower)}, "
                + $"{scale.Value(fit.Mean.Upper)}]; tau was {ApaFormat.Number(fit.Tau.Median)} [{ApaFormat.Number(fit.Tau.Lower)}, "
                + $"{ApaFormat.Number(fit.Tau.Upper)}]; the true effect of a new {(rows.Length > 0 ? "sample" : "study")} is expected in "
                + $"[{scale.Value(fit.Prediction.Lower)}, {scale.Value(fit.Prediction.Upper)}]."),
            RichText.Of($"Over four models of equal prior probability, with and without an effect and heterogeneity, {Factor(fit, BayesComponent.Effect)} for "
                + $"an effect and {Factor(fit, BayesComponent.Heterogeneity)} for heterogeneity. Bayes factors depend on the priors: /meta/bayes with "
                + $"priorSensitivity=true has those of others."),
        ];
    }

    private static string Factor(BayesResponse fit, BayesComponent component)
    {
        var inclusion = fit.Inclusion.Single(i => i.Component == component);
        var factor = inclusion.BayesFactor is not { } value ? $"exp({ApaFormat.Number(inclusion.LogBayesFactor)})"
            : value is >= 1000 or < 0.001 ? value.ToString("0.00e+0", System.Globalization.CultureInfo.InvariantCulture) : ApaFormat.Number(value);
        return $"the Bayes factor was {factor}";
    }
}
