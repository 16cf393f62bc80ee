using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.News;

namespace RealRelationshipApi.Reporting.News;

/// <summary>A page of the news of a question.</summary>
/// <param name="News">One item for each evidence revision that changed something of the question, the newest first.</param>
/// <param name="Next">Cursor of the next page; null on the last one, which ends at the first revision, or where synthetic evidence gave way to real
/// evidence.</param>
internal sealed record NewsResponse(IReadOnlyList<NewsItemResponse> News, string? Next);

/// <summary>What an evidence revision changed for the question. It stays the same for ever, with one version of the software and withdrawn associations
/// aside.</summary>
/// <param name="Revision">The evidence revision.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="Sentence">What came and what it did, in a sentence with numbers in APA style.</param>
/// <param name="Before">The pool at the revision before, as <c>/meta/pool</c> with <c>asOf</c> returns it; null if nothing was selected then, and where
/// synthetic evidence gave way to real evidence.</param>
/// <param name="After">The pool at this revision.</param>
/// <param name="ConclusionChanged">Conclusions that differ from those of the revision before.</param>
internal sealed record NewsItemResponse(long Revision, DateTimeOffset RecordedAt, string Sentence, PoolAtRevisionResponse? Before,
    PoolAtRevisionResponse After, IReadOnlyList<ConclusionChange> ConclusionChanged)
{
    public static NewsItemResponse Of(NewsItem item) => new(item.Revision, item.RecordedAt, NewsSentence.Of(item), item.Before?.Response, item.After.Response,
        item.ConclusionChanged);
}
