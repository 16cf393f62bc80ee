namespace RealRelationshipApi.Reporting.Plots;

internal sealed partial class RowChart
{
    private const double DirectionsHeight = 16;
    private const double MarkHeight = 20;
    private const string Separator = " · ";

    /// <summary>Places of texts and marks.</summary>
    /// <param name="Labels">Width of the labels.</param>
    /// <param name="DetailsEnd">Where lines of small text end.</param>
    /// <param name="AmountsEnd">Right end of the second column; null if there is none.</param>
    /// <param name="EstimatesEnd">Right end of the estimates.</param>
    /// <param name="SharesEnd">Right end of the last column; null if there is none.</param>
    /// <param name="Axis">The axis.</param>
    private sealed record Columns(double Labels, double DetailsEnd, double? AmountsEnd, double EstimatesEnd, double? SharesEnd, Axis Axis);

    private Columns WideColumns(IReadOnlyList<string> estimates)
    {
        var labels = Math.Min(MaxLabelWidth, Rows.Max(r => Math.Max(LabelWidth(r), TextLayout.Width(Headers.Label, FontSize) * 1.1)));
        var amounts = ColumnWidth(Rows.Select(r => r.CountText), Headers.Amount);
        var shares = ColumnWidth(Rows.Select(r => r.WeightText), Headers.Share);
        var (amountsEnd, sharesEnd) = (Margin + labels + (amounts > 0 ? Gap + amounts : 0), Width - Margin);
        var estimatesEnd = sharesEnd - (shares > 0 ? shares + Gap : 0);
        return new(labels, amountsEnd + Gap, amountsEnd, estimatesEnd, sharesEnd,
            CreateAxis(amountsEnd + Gap * 1.5, estimatesEnd - ColumnWidth(estimates, Headers.Estimate) - Gap * 1.5));
    }

    // Labels and estimates in one line, marks below them over the whole width.
    private Columns NarrowColumns(IReadOnlyList<string> estimates)
    {
        var end = Width - Margin;
        return new(end - Margin - Gap - ColumnWidth(estimates, Headers.Estimate), end, null, end, null, CreateAxis(Margin + Gap, end - Gap));
    }

    // Where the marks of a narrow plot are, below the texts of their rows.
    private static IEnumerable<(double Top, double Bottom)> MarkBands(ChartRow[] rows, double[] heights, double top)
    {
        foreach (var (row, height) in rows.Zip(heights))
        {
            if (row.HasMark)
            {
                yield return (top + row.Height, top + height);
            }

            top += height;
        }
    }

    private string AmountText(ChartRow row) => row.CountText.Length == 0 ? "" : Headers.Amount.Length == 1 ? $"{Headers.Amount} = {row.CountText}"
        : $"{Headers.Amount.ToLowerInvariant()}: {row.CountText}";

    private ChartRow WithNumbersBelow(ChartRow row)
    {
        if (row.Kind == ChartRowKind.Note)
        {
            return row;
        }

        string[] parts =
        [
            .. row.Sublabel is { } own ? [own] : Array.Empty<string>(),
            .. AmountText(row) is { Length: > 0 } amount ? [amount] : Array.Empty<string>(),
            .. row.WeightText.Length == 0 ? [] : new[] { $"{Headers.Share.ToLowerInvariant()} {row.WeightText}" },
        ];
        return parts.Length == 0 ? row : row with { Sublabel = string.Join(Separator, parts) };
    }

    // A label that is too wide continues in a second line, so that the year stays.
    private static ChartRow Fit(ChartRow row, double width)
    {
        var at = row.Label.IndexOf(Separator, StringComparison.Ordinal);
        return at < 0 || row.Kind != ChartRowKind.Estimate || LabelWidth(row with { Sublabel = null }) <= width ? row : row with
        {
            Label = row.Label[..at],
            Sublabel = row.Label[(at + Separator.Length)..] + (row.Sublabel is { } below ? $"{Separator}{below}" : ""),
        };
    }
}
