using RealRelationship.Statistics;

namespace RealRelationshipApi.Meta;

// The values of the model's options in the contract's names, the default first.

public enum Measure
{
    FisherZ,

    /// <summary>Effects of the body with <c>yi</c>, <c>vi</c> as they are; no back-transformation.</summary>
    Raw,
}

public enum Dependence
{
    /// <summary>Independent when each sample gives one effect, else aggregate.</summary>
    Auto,
    Independent,

    /// <summary>One composite effect a sample, with sampling errors correlated by <c>rho</c>.</summary>
    Aggregate,
}

public enum AggregationChoice { InverseVariance, Simple }

public enum Estimator { Reml, Common, Dl, He, Hs, Hsk, Sj, Ml, Eb, Pm, Pmm, Dlit }

public enum Test
{
    /// <summary>knappHartungAdHoc.</summary>
    Auto,
    Z,
    T,
    KnappHartung,

    /// <summary>Knapp–Hartung whose multiplier is never below 1.</summary>
    KnappHartungAdHoc,
}

public enum Robust
{
    /// <summary>None, for independent and aggregated effects.</summary>
    Auto,
    None,
}

public enum Prediction
{
    /// <summary>The distribution and degrees of freedom of the test.</summary>
    Auto,

    /// <summary>t with k − p − 1 degrees of freedom, as in Riley et al. (2011).</summary>
    Riley,
}

public enum LevelChoice { BetweenClient, WithinClient, BetweenTherapist, All }

public enum PooledKind { Primary, SiteSummary }

public enum SyntheticChoice { Include, Exclude, Only }

public enum Source { Studies, Sessions, All }

public enum TauSquaredChoice { Common, Separate }

internal static class Choices
{
    public static TauSquaredEstimator ToStatistics(this Estimator estimator) => estimator switch
    {
        Estimator.Reml => TauSquaredEstimator.RestrictedMaximumLikelihood,
        Estimator.Common => TauSquaredEstimator.Common,
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

    public static CoefficientTest ToStatistics(this Test test) => test switch
    {
        Test.Z => CoefficientTest.Normal,
        Test.T => CoefficientTest.StudentT,
        Test.KnappHartung => CoefficientTest.KnappHartung,
        Test.KnappHartungAdHoc => CoefficientTest.KnappHartungAdHoc,
        _ => throw new ArgumentOutOfRangeException(nameof(test), test, "auto is resolved before"),
    };
}
