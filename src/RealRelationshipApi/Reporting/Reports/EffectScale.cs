using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;

using RealRelationship.Statistics;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>Writes numbers on the scale of analysis as a reader wants them: Fisher z as correlations, others as they are.</summary>
internal sealed record EffectScale(EffectMeasure Measure, double Confidence)
{
    public static EffectScale Of(ModelResponse model) => new(model.Measure, model.Confidence);

    /// <summary>A number alone: <c>.37</c>.</summary>
    public string Value(double? effect) => Measure switch
    {
        EffectMeasure.Raw => ApaFormat.Number(effect),
        EffectMeasure.Correlation => ApaFormat.Correlation(effect),
        _ => ApaFormat.Correlation(effect is { } z ? FisherZ.ToCorrelation(z) : null),
    };

    /// <summary>An estimate: <c>r = .37</c>.</summary>
    public RichText Point(double? effect) => RichText.Of($"{Name} = {Value(effect)}");

    /// <summary>An estimate with its confidence interval: <c>r = .37, 95% CI [.30, .44]</c>.</summary>
    public RichText Estimate(double? effect, double? lower, double? upper) => RichText.Of($"{Point(effect)}{Interval(lower, upper)}");

    /// <summary>A pooled effect with its confidence interval, or what it can be where the likelihood does not identify it.</summary>
    public RichText Estimate(PooledEffectResponse pooled, CorrelationResponse? correlation) =>
        Measure == EffectMeasure.Correlation && pooled.Range is null ? Estimate(pooled.Effect, pooled.Lower, pooled.Upper)
            : RichText.Of($"{Name} = {Phrasing.DescribeEstimate(pooled, correlation)}{Interval(pooled.Lower, pooled.Upper)}");

    /// <summary>The range of several estimates: <c>r = .35 to .39</c>, or <c>r = .37</c> where they are the same when rounded.</summary>
    public RichText Range(IReadOnlyCollection<double> effects) => Value(effects.Min()) is var lowest && Value(effects.Max()) is var highest
        && lowest == highest ? RichText.Of($"{Name} = {lowest}") : RichText.Of($"{Name} = {lowest} to {highest}");

    private RichText Name => Measure != EffectMeasure.Raw ? Symbols.R : RichText.Of($"effect");

    private string Interval(double? lower, double? upper) => lower is null || upper is null ? " (no confidence interval)"
        : $", {ApaFormat.Confidence(Confidence)} CI [{Value(lower)}, {Value(upper)}]";
}
