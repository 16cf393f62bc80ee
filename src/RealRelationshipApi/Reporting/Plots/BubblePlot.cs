using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>The bubble plot of a meta-regression: effects along a number, with areas by weight, the line of the regression, its confidence band and the
/// prediction band; Thompson and Higgins 2002, Statistics in Medicine 21.</summary>
internal sealed class BubblePlot
{
    private const double Width = 760;
    private const double Margin = 16;
    private const double Left = 76;
    private const double Right = 726;
    private const double PlotHeight = 400;
    private const double SmallFontSize = 11.5;
    private const double MinTickDistance = 26;
    private const double LargestRadius = 17;
    private const double SmallestRadius = 1.6;
    private const int Steps = 40;
    private const int MaxLines = 4;
    private const string Style = """
        .pband{fill:#9a3412;fill-opacity:.09}.cband{fill:#9a3412;fill-opacity:.17}.fit,.fit1,.fit2,.fit3{fill:none;stroke:#9a3412;stroke-width:2.2}
        .fit1{stroke:#6639ba;stroke-dasharray:8 4}.fit2{stroke:#1f2328;stroke-dasharray:2 3}.fit3{stroke:#59636e;stroke-dasharray:10 3 2 3}
        .bubble{fill:#0b5a8a;fill-opacity:.42;stroke:#0b5a8a;stroke-width:.9}.bubble.hollow{fill:none;stroke-dasharray:3 2}
        @media screen and (prefers-color-scheme:dark){.pband,.cband{fill:#ffa657}.fit{stroke:#ffa657}.fit1{stroke:#d2a8ff}.fit2{stroke:#e6edf3}
        .fit3{stroke:#9da7b3}.bubble{fill:#6cb6ff;stroke:#6cb6ff}}
        """;

    private readonly EffectSet _effects;
    private readonly FittedRegression _regression;
    private readonly string _name;
    private readonly double[] _numbers;
    private readonly IReadOnlyList<string> _labels;
    private readonly IReadOnlyList<(string? Level, RegressionPrediction[] Values)> _lines;
    private readonly double[] _at;
    private readonly Axis _x;
    private readonly Axis _y;
    private double _top;

    private BubblePlot(EffectSet effects, FittedRegression regression, string name)
    {
        (_effects, _regression, _name) = (effects, regression, name);
        var frame = regression.Frame;
        _numbers = [.. frame.Members.Select(members => regression.Terms.NumberOf(name, members[0]))];
        _labels = RowLabels.Of(frame);
        _x = Axis.Covering(_numbers, Left + LargestRadius, Right - LargestRadius);
        var (from, to) = (_numbers.Min(), _numbers.Max());
        _at = [.. Enumerable.Range(0, Steps + 1).Select(i => from + (to - from) * i / Steps)];
        _lines = [.. Lines()];
        double[] bands = [.. _lines.SelectMany(line => line.Values).SelectMany(v => Limits(v))];
        // A band that is far wider than the effects would flatten them.
        var (lowest, highest) = (frame.Estimates.Min(), frame.Estimates.Max());
        var room = Math.Max(highest - lowest, 0.2);
        _y = Axis.Covering([lowest - 0.05 * room, highest + 0.05 * room, .. bands.Select(limit => Math.Clamp(limit, lowest - room, highest + room))],
            PlotHeight, 0);
    }

    /// <summary>As many points as are predicted, for the estimate of the cost.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, ModeratorValue>> Points { get; } =
        [.. Enumerable.Repeat(new Dictionary<string, ModeratorValue>(), Steps + 1)];

    public static string ContentSecurityPolicy { get; } = SvgWriter.PolicyWith(Style);

    public static (string? Picture, Problem? Problem) Render(EffectSet effects, BubbleRequest request, ErrorLocation location)
    {
        var (regression, problem) = FittedRegression.Of(effects, request.AsRegression, location);
        if (regression is null)
        {
            return (null, problem);
        }

        string[] numbers = [.. regression.Terms.Moderators.Where(regression.Terms.IsContinuous)];
        if (numbers.Length == 0)
        {
            return (null, Problem.Invalid([new(location.Member("terms"), "noNumber",
                "none is a number to draw effects along: /meta/forest.svg?by= draws the levels of a categorical moderator")]));
        }

        return request.X is { } x && !numbers.Contains(x)
            ? (null, Problem.Invalid([new(location.Member("x"), "unknownModerator",
                $"'{NameList.Of([x])}' is no number of the terms: {NameList.Of(numbers)}")]))
            : (new BubblePlot(effects, regression, request.X ?? numbers[0]).Draw(), null);
    }

    private bool IsCorrelation => _regression.Fit.Model.Measure == EffectMeasure.FisherZ;

    // One line, or one for each level of a factor that interacts with the number.
    private IEnumerable<(string? Level, RegressionPrediction[] Values)> Lines()
    {
        var factor = _regression.Design.Terms.Select(term => term.Term.Factors).Where(factors => factors.Any(f => f.Moderator == _name))
            .SelectMany(factors => factors).Select(f => f.Moderator).FirstOrDefault(name => !_regression.Terms.IsContinuous(name));
        var levels = factor is null ? [] : _regression.Design.Moderators.First(m => m.Name == factor).Levels;
        string?[] drawn = levels.Count is >= 1 and <= MaxLines ? [.. levels] : [null];
        foreach (var level in drawn)
        {
            yield return (level is null ? null : $"{factor} {level}", [.. _at.Select(x =>
            {
                var point = new Dictionary<string, ModeratorPoint> { [_name] = x };
                if (level is not null)
                {
                    point[factor!] = level;
                }

                return _regression.Predict(point);
            })]);
        }
    }

    private static IEnumerable<double> Limits(RegressionPrediction value) =>
        new[] { value.Mean.Estimate, value.Mean.Lower, value.Mean.Upper, value.Prediction?.Interval?.Lower, value.Prediction?.Interval?.Upper }
            .OfType<double>();

    private string Draw()
    {
        var title = PlotText.Title(_effects, $"meta-regression on {_name}");
        var subtitle = RegressionPhrasing.Describe(_regression);
        var titles = TextLayout.Wrap(title, 18, Width - 2 * Margin);
        var lines = TextLayout.Wrap(subtitle, SmallFontSize, Width - 2 * Margin);
        var notes = Notes().SelectMany(n => TextLayout.Wrap(n, SmallFontSize, Width - 2 * Margin)).ToList();
        _top = 12 + titles.Count * 22 + lines.Count * 16 + 14;
        var legend = _top + PlotHeight + 62;
        var svg = new SvgWriter(title, $"{subtitle} {string.Join(' ', Notes().Take(2))}", Width, legend + 18 + notes.Count * 16 + 10, Style);
        DrawText(svg, titles, 28, 22, "title");
        DrawText(svg, lines, 12 + titles.Count * 22 + 12, 16, "small");
        svg.Clip(Left, _top, Right - Left, PlotHeight, () => DrawBandsAndPoints(svg));
        DrawAxes(svg);
        DrawLegend(svg, legend);
        DrawText(svg, notes, legend + 32, 16, "small");
        return svg.Finish();
    }

    private void DrawBandsAndPoints(SvgWriter svg)
    {
        if (_y.Contains(0))
        {
            svg.Line(Left, Y(0), Right, Y(0), "rule");
        }

        if (_lines is [var only])
        {
            Band(svg, "pband", [.. only.Values.Select(v => v.Prediction?.Interval)]);
            Band(svg, "cband", [.. only.Values.Select(v => v.Mean is { Lower: { } lower, Upper: { } upper } ? new Interval(lower, upper) : (Interval?)null)]);
        }

        // The largest first, so that no small one is hidden.
        var largest = _regression.Fit.Weights.Max();
        foreach (var row in Enumerable.Range(0, _numbers.Length).OrderByDescending(row => _regression.Fit.Weights[row]))
        {
            var weight = Math.Max(0, _regression.Fit.Weights[row]);
            svg.Circle(_x.Position(_numbers[row]), Y(_regression.Frame.Estimates[row]), Radius(weight / largest),
                _regression.Frame.IsHypothetical(row) ? "bubble hollow" : "bubble",
                $"{_labels[row]}: {_name} {Tick(_numbers[row])}, {FormatEffect(_regression.Frame.Estimates[row])}, weight {ApaFormat.Number(weight, 1)}%");
        }

        foreach (var (i, line) in _lines.Index())
        {
            for (var s = 0; s < Steps; s++)
            {
                svg.Line(_x.Position(_at[s]), Y(line.Values[s].Mean.Estimate), _x.Position(_at[s + 1]), Y(line.Values[s + 1].Mean.Estimate), LineStyle(i));
            }
        }
    }

    private double Radius(double share) => Math.Max(SmallestRadius, LargestScale * Math.Sqrt(share));

    // Of many effects the circles are smaller, so that they do not cover each other.
    private double LargestScale => LargestRadius * Math.Min(1, Math.Sqrt(30.0 / Math.Max(30, _numbers.Length)));

    private void Band(SvgWriter svg, string style, IReadOnlyList<Interval?> limits)
    {
        if (limits.Any(limit => limit is null))
        {
            return;
        }

        svg.Polygon(style, _at.Select((x, i) => (_x.Position(x), Y(limits[i]!.Value.Upper)))
            .Concat(_at.Select((x, i) => (_x.Position(x), Y(limits[i]!.Value.Lower))).Reverse()));
    }

    // Not clamped to the axis: what lies beyond it is clipped.
    private double Y(double effect) => _top + Math.Clamp(PlotHeight * (_y.Upper - effect) / (_y.Upper - _y.Lower), -1e5, 1e5);

    private void DrawAxes(SvgWriter svg)
    {
        var bottom = _top + PlotHeight;
        svg.Line(Left, bottom, Right, bottom, "axis");
        svg.Line(Left, _top, Left, bottom, "axis");
        foreach (var tick in _x.Ticks())
        {
            svg.Line(_x.Position(tick), bottom, _x.Position(tick), bottom + 5, "axis");
            svg.Label(_x.Position(tick), bottom + 19, Tick(tick), "small", TextAnchor.Middle);
        }

        foreach (var tick in IsCorrelation ? _y.CorrelationTicks(MinTickDistance) : _y.Ticks())
        {
            var y = Y(IsCorrelation ? Math.Atanh(tick) : tick);
            svg.Line(Left - 5, y, Left, y, "axis");
            svg.Label(Left - 9, y + 4,
                IsCorrelation ? Math.Abs(tick) < 1e-9 ? "0" : ApaFormat.Correlation(tick) : _y.FormatTick(tick, false), "small", TextAnchor.End);
        }

        svg.Label((Left + Right) / 2, bottom + 37, _name, "small", TextAnchor.Middle);
        svg.VerticalLabel(22, _top + PlotHeight / 2, IsCorrelation ? "Correlation r, on the scale of Fisher z" : "Effect", "small");
    }

    private void DrawLegend(SvgWriter svg, double y)
    {
        var x = Margin;
        svg.Circle(x + 6, y - 3, 6, "bubble");
        Word(_regression.Frame.Count == _regression.Used ? "effect, area by weight" : "sample, area by weight", 18);
        foreach (var (i, line) in _lines.Index())
        {
            svg.Line(x, y - 3, x + 22, y - 3, LineStyle(i));
            Word(line.Level ?? "regression", 28);
        }

        var percent = ApaFormat.Confidence(_regression.Fit.Model.Confidence);
        if (_lines.Count == 1)
        {
            svg.Rectangle(x, y - 10, 16, 12, "pband");
            svg.Rectangle(x, y - 10, 16, 12, "cband");
            Word($"{percent} confidence", 22);
            svg.Rectangle(x, y - 10, 16, 12, "pband");
            Word($"{percent} prediction", 22);
        }

        void Word(string text, double from)
        {
            svg.Label(x + from, y + 1, text, "small");
            x += from + TextLayout.Width(text, SmallFontSize) + 14;
        }
    }

    private IEnumerable<string> Notes()
    {
        string[] others = [.. _regression.Terms.Moderators.Where(name => name != _name)];
        yield return others.Length == 0 || _lines.Count > 1 ? "The association of a moderator with effects between studies is not causal."
            : $"Of the other moderators ({NameList.Of(others)}) numbers are at their means, and levels have equal weights.";
        if (_regression.Frame.Count < 10)
        {
            yield return $"{Phrasing.Plural(_regression.Frame.Count, "point")}: with fewer than 10 a regression says little.";
        }

        if (_regression.Used < _effects.Count)
        {
            yield return $"{Phrasing.Plural(_effects.Count - _regression.Used, "effect")} without a value of the terms left out.";
        }

        foreach (var warning in _effects.Warnings.Concat(_regression.Fit.Warnings).Select(w => w.Finding).Distinct(StringComparer.Ordinal))
        {
            yield return warning;
        }

        yield return Phrasing.Describe(ResponseMapper.Data(_effects));
    }

    private static string LineStyle(int line) => line == 0 ? "fit" : $"fit{line}";

    private string Tick(double number) => _x.FormatTick(number, false);

    private string FormatEffect(double effect) => IsCorrelation ? $"r = {ApaFormat.Correlation(Math.Tanh(effect))}" : ApaFormat.Number(effect);

    private static void DrawText(SvgWriter svg, IReadOnlyList<string> lines, double first, double height, string style)
    {
        foreach (var (i, line) in lines.Index())
        {
            svg.Label(Margin, first + i * height, line, style);
        }
    }
}
