using System.Text.Json.Serialization;

using RealRelationship.Statistics;

namespace RealRelationshipApi.Analyses.Models;

// Values of the model options by their names in the API, the default first.

internal enum EffectMeasure
{
    FisherZ,

    /// <summary><c>yi</c> and <c>vi</c> of the body as they are, without back-transformation.</summary>
    Raw,

    /// <summary>The correlations themselves, with v = (1 − r²)²/(n − 1).</summary>
    Correlation,
}

internal enum Dependence
{
    /// <summary>independent if each sample has one effect, aggregate if there is only one sample, otherwise correlatedHierarchical.</summary>
    Auto,
    Independent,

    /// <summary>One composite effect per sample, with sampling errors correlated by <c>rho</c>.</summary>
    Aggregate,

    /// <summary>Effects nested in samples, with independent sampling errors (Konstantopoulos 2011).</summary>
    ThreeLevel,

    /// <summary>Effects nested in samples, with sampling errors correlated by <c>rho</c> (Pustejovsky and Tipton 2022).</summary>
    CorrelatedHierarchical,

    /// <summary>Effects nested in samples in studies, each with a random effect, and sampling errors correlated by <c>rho</c>.</summary>
    FourLevel,
}

internal static class DependenceExtensions
{
    /// <summary>Whether effects are nested in samples, with random effects of both.</summary>
    public static bool IsNested(this Dependence dependence) =>
        dependence is Dependence.ThreeLevel or Dependence.CorrelatedHierarchical or Dependence.FourLevel;
}

internal enum AggregationChoice { InverseVariance, Simple }

internal enum Estimator { Reml, Common, Dl, He, Hs, Hsk, Sj, Ml, Eb, Pm, Pmm, Dlit }

internal enum TestChoice
{
    /// <summary>knappHartungAdHoc if effects are independent or aggregated, t if they are nested.</summary>
    Auto,
    Z,
    T,
    KnappHartung,

    /// <summary>Knapp–Hartung with a multiplier of at least 1.</summary>
    KnappHartungAdHoc,
}

internal enum RobustVarianceChoice
{
    /// <summary>none if effects are independent or aggregated, cr2 if they are nested.</summary>
    Auto,
    None,

    /// <summary>Sandwich estimator without small-sample correction.</summary>
    Cr0,

    /// <summary>CR0 times m/(m − 1) for m samples.</summary>
    Cr1,

    /// <summary>Bias-reduced linearisation (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018).</summary>
    Cr2,
}

internal enum ClusterChoice
{
    Sample,

    /// <summary>The study; studies that share a sample are one cluster. The default of fourLevel.</summary>
    Study,
}

internal enum PredictionIntervalChoice
{
    /// <summary>confidenceDistribution for independent or aggregated effects, test for nested ones.</summary>
    Auto,

    /// <summary>The confidence distribution of mean and tau² (Nagashima, Noma and Furukawa 2019), for independent or aggregated effects.</summary>
    ConfidenceDistribution,

    /// <summary>The distribution and degrees of freedom of the test.</summary>
    Test,

    /// <summary>t with k − p − 1 degrees of freedom, as in Riley et al. (2011).</summary>
    Riley,
}

internal enum ArtifactCorrection
{
    None,

    /// <summary>Sampling error only.</summary>
    BareBones,

    /// <summary>Sampling error and unreliability of both measures.</summary>
    Reliability,

    /// <summary>The same by the distributions of the reliabilities that are known, whose relative variances add up.</summary>
    Noninteractive,

    /// <summary>The same over all combinations of the reliabilities.</summary>
    Interactive,
}

internal enum RangeRestrictionChoice
{
    None,

    /// <summary>Selection on the relationship measure itself (case II).</summary>
    Direct,

    /// <summary>Selection on something related to it (case IV).</summary>
    Indirect,
}

internal enum SequentialChoice
{
    None,

    /// <summary>An e-value and a confidence sequence, which hold at every look.</summary>
    Anytime,
}

internal enum TauPriorChoice
{
    /// <summary>A normal distribution around 0 folded at 0; the scale is its standard deviation before folding.</summary>
    HalfNormal,

    /// <summary>A Cauchy distribution around 0 folded at 0; the scale is its median.</summary>
    HalfCauchy,

    /// <summary>Uniform from 0 to the scale.</summary>
    Uniform,
}

internal enum TauSquaredChoice { Common, Separate }

internal enum EggerPredictor
{
    StandardError,

    /// <summary>√(1/n), which does not depend on the effect.</summary>
    SqrtInverseN,
}

internal enum TrimAndFillChoice
{
    [JsonStringEnumMemberName("L0")]
    L0,

    [JsonStringEnumMemberName("R0")]
    R0,
}

internal enum FunnelSideChoice
{
    /// <summary>The side given by the sign of the regression slope on the standard error.</summary>
    Auto,
    Left,
    Right,
}

internal enum SelectionDirectionChoice { Greater, Less }

internal enum SelectionModelChoice
{
    /// <summary>exp(−δp²).</summary>
    HalfNormal,

    /// <summary>exp(−δp).</summary>
    NegativeExponential,

    /// <summary>2 exp(−δp)/(1 + exp(−δp)).</summary>
    Logistic,

    /// <summary>(1 − p)^δ.</summary>
    Power,

    /// <summary>p^(δ1 − 1) (1 − p)^(δ2 − 1).</summary>
    Beta,

    /// <summary>p-uniform*: effects given whether they are significant.</summary>
    PUniformStar,
}

internal static class ModelChoices
{
    public static TauSquaredEstimator ToStatistics(this Estimator estimator) => estimator switch
    {
        Estimator.Reml => TauSquaredEstimator.RestrictedMaximumLikelihood,
        Estimator.Common => TauSquaredEstimator.CommonEffect,
        Estimator.Dl => TauSquaredEstimator.DerSimonianLaird,
        Estimator.He => TauSquaredEstimator.Hedges,
        Estimator.Hs => TauSquaredEstimator.HunterSchmidt,
        Estimator.Hsk => TauSquaredEstimator.HunterSchmidtCorrected,
        Estimator.Sj => TauSquaredEstimator.SidikJonkman,
        Estimator.Ml => TauSquaredEstimator.MaximumLikelihood,
        Estimator.Eb => TauSquaredEstimator.EmpiricalBayes,
        Estimator.Pm => TauSquaredEstimator.PauleMandel,
        Estimator.Pmm => TauSquaredEstimator.PauleMandelMedianUnbiased,
        Estimator.Dlit => TauSquaredEstimator.IteratedDerSimonianLaird,
        _ => throw new ArgumentOutOfRangeException(nameof(estimator), estimator, null),
    };

    public static Estimator FromStatistics(TauSquaredEstimator estimator) => Enum.GetValues<Estimator>().Single(e => e.ToStatistics() == estimator);

    public static TauPrior ToStatistics(this TauPriorChoice prior) => prior switch
    {
        TauPriorChoice.HalfNormal => TauPrior.HalfNormal,
        TauPriorChoice.HalfCauchy => TauPrior.HalfCauchy,
        TauPriorChoice.Uniform => TauPrior.Uniform,
        _ => throw new ArgumentOutOfRangeException(nameof(prior), prior, null),
    };

    public static TauPriorChoice FromStatistics(TauPrior prior) => Enum.GetValues<TauPriorChoice>().Single(p => p.ToStatistics() == prior);

    public static RobustVariance ToStatistics(this RobustVarianceChoice robust) => robust switch
    {
        RobustVarianceChoice.None => RobustVariance.None,
        RobustVarianceChoice.Cr0 => RobustVariance.CR0,
        RobustVarianceChoice.Cr1 => RobustVariance.CR1,
        RobustVarianceChoice.Cr2 => RobustVariance.CR2,
        _ => throw new ArgumentOutOfRangeException(nameof(robust), robust, "auto is resolved before"),
    };

    public static CoefficientTest ToStatistics(this TestChoice test) => test switch
    {
        TestChoice.Z => CoefficientTest.Normal,
        TestChoice.T => CoefficientTest.StudentT,
        TestChoice.KnappHartung => CoefficientTest.KnappHartung,
        TestChoice.KnappHartungAdHoc => CoefficientTest.KnappHartungAdHoc,
        _ => throw new ArgumentOutOfRangeException(nameof(test), test, "auto is resolved before"),
    };
}
