using RealRelationship.Statistics;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Validation;

using Groups = RealRelationship.Statistics.OddsRatioComparison;

namespace RealRelationshipApi.Studies;

/// <summary>Converts a validated statistic to Fisher z. <see cref="EffectSizeConversion"/> has the formulas and their sources.</summary>
internal static class StatisticConversion
{
    internal const int MinRankSample = 10;

    private const double DefaultConfidence = 0.95;

    /// <summary>The effect as reported, before its sign is reversed; null for published pooled results and ranges.</summary>
    /// <param name="s">The statistic.</param>
    /// <param name="level">Level of the correlation.</param>
    /// <param name="sessions">Number of sessions; used only within clients.</param>
    /// <exception cref="StatisticsException"><c>outsideRange</c>: the biserial or tetrachoric correlation is not between −1 and 1.</exception>
    public static FisherZEffect? ToFisherZ(Statistic s, EffectLevel level = EffectLevel.BetweenClient, long? sessions = null)
    {
        var effect = s.Type is StatisticType.Pooled or StatisticType.Range ? null
            : s.Dichotomized is { } variables && s.Type != StatisticType.Counts ? Undichotomized(s, variables)
            : level == EffectLevel.WithinClient || (s.Type is StatisticType.R or StatisticType.PartialR && s.Df is not null) ? WithinClients(s, sessions)
            : AsReported(s);
        return effect is null ? null : Noted(WithInterval(effect, s), s);
    }

    /// <summary>The same, or the error with its pointer under <paramref name="root"/>.</summary>
    public static (FisherZEffect? Effect, FieldError? Error) TryToFisherZ(Statistic s, EffectLevel level, long? sessions, string root)
    {
        try
        {
            var effect = ToFisherZ(s, level, sessions);
            return effect is not null && IsExtreme(effect.Estimate, effect.Variance)
                ? (null, new FieldError($"{root}/{MainMember(s.Type)}", "tooExtreme", StudyEffect.TooExtremeMessage)) : (effect, null);
        }
        catch (StatisticsException error)
        {
            return (null, new FieldError($"{root}/{MainMember(s.Type)}", error.Code, error.Message));
        }
    }

    internal static bool IsExtreme(double yi, double vi) =>
        !(Math.Abs(yi) <= StatisticValidator.MaxFisherZ && vi >= StatisticValidator.MinVariance && double.IsFinite(vi));

    private static string MainMember(StatisticType type) => type switch
    {
        StatisticType.Counts => "a",
        StatisticType.Means => "mean1",
        StatisticType.Effect => "yi",
        _ => "value",
    };

    private static FisherZEffect AsReported(Statistic s) => s.Type switch
    {
        StatisticType.R => EffectSizeConversion.FromCorrelation(s.Value!.Value, s.N!.Value),
        StatisticType.PartialR => EffectSizeConversion.FromPartialCorrelation(s.Value!.Value, s.N!.Value, (int)s.Covariates!.Value),
        StatisticType.SemiPartialR => EffectSizeConversion.FromSemiPartialCorrelation(s.Value!.Value, s.N!.Value, (int)s.Covariates!.Value, s.RSquared!.Value),
        StatisticType.Spearman => EffectSizeConversion.FromSpearman(s.Value!.Value, s.N!.Value),
        StatisticType.Kendall => EffectSizeConversion.FromKendall(s.Value!.Value, s.N!.Value),
        StatisticType.Counts => FromCounts(s)(s.A!.Value, s.B!.Value, s.C!.Value, s.D!.Value),
        StatisticType.Means => EffectSizeConversion.FromMeans(s.Mean1!.Value, s.Sd1!.Value, s.N1!.Value, s.Mean2!.Value, s.Sd2!.Value, s.N2!.Value),
        StatisticType.FisherZ when s.N is { } n => EffectSizeConversion.FromFisherZ(s.Value!.Value, n),
        StatisticType.FisherZ => EffectSizeConversion.FromFisherZWithStandardError(s.Value!.Value, s.Se!.Value),
        StatisticType.D when s.N is { } n => EffectSizeConversion.FromCohensD(s.Value!.Value, n),
        StatisticType.D => EffectSizeConversion.FromCohensD(s.Value!.Value, s.N1!.Value, s.N2!.Value),
        StatisticType.G when s.N is { } n => EffectSizeConversion.FromHedgesG(s.Value!.Value, n),
        StatisticType.G => EffectSizeConversion.FromHedgesG(s.Value!.Value, s.N1!.Value, s.N2!.Value),
        StatisticType.T when s is { N1: { } n1, N2: { } n2 } => EffectSizeConversion.FromT(s.Value!.Value, n1, n2),
        StatisticType.T => EffectSizeConversion.FromT(s.Value!.Value, s.Df!.Value),
        StatisticType.F when s is { N1: { } n1, N2: { } n2 } => EffectSizeConversion.FromF(s.Value!.Value, n1, n2, (int)s.Sign!.Value),
        StatisticType.F => EffectSizeConversion.FromF(s.Value!.Value, s.Df2!.Value, (int)s.Sign!.Value),
        StatisticType.Chi2 => EffectSizeConversion.FromChiSquared(s.Value!.Value, s.N!.Value, (int)s.Sign!.Value),
        StatisticType.P when s is { N1: { } n1, N2: { } n2 } =>
            EffectSizeConversion.FromPValue(s.Value!.Value, n1, n2, (int)s.Tails!.Value, (int)s.Sign!.Value),
        StatisticType.P => EffectSizeConversion.FromPValue(s.Value!.Value, s.N!.Value, (int)s.Tails!.Value, (int)s.Sign!.Value),
        StatisticType.OddsRatio => EffectSizeConversion.FromOddsRatio(s.Value!.Value,
            s.Contrast == OddsRatioContrast.PerSd ? Groups.PerStandardDeviation : Groups.Groups,
            s.Lower!.Value, s.Upper!.Value, s.Confidence ?? DefaultConfidence, s.N),
        StatisticType.Effect => EffectSizeConversion.FromFisherZEstimate(s.Yi!.Value, s.Vi!.Value) with { SampleSize = s.N },
        _ => throw new ArgumentOutOfRangeException(nameof(s), s.Type, "The validator refuses this type."),
    };

    private static Func<double, double, double, double, FisherZEffect> FromCounts(Statistic s) => s.Dichotomized switch
    {
        Dichotomized.One => EffectSizeConversion.FromCountsOfGroups,
        Dichotomized.Both => EffectSizeConversion.FromCountsOfCutVariables,
        _ => EffectSizeConversion.FromCounts,
    };

    // Uncorrected if the proportions are unknown.
    private static FisherZEffect Undichotomized(Statistic s, Dichotomized variables)
    {
        double[]? shares = s is { N1: { } n1, N2: { } n2 } ? [(double)n1 / (n1 + n2), .. s.Proportions?.Skip(1) ?? []] : s.Proportions?.ToArray();
        var cuts = variables == Dichotomized.One ? 1 : 2;
        if (shares is null || shares.Length < cuts)
        {
            return AsReported(s) is var plain ? plain with { Notes = [.. plain.Notes, EffectNotes.UpperBound] } : plain;
        }

        var reported = s switch
        {
            { Type: StatisticType.D, N: { } n } => EffectSizeConversion.FromCohensD(s.Value!.Value, n * shares[0], n * (1 - shares[0])),
            { Type: StatisticType.G, N: { } n } => EffectSizeConversion.FromHedgesG(s.Value!.Value, n * shares[0], n * (1 - shares[0])),
            _ => AsReported(s),
        };
        var total = reported.SampleSize ?? (s.Df ?? s.Df2)!.Value + 2;
        var corrected = cuts == 1 ? EffectSizeConversion.FromDichotomized(reported.Correlation, total, shares[0])
            : EffectSizeConversion.FromDichotomized(reported.Correlation, total, shares[0], shares[1]);
        return corrected with { SampleSize = reported.SampleSize, Difference = reported.Difference };
    }

    /// <summary>S sessions of C clients have the degrees of freedom of a sample of S − C + 1.</summary>
    private static FisherZEffect WithinClients(Statistic s, long? sessions)
    {
        switch (s.Type)
        {
            case StatisticType.R or StatisticType.PartialR:
                var df = s.Df ?? (sessions is { } all
                    ? EffectSizeConversion.WithinClientDegreesOfFreedom(all, s.N!.Value, (int)(s.Covariates ?? 0)) : (double?)null);
                return EffectSizeConversion.FromWithinClientCorrelation(s.Value!.Value, s.N!.Value, df);
            case StatisticType.SemiPartialR or StatisticType.Spearman or StatisticType.Kendall or StatisticType.P or StatisticType.FisherZ
                when s.N is { } clients:
                var effect = AsReported(s with { N = sessions is { } known ? known - clients + 1 : clients });
                return effect with
                {
                    SampleSize = clients,
                    Approximate = true,
                    Formula = effect.Formula + (sessions is null ? ", n = clients, sessions unknown" : ", n = sessions-clients+1, a lower bound"),
                    Notes = [sessions is null ? "sessionsUnknown" : "varianceLowerBound"],
                };
            case StatisticType.FisherZ or StatisticType.Effect:
                return AsReported(s);
            default:
                // The number of clients cannot be derived from degrees of freedom.
                var counted = AsReported(s);
                return counted with
                {
                    SampleSize = s.Type is StatisticType.T or StatisticType.F ? null : counted.SampleSize,
                    Approximate = true,
                    Notes = [.. counted.Notes.Where(note => note != "designUnknown"), "varianceLowerBound"],
                };
        }
    }

    /// <summary>Transforms a reported value to the scale on which its confidence intervals are symmetric.</summary>
    internal static double OnIntervalScale(StatisticType type, double value) => type switch
    {
        StatisticType.R or StatisticType.PartialR => Math.Atanh(value),
        StatisticType.Spearman => EffectSizeConversion.FromSpearman(value, MinRankSample).Estimate,
        StatisticType.Kendall => EffectSizeConversion.FromKendall(value, MinRankSample).Estimate,
        StatisticType.OddsRatio => Math.Log(value),
        _ => value,
    };

    /// <summary>Whether the estimate lies within 15–85 % of its interval; true without an interval.</summary>
    internal static bool HasPlausibleInterval(Statistic s) =>
        s.Type == StatisticType.Pooled || s is not { Value: { } value, Lower: { } lower, Upper: { } upper }
        || EffectSizeConversion.IsPlausibleEstimate(OnIntervalScale(s.Type, value), OnIntervalScale(s.Type, lower), OnIntervalScale(s.Type, upper));

    private static FisherZEffect WithInterval(FisherZEffect effect, Statistic s)
    {
        if (s is not { Lower: { } lower, Upper: { } upper, Value: { } value } || s.Type == StatisticType.OddsRatio)
        {
            return effect;
        }

        var slope = effect.Difference is { } groups ? Math.Sqrt(effect.Variance / groups.Variance) : 1;
        return EffectSizeConversion.WithReportedInterval(effect, OnIntervalScale(s.Type, value), OnIntervalScale(s.Type, lower), OnIntervalScale(s.Type, upper),
            s.Type == StatisticType.G ? slope / EffectSizeConversion.HedgesFactor(effect.SampleSize!.Value - 2) : slope, s.Confidence ?? DefaultConfidence);
    }

    private static FisherZEffect Noted(FisherZEffect effect, Statistic s) =>
        s is { Type: StatisticType.OddsRatio or StatisticType.Effect, N: { } n } && EffectSizeConversion.ContradictsSampleSize(effect.Variance, n)
            ? effect with { Notes = [.. effect.Notes, EffectNotes.VarianceContradictsN] } : effect;
}
