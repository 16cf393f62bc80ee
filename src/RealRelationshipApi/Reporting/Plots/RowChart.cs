namespace RealRelationshipApi.Reporting.Plots;

/// <summary>Rows of estimates on a common axis, with their numbers: the base of forest and cumulative plots.</summary>
internal sealed partial class RowChart
{
    public const int DefaultWidth = 960;
    public const int MinWidth = 320;
    public const int MaxWidth = 1600;

    // Below it each row has its numbers above its mark.
    private const double WideFrom = 640;

    private const double Margin = 16;
    private const double FontSize = 13;
    private const double SmallFontSize = 11.5;
    private const double Gap = 20;
    private const double MaxLabelWidth = 330;
    private const double MaxSquare = 15;
    private const double MinSquare = 4;
    private const double LegendLine = 30;
    private const double LegendHeight = 24;

    /// <summary>Distances of interval and confidence sequence from the middle of a row that has both.</summary>
    private const double IntervalOffset = -4;
    private const double SequenceOffset = 8;

    /// <summary>Maximum ratio of the width of an unbounded scale to the range of its estimates; intervals that extend further end in an arrow.</summary>
    private const double MaxIntervalRatio = 3;

    /// <summary>Maximum ratio of the distance of the rows from zero to their range; beyond it the axis omits zero, so that the rows stay distinct.</summary>
    private const double MaxZeroDistanceRatio = 10;

    public required string Title { get; init; }

    /// <summary>Text below the title: filter and model.</summary>
    public required string Subtitle { get; init; }

    public required string Description { get; init; }

    /// <summary>Column headers: label, amount, estimate, share.</summary>
    public required (string Label, string Amount, string Estimate, string Share) Headers { get; init; }

    public required IReadOnlyList<ChartRow> Rows { get; init; }

    /// <summary>Notes below the axis.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Whether the scale is correlations.</summary>
    public required bool IsCorrelation { get; init; }

    /// <summary>The pooled effect, drawn as a dashed line through all rows.</summary>
    public required double GuideLine { get; init; }

    /// <summary>Width in pixels, <see cref="MinWidth"/> to <see cref="MaxWidth"/>.</summary>
    public double Width { get; init; } = DefaultWidth;

    /// <summary>What lies left and right of zero; null if the scale has no meaning of its own.</summary>
    public (string Left, string Right)? Directions { get; init; }

    /// <summary>Explains the lines if rows have confidence sequences: the interval, and the sequence.</summary>
    public (string Interval, string Sequence)? Legend { get; init; }

    public string Draw()
    {
        var isNarrow = Width < WideFrom;
        var texts = Rows.Select(row => isNarrow && row.Kind == ChartRowKind.Note ? AmountText(row) : EstimateText(row)).ToList();
        var columns = isNarrow ? NarrowColumns(texts) : WideColumns(texts);
        ChartRow[] rows = [.. Rows.Select(row => Fit(isNarrow ? WithNumbersBelow(row) : row, columns.Labels))];
        var heights = Array.ConvertAll(rows, row => row.Height + (isNarrow && row.HasMark ? MarkHeight : 0));
        var axis = columns.Axis;

        var titles = TextLayout.Wrap(Title, 18, Width - 2 * Margin);
        var subtitles = TextLayout.Wrap(Subtitle, SmallFontSize, Width - 2 * Margin);
        var notes = Notes.SelectMany(n => TextLayout.Wrap(n, SmallFontSize, Width - 2 * Margin)).ToList();
        var top = 12 + titles.Count * 22 + subtitles.Count * 16 + 14;
        var bottom = top + 26 + heights.Sum() + 6;
        var directions = Directions is not null && axis.Contains(0) ? DirectionsHeight : 0;
        var legend = directions + (Legend is null ? 0 : LegendHeight);
        var svg = new SvgWriter(Title, Description, Width, bottom + 46 + legend + notes.Count * 16 + 10);
        DrawTextLines(svg, titles, 12 + 16, 22, "title");
        DrawTextLines(svg, subtitles, 12 + titles.Count * 22 + 12, 16, "small");

        var heads = top + 14;
        svg.Label(Margin, heads, Headers.Label, "strong");
        DrawCell(svg, columns.AmountsEnd, heads - 4.5, Headers.Amount, "strong");
        DrawCell(svg, columns.EstimatesEnd, heads - 4.5, Headers.Estimate, "strong");
        DrawCell(svg, columns.SharesEnd, heads - 4.5, Headers.Share, "strong");
        svg.Line(Margin, top + 22, Width - Margin, top + 22, "rule");
        DrawAxis(svg, axis, isNarrow ? [.. MarkBands(rows, heights, top + 26), (bottom - 6, bottom)] : [(top + 22, bottom)], bottom);

        double y = top + 26;
        foreach (var (i, row) in rows.Index())
        {
            svg.Group($"{row.Label}{(row.Sublabel is { } below ? $" – {below}" : "")}{(texts[i].Length > 0 ? $": {texts[i]}" : "")}", () =>
            {
                DrawLabel(svg, row, y, row.Kind switch
                {
                    ChartRowKind.Heading => Width - 2 * Margin,
                    ChartRowKind.Detail => columns.DetailsEnd - Margin,
                    _ => columns.Labels,
                }, isNarrow ? Width - 2 * Margin : columns.Labels);
                var middle = isNarrow ? y + 11 : y + row.Height / 2;
                if (row.Kind == ChartRowKind.Pooled)
                {
                    svg.Line(Margin, y, Width - Margin, y, "rule");
                }

                var style = row.Kind switch { ChartRowKind.Pooled or ChartRowKind.Level => "strong", ChartRowKind.Note => "faint", _ => "" };
                DrawCell(svg, columns.AmountsEnd, middle, row.CountText, style);
                DrawCell(svg, columns.EstimatesEnd, middle, texts[i], style);
                DrawCell(svg, columns.SharesEnd, middle, row.WeightText, style);
                DrawMark(svg, axis, row, isNarrow ? y + row.Height + MarkHeight / 2 - 3 : middle);
            });
            y += heights[i];
        }

        DrawLegend(svg, bottom + 56 + directions);
        DrawTextLines(svg, notes, bottom + 58 + legend, 16, "small");
        return svg.Finish();
    }

    private void DrawLegend(SvgWriter svg, double y)
    {
        if (Legend is not { } legend)
        {
            return;
        }

        svg.Line(Margin, y, Margin + LegendLine, y, "whisker");
        svg.Rectangle(Margin + LegendLine / 2 - MinSquare, y - MinSquare, 2 * MinSquare, 2 * MinSquare, "mark");
        svg.Label(Margin + LegendLine + 8, y + 4, legend.Interval, "small");
        var second = Margin + LegendLine + 8 + TextLayout.Width(legend.Interval, SmallFontSize) * 1.1 + 2 * Gap;
        DrawSequence(svg, second, second + LegendLine, y);
        svg.Label(second + LegendLine + 8, y + 4, legend.Sequence, "small");
    }

    private static void DrawSequence(SvgWriter svg, double left, double right, double y)
    {
        svg.Line(left, y, right, y, "sequence");
        svg.Line(left, y - 3, left, y + 3, "sequence");
        svg.Line(right, y - 3, right, y + 3, "sequence");
    }

    private static void DrawCell(SvgWriter svg, double? end, double middle, string text, string style)
    {
        if (text.Length > 0 && end is { } right)
        {
            svg.Label(right, middle + 4.5, text, style, TextAnchor.End);
        }
    }

    private static void DrawTextLines(SvgWriter svg, IReadOnlyList<string> lines, double first, double height, string style)
    {
        foreach (var (i, line) in lines.Index())
        {
            svg.Label(Margin, first + i * height, line, style);
        }
    }

    private static double ColumnWidth(IEnumerable<string> texts, string head) => texts.Select(t => TextLayout.Width(t, FontSize))
        .Append(TextLayout.Width(head, FontSize * 1.05)).Max();

    private static double LabelWidth(ChartRow row) => row.Kind is ChartRowKind.Heading or ChartRowKind.Detail
        ? 0
        : Math.Max(TextLayout.Width(row.Label, row.Kind is ChartRowKind.Pooled or ChartRowKind.Level ? FontSize * 1.08 : FontSize),
            TextLayout.Width(row.Sublabel ?? "", SmallFontSize));

    private static void DrawLabel(SvgWriter svg, ChartRow row, double y, double width, double sublabelWidth)
    {
        if (row.Kind == ChartRowKind.Detail)
        {
            // Without its heading if that does not fit.
            var text = TextLayout.Width(row.Label, SmallFontSize) <= width ? row.Label : row.Label[(row.Label.IndexOf(':', StringComparison.Ordinal) + 1)..];
            svg.Label(Margin, y + 10, TextLayout.Truncate(text.TrimStart(), SmallFontSize, width), "small");
            return;
        }

        var isStrong = row.Kind is ChartRowKind.Heading or ChartRowKind.Level or ChartRowKind.Pooled;
        var label = row.Kind == ChartRowKind.Heading ? TextLayout.Truncate(row.Label, FontSize * 1.08, width)
            : TextLayout.TruncateMiddle(row.Label, isStrong ? FontSize * 1.08 : FontSize, width);
        svg.Label(Margin, row.Kind == ChartRowKind.Heading ? y + 20 : y + 15.5, label, isStrong ? "strong" : row.Kind == ChartRowKind.Note ? "faint" : "");
        if (row.Sublabel is { } below)
        {
            svg.Label(Margin, y + 29, TextLayout.Truncate(below, SmallFontSize, sublabelWidth), "small");
        }
    }

    /// <param name="svg">The picture.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="bands">Where the lines of zero and of the pooled effect are drawn: not through texts.</param>
    /// <param name="bottom">Where the axis is.</param>
    private void DrawAxis(SvgWriter svg, Axis axis, IReadOnlyList<(double Top, double Bottom)> bands, double bottom)
    {
        foreach (var (value, style) in new[] { (0, "zero"), (GuideLine, "guide") }.Where(line => axis.Contains(line.Item1)))
        {
            foreach (var band in bands)
            {
                svg.Line(axis.Position(value), band.Top, axis.Position(value), band.Bottom, style);
            }
        }

        svg.Line(axis.Left, bottom, axis.Right, bottom, "axis");
        foreach (var tick in axis.Ticks())
        {
            svg.Line(axis.Position(tick), bottom, axis.Position(tick), bottom + 5, "axis");
            svg.Label(axis.Position(tick), bottom + 19, axis.FormatTick(tick, IsCorrelation), "small", TextAnchor.Middle);
        }

        var title = bottom + 36;
        if (Directions is { } directions && axis.Contains(0))
        {
            svg.Label(axis.Left, title, directions.Left, "small");
            svg.Label(axis.Right, title, directions.Right, "small", TextAnchor.End);
            title += DirectionsHeight;
        }

        svg.Label((axis.Left + axis.Right) / 2, title, IsCorrelation ? "Correlation r" : "Effect", "small", TextAnchor.Middle);
    }

    private static void DrawMark(SvgWriter svg, Axis axis, ChartRow row, double middleOfRow)
    {
        var y = middleOfRow;
        if (row.Sequence is { } sequence)
        {
            y = middleOfRow + IntervalOffset;
            DrawClippedSequence(svg, axis, sequence.Lower, sequence.Upper, middleOfRow + SequenceOffset);
        }

        switch (row.Kind)
        {
            case ChartRowKind.Estimate:
                DrawWhisker(svg, axis, row, y);
                if (row.Point is { } point && axis.Contains(point))
                {
                    var side = Math.Max(MinSquare, MaxSquare * Math.Sqrt(row.Size));
                    svg.Rectangle(axis.Position(point) - side / 2, y - side / 2, side, side, row.IsHollow ? "hollow" : "mark");
                }

                break;
            case ChartRowKind.Reference when row is { Point: { } published, Lower: null }:
                svg.Circle(axis.Position(published), y, 4, "open");
                break;
            case ChartRowKind.Level or ChartRowKind.Pooled or ChartRowKind.Reference when row.Point is { } middle:
                var style = row.Kind switch { ChartRowKind.Level => "level", ChartRowKind.Pooled => "pooled", _ => "open" };
                svg.Diamond(EnsureMinWidth(axis.Position(row.Lower ?? middle), axis.Position(middle), -4), axis.Position(middle),
                    EnsureMinWidth(axis.Position(row.Upper ?? middle), axis.Position(middle), 4), y, row.Kind == ChartRowKind.Pooled ? 8 : 6.5, style);
                break;
            case ChartRowKind.Prediction or ChartRowKind.Range when row is { Lower: { } lower, Upper: { } upper }:
                var bar = row.Kind == ChartRowKind.Prediction ? "prediction" : "range";
                svg.Line(axis.Position(lower), y, axis.Position(upper), y, bar);
                foreach (var end in new[] { lower, upper }.Where(axis.Contains))
                {
                    svg.Line(axis.Position(end), y - 5, axis.Position(end), y + 5, bar);
                }

                break;
            default:
                break;
        }
    }

    private static void DrawClippedSequence(SvgWriter svg, Axis axis, double lower, double upper, double y)
    {
        var (left, right) = (axis.Position(lower), axis.Position(upper));
        svg.Line(left, y, right, y, "sequence");
        foreach (var (end, isInside, direction) in new[] { (left, axis.Contains(lower), 1), (right, axis.Contains(upper), -1) })
        {
            if (isInside)
            {
                svg.Line(end, y - 3, end, y + 3, "sequence");
            }
            else
            {
                svg.Polygon("sequence", (end - direction, y), (end + 7 * direction, y - 3), (end + 7 * direction, y + 3));
            }
        }
    }

    // Keeps a diamond visible however precise the estimate is.
    private static double EnsureMinWidth(double end, double middle, double width) => width < 0 ? Math.Min(end, middle + width) : Math.Max(end, middle + width);

    private static void DrawWhisker(SvgWriter svg, Axis axis, ChartRow row, double y)
    {
        if (row is not { Lower: { } lower, Upper: { } upper })
        {
            return;
        }

        var (left, right) = (axis.Position(lower), axis.Position(upper));
        svg.Line(left, y, right, y, "whisker");
        if (!axis.Contains(lower))
        {
            svg.Polygon("arrow", (left - 1, y), (left + 7, y - 4), (left + 7, y + 4));
        }

        if (!axis.Contains(upper))
        {
            svg.Polygon("arrow", (right + 1, y), (right - 7, y - 4), (right - 7, y + 4));
        }
    }

    private Axis CreateAxis(double left, double right)
    {
        if (IsCorrelation)
        {
            var values = Rows.SelectMany(r => r.Values).ToList();
            if (values.Count == 0)
            {
                return Axis.Covering([-1, 1], left, right, -1, 1);
            }

            var (smallest, largest) = (values.Min(), values.Max());
            var isFar = Math.Min(Math.Abs(smallest), Math.Abs(largest)) > MaxZeroDistanceRatio * (largest - smallest);
            return Axis.Covering(isFar ? values : [.. values, 0], left, right, -1, 1);
        }

        // On an unbounded scale, one imprecise study could squeeze all others into a point. Diamonds cannot end in an arrow and are shown whole.
        var whole = Rows.Where(r => r.Kind != ChartRowKind.Estimate).SelectMany(r => r.Values).Concat(Rows.Select(r => r.Point).OfType<double>())
            .Append(GuideLine).ToList();
        var widths = Rows.Where(r => r is { Kind: ChartRowKind.Estimate, Lower: not null, Upper: not null }).Select(r => r.Upper!.Value - r.Lower!.Value)
            .Order().ToList();
        var (min, max) = (whole.Min(), whole.Max());
        var room = Math.Max(max - min, widths.Count > 0 ? widths[widths.Count / 2] : 0) * MaxIntervalRatio;
        return Axis.Covering(Rows.SelectMany(r => r.Values).Select(v => Math.Clamp(v, min - room, max + room)), left, right);
    }

    private string EstimateText(ChartRow row) => Estimate(row) is { Length: > 0 } text && row.Mark.Length > 0 ? $"{text} {row.Mark}" : Estimate(row);

    private string Estimate(ChartRow row) => row.Kind switch
    {
        ChartRowKind.Heading or ChartRowKind.Note or ChartRowKind.Detail => "",
        ChartRowKind.Prediction => $"[{FormatNumber(row.Lower)}, {FormatNumber(row.Upper)}]",
        ChartRowKind.Range => $"{FormatNumber(row.Lower)} to {FormatNumber(row.Upper)}",
        _ => row.Lower is null ? FormatNumber(row.Point) : $"{FormatNumber(row.Point)} [{FormatNumber(row.Lower)}, {FormatNumber(row.Upper)}]",
    };

    private string FormatNumber(double? value) => IsCorrelation ? ApaFormat.Correlation(value) : ApaFormat.Number(value);
}
