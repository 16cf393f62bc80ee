using RealRelationshipApi.Http;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.News.NewsRequest>;

namespace RealRelationshipApi.Analyses.News;

/// <summary>What each evidence revision changed for a question.</summary>
internal sealed record NewsRequest : AnalysisRequest
{
    /// <summary>Most revisions of a page: each costs the fits of a pool and of three moderators.</summary>
    public const int MaxRevisions = 100;

    public const int DefaultRevisions = 20;

    private static readonly QueryParameter s_limit = new("limit", QueryParameterType.Integer,
        $"Number of evidence revisions that a page covers, 1 to {MaxRevisions}. Those that changed nothing of the question have no item.")
    { Default = $"{DefaultRevisions}", Minimum = 1, Maximum = MaxRevisions };

    internal static IReadOnlyList<Option> Options { get; } =
    [
        new(s_limit, (r, query) => r with { Limit = query.Integer(s_limit) ?? DefaultRevisions }),
        new(PageRequest.CursorParameter, (r, query) => r with { Cursor = RevisionCursor.Read(query) }),
    ];

    /// <summary>Number of evidence revisions that the page covers.</summary>
    public long Limit { get; init; } = DefaultRevisions;

    /// <summary>Last revision of the previous page; null on the first page.</summary>
    public long? Cursor { get; init; }
}
