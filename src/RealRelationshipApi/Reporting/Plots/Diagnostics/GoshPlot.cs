using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Diagnostics;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots.Diagnostics;

/// <summary>The pooled effect and I² of all subsets, or of a sample of them, as a map of numbers of subsets.</summary>
internal static class GoshPlot
{
    private const int Columns = 126;
    private const int Rows = 86;
    private const int Shades = 5;

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, GoshPlotRequest request, ErrorLocation location) =>
        DiagnosticPlot.Render(effects, request, location, plot => Draw(plot, request));

    private static string Draw(DiagnosticPlot plot, GoshPlotRequest request)
    {
        var influence = plot.Frame.Count < 2 ? [] : Baujat.Run(plot.Frame.Estimates, plot.Frame.Variances, plot.Estimator);
        var marked = influence.Count == 0 ? -1 : Enumerable.Range(0, influence.Count).MaxBy(i => influence[i].Influence);
        var points = new List<(double Effect, double I2, bool With)>();
        var subsets = plot.Frame.Count < 2 ? 0 : DiagnosticsAnalysis.Fit(plot.Frame, plot.Flat, request, (members, subset) =>
        {
            if (subset.Size > 1)
            {
                points.Add((subset.Effect, subset.ISquared, members.Contains(marked)));
            }
        });
        var x = Axis.Covering(points.Select(point => point.Effect), PlotFrame.Left, PlotFrame.Right);
        var cells = Count(points, x);
        var frame = new PlotFrame
        {
            Title = plot.Title("GOSH plot"),
            Subtitle = plot.Subtitle(),
            X = x,
            Y = new Axis(0, 100, 430, 0),
            XLabel = plot.EffectAxis,
            YLabel = "I², percent",
            IsCorrelation = plot.IsCorrelation,
            Notes = plot.Notes(points.Count == 0 ? "One effect has no subsets."
                : $"{(plot.Frame.Count <= Gosh.MaxExhaustive ? $"All {ApaFormat.Count(subsets)}" : $"{ApaFormat.Count(subsets)} random")} subsets of the "
                    + $"{plot.RowName}s, pooled each; orange where most subsets hold the one that moves the pooled effect most, {plot.ShortLabel(marked)}.",
                "Separate clouds tell of outliers or subgroups; one cloud with a round shape does not."),
            Legend = points.Count == 0 ? [] : [(Mark.Area, "n2", "few subsets"), (Mark.Area, "n5", "many subsets"),
                (Mark.Area, "w4", $"most hold {plot.ShortLabel(marked)}"), (Mark.Line, "guide", "all effects")],
        };
        return frame.Draw(svg =>
        {
            var (width, height) = ((PlotFrame.Right - PlotFrame.Left) / Columns, frame.Height / Rows);
            var most = Math.Log(1 + cells.Cast<(int Count, int With)>().Max(cell => cell.Count));
            for (var column = 0; column < Columns; column++)
            {
                for (var row = 0; row < Rows; row++)
                {
                    if (cells[column, row] is { Count: > 0 } cell)
                    {
                        var shade = Math.Clamp((int)Math.Ceiling(Shades * Math.Log(1 + cell.Count) / most), 1, Shades);
                        svg.Rectangle(PlotFrame.Left + (column * width), frame.FromTop(frame.Height - ((row + 1) * height)), width + 0.3, height + 0.3,
                            $"{(2 * cell.With > cell.Count ? "w" : "n")}{shade}");
                    }
                }
            }

            var mean = PlotText.Effect(plot.Pool);
            svg.Line(frame.PositionX(mean), frame.FromTop(0), frame.PositionX(mean), frame.FromTop(frame.Height), "guide");
        });
    }

    private static (int Count, int With)[,] Count(List<(double Effect, double I2, bool With)> points, Axis x)
    {
        var cells = new (int Count, int With)[Columns, Rows];
        foreach (var (effect, i2, with) in points)
        {
            var column = Math.Min(Columns - 1, (int)((effect - x.Lower) / (x.Upper - x.Lower) * Columns));
            ref var cell = ref cells[column, Math.Min(Rows - 1, (int)(i2 / 100 * Rows))];
            cell = (cell.Count + 1, cell.With + (with ? 1 : 0));
        }

        return cells;
    }
}
