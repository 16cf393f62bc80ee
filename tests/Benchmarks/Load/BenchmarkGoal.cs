using System.Globalization;

namespace Benchmarks.Load;

/// <summary>What a number should be.</summary>
/// <param name="Name">Of what.</param>
/// <param name="Value">What it is.</param>
/// <param name="Bound">What it should be at the least, or at the most.</param>
/// <param name="IsMinimum">Whether it is a bound from below.</param>
/// <param name="Unit">Suffix of the number: <c>%</c>, <c>×</c> or a unit.</param>
internal sealed record BenchmarkGoal(string Name, double Value, double Bound, bool IsMinimum, string Unit)
{
    public bool IsMet => IsMinimum ? Value >= Bound : Value <= Bound;

    public static BenchmarkGoal MinShare(string name, double value, double least) => new(name, value, least, true, "%");

    public static BenchmarkGoal MinSpeedup(string name, double value, double least) => new(name, value, least, true, "×");

    public static BenchmarkGoal Max(string name, double value, double most, string unit) => new(name, value, most, false, unit);

    /// <summary>As in <c>bare Kestrel 91 % ≥ 85 % met</c>.</summary>
    public override string ToString() => $"{Name} {Text(Value)} {(IsMinimum ? "≥" : "≤")} {Text(Bound)} {(IsMet ? "met" : "**missed**")}";

    private string Text(double value) => Unit switch
    {
        "%" => string.Create(CultureInfo.InvariantCulture, $"{value * 100:0.#} %"),
        "×" => string.Create(CultureInfo.InvariantCulture, $"{FigureFormat.ThreeDigits(value)}×"),
        _ => $"{FigureFormat.ThreeDigits(value)} {Unit}",
    };
}
