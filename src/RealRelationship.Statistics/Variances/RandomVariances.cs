using System.Runtime.InteropServices;

namespace RealRelationship.Statistics;

/// <summary>Variances of the random effects of a nested model.</summary>
/// <param name="Study">σ_s², between studies; 0 in models without it.</param>
/// <param name="Between">σ_b², between samples, of one study where there is <paramref name="Study"/>.</param>
/// <param name="Within">σ_w², between effects of one sample.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RandomVariances(double Study, double Between, double Within)
{
    public const int Count = 3;

    public double Total => Study + Between + Within;

    public double this[int i] => i switch { 0 => Study, 1 => Between, _ => Within };

    public static RandomVariances Of(ReadOnlySpan<double> values) => new(values[0], values[1], values[2]);

    public RandomVariances With(int i, double value) => i switch
    {
        0 => this with { Study = value },
        1 => this with { Between = value },
        _ => this with { Within = value },
    };
}
