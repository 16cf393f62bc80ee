using System.Globalization;
using System.Text;

namespace Benchmarks.Load.Scale;

/// <summary>Draws times by size, both in powers of ten: what was measured with a line, the law that it should follow dashed.</summary>
internal static class GrowthPlot
{
    private const int Width = 760;
    private const int Height = 440;
    private const int Left = 70;
    private const int Right = 250;
    private const int Top = 40;
    private const int Bottom = 50;

    private static readonly string[] s_colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555", "#8b1a4a"];

    public static string Draw(GrowthTable table)
    {
        var costs = table.Costs.Where(cost => cost.Unit == "ms").ToList();
        var values = costs.SelectMany(table.Values).ToList();
        var (x, y) = (new LogAxis(table.Sizes.Min(), table.Sizes.Max(), Left, Width - Right), new LogAxis(values.Min(), values.Max(), Height - Bottom, Top));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12" role="img">""");
        svg.Append(CultureInfo.InvariantCulture,
            $"""<title>{table.Title}</title><rect width="{Width}" height="{Height}" fill="#fff"/>"""
            + $"""<text x="{Left}" y="22" font-size="14">{table.Title}: time (ms) by {table.SizeUnit}; dashed: the law it should follow</text>""");
        Grid(svg, x, y);
        foreach (var (i, cost) in costs.Index())
        {
            Draw(svg, cost, table.Sizes, table.Values(cost), x, y, s_colours[i % s_colours.Length], Top + 20 + (i * 22));
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Grid(StringBuilder svg, LogAxis x, LogAxis y)
    {
        foreach (var power in x.Powers)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"""<path d="M{x.Position(power):0.#} {Top}V{Height - Bottom}" stroke="#ddd"/>"""
                + $"""<text x="{x.Position(power):0.#}" y="{Height - Bottom + 18}" text-anchor="middle">{AbbreviatePower(power)}</text>""");
        }

        foreach (var power in y.Powers)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"""<path d="M{Left} {y.Position(power):0.#}H{Width - Right}" stroke="#ddd"/>"""
                + $"""<text x="{Left - 6}" y="{y.Position(power) + 4:0.#}" text-anchor="end">{AbbreviatePower(power)}</text>""");
        }
    }

    private static void Draw(StringBuilder svg, MeasuredCost cost, IReadOnlyList<long> sizes, IReadOnlyList<double> values, LogAxis x, LogAxis y, string colour,
        int line)
    {
        svg.Append(CultureInfo.InvariantCulture, $"""<polyline fill="none" stroke="{colour}" stroke-width="2" points="{Points(values)}"/>""");
        foreach (var (i, value) in values.Index())
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<circle cx="{x.Position(sizes[i]):0.#}" cy="{y.Position(value):0.#}" r="3" fill="{colour}"/>""");
        }

        // A growing cost is compared with its largest value, as at the smallest sizes it is that of a request.
        if (cost.ExpectedLaw != GrowthLaw.None)
        {
            var law = sizes.Select(size => Math.Max(y.Min, cost.ExpectedLaw == GrowthLaw.Constant ? values[0] : values[^1] * size / sizes[^1]));
            svg.Append(CultureInfo.InvariantCulture, $"""<polyline fill="none" stroke="{colour}" stroke-dasharray="4 4" points="{Points([.. law])}"/>""");
        }

        svg.Append(CultureInfo.InvariantCulture,
            $"""<path d="M{Width - Right + 16} {line - 4}h20" stroke="{colour}" stroke-width="2"/>"""
            + $"""<text x="{Width - Right + 42}" y="{line}">{cost.Name.Replace("`", "")}</text>""");

        string Points(IReadOnlyList<double> of) =>
            string.Join(' ', of.Select((value, i) => string.Create(CultureInfo.InvariantCulture, $"{x.Position(sizes[i]):0.#},{y.Position(value):0.#}")));
    }

    private static string AbbreviatePower(double power) => power switch
    {
        >= 1e6 => $"{power / 1e6:0} M",
        >= 1e3 => $"{power / 1e3:0} k",
        _ => power.ToString("0.###", CultureInfo.InvariantCulture),
    };

    /// <summary>Powers of ten between two places of the picture.</summary>
    private sealed class LogAxis(double min, double max, double from, double to)
    {
        private readonly int _minPower = (int)Math.Floor(Math.Log10(min));
        private readonly int _maxPower = Math.Max((int)Math.Ceiling(Math.Log10(max)), (int)Math.Floor(Math.Log10(min)) + 1);

        public double Min => Math.Pow(10, _minPower);

        public IEnumerable<double> Powers => Enumerable.Range(_minPower, _maxPower - _minPower + 1).Select(power => Math.Pow(10, power));

        public double Position(double value) => from + ((Math.Log10(value) - _minPower) / (_maxPower - _minPower) * (to - from));
    }
}
