using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting.Embedding;

/// <summary>The estimate as a small picture, for README files and portals.</summary>
internal static class Badge
{
    private const string Label = "real relationship × outcome";
    private const double FontSize = 12;
    private const double Padding = 8;
    private const double Height = 24;
    private const double Baseline = 16;

    private const string Style = """
        .label{fill:#3d444d}.value{fill:#0b5a8a}.on{fill:#fff;font-size:12px}
        """;

    /// <summary>Content security policy of the picture opened on its own.</summary>
    public static string ContentSecurityPolicy { get; } = SvgWriter.PolicyWith(Style);

    /// <param name="pool">The pooled effect; null if there is none.</param>
    public static string Render(PoolResponse? pool)
    {
        var value = pool is null ? "no estimate" : Value(pool) + (pool.Warnings.Any(warning => warning.Code == "synthetic") ? " · synthetic" : "");
        var description = pool is null ? "There is no estimate." : $"{PlotText.Capitalize(PlotText.Estimate(pool))}; {Phrasing.DescribeCounts(pool.Counts)}. "
            + Phrasing.Describe(pool.Data);
        var (left, right) = (Width(Label), Width(value));
        var svg = new SvgWriter($"{Label}: {value}", description, left + right, Height, Style);
        svg.Rectangle(0, 0, left, Height, "label");
        svg.Rectangle(left, 0, right, Height, "value");
        svg.Label(left / 2, Baseline, Label, "on", TextAnchor.Middle);
        svg.Label(left + (right / 2), Baseline, value, "on", TextAnchor.Middle);
        return svg.Finish();
    }

    private static string Value(PoolResponse pool) => pool.Correlation is { } r
        ? $"r = {Phrasing.DescribeEstimate(pool.Pooled, r)} [{ApaFormat.Correlation(r.Lower)}, {ApaFormat.Correlation(r.Upper)}]"
        : $"{Phrasing.DescribeEstimate(pool.Pooled, null)} [{ApaFormat.Number(pool.Pooled.Lower)}, {ApaFormat.Number(pool.Pooled.Upper)}]";

    private static double Width(string text) => Math.Ceiling(TextLayout.Width(text, FontSize) + (2 * Padding));
}
