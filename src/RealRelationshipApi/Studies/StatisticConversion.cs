using RealRelationship.Statistics;

using RealRelationshipApi.Studies.Contracts;

using Groups = RealRelationship.Statistics.OddsRatioComparison;

namespace RealRelationshipApi.Studies;

/// <summary>Converts a validated statistic to Fisher z. <see cref="EffectSizeConversion"/> has the formulas and their sources.</summary>
internal static class StatisticConversion
{
    private const double DefaultConfidence = 0.95;

    /// <summary>The effect as reported, its sign not yet reversed; null for published pooled results and ranges.</summary>
    public static FisherZEffect? ToFisherZ(Statistic s)
    {
        return s.Type switch
        {
            StatisticType.R => EffectSizeConversion.FromCorrelation(s.Value!.Value, s.N!.Value),
            StatisticType.PartialR => EffectSizeConversion.FromPartialCorrelation(s.Value!.Value, s.N!.Value, (int)s.Covariates!.Value),
            StatisticType.SemiPartialR => EffectSizeConversion.FromSemiPartialCorrelation(s.Value!.Value, s.N!.Value, (int)s.Covariates!.Value,
                s.RSquared!.Value),
            StatisticType.Spearman => EffectSizeConversion.FromSpearman(s.Value!.Value, s.N!.Value),
            StatisticType.FisherZ when s.N is { } n => EffectSizeConversion.FromFisherZ(s.Value!.Value, n),
            StatisticType.FisherZ => EffectSizeConversion.FromFisherZWithStandardError(s.Value!.Value, s.Se!.Value),
            StatisticType.D when s.N is { } n => EffectSizeConversion.FromCohensD(s.Value!.Value, n),
            StatisticType.D => EffectSizeConversion.FromCohensD(s.Value!.Value, s.N1!.Value, s.N2!.Value),
            StatisticType.G when s.N is { } n => EffectSizeConversion.FromHedgesG(s.Value!.Value, n),
            StatisticType.G => EffectSizeConversion.FromHedgesG(s.Value!.Value, s.N1!.Value, s.N2!.Value),
            StatisticType.T => EffectSizeConversion.FromT(s.Value!.Value, s.Df!.Value),
            StatisticType.F => EffectSizeConversion.FromF(s.Value!.Value, s.Df2!.Value, (int)s.Sign!.Value),
            StatisticType.Chi2 => EffectSizeConversion.FromChiSquared(s.Value!.Value, s.N!.Value, (int)s.Sign!.Value),
            StatisticType.P => EffectSizeConversion.FromPValue(s.Value!.Value, s.N!.Value, (int)s.Tails!.Value, (int)s.Sign!.Value),
            StatisticType.OddsRatio => EffectSizeConversion.FromOddsRatio(s.Value!.Value,
                s.Contrast == OddsRatioContrast.PerSd ? Groups.PerStandardDeviation : Groups.Groups,
                s.Lower!.Value, s.Upper!.Value, s.Confidence ?? DefaultConfidence, s.N),
            StatisticType.Effect => EffectSizeConversion.FromFisherZEstimate(s.Yi!.Value, s.Vi!.Value),
            StatisticType.Pooled or StatisticType.Range => null,
            _ => throw new ArgumentOutOfRangeException(nameof(s), s.Type, "The validator refuses this type."),
        };
    }
}
