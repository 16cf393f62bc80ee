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
    /// <param name="filter">The filter in words; null for all of the evidence.</param>
    public static string Render(PoolResponse? pool, string? filter)
    {
        var value = (pool is null ? "no estimate" : Value(pool)) + (filter is null ? "" : " · selection")
            + (pool?.Warnings.Any(warning => warning.Code == "synthetic") == true ? " · synthetic" : "");
        var description = (pool is null ? "There is no estimate." : $"{PlotText.Capitalize(PlotText.Estimate(pool))}; "
            + $"{Phrasing.DescribeCounts(pool.Counts)}. {Phrasing.Describe(pool.Data)}") + (filter is null ? "" : $" Only {filter}.");
        var (left, right) = (Width(Label), Width(value));
        var svg = new SvgWriter($"{Label}: {value}", description, left + right, Height, Style);
        svg.Rectangle(0, 0, left, Height, "label");
        svg.Rectangle(left, 0, right, Height, "value");
        svg.Label(left / 2, Baseline, Label, "on", TextAnchor.Middle);
        svg.Label(left + (right / 2), Baseline, value, "on", TextAnchor.Middle);
        return svg.Finish();
    }

    private static string Value(PoolResponse pool) => pool.Correlation is { } r
        ? $"r = {Phrasing.DescribeEstimate(pool.Pooled, r)}{Level(pool)} [{ApaFormat.Correlation(r.Lower)}, {ApaFormat.Correlation(r.Upper)}]"
        : $"{Phrasing.DescribeEstimate(pool.Pooled, null)}{Level(pool)} [{ApaFormat.Number(pool.Pooled.Lower)}, {ApaFormat.Number(pool.Pooled.Upper)}]";

    private static string Level(PoolResponse pool) => pool.Model.Confidence is 0.95 ? "" : $", {ApaFormat.Confidence(pool.Model.Confidence)} CI";

    private static double Width(string text) => Math.Ceiling(TextLayout.Width(text, FontSize) + (2 * Padding));
}
