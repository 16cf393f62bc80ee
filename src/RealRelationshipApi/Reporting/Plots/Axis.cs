using System.Globalization;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>A linear axis: positions of values and ticks.</summary>
internal sealed record Axis(double Lower, double Upper, double Left, double Right)
{
    private const int TargetTickCount = 6;

    public double Position(double value) => Left + (Math.Clamp(value, Lower, Upper) - Lower) / (Upper - Lower) * (Right - Left);

    public bool Contains(double value) => value >= Lower && value <= Upper;

    /// <summary>An axis from one round number to another that covers all values, within the bounds of the scale.</summary>
    public static Axis Covering(IEnumerable<double> values, double left, double right, double min = double.NegativeInfinity,
        double max = double.PositiveInfinity)
    {
        var (lower, upper) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Where(double.IsFinite))
        {
            (lower, upper) = (Math.Min(lower, value), Math.Max(upper, value));
        }

        if (lower > upper)
        {
            (lower, upper) = (-1, 1);
        }

        // The axis has a width even if all values are equal.
        var width = Math.Max(upper - lower, Math.Max(Math.Abs(lower), 1) * 1e-3);
        var step = TickStep(width);
        return new(Math.Max(min, Math.Floor(lower / step) * step), Math.Min(max, Math.Ceiling((lower + width) / step) * step), left, right);
    }

    /// <summary>Round numbers along the axis.</summary>
    public IReadOnlyList<double> Ticks()
    {
        var step = TickStep(Upper - Lower);
        var first = Math.Ceiling(Lower / step - 1e-9);
        var count = (int)Math.Floor(Upper / step + 1e-9 - first) + 1;
        return [.. Enumerable.Range(0, count).Select(i => (first + i) * step)];
    }

    /// <summary>Ticks at round correlations along an axis of Fisher z, at a minimum distance.</summary>
    public IReadOnlyList<double> CorrelationTicks(double minDistance)
    {
        var correlations = new Axis(Math.Tanh(Lower), Math.Tanh(Upper), 0, 1).Ticks()
            .Concat([-0.999, -0.99, -0.95, -0.9, 0.9, 0.95, 0.99, 0.999]).Where(r => Math.Abs(r) < 1 - 1e-9 && Contains(Math.Atanh(r)));
        var kept = new List<double>();
        foreach (var r in correlations.OrderBy(Math.Abs))
        {
            if (kept.TrueForAll(other => Math.Abs(Position(Math.Atanh(r)) - Position(Math.Atanh(other))) >= minDistance))
            {
                kept.Add(r);
            }
        }

        kept.Sort();
        return kept;
    }

    /// <summary>Label of a tick, with enough decimals to distinguish it from its neighbours.</summary>
    public string FormatTick(double tick, bool isCorrelation)
    {
        var decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(TickStep(Upper - Lower)) - 1e-9), 0, 6);
        if (Math.Abs(tick) >= 1e5 || TickStep(Upper - Lower) < 1e-6)
        {
            return tick.ToString("0.##e+0", CultureInfo.InvariantCulture).Replace('-', '−');
        }

        if (Math.Abs(tick) < TickStep(Upper - Lower) / 1e6)
        {
            return "0";
        }

        var text = tick.ToString("F" + decimals, CultureInfo.InvariantCulture).Replace('-', '−');
        return isCorrelation ? text.Replace("0.", ".", StringComparison.Ordinal) : text;
    }

    private static double TickStep(double width)
    {
        var rough = width / TargetTickCount;
        var size = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / size) switch { <= 1.5 => 1, <= 3 => 2, <= 7 => 5, _ => 10 } * size;
    }
}
