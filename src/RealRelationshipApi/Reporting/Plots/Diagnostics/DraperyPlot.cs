using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots.Diagnostics;

/// <summary>p-value functions of the effects and of the pooled effect (Rücker and Schwarzer 2021, Research Synthesis Methods 12).</summary>
internal static class DraperyPlot
{
    private const int MaxCurves = 200;
    private const int PointsOfSide = 20;
    private const int PointsOfPooledSide = 80;
    private const double WidthInStandardErrors = 3.2;
    private static readonly (double P, string Name)[] s_levels = [(0.05, "p = .05"), (0.01, "p = .01")];

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, DiagnosticPlotRequest request, ErrorLocation location) =>
        DiagnosticPlot.Render(effects, request, location, Draw);

    private static string Draw(DiagnosticPlot plot)
    {
        var (mean, se, df) = (PlotText.Effect(plot.Pool), plot.Pool.Pooled.StandardError ?? 0, plot.Pool.Pooled.Df);
        int[] rows = [.. Enumerable.Range(0, plot.Frame.Count).OrderBy(i => plot.Frame.Variances[i]).Take(MaxCurves)];
        double Half(int row) => 1.96 * Math.Sqrt(plot.Frame.Variances[row]);
        var frame = new PlotFrame
        {
            Title = plot.Title("drapery plot"),
            Subtitle = plot.Subtitle(),
            X = Axis.Covering([mean - (3 * se), mean + (3 * se), 0, .. Limits(plot),
                .. rows.SelectMany(row => (double[])[plot.Frame.Estimates[row] - Half(row), plot.Frame.Estimates[row] + Half(row)])],
                PlotFrame.Left, PlotFrame.Right),
            Y = new Axis(0, 1, 430, 0),
            XLabel = plot.EffectAxis,
            YLabel = "Two-sided p-value of each value on the axis",
            IsCorrelation = plot.IsCorrelation,
            Notes = plot.Notes(["Where a curve is above a level, the value is inside the interval of that level: .05 is the 95% interval.",
                .. rows.Length < plot.Frame.Count ? [$"The {MaxCurves} most precise of {plot.Frame.Count} {plot.RowName}s are drawn."]
                    : Array.Empty<string>()]),
            Legend = [(Mark.Line, "thin", plot.RowName), (Mark.Line, "funnel", "pooled effect"),
                .. plot.Pool.Pooled.PredictionLower is null ? Array.Empty<(Mark, string, string)>() : [(Mark.Area, "band", "prediction interval")],
                (Mark.Line, "guide", "levels .05 and .01")],
        };
        return frame.Draw(svg =>
        {
            if (plot.Pool.Pooled is { PredictionLower: { } lower, PredictionUpper: { } upper })
            {
                svg.Rectangle(frame.PositionX(lower), frame.FromTop(0), frame.PositionX(upper) - frame.PositionX(lower), frame.Height, "band");
            }

            svg.Line(frame.PositionX(0), frame.FromTop(0), frame.PositionX(0), frame.FromTop(frame.Height), "rule");
            foreach (var row in rows)
            {
                svg.Group($"{plot.Labels[row]}: {plot.Format(plot.Frame.Estimates[row])}",
                    () => Curve(svg, frame, "thin", plot.Frame.Estimates[row], Math.Sqrt(plot.Frame.Variances[row]), null));
            }

            foreach (var (p, _) in s_levels)
            {
                svg.Line(PlotFrame.Left, frame.PositionY(p), PlotFrame.Right, frame.PositionY(p), "guide");
            }

            if (se > 0)
            {
                Curve(svg, frame, "curve", mean, se, df);
            }
        });
    }

    private static IEnumerable<double> Limits(DiagnosticPlot plot) =>
        plot.Pool.Pooled is { PredictionLower: { } lower, PredictionUpper: { } upper } ? [lower, upper] : [];

    private static void Curve(SvgWriter svg, PlotFrame frame, string style, double estimate, double se, double? df)
    {
        var points = df is null ? PointsOfSide : PointsOfPooledSide;
        // t reaches small p far out.
        var end = df is { } freedom ? Math.Min(30, StudentT.UpperQuantile(0.0007, freedom)) : WidthInStandardErrors;
        svg.Polyline(style, Enumerable.Range(-points, (2 * points) + 1).Select(i =>
        {
            var z = end * i / points;
            var tail = df is { } d ? StudentT.UpperTail(Math.Abs(z), d) : Normal.UpperTail(Math.Abs(z));
            return (frame.PositionX(estimate + (z * se)), frame.PositionY(2 * tail));
        }));
    }
}
