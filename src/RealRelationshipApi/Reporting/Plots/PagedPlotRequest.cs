using FluentValidation;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>In which order the effects of a forest plot stand.</summary>
public enum ForestSortOrder
{
    /// <summary>As <c>/meta/pool</c> lists them: by study key, and in the given order for effects of the body.</summary>
    Key,

    /// <summary>The most precise first.</summary>
    Size,

    /// <summary>The oldest first.</summary>
    Year,
}

/// <summary>A picture with a row for each effect, of which a long list is shown in pages.</summary>
public abstract record PagedPlotRequest : AnalysisRequest
{
    public const int DefaultRows = 50;

    /// <summary>Effects on a page, 0 to 500; with 0 only what is pooled is shown. 50 when absent.</summary>
    public long? Rows { get; init; }

    /// <summary>Which page; 1 when absent.</summary>
    public long? Page { get; init; }
}

public sealed record ForestRequest : PagedPlotRequest
{
    /// <summary>A categorical moderator, whose levels become subgroups: named as moderators are.</summary>
    public string? By { get; init; }

    /// <summary>key when absent.</summary>
    public ForestSortOrder? Sort { get; init; }

    /// <summary>Whether published pooled results stand beside ours, as open diamonds; true when absent. Effects of the body are shown without.</summary>
    public bool? References { get; init; }
}

public sealed record FunnelRequest : AnalysisRequest
{
    /// <summary>Estimator of the number of missing effects; L0 when absent.</summary>
    public TrimAndFillChoice? TrimAndFill { get; init; }

    /// <summary>Side of the funnel on which effects may be missing; auto when absent.</summary>
    public FunnelSideChoice? Side { get; init; }
}

public sealed record CumulativeRequest : PagedPlotRequest;

public abstract class PagedPlotValidator<T> : AnalysisRequestValidator<T> where T : PagedPlotRequest
{
    private const int MaxRows = 500;

    protected PagedPlotValidator(IValidator<InlineEffect> effects, IValidator<FilterRequest> filters, IValidator<ModelRequest> models)
        : base(effects, filters, models)
    {
        RuleFor(q => q.Rows).InclusiveBetween(0, MaxRows);
        RuleFor(q => q.Page).InclusiveBetween(1, MaxEffects);
    }
}

public sealed class ForestValidator : PagedPlotValidator<ForestRequest>
{
    public ForestValidator(IValidator<InlineEffect> effects, IValidator<FilterRequest> filters, IValidator<ModelRequest> models)
        : base(effects, filters, models) =>
        RuleFor(q => q.By).NotEmptyIfGiven();
}

public sealed class FunnelValidator(IValidator<InlineEffect> effects, IValidator<FilterRequest> filters, IValidator<ModelRequest> models)
    : AnalysisRequestValidator<FunnelRequest>(effects, filters, models);

public sealed class CumulativeValidator(IValidator<InlineEffect> effects, IValidator<FilterRequest> filters, IValidator<ModelRequest> models)
    : PagedPlotValidator<CumulativeRequest>(effects, filters, models);

/// <summary>The query names of what pictures can be asked beside the question itself.</summary>
internal static class PlotQueryParameters
{
    private static readonly QueryParameter s_rows = new("rows", QueryParameterType.Integer,
        "Effects on a page, 0 to 500; with 0 only what is pooled is shown.")
    { Default = "50", RequestType = typeof(CumulativeRequest) };

    private static readonly QueryParameter s_page = new("page", QueryParameterType.Integer, "Which page of a long list.")
    {
        Default = "1",
        RequestType = typeof(CumulativeRequest)
    };

    public static IReadOnlyList<QueryParameter> Forest { get; } = QueryParameter.ForRequest<ForestRequest>(
    [
        new("by", QueryParameterType.Text, "A categorical moderator, whose levels become subgroups: a filter field, or `moderators.NAME`."),
        QueryParameter.Choice<ForestSortOrder>("sort", "Order of the effects: by study key, the most precise first, or the oldest first.", ForestSortOrder.Key),
        new("references", QueryParameterType.Boolean, "Whether published pooled results stand beside ours, as open diamonds.") { Default = "true" },
        s_rows,
        s_page,
    ]);

    public static IReadOnlyList<QueryParameter> Funnel { get; } = [.. AnalysisQueryParameters.Bias.Where(p => p.Name is "trimAndFill" or "side")];

    public static IReadOnlyList<QueryParameter> Cumulative { get; } = [s_rows, s_page];
}
