using FluentValidation;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>Order of the effects of a forest plot.</summary>
internal enum ForestSortOrder
{
    /// <summary>By study key, or in the given order for effects in the body.</summary>
    Key,

    /// <summary>Most precise first.</summary>
    Size,

    /// <summary>Oldest first.</summary>
    Year,
}

/// <summary>A plot with one row per effect, paged if there are many.</summary>
internal abstract record PagedPlotRequest : AnalysisRequest
{
    public const int DefaultRows = 50;

    private const int MaxRows = 500;

    /// <summary>Number of effects per page, 0 to 500; 0 shows pooled effects only. Default 50.</summary>
    public long? Rows { get; init; }

    /// <summary>Page number; default 1.</summary>
    public long? Page { get; init; }

    /// <summary>Width of the picture in pixels, 320 to 1600; below 640 each row has its numbers above its mark, for phones. Default 960.</summary>
    public long? Width { get; init; }

    private protected static RequestOption<T> WidthOption<T>() where T : PagedPlotRequest =>
        RequestOption<T>.Integer("width", "Width of the picture in pixels; below 640 each row has its numbers above its mark, for phones.",
            (r, v) => (T)((PagedPlotRequest)r with { Width = v }), "960") with
        { Rule = rules => rules.RuleFor(q => q.Width).InclusiveBetween(RowChart.MinWidth, RowChart.MaxWidth) };

    private protected static IReadOnlyList<RequestOption<T>> PageOptions<T>() where T : PagedPlotRequest =>
    [
        RequestOption<T>.Integer("rows", "Number of effects per page, 0 to 500; 0 shows pooled effects only.",
            (r, v) => (T)((PagedPlotRequest)r with { Rows = v }), "50") with
        { Rule = rules => rules.RuleFor(q => q.Rows).InclusiveBetween(0, MaxRows) },
        RequestOption<T>.Integer("page", "Page number.", (r, v) => (T)((PagedPlotRequest)r with { Page = v }), "1") with
        { Rule = rules => rules.RuleFor(q => q.Page).InclusiveBetween(1, MaxEffects) },
    ];
}

internal sealed record ForestRequest : PagedPlotRequest
{
    internal static IReadOnlyList<RequestOption<ForestRequest>> Options { get; } =
    [
        RequestOption<ForestRequest>.Text("by", "Categorical moderator whose levels become subgroups: a filter field or `moderators.NAME`.",
            (r, v) => r with { By = v }) with
        { Rule = rules => rules.RuleFor(q => q.By).NotEmptyIfGiven() },
        RequestOption<ForestRequest>.Choice("sort", "Order of the effects: by study key, most precise first, or oldest first.",
            (r, v) => r with { Sort = v }, ForestSortOrder.Key),
        RequestOption<ForestRequest>.Boolean("references", "Whether to show published pooled results as open diamonds.",
            (r, v) => r with { References = v }, "true"),
        RequestOption<ForestRequest>.Boolean("registered", "Whether to list eligible studies without a usable coefficient.",
            (r, v) => r with { Registered = v }, "true"),
        .. PageOptions<ForestRequest>(),
        WidthOption<ForestRequest>(),
    ];

    /// <summary>Categorical moderator whose levels become subgroups.</summary>
    public string? By { get; init; }

    /// <summary>Order of the effects; default key.</summary>
    public ForestSortOrder? Sort { get; init; }

    /// <summary>Whether to show published pooled results as open diamonds; default true. Not shown for effects in the body.</summary>
    public bool? References { get; init; }

    /// <summary>Whether to list eligible studies without a usable coefficient; default true. Not listed for effects in the body.</summary>
    public bool? Registered { get; init; }
}

internal sealed record FunnelRequest : AnalysisRequest
{
    internal static IReadOnlyList<RequestOption<FunnelRequest>> Options { get; } =
    [
        RequestOption<FunnelRequest>.Choice("trimAndFill", "Estimator of the number of missing effects.",
            (r, v) => r with { TrimAndFill = v }, TrimAndFillChoice.L0),
        RequestOption<FunnelRequest>.Choice("side", "Side of the funnel on which effects may be missing.",
            (r, v) => r with { Side = v }, FunnelSideChoice.Auto),
    ];

    /// <summary>Estimator of the number of missing effects; default L0.</summary>
    public TrimAndFillChoice? TrimAndFill { get; init; }

    /// <summary>Side of the funnel on which effects may be missing; default auto.</summary>
    public FunnelSideChoice? Side { get; init; }
}

internal sealed record RiskOfBiasPlotRequest : PagedPlotRequest
{
    internal static IReadOnlyList<RequestOption<RiskOfBiasPlotRequest>> Options { get; } = PageOptions<RiskOfBiasPlotRequest>();
}

internal sealed record CumulativeRequest : PagedPlotRequest
{
    internal static IReadOnlyList<RequestOption<CumulativeRequest>> Options { get; } = [.. PageOptions<CumulativeRequest>(), WidthOption<CumulativeRequest>()];
}
