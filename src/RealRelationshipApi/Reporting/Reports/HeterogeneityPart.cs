using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>How much effects differ.</summary>
internal static class HeterogeneityPart
{
    public static IEnumerable<RichText> Of(PoolResponse pool)
    {
        var h = pool.Heterogeneity;
        if (h.Df < 1)
        {
            return [RichText.Of($"Heterogeneity cannot be estimated from one effect.")];
        }

        var parts = new List<RichText> { RichText.Of($"{Symbols.Q}({h.Df}) = {ApaFormat.Number(h.Q)}, {Symbols.P} {ApaFormat.PValue(h.P)}") };
        if ((h.Tau2 is not null || h.Tau2Range is not null) && pool.Model.Estimator != Estimator.Common)
        {
            parts.Add(RichText.Of($"τ² = {Variance(h.Tau2, h.Tau2Range)}{Bounds(h.Tau2Lower, h.Tau2Upper, 3)}"));
            parts.Add(h.Tau is null ? RichText.Empty : RichText.Of($"τ = {ApaFormat.Number(h.Tau, 3)}"));
        }

        if (h.StudyVariance is not null || h.StudyRange is not null)
        {
            parts.Add(RichText.Of($"between studies {Variance(h.StudyVariance, h.StudyRange)}{Bounds(h.StudyLower, h.StudyUpper, 3)}"));
        }

        if (h.BetweenVariance is not null || h.BetweenRange is not null)
        {
            parts.Add(RichText.Of($"between samples {Variance(h.BetweenVariance, h.BetweenRange)}{Bounds(h.BetweenLower, h.BetweenUpper, 3)}, inside samples "
                + $"{Variance(h.WithinVariance, h.WithinRange)}{Bounds(h.WithinLower, h.WithinUpper, 3)}"));
        }

        if (h.I2 is not null)
        {
            parts.Add(RichText.Of($"{Symbols.I}² = {ApaFormat.Percent(h.I2, 1)}{Bounds(h.I2Lower, h.I2Upper, 1)}"));
        }

        return [RichText.Of($"Heterogeneity: {RichText.Join("; ", parts)}.")];
    }

    private static string Variance(double? value, RangeResponse? range) => range is null ? ApaFormat.Number(value, 3)
        : $"anything from {ApaFormat.Number(range.Lower, 3)} to {ApaFormat.Number(range.Upper, 3)}";

    private static string Bounds(double? lower, double? upper, int decimals) => lower is null && upper is null ? ""
        : $" [{ApaFormat.Number(lower, decimals)}, {ApaFormat.Number(upper, decimals)}]";
}

/// <summary>Where true effects of new samples are expected.</summary>
internal static class PredictionPart
{
    public static IEnumerable<RichText> Of(PoolResponse pool)
    {
        if (pool.Pooled.PredictionLower is null)
        {
            return [RichText.Of($"There is no prediction interval: {Reason(pool)}.")];
        }

        var (p, r, h) = (pool.Pooled, pool.Correlation, pool.Heterogeneity);
        var bounds = r is null ? $"[{ApaFormat.Number(p.PredictionLower)}, {ApaFormat.Number(p.PredictionUpper)}]"
            : $"[{ApaFormat.Correlation(r.PredictionLower)}, {ApaFormat.Correlation(r.PredictionUpper)}]";
        var above = Phrasing.DescribeProbabilityAbove(pool) is { } share
            ? RichText.Of($"; an estimated {share} of true effects lie above {(r is null ? RichText.Empty : RichText.Of($"{Symbols.R} = "))}"
                + $"{ApaFormat.Correlation(h.ProbabilityAbove!.Threshold)}")
            : RichText.Empty;
        var predicted = pool.Model.Dependence == Dependence.Aggregate ? "composite effect of a new sample" : "effect in a new setting";
        var how = pool.Model.Definitions.Prediction == "confidenceDistribution" ? ", by the confidence distribution of mean and τ²," : "";
        var sample = p.SamplePredictionLower is null ? ""
            : $" That of the mean of a new sample was [{EffectScale.Of(pool.Model).Value(p.SamplePredictionLower)}, "
                + $"{EffectScale.Of(pool.Model).Value(p.SamplePredictionUpper)}]"
                + (p.StudyPredictionLower is null ? "." : $", of the mean of a new study [{EffectScale.Of(pool.Model).Value(p.StudyPredictionLower)}, "
                + $"{EffectScale.Of(pool.Model).Value(p.StudyPredictionUpper)}].");
        var confidence = ApaFormat.Confidence(pool.Model.Confidence);
        return [RichText.Of($"The {confidence} prediction interval for the true {predicted}{how} was {bounds}{above}.{sample}")];
    }

    private static string Reason(PoolResponse pool) => pool.Heterogeneity.Df < 1 ? "it cannot be estimated from one effect"
        : pool.Model.Estimator == Estimator.Common ? "the common-effect model has one true effect"
        : "the data do not tell it";
}
