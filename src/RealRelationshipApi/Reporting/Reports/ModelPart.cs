using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>How effects were analysed.</summary>
internal static class ModelPart
{
    public static IEnumerable<RichText> Of(PoolResponse pool) =>
    [
        RichText.Join(" ", Model(pool), Definitions(pool)),
        RichText.Of($"Analyses were computed by the software RealRelationshipApi. {Phrasing.Describe(pool.Data)}"),
    ];

    private static RichText Model(PoolResponse pool) => pool.Model.Measure switch
    {
        EffectMeasure.Raw =>
            RichText.Of($"Effects were analysed on their own scale, under a {Phrasing.Describe(pool.Model)}. Inference is by {Phrasing.DescribeTest(pool)}."),
        EffectMeasure.Correlation => RichText.Of($"Correlations were analysed without transformation, under a {Phrasing.Describe(pool.Model)}. Their sampling "
            + $"variances depend on them, which biases the mean towards large correlations. Inference is by {Phrasing.DescribeTest(pool)}."),
        _ => RichText.Of($"Effects were analysed on Fisher's {Symbols.Z} and are reported as correlations, under a {Phrasing.Describe(pool.Model)}. Inference "
            + $"is by {Phrasing.DescribeTest(pool)}."),
    };

    private static RichText Definitions(PoolResponse pool)
    {
        var (model, isSingle) = (pool.Model, pool.Heterogeneity.Df < 1);
        var prediction = pool.Pooled.PredictionLower is null ? "" : model.Definitions.Prediction switch
        {
            "confidenceDistribution" => " The prediction interval is by the confidence distribution of mean and τ².",
            "normal" => " The prediction interval is by the normal distribution.",
            "tSatterthwaite" => " The prediction interval is by t with the Satterthwaite degrees of freedom of the mean.",
            "tKMinusPMinus1" => " The prediction interval is by t on effects minus two degrees of freedom.",
            "tSamplesMinusPMinus1" => " The prediction interval is by t on samples minus two degrees of freedom.",
            _ => " The prediction interval is by t on effects minus one degrees of freedom.",
        };
        var i2 = isSingle ? RichText.Empty : RichText.Of($" {Symbols.I}² is based on "
            + $"{(model.Definitions.I2 == "qBased" ? Symbols.Q : RichText.Of($"τ² and the typical sampling variance"))} (Higgins & Thompson, 2002).");
        return RichText.Of($"Intervals have a confidence level of {ApaFormat.Confidence(model.Confidence)}.{i2}{prediction}");
    }
}

/// <summary>Several effects of one sample, and what was assumed of them.</summary>
internal static class DependencePart
{
    public static IEnumerable<RichText> Of(EffectSet effects, PoolResponse pool)
    {
        var several = effects.Samples.CountBy(sample => sample).Where(sample => sample.Value > 1).ToList();
        if (several.Count == 0)
        {
            return
            [
                effects.Count == 1 ? RichText.Of($"There is one effect, so that nothing depends on another.")
                    : RichText.Of($"No sample has more than one effect; effects are analysed as independent of each other."),
            ];
        }

        return
        [
            RichText.Of($"Of {Phrasing.Plural(pool.Counts.Samples, "sample")}, {ApaFormat.Count(several.Count)} {(several.Count == 1 ? "has" : "have")} "
                + $"several effects ({ApaFormat.Count(several.Max(sample => sample.Value))} at most). {Treatment(pool)}"),
        ];
    }

    private static RichText Treatment(PoolResponse pool)
    {
        var (model, pooled) = (pool.Model, pool.Pooled);
        var rho = model.Rho is not { } assumed ? ""
            : $"The sampling errors of a sample are assumed to correlate by rho = {ApaFormat.Correlation(assumed)}{Phrasing.OfPairs(model)}. ";
        var nested = model.Dependence == Dependence.ThreeLevel ? "Effects are nested in samples with independent sampling errors. "
            : model.Dependence == Dependence.CorrelatedHierarchical ? "Effects are nested in samples. "
            : model.Dependence == Dependence.FourLevel ? "Effects are nested in samples, and samples in studies. "
            : model.Dependence == Dependence.Aggregate ? "They were aggregated to one composite per sample. "
            : "They were analysed as if they were independent, which makes intervals too short. ";
        var robust = model.Robust == RobustVarianceChoice.None || pooled.StatisticName == "z" ? ""
            : $"Variances are cluster-robust ({Http.Json.EnumNames<RobustVarianceChoice>.Of(model.Robust).ToUpperInvariant()}"
                + $"{(model.Cluster == ClusterChoice.Study ? ", by study" : "")})"
                + (pooled.Df is { } df ? $", with {df:0.##} Satterthwaite degrees of freedom for the mean." : ".");
        return RichText.Of($"{$"{nested}{rho}{robust}".TrimEnd()}");
    }
}
