namespace RealRelationshipApi.Reporting.Plots.Diagnostics;

/// <summary>A picture of one panel: title, axes with ticks, content that is clipped to the panel, legend and notes.</summary>
internal sealed class PlotFrame
{
    public const double Left = 76;
    public const double Right = 706;

    /// <summary>Additional style of curves and of cells whose colour is a number of subsets.</summary>
    public const string Style = """
        .curve,.thin{fill:none}.curve{stroke:#9a3412;stroke-width:2}.thin{stroke:#59636e;stroke-width:.8;stroke-opacity:.6}
        .dashed{stroke-width:1.4;stroke-dasharray:5 4;stroke-opacity:1}
        .dot{fill:#0b5a8a;fill-opacity:.45;stroke:#fff;stroke-width:.6}.band{fill:#c9d1d9;fill-opacity:.45}.bar{stroke:#9a3412;stroke-width:6}
        .n1{fill:#d6e6f2}.n2{fill:#a9cce3}.n3{fill:#6fa8cc}.n4{fill:#2f7fb0}.n5{fill:#0b5a8a}
        .w1{fill:#fbe0cf}.w2{fill:#f3b78f}.w3{fill:#e58a52}.w4{fill:#c75b1f}.w5{fill:#9a3412}
        @media screen and (prefers-color-scheme:dark){.curve,.bar{stroke:#ffa657}.thin{stroke:#9da7b3}.dot{fill:#6cb6ff;stroke:#0d1117}.band{fill:#3d444d}
        .n1{fill:#122b3d}.n2{fill:#1c4664}.n3{fill:#2b6a96}.n4{fill:#4a95c9}.n5{fill:#6cb6ff}
        .w1{fill:#3d2416}.w2{fill:#6b3d1e}.w3{fill:#a05a25}.w4{fill:#d67d36}.w5{fill:#ffa657}}
        """;

    private const double Width = 760;
    private const double Margin = 16;
    private const double SmallFontSize = 11.5;
    private const double MinTickDistance = 36;
    private const double LegendLine = 18;
    private const double Infinite = 1e5; // beyond any picture

    private double _top;

    public required string Title { get; init; }

    public required string Subtitle { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The horizontal axis, from <see cref="Left"/> to <see cref="Right"/>.</summary>
    public required Axis X { get; init; }

    /// <summary>The vertical axis, from the height of the panel to 0; null without ticks.</summary>
    public Axis? Y { get; init; }

    public required string XLabel { get; init; }

    public string? YLabel { get; init; }

    /// <summary>Whether the horizontal axis is Fisher z with ticks at correlations.</summary>
    public bool IsCorrelation { get; init; }

    public double Height { get; init; } = 430;

    /// <summary>Style and name of each kind of mark.</summary>
    public IReadOnlyList<(Mark Mark, string Style, string Name)> Legend { get; init; } = [];

    /// <summary>Position of a value, also beyond the panel.</summary>
    public double PositionX(double value) => Math.Clamp(Left + ((value - X.Lower) / (X.Upper - X.Lower) * (Right - Left)), -Infinite, Infinite);

    /// <inheritdoc cref="PositionX"/>
    public double PositionY(double value) => Math.Clamp(_top + Height - ((value - Y!.Lower) / (Y.Upper - Y.Lower) * Height), -Infinite, Infinite);

    /// <summary>Position of a distance from the top of the panel.</summary>
    public double FromTop(double distance) => _top + distance;

    /// <summary>Draws the picture.</summary>
    /// <param name="inside">Draws what is clipped to the panel.</param>
    /// <param name="above">Draws labels, which are not clipped.</param>
    public string Draw(Action<SvgWriter> inside, Action<SvgWriter>? above = null)
    {
        var titles = TextLayout.Wrap(Title, 18, Width - (2 * Margin));
        var lines = TextLayout.Wrap(Subtitle, SmallFontSize, Width - (2 * Margin));
        var notes = Notes.SelectMany(n => TextLayout.Wrap(n, SmallFontSize, Width - (2 * Margin))).ToList();
        _top = 26 + (titles.Count * 22) + (lines.Count * 16);
        var legend = _top + Height + 62;
        var rows = LegendRows();
        var svg = new SvgWriter(Title, $"{Subtitle} {string.Join(' ', Notes.Take(3))}", Width,
            legend + (rows.Count * LegendLine) + (notes.Count * 16) + 14, Style);
        Lines(svg, titles, 28, 22, "title");
        Lines(svg, lines, 24 + (titles.Count * 22), 16, "small");
        svg.Clip(Left, _top, Right - Left, Height, () => inside(svg));
        DrawAxes(svg);
        above?.Invoke(svg);
        foreach (var (i, row) in rows.Index())
        {
            DrawLegend(svg, row, legend + (i * LegendLine));
        }

        Lines(svg, notes, legend + (rows.Count * LegendLine) + 8, 16, "small");
        return svg.Finish();
    }

    public static string TickOfCorrelation(double r) =>
        Math.Abs(r) < 1e-9 ? "0" : Math.Round(r, 6).ToString("0.######").Replace("0.", ".", StringComparison.Ordinal).Replace('-', '−');

    private void DrawAxes(SvgWriter svg)
    {
        var bottom = _top + Height;
        svg.Line(Left, bottom, Right, bottom, "axis");
        foreach (var tick in IsCorrelation ? X.CorrelationTicks(MinTickDistance) : X.Ticks())
        {
            var x = X.Position(IsCorrelation ? Math.Atanh(tick) : tick);
            svg.Line(x, bottom, x, bottom + 5, "axis");
            svg.Label(x, bottom + 19, IsCorrelation ? TickOfCorrelation(tick) : X.FormatTick(tick, false), "small", TextAnchor.Middle);
        }

        svg.Label((Left + Right) / 2, bottom + 37, XLabel, "small", TextAnchor.Middle);
        if (Y is null)
        {
            return;
        }

        svg.Line(Left, _top, Left, bottom, "axis");
        foreach (var tick in Y.Ticks())
        {
            svg.Line(Left - 5, _top + Y.Position(tick), Left, _top + Y.Position(tick), "axis");
            svg.Label(Left - 9, _top + Y.Position(tick) + 4, Y.FormatTick(tick, false), "small", TextAnchor.End);
        }

        svg.VerticalLabel(18, _top + (Height / 2), YLabel ?? "", "small");
    }

    private List<List<(Mark Mark, string Style, string Name)>> LegendRows()
    {
        var rows = new List<List<(Mark, string, string)>>();
        var width = double.PositiveInfinity;
        foreach (var item in Legend)
        {
            var own = 38 + TextLayout.Width(item.Name, SmallFontSize);
            if (width + own > Width - (2 * Margin))
            {
                rows.Add([]);
                width = 0;
            }

            rows[^1].Add(item);
            width += own;
        }

        return rows;
    }

    private static void DrawLegend(SvgWriter svg, List<(Mark Mark, string Style, string Name)> items, double y)
    {
        var x = Margin;
        foreach (var (mark, style, name) in items)
        {
            switch (mark)
            {
                case Mark.Point:
                    svg.Circle(x + 8, y - 3, 4.5, style);
                    break;
                case Mark.Line:
                    svg.Line(x, y - 3, x + 18, y - 3, style);
                    break;
                default:
                    svg.Rectangle(x, y - 9, 16, 12, style);
                    break;
            }

            svg.Label(x + 24, y + 1, name, "small");
            x += 38 + TextLayout.Width(name, SmallFontSize);
        }
    }

    private static void Lines(SvgWriter svg, IReadOnlyList<string> lines, double first, double height, string style)
    {
        foreach (var (i, line) in lines.Index())
        {
            svg.Label(Margin, first + (i * height), line, style);
        }
    }
}

/// <summary>What a legend shows.</summary>
internal enum Mark { Point, Line, Area }
