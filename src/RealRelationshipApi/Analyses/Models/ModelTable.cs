using System.Linq.Expressions;

using FluentValidation;

using RealRelationshipApi.Http;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.Models.ModelRequest>;

namespace RealRelationshipApi.Analyses.Models;

/// <summary>All model options, one row each. To add an option, add a row and a member of <see cref="ModelRequest"/>.</summary>
internal static class ModelTable
{
    public static IReadOnlyList<Option> Options { get; } =
    [
        Option.Choice("measure",
            "Scale of analysis. `fisherZ`; `raw`: `yi` and `vi` of the body as they are; `correlation`: r itself, without transformation. The variance of r "
                + "depends on r, so that the mean is biased towards large correlations (warning `untransformedCorrelations`).",
            (m, v) => m with { Measure = v }, EffectMeasure.FisherZ),
        Option.Choice("dependence",
            "Treatment of dependent effects. `auto`: independent if each sample has one effect, aggregate if there is only one sample, otherwise "
                + "correlatedHierarchical. `fourLevel` has random effects of studies, too, for studies with several samples.",
            (m, v) => m with { Dependence = v }, Dependence.Auto),
        Option.Number("rho", "Correlation of sampling errors within a sample, in [0, 1), for aggregate, correlatedHierarchical and fourLevel.",
            (m, v) => m with { Rho = v }, "0.6") with
        { Rule = rules => rules.RuleFor(m => m.Rho).GreaterThanOrEqualTo(0).LessThan(1) },
        RhoOfPairs("rhoSameOutcome", "of the same outcomeType", m => m.RhoSameOutcome, (m, v) => m with { RhoSameOutcome = v }),
        RhoOfPairs("rhoSameRater", "of the same relationshipRater and outcomeRater", m => m.RhoSameRater, (m, v) => m with { RhoSameRater = v }),
        RhoOfPairs("rhoSameForm", "of the same relationshipMeasure", m => m.RhoSameForm, (m, v) => m with { RhoSameForm = v }),
        Option.Choice("cluster",
            "Cluster of robust variances: the sample, or the study, for samples of one study that have more in common than the model says. Studies that "
                + "share a sample are one cluster. Random effects remain those of samples. Of fourLevel, whose studies have random effects, it is always the "
                + "study.", (m, v) => m with { Cluster = v }, ClusterChoice.Sample),
        Option.Choice("aggregation", "How the effects of a sample are aggregated.", (m, v) => m with { Aggregation = v }, AggregationChoice.InverseVariance),
        Option.Choice("estimator", "Estimator of tau².", (m, v) => m with { Estimator = v }, Estimator.Reml),
        Option.Choice("test",
            "Test and interval of the pooled effect. `auto`: knappHartungAdHoc if effects are independent or aggregated, t if they are nested.",
            (m, v) => m with { Test = v }, TestChoice.Auto),
        Option.Choice("robust",
            "Cluster-robust variance. `auto`: none if effects are independent or aggregated, cr2 if they are nested (none with test=z).",
            (m, v) => m with { Robust = v }, RobustVarianceChoice.Auto),
        Option.Choice("prediction",
            "Distribution of the prediction interval. `auto`: confidenceDistribution for independent or aggregated effects, test for nested ones. "
                + "`confidenceDistribution` includes the uncertainty of tau²; `test`: that of the test, as in metafor; `riley`: t with k − p − 1 degrees of "
                + "freedom. The last two treat tau² as known: a nominal coverage of 95 % is 82 to 95 % in simulations.",
            (m, v) => m with { Prediction = v }, PredictionIntervalChoice.Auto),
        Option.Choice("artifacts",
            "Adds a Hunter–Schmidt analysis of r: bare-bones; `reliability`: each effect with both reliabilities corrected for them; `noninteractive` and "
                + "`interactive`: all effects, by the distributions of the reliabilities that are known.",
            (m, v) => m with { Artifacts = v }, ArtifactCorrection.None) with
        {
            Rule = rules => rules.RuleFor(m => m.Artifacts).Must(a => a is null or ArtifactCorrection.None).When(m => m.Measure == EffectMeasure.Raw)
                .WithErrorCode("notAllowed").WithMessage("is about correlations, so it needs measure fisherZ or correlation"),
        },
        Option.Choice("rangeRestriction",
            "With `artifacts=reliability`, also corrects for restriction of the range of the relationship measure, by selection on it (`direct`, with its "
                + "reliability in the population) or on something related to it (`indirect`, with its reliability in the sample). Needs `uRatio`.",
            (m, v) => m with { RangeRestriction = v }, RangeRestrictionChoice.None) with
        {
            Rule = rules => rules.RuleFor(m => m.RangeRestriction).Must(r => r is null or RangeRestrictionChoice.None)
                .When(m => m.Artifacts != ArtifactCorrection.Reliability || m.URatio is null)
                .WithErrorCode("notAllowed").WithMessage("needs artifacts=reliability and uRatio"),
        },
        Option.Number("uRatio", "Standard deviation of the relationship measure in the samples over that in the population, above 0, at most 10; with "
            + "`rangeRestriction`.", (m, v) => m with { URatio = v }) with
        {
            Rule = rules =>
            {
                rules.RuleFor(m => m.URatio).GreaterThan(0).LessThanOrEqualTo(10);
                rules.RuleFor(m => m.URatio).Null().When(m => m.RangeRestriction is null or RangeRestrictionChoice.None)
                    .WithErrorCode("notAllowed").WithMessage("has an effect only with rangeRestriction direct or indirect");
            },
        },
        Option.Number("equivalence", "Equivalence margin on r, in (0, 1); adds two one-sided tests.", (m, v) => m with { Equivalence = v }) with
        {
            Rule = rules =>
            {
                rules.RuleFor(m => m.Equivalence).ExclusiveBetween(0, 1);
                rules.RuleFor(m => m.Equivalence).Null().When(IsOnOtherScale)
                    .WithMessage("is a margin on r that is compared on Fisher's z, so it needs measure fisherZ");
            },
        },
        Option.Number("confidence", "Confidence level of all intervals, in (0.5, 1).", (m, v) => m with { Confidence = v }, "0.95") with
        { Rule = rules => rules.RuleFor(m => m.Confidence).ExclusiveBetween(0.5, 1) },
        Option.Choice("sequential",
            "`anytime` adds an e-value and a confidence sequence, which hold at every look, to pooled effects, levels, contrasts, and cumulative analyses, "
                + "whose order is then that of the first entry of the effects. They need priors, question and filter fixed beforehand. The priors are for "
                + "Fisher's z, so it needs measure fisherZ.",
            (m, v) => m with { Sequential = v }, SequentialChoice.None) with
        {
            Rule = rules => rules.RuleFor(m => m.Sequential).Must(s => s is null or SequentialChoice.None).When(IsOnOtherScale)
                .WithErrorCode("notAllowed").WithMessage("has priors for Fisher's z, so it needs measure fisherZ; leave it out with another one"),
        },
        Option.Number("priorMuMean", "Centre of the normal prior of the mean, −2 to 2, for `/meta/bayes`.", (m, v) => m with { PriorMuMean = v }, "0") with
        { Rule = rules => rules.RuleFor(m => m.PriorMuMean).InclusiveBetween(-2, 2) },
        Option.Number("priorMuSd",
            "Standard deviation of the normal prior of the mean, 0.1 to 2, for `sequential` and `/meta/bayes`; to be fixed before the data are seen.",
            (m, v) => m with { PriorMuSd = v }, "0.5") with
        { Rule = rules => rules.RuleFor(m => m.PriorMuSd).InclusiveBetween(0.1, 2) },
        Option.Choice("priorTau", "Family of the prior of tau, for `/meta/bayes`: the scale is the standard deviation before folding, the median, or the "
            + "largest tau.", (m, v) => m with { PriorTau = v }, TauPriorChoice.HalfNormal),
        Option.Number("priorTauScale",
            "Scale of the prior of tau, 0.05 to 1, for `sequential` (half-normal) and `/meta/bayes` (1 unless given with priorTau=uniform); to be fixed before "
                + "the data are seen.",
            (m, v) => m with { PriorTauScale = v }, "0.3") with
        { Rule = rules => rules.RuleFor(m => m.PriorTauScale).InclusiveBetween(0.05, 1) },
    ];

    public static IReadOnlyList<QueryParameter> Parameters { get; } = Options.Parameters();

    private static Option RhoOfPairs(string name, string pairs, Expression<Func<ModelRequest, double?>> of, Func<ModelRequest, double?, ModelRequest> set) =>
        Option.Number(name, $"Correlation of sampling errors of pairs of effects of one sample {pairs}, from `rho` to below 1; default `rho`. A pair of "
            + "several kinds has the largest.", set) with
        { Rule = rules => rules.RuleFor(of).GreaterThanOrEqualTo(0).LessThan(1) };

    private static bool IsOnOtherScale(ModelRequest model) => model.Measure is not (null or EffectMeasure.FisherZ);
}
