using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>The contour-enhanced funnel plot, with the effects added by trim and fill and the line of Egger's regression.</summary>
/// <remarks>
/// Contours: Peters, Sutton, Jones, Abrams and Rushton 2008, Journal of Clinical Epidemiology 61. If effects are nested in samples,
/// a point is the composite of a sample, since trim and fill and the ordinary Egger regression assume independence; a note in the plot says so.
/// </remarks>
internal sealed class FunnelPlot
{
    private const double Width = 760;
    private const double Margin = 16;
    private const double Left = 76;
    private const double Right = 726;
    private const double PlotHeight = 430;
    private const double SmallFontSize = 11.5;
    private const double MinTickDistance = 36;
    private const double PointMargin = 0.02;
    private const int ManyPoints = 200;

    /// <summary>Two-sided p-values of the contours, from the outside in.</summary>
    private static readonly (double P, string Style, string Name)[] s_contours = [(0.01, "p01", ".01 < p < .05"), (0.05, "p05", ".05 < p < .10"),
        (0.10, "p10", "p > .10")];

    private readonly EffectSet _effects;
    private readonly FunnelRequest _request;
    private readonly PoolResponse _pool;
    private readonly ModelFrame _frame;
    private readonly double[] _standardErrors;
    private readonly IReadOnlyList<string> _labels;
    private readonly TrimAndFillResult? _trimAndFill;
    private readonly (double Limit, double Slope, double? P)? _egger;
    private readonly IReadOnlyList<string> _clusterNotes;
    private readonly Axis _x;
    private readonly Axis _y;
    private double _top;

    private FunnelPlot(EffectSet effects, FunnelRequest request, ResolvedModel model)
    {
        (_effects, _request) = (effects, request);
        _pool = PoolAnalysis.Run(effects, model);
        _frame = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model.Flattened);
        _clusterNotes = [.. _frame.ClusterWarnings(model).Select(warning => warning.Finding)];
        _standardErrors = Array.ConvertAll(_frame.Variances, Math.Sqrt);
        _labels = RowLabels.Of(_frame);
        _trimAndFill = TryCompute(() => TrimAndFill.Run(_frame.Estimates, _frame.Variances, model.Flattened.RandomEffectsOptions,
            request.TrimAndFill == TrimAndFillChoice.R0 ? TrimAndFillEstimator.R0 : TrimAndFillEstimator.L0,
            request.Side switch { FunnelSideChoice.Left => FunnelSide.Left, FunnelSideChoice.Right => FunnelSide.Right, _ => FunnelSide.Auto }));
        _egger = RegressionLine(TryCompute(() => EggerRegression.Linear(_frame.Estimates, _frame.Variances, model.Confidence)));
        _y = Axis.Covering([0, .. _standardErrors], 0, PlotHeight, 0);
        var halfWidth = ContourHalfWidth(0.05) * _y.Upper;
        double[] points = [.. _frame.Estimates, .. _trimAndFill?.FilledEstimates ?? [], 0];
        // Leaves room for whole points.
        var margin = (points.Max() - points.Min()) * PointMargin;
        _x = Axis.Covering([points.Min() - margin, points.Max() + margin, PlotText.Effect(_pool) - halfWidth, PlotText.Effect(_pool) + halfWidth], Left, Right);
    }

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, FunnelRequest request, ErrorLocation location)
    {
        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        return model is null ? (null, problem) : (new FunnelPlot(effects, request, model).Draw(), null);
    }

    private bool IsCorrelation => _pool.Correlation is not null;

    private string Draw()
    {
        var title = PlotText.Title(_effects, "funnel plot");
        var subtitle = PlotText.Subtitle(_pool, _request.Filter);
        var titles = TextLayout.Wrap(title, 18, Width - 2 * Margin);
        var lines = TextLayout.Wrap(subtitle, SmallFontSize, Width - 2 * Margin);
        var notes = Notes().SelectMany(n => TextLayout.Wrap(n, SmallFontSize, Width - 2 * Margin)).ToList();
        _top = 12 + titles.Count * 22 + lines.Count * 16 + 14;
        var legend = _top + PlotHeight + 62;
        var svg = new SvgWriter(title, Description(subtitle), Width, legend + 18 + notes.Count * 16 + 10);
        DrawTextLines(svg, titles, 28, 22, "title");
        DrawTextLines(svg, lines, 12 + titles.Count * 22 + 12, 16, "small");
        svg.Clip(Left, _top, Right - Left, PlotHeight, () => DrawLines(svg));
        DrawAxes(svg);
        DrawPoints(svg);
        DrawLegend(svg, legend);
        DrawTextLines(svg, notes, legend + 32, 16, "small");
        return svg.Finish();
    }

    private void DrawLines(SvgWriter svg)
    {
        foreach (var (p, style, _) in s_contours)
        {
            var halfWidth = ContourHalfWidth(p) * _y.Upper;
            svg.Polygon(style, (PositionX(0), _top), (PositionX(halfWidth), _top + PlotHeight), (PositionX(-halfWidth), _top + PlotHeight));
        }

        var mean = PlotText.Effect(_pool);
        var half = ContourHalfWidth(0.05) * _y.Upper;
        svg.Line(PositionX(mean), _top, PositionX(mean - half), _top + PlotHeight, "funnel");
        svg.Line(PositionX(mean), _top, PositionX(mean + half), _top + PlotHeight, "funnel");
        svg.Line(PositionX(mean), _top, PositionX(mean), _top + PlotHeight, "guide");
        if (_egger is { } egger)
        {
            svg.Line(PositionX(egger.Limit), _top, PositionX(egger.Limit + egger.Slope * _y.Upper), _top + PlotHeight, "slope");
        }
    }

    private void DrawPoints(SvgWriter svg)
    {
        var radius = _standardErrors.Length > ManyPoints ? 2.8 : 4.5;
        foreach (var (i, error) in _standardErrors.Index())
        {
            svg.Circle(PositionX(_frame.Estimates[i]), _top + _y.Position(error), radius, _frame.IsHypothetical(i) ? "hollow" : "point",
                $"{_labels[i]}: {FormatEffect(_frame.Estimates[i])}, standard error {ApaFormat.Number(error, 3)}");
        }

        foreach (var (estimate, variance) in (_trimAndFill?.FilledEstimates ?? []).Zip(_trimAndFill?.FilledVariances ?? []))
        {
            svg.Circle(PositionX(estimate), _top + _y.Position(Math.Sqrt(variance)), radius, "filled", $"filled in: {FormatEffect(estimate)}");
        }
    }

    // Not clamped to the axis, as contours and lines extend beyond it and are clipped.
    private double PositionX(double effect) => Math.Clamp(Left + (effect - _x.Lower) / (_x.Upper - _x.Lower) * (Right - Left), -1e5, 1e5);

    private void DrawAxes(SvgWriter svg)
    {
        var bottom = _top + PlotHeight;
        svg.Line(Left, bottom, Right, bottom, "axis");
        svg.Line(Left, _top, Left, bottom, "axis");
        foreach (var tick in IsCorrelation ? _x.CorrelationTicks(MinTickDistance) : _x.Ticks())
        {
            var x = _x.Position(IsCorrelation ? Math.Atanh(tick) : tick);
            svg.Line(x, bottom, x, bottom + 5, "axis");
            svg.Label(x, bottom + 19, IsCorrelation ? FormatCorrelationTick(tick) : _x.FormatTick(tick, false), "small", TextAnchor.Middle);
        }

        foreach (var tick in _y.Ticks())
        {
            svg.Line(Left - 5, _top + _y.Position(tick), Left, _top + _y.Position(tick), "axis");
            svg.Label(Left - 9, _top + _y.Position(tick) + 4, _y.FormatTick(tick, false), "small", TextAnchor.End);
        }

        svg.Label((Left + Right) / 2, bottom + 37, IsCorrelation ? "Correlation r, on the scale of Fisher z" : "Effect", "small", TextAnchor.Middle);
        svg.VerticalLabel(22, _top + PlotHeight / 2, $"Standard error{(IsCorrelation ? " of Fisher z" : "")}", "small");
    }

    private void DrawLegend(SvgWriter svg, double y)
    {
        var x = Margin;
        foreach (var (_, style, name) in s_contours.Reverse())
        {
            svg.Rectangle(x, y - 9, 16, 12, style);
            Word(name, 22);
        }

        svg.Circle(x + 5, y - 3, 4.5, "point");
        Word(_frame.Count == _effects.Count ? "effect" : "sample", 14);
        if (_effects.HypotheticalCount > 0)
        {
            svg.Circle(x + 5, y - 3, 4.5, "hollow");
            Word("hypothetical", 14);
        }

        if (_trimAndFill is { Missing: > 0 })
        {
            svg.Circle(x + 5, y - 3, 4.5, "filled");
            Word("filled in", 14);
        }

        svg.Line(x, y - 3, x + 18, y - 3, "funnel");
        Word("pooled, 95%", 24);
        if (_egger is not null)
        {
            svg.Line(x, y - 3, x + 18, y - 3, "slope");
            Word("Egger", 24);
        }

        void Word(string text, double from)
        {
            svg.Label(x + from, y + 1, text, "small");
            x += from + TextLayout.Width(text, SmallFontSize) + 14;
        }
    }

    private IEnumerable<string> Notes()
    {
        if (_frame.Count < _effects.Count)
        {
            yield return $"{ApaFormat.Count(_effects.Count)} effects are drawn as one composite each of {Phrasing.Plural(_frame.Count, "sample")}; the tests "
                + "of /meta/bias that know dependence may say otherwise.";
        }

        yield return _trimAndFill switch
        {
            null => "Trim and fill comes to no result.",
            { Missing: 0 } => $"Trim and fill ({_trimAndFill.Estimator}, {_trimAndFill.Side.ToString().ToLowerInvariant()} side) misses no effect.",
            var f => $"Trim and fill ({f.Estimator}) fills in {Phrasing.Plural(f.Missing, "effect")} on the {f.Side.ToString().ToLowerInvariant()}; with them "
                + $"the pooled effect would be {FormatEffect(f.Fit.Mean.Estimate)}.",
        };
        yield return _egger is { } egger ? $"Egger's regression: slope {ApaFormat.Number(egger.Slope)}, p {ApaFormat.PValue(egger.P)}."
            : "Egger's regression cannot be made with these effects.";
        if (_frame.Count < 10)
        {
            yield return $"{Phrasing.Plural(_frame.Count, "point")}: with fewer than 10 a funnel says little, and misleads easily.";
        }

        yield return "An asymmetric funnel can have other reasons than effects kept unseen.";
        foreach (var note in _clusterNotes.Concat(PlotText.Notes(_pool)))
        {
            yield return note;
        }
    }

    private string Description(string subtitle) =>
        $"{subtitle} Each point is an effect; the higher it stands, the more precise. {string.Join(' ', Notes().Take(3))}";

    private string FormatEffect(double effect) => IsCorrelation ? $"r = {ApaFormat.Correlation(Math.Tanh(effect))}" : ApaFormat.Number(effect);

    private static string FormatCorrelationTick(double r) =>
        Math.Abs(r) < 1e-9 ? "0" : Math.Round(r, 6).ToString("0.######").Replace("0.", ".", StringComparison.Ordinal).Replace('-', '−');

    // The line of a weighted regression with an intercept goes through the weighted mean point.
    private (double, double, double?)? RegressionLine(SmallStudyTest? test)
    {
        if (test?.Limit is not { } limit)
        {
            return null;
        }

        var weights = _frame.Variances.Sum(v => 1 / v);
        var y = _frame.Estimates.Zip(_frame.Variances, (e, v) => e / v).Sum() / weights;
        var x = _standardErrors.Zip(_frame.Variances, (e, v) => e / v).Sum() / weights;
        return (limit, (y - limit) / x, test.PValue);
    }

    private static double ContourHalfWidth(double p) => Normal.UpperQuantile(p / 2);

    private static T? TryCompute<T>(Func<T> compute) where T : class
    {
        try
        {
            return compute();
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    private static void DrawTextLines(SvgWriter svg, IReadOnlyList<string> lines, double first, double height, string style)
    {
        foreach (var (i, line) in lines.Index())
        {
            svg.Label(Margin, first + i * height, line, style);
        }
    }
}
