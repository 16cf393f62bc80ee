using RealRelationship.Statistics;

using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Models;

/// <summary>A model with all <c>auto</c> options resolved.</summary>
internal sealed record ResolvedModel(EffectMeasure Measure, Dependence Dependence, double Rho, AggregationChoice Aggregation, Estimator Estimator,
    TestChoice Test, RobustVarianceChoice Robust,
    PredictionIntervalChoice Prediction, ArtifactCorrection Artifacts, double? Equivalence, double Confidence)
{
    public const double DefaultRho = 0.6;
    public const double DefaultConfidence = 0.95;

    /// <summary>Correlations up to this are negligible: r = .10 is a small correlation by Cohen (1988).</summary>
    public const double NegligibleCorrelation = 0.1;

    /// <summary>Correlation of pairs of one sample of the same type of outcome; null if it is <see cref="Rho"/>.</summary>
    public double? RhoSameOutcome { get; init; }

    /// <summary>The same of pairs of the same raters.</summary>
    public double? RhoSameRater { get; init; }

    /// <summary>The same of pairs of the same form of the relationship.</summary>
    public double? RhoSameForm { get; init; }

    /// <summary>Cluster of robust variances.</summary>
    public ClusterChoice Cluster { get; init; }

    /// <summary>Whether another cluster than the sample was asked for, which composites of samples have no use for.</summary>
    public bool IgnoresCluster { get; init; }

    /// <summary>Range restriction that the Hunter–Schmidt analysis corrects; null if there is none.</summary>
    public RangeRestriction? RangeRestriction { get; init; }

    /// <summary>Whether an e-value and a confidence sequence are added.</summary>
    public bool IsAnytime { get; init; }

    /// <summary>Priors and confidence of e-values and confidence sequences.</summary>
    public AnytimeOptions Anytime { get; init; } = new();

    /// <summary>Priors and probability of intervals of posteriors.</summary>
    public BayesianOptions Bayes { get; init; } = new();

    /// <summary>Whether effects are nested in samples rather than independent or aggregated.</summary>
    public bool IsNested => Dependence.IsNested();

    /// <summary>Whether sampling errors within a sample are correlated by <see cref="Rho"/>.</summary>
    public bool UsesRho => Dependence is Dependence.Aggregate or Dependence.CorrelatedHierarchical or Dependence.FourLevel;

    /// <summary>The model for methods that assume independence: nested effects are aggregated to one composite per sample.</summary>
    public ResolvedModel Flattened => IsNested
        ? this with
        {
            Dependence = Dependence.Aggregate,
            Test = TestChoice.KnappHartungAdHoc,
            Robust = RobustVarianceChoice.None,
            Cluster = ClusterChoice.Sample,
            IgnoresCluster = Cluster != ClusterChoice.Sample,
        }
        : this;

    /// <summary>The model that can be fitted: effects of a single sample cannot be nested and are aggregated, as with <c>dependence=auto</c>; samples of a
    /// single study have no random effects of studies.</summary>
    public ResolvedModel FittableTo(bool hasSeveralSamples, Func<bool> hasSeveralStudies) => !hasSeveralSamples ? Flattened
        : Dependence == Dependence.FourLevel && !hasSeveralStudies()
            ? this with { Dependence = Dependence.CorrelatedHierarchical, Cluster = ClusterChoice.Sample }
        : this;

    public ModelOptions RandomEffectsOptions => new()
    {
        Estimator = Estimator.ToStatistics(),
        Test = Test.ToStatistics(),
        Prediction = PredictionDistribution,
        Confidence = Confidence,
    };

    public MultilevelOptions MultilevelOptions => new()
    {
        Model = Dependence switch
        {
            Dependence.ThreeLevel => DependenceModel.ThreeLevel,
            Dependence.FourLevel => DependenceModel.FourLevel,
            _ => DependenceModel.CorrelatedHierarchical,
        },
        Rho = Rho,
        Restricted = Estimator == Estimator.Reml,
        Robust = Robust.ToStatistics(),
        Test = Test.ToStatistics(),
        Prediction = PredictionDistribution,
        Confidence = Confidence,
    };

    /// <summary><see cref="NegligibleCorrelation"/> on the scale of the effects.</summary>
    public double NegligibleEffect => Measure == EffectMeasure.FisherZ ? FisherZ.FromCorrelation(NegligibleCorrelation) : NegligibleCorrelation;

    public AggregationWeights AggregationWeights => Aggregation == AggregationChoice.Simple ? AggregationWeights.Simple : AggregationWeights.InverseVariance;

    private PredictionDistribution PredictionDistribution => Prediction switch
    {
        PredictionIntervalChoice.Riley => PredictionDistribution.Riley,
        PredictionIntervalChoice.Test => PredictionDistribution.SameAsTest,
        _ => PredictionDistribution.ConfidenceDistribution,
    };

    /// <summary>Resolves <c>auto</c> options from the effects; returns a problem if options contradict each other.</summary>
    public static (ResolvedModel? Model, Problem? Problem) Resolve(ModelRequest? request, EffectSet effects, ErrorLocation location)
    {
        ArgumentNullException.ThrowIfNull(effects);
        request ??= new ModelRequest();
        var (test, robust) = (request.Test ?? TestChoice.Auto, request.Robust ?? RobustVarianceChoice.Auto);
        var model = new ResolvedModel(
            request.Measure ?? EffectMeasure.FisherZ,
            Resolve(request.Dependence ?? Dependence.Auto, effects, request.Cluster ?? ClusterChoice.Sample),
            request.Rho ?? DefaultRho,
            request.Aggregation ?? AggregationChoice.InverseVariance,
            request.Estimator ?? Estimator.Reml,
            test,
            robust,
            request.Prediction ?? PredictionIntervalChoice.Auto,
            request.Artifacts ?? ArtifactCorrection.None,
            request.Equivalence,
            request.Confidence ?? DefaultConfidence)
        {
            IsAnytime = request.Sequential == SequentialChoice.Anytime,
            RangeRestriction = request is { RangeRestriction: { } kind and not RangeRestrictionChoice.None, URatio: { } u }
                ? new(kind == RangeRestrictionChoice.Direct ? RangeRestrictionKind.Direct : RangeRestrictionKind.Indirect, u) : null,
            RhoSameOutcome = request.RhoSameOutcome,
            RhoSameRater = request.RhoSameRater,
            RhoSameForm = request.RhoSameForm,
            Cluster = request.Cluster ?? (request.Dependence == Dependence.FourLevel ? ClusterChoice.Study : ClusterChoice.Sample),
        };
        model = model with
        {
            Anytime = new()
            {
                PriorMuSd = request.PriorMuSd ?? model.Anytime.PriorMuSd,
                PriorTauScale = request.PriorTauScale ?? model.Anytime.PriorTauScale,
                Confidence = model.Confidence,
            },
            Bayes = PriorsOf(request, model.Confidence),
        };
        var isAuto = request.Dependence is null or Dependence.Auto;
        FieldError[] errors =
        [
            .. model.IsNested ? model.NestedErrors(location) : model.IndependentErrors(location),
            .. model.PairErrors(effects, isAuto, location),
            .. model.ClusterErrors(isAuto, location),
        ];
        return errors.Length > 0 ? (null, Problem.Invalid(errors)) : (model with
        {
            Test = test != TestChoice.Auto ? test : model.IsNested ? TestChoice.T : TestChoice.KnappHartungAdHoc,
            // test=z implies the model-based variance, since robust variances are tested by t.
            Robust = robust != RobustVarianceChoice.Auto ? robust : model.IsNested && test != TestChoice.Z ? RobustVarianceChoice.Cr2
                : RobustVarianceChoice.None,
            Cluster = model.IsNested ? model.Cluster : ClusterChoice.Sample,
            Prediction = model.Prediction != PredictionIntervalChoice.Auto ? model.Prediction : model.IsNested ? PredictionIntervalChoice.Test
                : PredictionIntervalChoice.ConfidenceDistribution,
        }, null);
    }

    // The scale unless given depends on the family.
    private static BayesianOptions PriorsOf(ModelRequest request, double confidence)
    {
        BayesianOptions priors = new()
        {
            PriorMuMean = request.PriorMuMean ?? 0,
            PriorTau = (request.PriorTau ?? TauPriorChoice.HalfNormal).ToStatistics(),
            Probability = confidence,
        };
        return priors with { PriorMuSd = request.PriorMuSd ?? priors.PriorMuSd, PriorTauScale = request.PriorTauScale ?? priors.PriorTauScale };
    }

    // The variance between samples cannot be estimated from a single sample, whose effects are aggregated.
    private static Dependence Resolve(Dependence dependence, EffectSet effects, ClusterChoice cluster) =>
        dependence != Dependence.Auto ? dependence
        : !effects.HasDependentEffects && !(cluster == ClusterChoice.Study && StudyClusters.AreDependent(effects)) ? Dependence.Independent
        : effects.HasSeveralSamples ? Dependence.CorrelatedHierarchical
        : Dependence.Aggregate;

    private IEnumerable<FieldError> NestedErrors(ErrorLocation location)
    {
        if (Estimator is not (Estimator.Reml or Estimator.Ml))
        {
            yield return new(location.Option("estimator"), "notForNested", "must be reml or ml where effects are nested in samples");
        }

        if (Test is TestChoice.KnappHartung or TestChoice.KnappHartungAdHoc)
        {
            yield return new(location.Option("test"), "notForNested", "must be auto, z or t where effects are nested in samples");
        }

        if (Prediction == PredictionIntervalChoice.ConfidenceDistribution)
        {
            yield return new(location.Option("prediction"), "notForNested",
                "must be auto, test or riley where effects are nested in samples: the confidence distribution is of one tau². "
                    + "dependence=aggregate has it for the composite of a new sample");
        }

        if (Test == TestChoice.Z && Robust is not (RobustVarianceChoice.None or RobustVarianceChoice.Auto))
        {
            yield return new(location.Option("test"), "notForRobust", "must be auto or t with a robust variance; for z ask for robust=none");
        }
    }

    private IEnumerable<FieldError> PairErrors(EffectSet effects, bool isAuto, ErrorLocation location)
    {
        var isPossible = true;
        foreach (var (kind, rho) in PairCorrelations.Given(this))
        {
            var error = !UsesRho && !isAuto
                ? ("notForDependence", "is for dependence aggregate, correlatedHierarchical or fourLevel: choose one of them, or leave it out")
                : rho < Rho ? ("belowRho", FormattableString.Invariant($"must be at least rho = {Rho:0.###}, which is that of every other pair"))
                : PairCorrelations.Missing(kind, effects).ToList() is { Count: > 0 } missing
                    ? ("unknownModerator", $"no effect has {string.Join(" or ", missing)}, so that no pair is known to share it: leave it out")
                : default((string Code, string Detail)?);
            if (error is { } found)
            {
                isPossible = false;
                yield return new(location.Option(kind.Option), found.Code, found.Detail);
            }
        }

        if (isPossible && UsesRho && PairCorrelations.Contradiction(effects, this) is { } sample)
        {
            yield return new(location.Option(PairCorrelations.Given(this).First().Kind.Option), "correlationsContradict",
                $"no sampling errors can have these correlations in sample {sample}: effects that correlate with the same ones must correlate with each other. "
                    + "Raise rho, or lower the others");
        }
    }

    private IEnumerable<FieldError> ClusterErrors(bool isAuto, ErrorLocation location)
    {
        if (Dependence == Dependence.FourLevel && Cluster == ClusterChoice.Sample)
        {
            yield return new(location.Option("cluster"), "notForFourLevel",
                "must be study where studies have random effects, as the samples of a study depend on each other: leave it out");
        }

        if (Cluster != ClusterChoice.Study || Dependence == Dependence.FourLevel)
        {
            yield break;
        }

        if (!IsNested && !isAuto)
        {
            yield return new(location.Option("cluster"), "notForIndependent",
                "is of robust variances, which are for effects nested in samples: choose dependence threeLevel, correlatedHierarchical or fourLevel");
        }
        else if (IsNested && (Robust == RobustVarianceChoice.None || (Robust == RobustVarianceChoice.Auto && Test == TestChoice.Z)))
        {
            yield return new(location.Option("cluster"), "notForModelVariance",
                "is of robust variances: ask for robust=cr2 and test=t, or leave it out");
        }
    }

    private IEnumerable<FieldError> IndependentErrors(ErrorLocation location)
    {
        if (Robust is RobustVarianceChoice.Cr0 or RobustVarianceChoice.Cr1 or RobustVarianceChoice.Cr2)
        {
            yield return new(location.Option("robust"), "notForIndependent",
                "is for effects nested in samples: choose dependence threeLevel, correlatedHierarchical or fourLevel");
        }
    }
}
