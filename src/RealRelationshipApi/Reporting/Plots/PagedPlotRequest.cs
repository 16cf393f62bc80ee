using FluentValidation;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>In which order the effects of a forest plot stand.</summary>
internal enum ForestSortOrder
{
    /// <summary>As <c>/meta/pool</c> lists them: by study key, and in the given order for effects of the body.</summary>
    Key,

    /// <summary>The most precise first.</summary>
    Size,

    /// <summary>The oldest first.</summary>
    Year,
}

/// <summary>A picture with a row for each effect, of which a long list is shown in pages.</summary>
internal abstract record PagedPlotRequest : AnalysisRequest
{
    public const int DefaultRows = 50;

    private const int MaxRows = 500;

    /// <summary>Effects on a page, 0 to 500; with 0 only what is pooled is shown. 50 when absent.</summary>
    public long? Rows { get; init; }

    /// <summary>Which page; 1 when absent.</summary>
    public long? Page { get; init; }

    private protected static IReadOnlyList<RequestOption<T>> PageOptions<T>() where T : PagedPlotRequest =>
    [
        RequestOption<T>.Integer("rows", "Effects on a page, 0 to 500; with 0 only what is pooled is shown.",
            (r, v) => (T)((PagedPlotRequest)r with { Rows = v }), "50") with
        { Rule = rules => rules.RuleFor(q => q.Rows).InclusiveBetween(0, MaxRows) },
        RequestOption<T>.Integer("page", "Which page of a long list.", (r, v) => (T)((PagedPlotRequest)r with { Page = v }), "1") with
        { Rule = rules => rules.RuleFor(q => q.Page).InclusiveBetween(1, MaxEffects) },
    ];
}

internal sealed record ForestRequest : PagedPlotRequest
{
    internal static IReadOnlyList<RequestOption<ForestRequest>> Options { get; } =
    [
        RequestOption<ForestRequest>.Text("by", "A categorical moderator, whose levels become subgroups: a filter field, or `moderators.NAME`.",
            (r, v) => r with { By = v }) with
        { Rule = rules => rules.RuleFor(q => q.By).NotEmptyIfGiven() },
        RequestOption<ForestRequest>.Choice("sort", "Order of the effects: by study key, the most precise first, or the oldest first.",
            (r, v) => r with { Sort = v }, ForestSortOrder.Key),
        RequestOption<ForestRequest>.Boolean("references", "Whether published pooled results stand beside ours, as open diamonds.",
            (r, v) => r with { References = v }, "true"),
        .. PageOptions<ForestRequest>(),
    ];

    /// <summary>A categorical moderator, whose levels become subgroups: named as moderators are.</summary>
    public string? By { get; init; }

    /// <summary>key when absent.</summary>
    public ForestSortOrder? Sort { get; init; }

    /// <summary>Whether published pooled results stand beside ours, as open diamonds; true when absent. Effects of the body are shown without.</summary>
    public bool? References { get; init; }
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

    /// <summary>Estimator of the number of missing effects; L0 when absent.</summary>
    public TrimAndFillChoice? TrimAndFill { get; init; }

    /// <summary>Side of the funnel on which effects may be missing; auto when absent.</summary>
    public FunnelSideChoice? Side { get; init; }
}

internal sealed record CumulativeRequest : PagedPlotRequest
{
    internal static IReadOnlyList<RequestOption<CumulativeRequest>> Options { get; } = PageOptions<CumulativeRequest>();
}
