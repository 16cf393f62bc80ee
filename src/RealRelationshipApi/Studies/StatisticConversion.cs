using RealRelationship.Statistics;

using Groups = RealRelationship.Statistics.OddsRatioContrast;

namespace RealRelationshipApi.Studies;

/// <summary>Brings a validated statistic onto Fisher z. The formulas and their sources stand in <see cref="EffectSizes"/>.</summary>
public static class StatisticConversion
{
    private const double UsualConfidence = 0.95;

    /// <summary>The effect as reported (its direction not yet turned); null for published pooled results and ranges.</summary>
    public static FisherZEffect? ToFisherZ(Statistic s)
    {
        ArgumentNullException.ThrowIfNull(s);
        return s.Type switch
        {
            StatisticType.R => EffectSizes.FromCorrelation(s.Value!.Value, s.N!.Value),
            StatisticType.PartialR => EffectSizes.FromPartialCorrelation(s.Value!.Value, s.N!.Value, (int)s.Covariates!.Value),
            StatisticType.SemiPartialR => EffectSizes.FromSemiPartialCorrelation(s.Value!.Value, s.N!.Value, (int)s.Covariates!.Value, s.RSquared!.Value),
            StatisticType.Spearman => EffectSizes.FromSpearman(s.Value!.Value, s.N!.Value),
            StatisticType.FisherZ when s.N is { } n => EffectSizes.FromFisherZ(s.Value!.Value, n),
            StatisticType.FisherZ => EffectSizes.FromFisherZWithStandardError(s.Value!.Value, s.Se!.Value),
            StatisticType.D when s.N is { } n => EffectSizes.FromCohensD(s.Value!.Value, n),
            StatisticType.D => EffectSizes.FromCohensD(s.Value!.Value, s.N1!.Value, s.N2!.Value),
            StatisticType.G when s.N is { } n => EffectSizes.FromHedgesG(s.Value!.Value, n),
            StatisticType.G => EffectSizes.FromHedgesG(s.Value!.Value, s.N1!.Value, s.N2!.Value),
            StatisticType.T => EffectSizes.FromT(s.Value!.Value, s.Df!.Value),
            StatisticType.F => EffectSizes.FromF(s.Value!.Value, s.Df2!.Value, (int)s.Sign!.Value),
            StatisticType.Chi2 => EffectSizes.FromChiSquared(s.Value!.Value, s.N!.Value, (int)s.Sign!.Value),
            StatisticType.P => EffectSizes.FromPValue(s.Value!.Value, s.N!.Value, (int)s.Tails!.Value, (int)s.Sign!.Value),
            StatisticType.OddsRatio => EffectSizes.FromOddsRatio(s.Value!.Value,
                s.Contrast == OddsRatioContrast.PerSd ? Groups.PerStandardDeviation : Groups.Groups,
                s.Lower!.Value, s.Upper!.Value, s.Confidence ?? UsualConfidence, s.N),
            StatisticType.Effect => EffectSizes.FromFisherZEstimate(s.Yi!.Value, s.Vi!.Value),
            StatisticType.Pooled or StatisticType.Range => null,
            _ => throw new ArgumentOutOfRangeException(nameof(s), s.Type, "The validator refuses this type."),
        };
    }
}
