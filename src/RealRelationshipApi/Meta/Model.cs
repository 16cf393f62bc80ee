using RealRelationship.Statistics;

namespace RealRelationshipApi.Meta;

/// <summary>A model with nothing left open: what is answered, never <c>auto</c>.</summary>
public sealed record Model(Measure Measure, Dependence Dependence, double Rho, AggregationChoice Aggregation, Estimator Estimator, Test Test, Prediction Prediction,
    double? Equivalence, double Confidence)
{
    public const double UsualRho = 0.6;
    public const double UsualConfidence = 0.95;

    /// <summary>Settles what depends on the effects: <c>auto</c> aggregates where a sample has several effects.</summary>
    public static Model Resolve(ModelRequest? request, EffectSet effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        request ??= new ModelRequest();
        var dependence = request.Dependence ?? Dependence.Auto;
        if (dependence == Dependence.Auto)
            dependence = effects.HasSeveralEffectsInASample ? Dependence.Aggregate : Dependence.Independent;
        var test = request.Test ?? Test.Auto;
        return new Model(
            request.Measure ?? Measure.FisherZ,
            dependence,
            request.Rho ?? UsualRho,
            request.Aggregation ?? AggregationChoice.InverseVariance,
            request.Estimator ?? Estimator.Reml,
            test == Test.Auto ? Test.KnappHartungAdHoc : test,
            request.Prediction ?? Prediction.Auto,
            request.Equivalence,
            request.Confidence ?? UsualConfidence);
    }

    public ModelOptions Options => new()
    {
        Estimator = Estimator.ToStatistics(),
        Test = Test.ToStatistics(),
        Prediction = Prediction == Prediction.Riley ? PredictionDistribution.Riley : PredictionDistribution.OfTest,
        Confidence = Confidence,
    };

    public AggregationWeights AggregationWeights => Aggregation == AggregationChoice.Simple ? AggregationWeights.Simple : AggregationWeights.InverseVariance;
}
