namespace RealRelationship.Statistics;

/// <summary>What linear combinations of coefficients are tested with.</summary>
internal sealed class CoefficientInference
{
    public Coefficient Describe(string name, ReadOnlySpan<double> weights) => throw new NotSupportedException($"{name} {weights.Length}");
}
