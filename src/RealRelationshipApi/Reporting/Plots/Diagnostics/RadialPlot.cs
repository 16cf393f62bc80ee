using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots.Diagnostics;

/// <summary>Standardised effects against precision: the pooled effect is the slope of a line through the origin (Galbraith 1988).</summary>
internal static class RadialPlot
{
    private const double HalfWidth = 1.959963984540054;

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, DiagnosticPlotRequest request, ErrorLocation location) =>
        DiagnosticPlot.Render(effects, request, location, Draw);

    private static string Draw(DiagnosticPlot plot)
    {
        var fit = Radial.Run(plot.Frame.Estimates, plot.Frame.Variances, plot.Estimator);
        var x = Axis.Covering([0, fit.Precisions.Max() * 1.02], PlotFrame.Left, PlotFrame.Right, 0);
        var outside = Enumerable.Range(0, fit.Precisions.Count).Count(i => Math.Abs(fit.Standardised[i] - (fit.Slope * fit.Precisions[i])) > HalfWidth);
        var frame = new PlotFrame
        {
            Title = plot.Title("radial plot"),
            Subtitle = plot.Subtitle(),
            X = x,
            Y = Axis.Covering([0, .. fit.Standardised, (fit.Slope * x.Upper) + HalfWidth, (fit.Slope * x.Upper) - HalfWidth, HalfWidth, -HalfWidth], 430, 0),
            XLabel = fit.TauSquared > 0 ? "Precision 1/√(v + τ²)" : "Precision 1/√v",
            YLabel = "Effect × precision",
            Notes = plot.Notes(
                $"The slope of the line is the pooled effect, {plot.Format(fit.Slope)}; a ray from the origin through a point ends at its effect on the right.",
                $"{Phrasing.Plural(outside, plot.RowName)} of {ApaFormat.Count(fit.Precisions.Count)} outside the 95% band, which allows for "
                    + $"{(fit.TauSquared > 0 ? "sampling error and heterogeneity" : "sampling error")}: 5% are expected."),
            Legend = [(Mark.Point, "point", plot.RowName), (Mark.Line, "funnel", "pooled effect"), (Mark.Area, "band", "95%")],
        };
        return frame.Draw(svg =>
        {
            var (origin, right) = (frame.PositionX(0), frame.PositionX(x.Upper));
            svg.Polygon("band", (origin, frame.PositionY(HalfWidth)), (right, frame.PositionY((fit.Slope * x.Upper) + HalfWidth)),
                (right, frame.PositionY((fit.Slope * x.Upper) - HalfWidth)), (origin, frame.PositionY(-HalfWidth)));
            foreach (var (_, effect) in Rays(plot, frame))
            {
                svg.Line(origin, frame.PositionY(0), right, frame.PositionY(effect * x.Upper), "rule");
            }

            svg.Line(origin, frame.PositionY(0), right, frame.PositionY(fit.Slope * x.Upper), "funnel");
            foreach (var (i, precision) in fit.Precisions.Index())
            {
                svg.Circle(frame.PositionX(precision), frame.PositionY(fit.Standardised[i]), fit.Precisions.Count > 200 ? 2.8 : 4.5,
                    plot.Frame.IsHypothetical(i) ? "hollow" : "point", $"{plot.Labels[i]}: {plot.Format(plot.Frame.Estimates[i])}");
            }
        }, svg =>
        {
            foreach (var (label, effect) in Rays(plot, frame))
            {
                svg.Label(PlotFrame.Right + 5, frame.PositionY(effect * x.Upper) + 4, label, "small");
            }

            svg.Label(PlotFrame.Right + 5, frame.FromTop(-6), plot.IsCorrelation ? "r" : "effect", "small");
        });
    }

    /// <summary>Round effects that end within the panel, with their labels.</summary>
    private static IEnumerable<(string Label, double Effect)> Rays(DiagnosticPlot plot, PlotFrame frame)
    {
        var scale = new Axis(frame.Y!.Lower / frame.X.Upper, frame.Y.Upper / frame.X.Upper, frame.Height, 0);
        return plot.IsCorrelation
            ? scale.CorrelationTicks(20).Select(r => (PlotFrame.TickOfCorrelation(r), Math.Atanh(r)))
            : scale.Ticks().Select(effect => (scale.FormatTick(effect, false), effect));
    }
}
