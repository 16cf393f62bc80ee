namespace RealRelationshipApi.Meta.Pictures;

/// <summary>Estimates one below the other on a common axis, each with its numbers beside it: what forest and cumulative plots have in common.</summary>
internal sealed class RowChart
{
    public const double Width = 960;

    private const double Margin = 16;
    private const double Size = 13;
    private const double SmallSize = 11.5;
    private const double Gap = 20;
    private const double WidestLabel = 330;
    private const double LargestSquare = 15;
    private const double SmallestSquare = 4;

    /// <summary>How much wider than its estimates a scale without bounds may become for the sake of intervals; what goes beyond ends in an arrow.</summary>
    private const double WidestIntervals = 3;

    /// <summary>How many times the room that all rows take they may be away from no correlation, before that is left off the axis for them to be told apart.</summary>
    private const double FarFromZero = 10;

    public required string Title { get; init; }

    /// <summary>Below the title: what was asked, and how it was answered.</summary>
    public required string Subtitle { get; init; }

    public required string Description { get; init; }

    /// <summary>Heads of the columns: label, amount, estimate, share.</summary>
    public required (string Label, string Amount, string Estimate, string Share) Heads { get; init; }

    public required IReadOnlyList<ChartRow> Rows { get; init; }

    /// <summary>Below the axis: what a reader should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Whether the scale is that of correlations.</summary>
    public required bool IsCorrelation { get; init; }

    /// <summary>The pooled effect, which a dashed line carries through all rows.</summary>
    public required double Guide { get; init; }

    public string Draw()
    {
        var texts = Rows.Select(Numbers).ToList();
        var labels = Math.Min(WidestLabel, Rows.Max(r => Math.Max(LabelWidth(r), TextFit.Width(Heads.Label, Size) * 1.1)));
        var amounts = Column(Rows.Select(r => r.Amount), Heads.Amount);
        var estimates = Column(texts, Heads.Estimate);
        var shares = Column(Rows.Select(r => r.Share), Heads.Share);
        var (amountsEnd, sharesEnd) = (Margin + labels + (amounts > 0 ? Gap + amounts : 0), Width - Margin);
        var estimatesEnd = sharesEnd - (shares > 0 ? shares + Gap : 0);
        var axis = Scale(amountsEnd + Gap * 1.5, estimatesEnd - estimates - Gap * 1.5);

        var titles = TextFit.Wrap(Title, 18, Width - 2 * Margin);
        var subtitles = TextFit.Wrap(Subtitle, SmallSize, Width - 2 * Margin);
        var notes = Notes.SelectMany(n => TextFit.Wrap(n, SmallSize, Width - 2 * Margin)).ToList();
        var top = 12 + titles.Count * 22 + subtitles.Count * 16 + 14;
        var bottom = top + 26 + Rows.Sum(r => r.Height) + 6;
        var svg = new Svg(Title, Description, Width, bottom + 46 + notes.Count * 16 + 10);
        Lines(svg, titles, 12 + 16, 22, "title");
        Lines(svg, subtitles, 12 + titles.Count * 22 + 12, 16, "small");

        var heads = top + 14;
        svg.Words(Margin, heads, Heads.Label, "strong");
        svg.Words(amountsEnd, heads, Heads.Amount, "strong", Anchor.End);
        svg.Words(estimatesEnd, heads, Heads.Estimate, "strong", Anchor.End);
        svg.Words(sharesEnd, heads, Heads.Share, "strong", Anchor.End);
        svg.Line(Margin, top + 22, Width - Margin, top + 22, "rule");
        DrawAxis(svg, axis, top + 22, bottom);

        double y = top + 26;
        foreach (var (i, row) in Rows.Index())
        {
            svg.Group($"{row.Label}{(row.Below is { } below ? $" – {below}" : "")}{(texts[i].Length > 0 ? $": {texts[i]}" : "")}", () =>
            {
                DrawLabel(svg, row, y, row.Kind == RowKind.Heading ? Width - 2 * Margin : labels);
                var middle = y + row.Height / 2;
                if (row.Kind == RowKind.Pooled)
                {
                    svg.Line(Margin, y, Width - Margin, y, "rule");
                }

                var style = row.Kind switch { RowKind.Pooled or RowKind.Level => "strong", RowKind.Note => "faint", _ => "" };
                Put(svg, amountsEnd, middle, row.Amount, style);
                Put(svg, estimatesEnd, middle, texts[i], style);
                Put(svg, sharesEnd, middle, row.Share, style);
                DrawMark(svg, axis, row, middle);
            });
            y += row.Height;
        }

        Lines(svg, notes, bottom + 58, 16, "small");
        return svg.End();
    }

    private static void Put(Svg svg, double end, double middle, string text, string style)
    {
        if (text.Length > 0)
        {
            svg.Words(end, middle + 4.5, text, style, Anchor.End);
        }
    }

    private static void Lines(Svg svg, IReadOnlyList<string> lines, double first, double height, string style)
    {
        foreach (var (i, line) in lines.Index())
        {
            svg.Words(Margin, first + i * height, line, style);
        }
    }

    private static double Column(IEnumerable<string> texts, string head) => texts.Select(t => TextFit.Width(t, Size)).Append(TextFit.Width(head, Size * 1.05)).Max();

    private static double LabelWidth(ChartRow row) => row.Kind == RowKind.Heading
        ? 0
        : Math.Max(TextFit.Width(row.Label, row.Kind is RowKind.Pooled or RowKind.Level ? Size * 1.08 : Size), TextFit.Width(row.Below ?? "", SmallSize));

    private static void DrawLabel(Svg svg, ChartRow row, double y, double width)
    {
        var isStrong = row.Kind is RowKind.Heading or RowKind.Level or RowKind.Pooled;
        var label = row.Kind == RowKind.Heading ? TextFit.Cut(row.Label, Size * 1.08, width) : TextFit.CutInside(row.Label, isStrong ? Size * 1.08 : Size, width);
        svg.Words(Margin, row.Kind == RowKind.Heading ? y + 20 : y + 15.5, label, isStrong ? "strong" : row.Kind == RowKind.Note ? "faint" : "");
        if (row.Below is { } below)
        {
            svg.Words(Margin, y + 29, TextFit.Cut(below, SmallSize, width), "small");
        }
    }

    private void DrawAxis(Svg svg, Axis axis, double top, double bottom)
    {
        if (axis.Holds(0))
        {
            svg.Line(axis.At(0), top, axis.At(0), bottom, "zero");
        }

        if (axis.Holds(Guide))
        {
            svg.Line(axis.At(Guide), top, axis.At(Guide), bottom, "guide");
        }

        svg.Line(axis.Left, bottom, axis.Right, bottom, "axis");
        foreach (var tick in axis.Ticks())
        {
            svg.Line(axis.At(tick), bottom, axis.At(tick), bottom + 5, "axis");
            svg.Words(axis.At(tick), bottom + 19, axis.Name(tick, IsCorrelation), "small", Anchor.Middle);
        }

        svg.Words((axis.Left + axis.Right) / 2, bottom + 36, IsCorrelation ? "Correlation r" : "Effect", "small", Anchor.Middle);
    }

    private static void DrawMark(Svg svg, Axis axis, ChartRow row, double y)
    {
        switch (row.Kind)
        {
            case RowKind.Estimate:
                DrawWhisker(svg, axis, row, y);
                if (row.Point is { } point && axis.Holds(point))
                {
                    var side = Math.Max(SmallestSquare, LargestSquare * Math.Sqrt(row.Size));
                    svg.Rectangle(axis.At(point) - side / 2, y - side / 2, side, side, "mark");
                }

                break;
            case RowKind.Level or RowKind.Pooled or RowKind.Reference when row.Point is { } middle:
                var style = row.Kind switch { RowKind.Level => "level", RowKind.Pooled => "pooled", _ => "open" };
                svg.Diamond(Least(axis.At(row.Lower ?? middle), axis.At(middle), -4), axis.At(middle), Least(axis.At(row.Upper ?? middle), axis.At(middle), 4), y, row.Kind == RowKind.Pooled ? 8 : 6.5, style);
                break;
            case RowKind.Prediction or RowKind.Range when row is { Lower: { } lower, Upper: { } upper }:
                var bar = row.Kind == RowKind.Prediction ? "prediction" : "range";
                svg.Line(axis.At(lower), y, axis.At(upper), y, bar);
                foreach (var end in new[] { lower, upper }.Where(axis.Holds))
                {
                    svg.Line(axis.At(end), y - 5, axis.At(end), y + 5, bar);
                }

                break;
            default:
                break;
        }
    }

    // A diamond is wide enough to be seen as one, however sure the estimate is.
    private static double Least(double end, double middle, double width) => width < 0 ? Math.Min(end, middle + width) : Math.Max(end, middle + width);

    private static void DrawWhisker(Svg svg, Axis axis, ChartRow row, double y)
    {
        if (row is not { Lower: { } lower, Upper: { } upper })
        {
            return;
        }

        var (left, right) = (axis.At(lower), axis.At(upper));
        svg.Line(left, y, right, y, "whisker");
        if (!axis.Holds(lower))
        {
            svg.Polygon("arrow", (left - 1, y), (left + 7, y - 4), (left + 7, y + 4));
        }

        if (!axis.Holds(upper))
        {
            svg.Polygon("arrow", (right + 1, y), (right - 7, y - 4), (right - 7, y + 4));
        }
    }

    private Axis Scale(double left, double right)
    {
        if (IsCorrelation)
        {
            var values = Rows.SelectMany(r => r.Values).ToList();
            var (smallest, largest) = (values.Min(), values.Max());
            var isFar = Math.Min(Math.Abs(smallest), Math.Abs(largest)) > FarFromZero * (largest - smallest);
            return Axis.Around(isFar ? values : [.. values, 0], left, right, -1, 1);
        }

        // Without bounds, one uncertain study could push all the others into a point. Diamonds, which could not end in an arrow, are seen whole.
        var whole = Rows.Where(r => r.Kind != RowKind.Estimate).SelectMany(r => r.Values).Concat(Rows.Select(r => r.Point).OfType<double>()).Append(Guide).ToList();
        var widths = Rows.Where(r => r is { Kind: RowKind.Estimate, Lower: not null, Upper: not null }).Select(r => r.Upper!.Value - r.Lower!.Value).Order().ToList();
        var (least, most) = (whole.Min(), whole.Max());
        var room = Math.Max(most - least, widths.Count > 0 ? widths[widths.Count / 2] : 0) * WidestIntervals;
        return Axis.Around(Rows.SelectMany(r => r.Values).Select(v => Math.Clamp(v, least - room, most + room)), left, right);
    }

    private string Numbers(ChartRow row) => row.Kind switch
    {
        RowKind.Heading or RowKind.Note => "",
        RowKind.Prediction => $"[{Number(row.Lower)}, {Number(row.Upper)}]",
        RowKind.Range => $"{Number(row.Lower)} to {Number(row.Upper)}",
        _ => row.Lower is null ? Number(row.Point) : $"{Number(row.Point)} [{Number(row.Lower)}, {Number(row.Upper)}]",
    };

    private string Number(double? value) => IsCorrelation ? Apa.R(value) : Apa.Number(value);
}
