using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots.Diagnostics;

/// <summary>Which effects contribute to heterogeneity, and which move the pooled effect.</summary>
internal static class BaujatPlot
{
    private const int Labelled = 6;
    private const double LabelWidth = 190;

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, DiagnosticPlotRequest request, ErrorLocation location) =>
        DiagnosticPlot.Render(effects, request, location, Draw);

    private static string Draw(DiagnosticPlot plot)
    {
        var points = Baujat.Run(plot.Frame.Estimates, plot.Frame.Variances, plot.Estimator);
        var (width, height) = (points.Select(p => p.Heterogeneity).DefaultIfEmpty(1).Max(), points.Select(p => p.Influence).DefaultIfEmpty(1).Max());
        int[] far = [.. Enumerable.Range(0, points.Count).OrderByDescending(i =>
            (points[i].Heterogeneity / Math.Max(width, 1e-300)) + (points[i].Influence / Math.Max(height, 1e-300))).Take(Labelled)];
        var frame = new PlotFrame
        {
            Title = plot.Title("Baujat plot"),
            Subtitle = plot.Subtitle(),
            X = Axis.Covering([0, width * 1.04], PlotFrame.Left, PlotFrame.Right, 0),
            Y = Axis.Covering([0, height * 1.04], 430, 0, 0),
            XLabel = plot.Estimator == TauSquaredEstimator.CommonEffect ? "Contribution to heterogeneity Q" : "Squared standardised residual",
            YLabel = "Influence on the pooled effect",
            Notes = plot.Notes(points.Count == 0 ? "One effect has no heterogeneity."
                : $"Furthest to the right and the top: {string.Join("; ", far.Take(3).Select(plot.ShortLabel))}. Their removal changes the pooled "
                    + "effect and its heterogeneity most.", "Influence is the squared change of the pooled effect without the row, in its standard errors."),
            Legend = [(Mark.Point, "point", plot.RowName)],
        };
        return frame.Draw(svg =>
        {
            foreach (var (i, point) in points.Index())
            {
                svg.Circle(frame.PositionX(point.Heterogeneity), frame.PositionY(point.Influence), points.Count > 200 ? 2.8 : 4.5, "point",
                    $"{plot.Labels[i]}: {ApaFormat.Number(point.Heterogeneity)}, influence {ApaFormat.Number(point.Influence, 3)}");
            }
        }, svg => DrawLabels(svg, frame, plot, points, far));
    }

    // Labels keep a line's distance from each other; those that would not are left to the tooltip.
    private static void DrawLabels(SvgWriter svg, PlotFrame frame, DiagnosticPlot plot, IReadOnlyList<BaujatPoint> points, int[] far)
    {
        var taken = new List<(double Left, double Right, double Y)>();
        foreach (var i in far)
        {
            var (x, y) = (frame.PositionX(points[i].Heterogeneity), frame.PositionY(points[i].Influence));
            var text = TextLayout.TruncateMiddle(plot.Labels[i], 11.5, LabelWidth);
            var width = TextLayout.Width(text, 11.5);
            var toLeft = x + width + 10 > PlotFrame.Right;
            var (from, to) = toLeft ? (x - 8 - width, x - 8) : (x + 8, x + 8 + width);
            if (!taken.Exists(other => Math.Abs(other.Y - y) < 13 && other.Left < to && from < other.Right))
            {
                taken.Add((from, to, y));
                svg.Label(toLeft ? x - 8 : x + 8, y + 4, text, "small", toLeft ? TextAnchor.End : TextAnchor.Start);
            }
        }
    }
}
