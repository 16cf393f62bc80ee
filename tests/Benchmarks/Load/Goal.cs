using System.Globalization;

namespace Benchmarks.Load;

/// <summary>What a number should be.</summary>
/// <param name="Name">Of what.</param>
/// <param name="Value">What it is.</param>
/// <param name="Bound">What it should be at the least, or at the most.</param>
/// <param name="IsLeast">Whether it is a bound from below.</param>
/// <param name="Unit">How to write it: <c>%</c>, <c>×</c>, or what stands behind the number.</param>
internal sealed record Goal(string Name, double Value, double Bound, bool IsLeast, string Unit)
{
    public bool IsMet => IsLeast ? Value >= Bound : Value <= Bound;

    public static Goal ShareOf(string name, double value, double least) => new(name, value, least, true, "%");

    public static Goal Times(string name, double value, double least) => new(name, value, least, true, "×");

    public static Goal AtMost(string name, double value, double most, string unit) => new(name, value, most, false, unit);

    /// <summary>As in <c>bare Kestrel 91 % ≥ 85 % met</c>.</summary>
    public override string ToString() => $"{Name} {Text(Value)} {(IsLeast ? "≥" : "≤")} {Text(Bound)} {(IsMet ? "met" : "**missed**")}";

    private string Text(double value) => Unit switch
    {
        "%" => string.Create(CultureInfo.InvariantCulture, $"{value * 100:0.#} %"),
        "×" => string.Create(CultureInfo.InvariantCulture, $"{Figures.Short(value)}×"),
        _ => $"{Figures.Short(value)} {Unit}",
    };
}
