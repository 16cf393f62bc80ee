using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta.Pictures;

/// <summary>The contour-enhanced funnel plot of a question, with what trim and fill adds and the line of Egger's regression.</summary>
/// <remarks>
/// Contours: Peters, Sutton, Jones, Abrams and Rushton 2008, Journal of Clinical Epidemiology 61. Where effects are nested in samples, a point is the composite of a sample,
/// since neither trim and fill nor Egger's regression of the plain kind knows dependence; the picture says so.
/// </remarks>
internal sealed class FunnelPlot
{
    private const double Width = 760;
    private const double Margin = 16;
    private const double Left = 76;
    private const double Right = 726;
    private const double Depth = 430;
    private const double SmallSize = 11.5;
    private const double TicksApart = 36;
    private const double Beside = 0.02;
    private const int Many = 200;

    /// <summary>Two-sided p-values at which a contour ends, from the outside in.</summary>
    private static readonly (double P, string Style, string Name)[] s_contours = [(0.01, "p01", ".01 < p < .05"), (0.05, "p05", ".05 < p < .10"), (0.10, "p10", "p > .10")];

    private readonly EffectSet _effects;
    private readonly FunnelRequest _request;
    private readonly PoolAnswer _pool;
    private readonly Entering _flat;
    private readonly double[] _errors;
    private readonly IReadOnlyList<string> _labels;
    private readonly TrimAndFillResult? _filled;
    private readonly (double Limit, double Slope, double? P)? _egger;
    private readonly Axis _x;
    private readonly Axis _y;
    private double _top;

    private FunnelPlot(EffectSet effects, FunnelRequest request, Model model)
    {
        (_effects, _request) = (effects, request);
        _pool = PoolAnalysis.Run(effects, model);
        _flat = Entering.Of(effects, [.. Enumerable.Range(0, effects.Count)], model.Flattened);
        _errors = Array.ConvertAll(_flat.Variances, Math.Sqrt);
        _labels = RowLabels.Of(_flat);
        _filled = Possible(() => TrimAndFill.Run(_flat.Estimates, _flat.Variances, model.Flattened.Options,
            request.TrimAndFill == TrimAndFillChoice.R0 ? TrimAndFillEstimator.R0 : TrimAndFillEstimator.L0,
            request.Side switch { Side.Left => FunnelSide.Left, Side.Right => FunnelSide.Right, _ => FunnelSide.Auto }));
        _egger = Line(Possible(() => Egger.Linear(_flat.Estimates, _flat.Variances, model.Confidence)));
        _y = Axis.Around([0, .. _errors], 0, Depth, 0);
        var reach = Reach(0.05) * _y.Upper;
        double[] points = [.. _flat.Estimates, .. _filled?.FilledEstimates ?? [], 0];
        // A point is seen whole.
        var beside = (points.Max() - points.Min()) * Beside;
        _x = Axis.Around([points.Min() - beside, points.Max() + beside, _pool.Pooled.Effect - reach, _pool.Pooled.Effect + reach], Left, Right);
    }

    public static (string? Picture, Problem? Problem) Run(EffectSet effects, FunnelRequest request, Asked asked)
    {
        var (model, problem) = Model.Resolve(request.Model, effects, asked);
        return model is null ? (null, problem) : (new FunnelPlot(effects, request, model).Draw(), null);
    }

    private bool IsCorrelation => _pool.Correlation is not null;

    private string Draw()
    {
        var title = PictureWords.Title(_effects, "funnel plot");
        var subtitle = PictureWords.Subtitle(_pool, _request.Filter);
        var titles = TextFit.Wrap(title, 18, Width - 2 * Margin);
        var lines = TextFit.Wrap(subtitle, SmallSize, Width - 2 * Margin);
        var notes = Notes().SelectMany(n => TextFit.Wrap(n, SmallSize, Width - 2 * Margin)).ToList();
        _top = 12 + titles.Count * 22 + lines.Count * 16 + 14;
        var legend = _top + Depth + 62;
        var svg = new Svg(title, Description(subtitle), Width, legend + 18 + notes.Count * 16 + 10);
        Put(svg, titles, 28, 22, "title");
        Put(svg, lines, 12 + titles.Count * 22 + 12, 16, "small");
        svg.Within(Left, _top, Right - Left, Depth, () => DrawLines(svg));
        DrawAxes(svg);
        DrawPoints(svg);
        DrawLegend(svg, legend);
        Put(svg, notes, legend + 32, 16, "small");
        return svg.End();
    }

    private void DrawLines(Svg svg)
    {
        foreach (var (p, style, _) in s_contours)
        {
            var reach = Reach(p) * _y.Upper;
            svg.Polygon(style, (Place(0), _top), (Place(reach), _top + Depth), (Place(-reach), _top + Depth));
        }

        var mean = _pool.Pooled.Effect;
        var half = Reach(0.05) * _y.Upper;
        svg.Line(Place(mean), _top, Place(mean - half), _top + Depth, "funnel");
        svg.Line(Place(mean), _top, Place(mean + half), _top + Depth, "funnel");
        svg.Line(Place(mean), _top, Place(mean), _top + Depth, "guide");
        if (_egger is { } egger)
        {
            svg.Line(Place(egger.Limit), _top, Place(egger.Limit + egger.Slope * _y.Upper), _top + Depth, "slope");
        }
    }

    private void DrawPoints(Svg svg)
    {
        var radius = _errors.Length > Many ? 2.8 : 4.5;
        foreach (var (i, error) in _errors.Index())
        {
            svg.Circle(Place(_flat.Estimates[i]), _top + _y.At(error), radius, "point", $"{_labels[i]}: {Text(_flat.Estimates[i])}, standard error {Apa.Number(error, 3)}");
        }

        foreach (var (estimate, variance) in (_filled?.FilledEstimates ?? []).Zip(_filled?.FilledVariances ?? []))
        {
            svg.Circle(Place(estimate), _top + _y.At(Math.Sqrt(variance)), radius, "filled", $"filled in: {Text(estimate)}");
        }
    }

    // Contours and lines run on beyond the axis and are cut off there: unlike an axis, this does not stop at its ends.
    private double Place(double effect) => Math.Clamp(Left + (effect - _x.Lower) / (_x.Upper - _x.Lower) * (Right - Left), -1e5, 1e5);

    private void DrawAxes(Svg svg)
    {
        var bottom = _top + Depth;
        svg.Line(Left, bottom, Right, bottom, "axis");
        svg.Line(Left, _top, Left, bottom, "axis");
        foreach (var tick in IsCorrelation ? _x.CorrelationTicks(TicksApart) : _x.Ticks())
        {
            var x = _x.At(IsCorrelation ? Math.Atanh(tick) : tick);
            svg.Line(x, bottom, x, bottom + 5, "axis");
            svg.Words(x, bottom + 19, IsCorrelation ? TickOfCorrelation(tick) : _x.Name(tick, false), "small", Anchor.Middle);
        }

        foreach (var tick in _y.Ticks())
        {
            svg.Line(Left - 5, _top + _y.At(tick), Left, _top + _y.At(tick), "axis");
            svg.Words(Left - 9, _top + _y.At(tick) + 4, _y.Name(tick, false), "small", Anchor.End);
        }

        svg.Words((Left + Right) / 2, bottom + 37, IsCorrelation ? "Correlation r, on the scale of Fisher z" : "Effect", "small", Anchor.Middle);
        svg.UpwardWords(22, _top + Depth / 2, $"Standard error{(IsCorrelation ? " of Fisher z" : "")}", "small");
    }

    private void DrawLegend(Svg svg, double y)
    {
        var x = Margin;
        foreach (var (_, style, name) in s_contours.Reverse())
        {
            svg.Rectangle(x, y - 9, 16, 12, style);
            Word(name, 22);
        }

        svg.Circle(x + 5, y - 3, 4.5, "point");
        Word(_flat.Count == _effects.Count ? "effect" : "sample", 14);
        if (_filled is { Missing: > 0 })
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
            svg.Words(x + from, y + 1, text, "small");
            x += from + TextFit.Width(text, SmallSize) + 14;
        }
    }

    private IEnumerable<string> Notes()
    {
        if (_flat.Count < _effects.Count)
        {
            yield return $"{Apa.Count(_effects.Count)} effects are drawn as one composite each of {Words.Many(_flat.Count, "sample")}; the tests of /meta/bias that know dependence may say otherwise.";
        }

        yield return _filled switch
        {
            null => "Trim and fill comes to no result.",
            { Missing: 0 } => $"Trim and fill ({_filled.Estimator}, {_filled.Side.ToString().ToLowerInvariant()} side) misses no effect.",
            var f => $"Trim and fill ({f.Estimator}) fills in {Words.Many(f.Missing, "effect")} on the {f.Side.ToString().ToLowerInvariant()}; with them the pooled effect would be {Text(f.Fit.Mean.Estimate)}.",
        };
        yield return _egger is { } egger ? $"Egger's regression: slope {Apa.Number(egger.Slope)}, p {Apa.P(egger.P)}." : "Egger's regression cannot be made with these effects.";
        if (_flat.Count < 10)
        {
            yield return $"{Words.Many(_flat.Count, "point")}: with fewer than 10 a funnel says little, and misleads easily.";
        }

        yield return "An asymmetric funnel can have other reasons than effects kept unseen.";
        foreach (var note in PictureWords.Notes(_pool))
        {
            yield return note;
        }
    }

    private string Description(string subtitle) => $"{subtitle} Each point is an effect; the higher it stands, the more precise. {string.Join(' ', Notes().Take(3))}";

    private string Text(double effect) => IsCorrelation ? $"r = {Apa.R(Math.Tanh(effect))}" : Apa.Number(effect);

    private static string TickOfCorrelation(double r) =>
        Math.Abs(r) < 1e-9 ? "0" : Math.Round(r, 6).ToString("0.######").Replace("0.", ".", StringComparison.Ordinal).Replace('-', '−');

    // The regression line goes through the weighted centre, as that of every weighted regression with an intercept.
    private (double, double, double?)? Line(SmallStudyTest? test)
    {
        if (test?.Limit is not { } limit)
        {
            return null;
        }

        var weights = _flat.Variances.Sum(v => 1 / v);
        var y = _flat.Estimates.Zip(_flat.Variances, (e, v) => e / v).Sum() / weights;
        var x = _errors.Zip(_flat.Variances, (e, v) => e / v).Sum() / weights;
        return (limit, (y - limit) / x, test.PValue);
    }

    private static double Reach(double p) => Normal.UpperQuantile(p / 2);

    private static T? Possible<T>(Func<T> compute) where T : class
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

    private static void Put(Svg svg, IReadOnlyList<string> lines, double first, double height, string style)
    {
        foreach (var (i, line) in lines.Index())
        {
            svg.Words(Margin, first + i * height, line, style);
        }
    }
}
