using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots.Diagnostics;

/// <summary>The profile likelihood of τ.</summary>
internal static class ProfilePlot
{
    private const double ShownBelowCut = 0.6; // of the height above it

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, DiagnosticPlotRequest request, ErrorLocation location) =>
        DiagnosticPlot.Render(effects, request, location, Draw);

    private static string Draw(DiagnosticPlot plot)
    {
        var restricted = plot.Flat.Estimator != Estimator.Ml;
        var profile = TauSquaredProfile.Fit(plot.Frame.Estimates, plot.Frame.Variances, restricted, plot.Flat.Confidence);
        var name = $"{(restricted ? "Restricted l" : "L")}og-likelihood, relative to its maximum";
        // Not a difference, which a large likelihood swallows.
        var cut = -ChiSquared.UpperQuantile(1 - plot.Flat.Confidence, 1) / 2;
        var frame = new PlotFrame
        {
            Title = plot.Title("profile likelihood of τ"),
            Subtitle = plot.Subtitle(),
            X = Axis.Covering([0, profile is null ? 1 : Math.Sqrt(profile.Points[^1].TauSquared)], PlotFrame.Left, PlotFrame.Right, 0),
            Y = Axis.Covering([0, cut * (1 + ShownBelowCut)], 430, 0, max: -cut * 0.06),
            XLabel = "τ, standard deviation of true effects",
            YLabel = name,
            Notes = plot.Notes(profile is null ? "One effect does not tell heterogeneity." : Describe(plot, profile)),
            Legend = profile is null ? [] : [(Mark.Line, "funnel", "profile"),
                (Mark.Line, "guide", $"cut of the {ApaFormat.Confidence(plot.Flat.Confidence)} interval"),
                (Mark.Line, "zero", "estimate and limits")],
        };
        return frame.Draw(svg =>
        {
            if (profile is null)
            {
                return;
            }

            svg.Line(PlotFrame.Left, frame.PositionY(cut), PlotFrame.Right, frame.PositionY(cut), "guide");
            foreach (var (tau2, top) in new (double?, double)[] { (profile.TauSquared, 0), (profile.Lower, cut), (profile.Upper, cut) })
            {
                if (tau2 is { } value)
                {
                    svg.Line(frame.PositionX(Math.Sqrt(value)), frame.PositionY(top), frame.PositionX(Math.Sqrt(value)), frame.FromTop(frame.Height), "zero");
                }
            }

            svg.Polyline("curve", profile.Points.Select(point =>
                (frame.PositionX(Math.Sqrt(point.TauSquared)), frame.PositionY(point.LogLikelihood - profile.LogLikelihood))));
        });
    }

    private static string Describe(DiagnosticPlot plot, TauSquaredProfileFit profile) =>
        $"τ = {ApaFormat.Number(Math.Sqrt(profile.TauSquared), 3)}, {ApaFormat.Confidence(plot.Flat.Confidence)} CI by the likelihood ratio "
        + $"[{ApaFormat.Number(Math.Sqrt(profile.Lower), 3)}, {(profile.Upper is { } upper ? ApaFormat.Number(Math.Sqrt(upper), 3) : "∞")}]."
        + (profile.SeveralModes ? " The likelihood has several maxima; the highest was taken, and the limits enclose all that is above the cut." : "");
}
