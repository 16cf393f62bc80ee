using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>A model with nothing left open: what is answered, never <c>auto</c>.</summary>
public sealed record Model(Measure Measure, Dependence Dependence, double Rho, AggregationChoice Aggregation, Estimator Estimator, Test Test, Robust Robust,
    Prediction Prediction, Artifacts Artifacts, double? Equivalence, double Confidence)
{
    public const double UsualRho = 0.6;
    public const double UsualConfidence = 0.95;

    /// <summary>Whether effects are nested in samples, rather than independent of each other once aggregated.</summary>
    public bool IsNested => Dependence is Dependence.ThreeLevel or Dependence.CorrelatedHierarchical;

    /// <summary>Whether sampling errors inside a sample are correlated by <see cref="Rho"/>.</summary>
    public bool UsesRho => Dependence is Dependence.Aggregate or Dependence.CorrelatedHierarchical;

    /// <summary>The model for methods that know no dependence: where effects are nested, one composite a sample with the usual test.</summary>
    public Model Flattened => IsNested ? this with { Dependence = Dependence.Aggregate, Test = Test.KnappHartungAdHoc, Robust = Robust.None } : this;

    public ModelOptions Options => new()
    {
        Estimator = Estimator.ToStatistics(),
        Test = Test.ToStatistics(),
        Prediction = PredictionDistribution,
        Confidence = Confidence,
    };

    public MultilevelOptions NestedOptions => new()
    {
        Model = Dependence == Dependence.ThreeLevel ? NestedModel.ThreeLevel : NestedModel.CorrelatedHierarchical,
        Rho = Rho,
        Restricted = Estimator == Estimator.Reml,
        Robust = Robust.ToStatistics(),
        Test = Test.ToStatistics(),
        Prediction = PredictionDistribution,
        Confidence = Confidence,
    };

    public AggregationWeights AggregationWeights => Aggregation == AggregationChoice.Simple ? AggregationWeights.Simple : AggregationWeights.InverseVariance;

    private PredictionDistribution PredictionDistribution => Prediction == Prediction.Riley ? PredictionDistribution.Riley : PredictionDistribution.OfTest;

    /// <summary>Settles what depends on the effects, and refuses options that do not go together.</summary>
    public static (Model? Model, Problem? Problem) Resolve(ModelRequest? request, EffectSet effects, Asked asked)
    {
        ArgumentNullException.ThrowIfNull(effects);
        request ??= new ModelRequest();
        var (test, robust) = (request.Test ?? Test.Auto, request.Robust ?? Robust.Auto);
        var model = new Model(
            request.Measure ?? Measure.FisherZ,
            Resolve(request.Dependence ?? Dependence.Auto, effects),
            request.Rho ?? UsualRho,
            request.Aggregation ?? AggregationChoice.InverseVariance,
            request.Estimator ?? Estimator.Reml,
            test,
            robust,
            request.Prediction ?? Prediction.Auto,
            request.Artifacts ?? Artifacts.None,
            request.Equivalence,
            request.Confidence ?? UsualConfidence);
        FieldError[] faults = [.. model.IsNested ? model.FaultsOfNested(asked) : model.FaultsOfIndependent(asked)];
        return faults.Length > 0 ? (null, Problem.Invalid(faults)) : (model with
        {
            Test = test != Test.Auto ? test : model.IsNested ? Test.T : Test.KnappHartungAdHoc,
            // Whoever asks for z asks for the model's own variance: a robust one is tested by t.
            Robust = robust != Robust.Auto ? robust : model.IsNested && test != Test.Z ? Robust.Cr2 : Robust.None,
        }, null);
    }

    // One sample alone cannot tell variance between samples: its effects become one, which is answered as one effect.
    private static Dependence Resolve(Dependence dependence, EffectSet effects) =>
        dependence != Dependence.Auto ? dependence
        : !effects.HasSeveralEffectsInASample ? Dependence.Independent
        : effects.HasSeveralSamples ? Dependence.CorrelatedHierarchical
        : Dependence.Aggregate;

    private IEnumerable<FieldError> FaultsOfNested(Asked asked)
    {
        if (Estimator is not (Estimator.Reml or Estimator.Ml))
        {
            yield return new(asked.Option("estimator"), "notForNested", "must be reml or ml where effects are nested in samples");
        }

        if (Test is Test.KnappHartung or Test.KnappHartungAdHoc)
        {
            yield return new(asked.Option("test"), "notForNested", "must be auto, z or t where effects are nested in samples");
        }

        if (Test == Test.Z && Robust is not (Robust.None or Robust.Auto))
        {
            yield return new(asked.Option("test"), "notForRobust", "must be auto or t with a robust variance; for z ask for robust=none");
        }
    }

    private IEnumerable<FieldError> FaultsOfIndependent(Asked asked)
    {
        if (Robust is Robust.Cr0 or Robust.Cr1 or Robust.Cr2)
        {
            yield return new(asked.Option("robust"), "notForIndependent", "is for effects nested in samples: choose dependence threeLevel or correlatedHierarchical");
        }
    }
}
