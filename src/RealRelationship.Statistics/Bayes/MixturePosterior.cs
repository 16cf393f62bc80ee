using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>A posterior distribution that is a mixture of normal distributions.</summary>
internal sealed class MixturePosterior : PosteriorDistribution
{
    private const double Negligible = 1e-15;
    private const int Places = 32;
    private const double LastPlace = 1e-6;

    private readonly NormalMixture _mixture;
    private readonly double _centre;
    private readonly double _deviation;
    private readonly double _step;

    /// <summary>The mixture.</summary>
    /// <param name="components">Means, variances and weights that add up to 1.</param>
    /// <param name="moments">How many moments exist: 0, 1, or 2 and more.</param>
    /// <param name="probability">Of intervals.</param>
    public MixturePosterior(IReadOnlyList<Component> components, int moments, double probability) : base(probability)
    {
        (Components, _mixture) = (components, new(components.Count));
        foreach (var (mean, variance, weight) in components)
        {
            _centre += weight * mean;
            if (weight > Negligible)
            {
                _mixture.Add(1 / Math.Sqrt(variance), mean / Math.Sqrt(variance), weight);
            }
        }
        _deviation = Math.Sqrt(components.Sum(c => c.Weight * (c.Variance + VectorMath.Square(c.Mean - _centre))));
        _step = Math.Min(_mixture.Typical.Deviation, _deviation);
        (Mean, StandardDeviation) = (moments > 0 ? _centre : null, moments > 1 ? _deviation : null);
        Guard.FiniteResult(_centre, _deviation, 1 / _step);
    }

    public IReadOnlyList<Component> Components { get; }

    public override double? Mean { get; }

    public override double? StandardDeviation { get; }

    private protected override double Least => double.NegativeInfinity;

    private protected override double Most => double.PositiveInfinity;

    private protected override bool IsUnimodal
    {
        get
        {
            var (from, to) = (QuantileOf(LastPlace), QuantileOf(1 - LastPlace));
            var slopes = Enumerable.Range(0, Places + 1).Select(i => _mixture.At(from + (to - from) * i / Places).Slope > 0);
            return slopes.Zip(slopes.Skip(1)).Count(pair => pair.First != pair.Second) <= 1;
        }
    }

    internal override NormalMixture.Point At(double x) => _mixture.At(x);

    private protected override double QuantileOf(double p) =>
        _mixture.Quantile((1 - p) * _mixture.Weight, _centre + _deviation * Normal.Quantile(p), _step);

    /// <summary>A normal distribution of the mixture.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Component(double Mean, double Variance, double Weight);
}
