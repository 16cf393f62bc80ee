namespace RealRelationship.Statistics;

/// <summary>How the between-study variance τ² is estimated. All agree with <c>method=</c> of metafor's <c>rma.uni</c>, named in brackets.</summary>
public enum TauSquaredEstimator
{
    /// <summary>τ² = 0: the common-effect model (EE).</summary>
    CommonEffect,
    /// <summary>Method of moments with inverse-variance weights; DerSimonian and Laird 1986, Controlled Clinical Trials 7 (DL).</summary>
    DerSimonianLaird,
    /// <summary>Method of moments with equal weights; Hedges and Olkin 1985, Statistical Methods for Meta-Analysis (HE).</summary>
    Hedges,
    /// <summary>Hunter and Schmidt's: (Q − k)/Σw; see Viechtbauer 2005, Journal of Educational and Behavioral Statistics 30 (HS).</summary>
    HunterSchmidt,
    /// <summary>Hunter and Schmidt's with the small-sample factor k/(k−p) on Q (HSk).</summary>
    HunterSchmidtCorrected,
    /// <summary>Two steps from the crude variance Σ(y−ȳ)²/k; Sidik and Jonkman 2005, Applied Statistics 54 (SJ).</summary>
    SidikJonkman,
    /// <summary>Maximum likelihood, the global optimum; see Viechtbauer 2005 (ML).</summary>
    MaximumLikelihood,
    /// <summary>Restricted maximum likelihood, the global optimum; see Viechtbauer 2005 (REML).</summary>
    RestrictedMaximumLikelihood,
    /// <summary>Empirical Bayes; Morris 1983, Journal of the American Statistical Association 78 (EB). Its root is Paule and Mandel's.</summary>
    EmpiricalBayes,
    /// <summary>The τ² at which Q(τ²) equals its expectation k − p; Paule and Mandel 1982,
    /// Journal of Research of the National Bureau of Standards 87 (PM).</summary>
    PauleMandel,
    /// <summary>The τ² at which Q(τ²) equals the median of χ² with k − p degrees of freedom (PMM).</summary>
    PauleMandelMedianUnbiased,
    /// <summary>DerSimonian–Laird iterated with weights at its own τ² until convergence (DLIT).</summary>
    IteratedDerSimonianLaird,
}

/// <summary>Distribution and variance of tests and intervals of coefficients.</summary>
public enum CoefficientTest
{
    /// <summary>Standard normal (metafor <c>test="z"</c>).</summary>
    Normal,
    /// <summary>t with k − p degrees of freedom (<c>test="t"</c>).</summary>
    StudentT,
    /// <summary>t with k − p degrees of freedom, variance times the weighted residual mean square; Knapp and Hartung 2003,
    /// Statistics in Medicine 22 (<c>test="knha"</c>).</summary>
    KnappHartung,
    /// <summary>Knapp and Hartung's with a multiplier that is never below 1 (<c>test="adhoc"</c>).</summary>
    KnappHartungAdHoc,
}

/// <summary>Distribution of prediction intervals.</summary>
public enum PredictionDistribution
{
    /// <summary>The confidence distribution of μ and τ² by the Q-profile, for independent or aggregated effects: a variant of Nagashima, Noma and
    /// Furukawa 2019, Statistical Methods in Medical Research 28. It depends on neither estimator nor test, and allows for the uncertainty of τ²:
    /// the others cover .85 to .90 at a nominal .95 and an I² of about 28 %.</summary>
    ConfidenceDistribution,
    /// <summary>That of the test: normal, or t with k − p degrees of freedom.</summary>
    SameAsTest,
    /// <summary>t with k − p − 1 degrees of freedom (k − 2 for a mean); Riley, Higgins and Deeks 2011, BMJ 342.</summary>
    Riley,
}

/// <summary>What a coefficient is tested with that cannot be estimated without the rows of one sample (or of one effect, where effects are independent):
/// the mean of a level that only one sample has, a contrast with it, a slope that one sample decides.</summary>
public enum OneSampleInference
{
    /// <summary>The standard error that the working model expects, never a robust one, with t on samples − p degrees of freedom;
    /// omnibus tests leave the coefficient out.</summary>
    WorkingModel,
    /// <summary>As every other coefficient: metafor's and clubSandwich's numbers, which can be far too certain.</summary>
    AsRequested,
}

/// <summary>Basis of the standard error of a coefficient.</summary>
public enum StandardErrorBasis
{
    /// <summary>The fitted model.</summary>
    Model,
    /// <summary>A cluster-robust variance.</summary>
    Robust,
}

/// <summary>Options of a model. The default is REML with the ad hoc Knapp–Hartung test and 95 % intervals.</summary>
public sealed record ModelOptions
{
    private readonly double _confidence = 0.95;

    /// <summary>The estimator of τ²; REML unless set.</summary>
    public TauSquaredEstimator Estimator { get; init; } = TauSquaredEstimator.RestrictedMaximumLikelihood;

    /// <summary>The test of coefficients; ad hoc Knapp–Hartung unless set.</summary>
    public CoefficientTest Test { get; init; } = CoefficientTest.KnappHartungAdHoc;

    /// <summary>The distribution of prediction intervals; the confidence distribution unless set.</summary>
    public PredictionDistribution Prediction { get; init; } = PredictionDistribution.ConfidenceDistribution;

    /// <summary>Test of coefficients identified by a single sample; by default the working model.</summary>
    public OneSampleInference OneSample { get; init; } = OneSampleInference.WorkingModel;

    /// <summary>Coverage of every interval, strictly between 0 and 1; 0.95 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not strictly between 0 and 1.</exception>
    public double Confidence
    {
        get => _confidence;
        init => _confidence = value is > 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Confidence lies strictly between 0 and 1.");
    }

    internal double Alpha => 1 - Confidence;
}
