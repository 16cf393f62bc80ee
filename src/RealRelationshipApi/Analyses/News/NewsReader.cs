using System.Text.Json;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Analyses.News;

/// <summary>Reads and computes the news of a question.</summary>
internal static class NewsReader
{
    private static readonly ModelRequest s_defaultModel = new();

    /// <summary>A page of news.</summary>
    /// <param name="request">The question, and the page.</param>
    /// <param name="evidence">The evidence at its last revision.</param>
    /// <param name="analyses">Reads the steps.</param>
    /// <param name="run">The computation, which admits what is not cached.</param>
    /// <param name="verdicts">Verdicts of <see cref="Conclusions.Moderators"/> on the evidence, if they are known.</param>
    public static async Task<(NewsPage? Page, Problem? Problem)> ReadAsync(NewsRequest request, EvidenceSnapshot evidence, AnalysisService analyses,
        AnalysisRun run, IReadOnlyDictionary<string, string>? verdicts = null)
    {
        var filter = request.ResolvedFilter with { AsOf = null, MinRevision = null };
        var effects = EvidenceSelection.Apply(filter, evidence);
        if (effects.Count > 0 && ResolvedModel.Resolve(request.Model, effects, ErrorLocation.InQuery).Problem is { } contradictory)
        {
            return (null, contradictory);
        }

        var (cache, withdrawn) = (analyses.News, await analyses.WithdrawnAsync(run.Token));
        var question = JsonSerializer.Serialize(new Question(filter, request.Model ?? s_defaultModel), StrictJson.Options);
        var first = RevisionCursor.FirstOf(request.Cursor, evidence.Revision);
        long[] revisions = [.. Enumerable.Range(0, (int)Math.Min(request.Limit, first)).Select(i => first - i)];
        var known = revisions.ToDictionary(revision => revision, revision => cache.Find(question, withdrawn, revision));
        long[] unknown = [.. revisions.Where(revision => known[revision] is null)];
        if (unknown.Length > 0)
        {
            var (from, to) = (unknown[^1] - 1, unknown[0]);
            if (await AdmitAsync(effects, request.Model, (int)(to - from), evidence.Count, run) is { } rejection)
            {
                return (null, rejection);
            }

            foreach (var (revision, news) in await ComputeAsync(
                new(filter, request.Model) { KnownVerdicts = verdicts is null ? null : (evidence.Revision, verdicts) }, from, to, analyses, run))
            {
                known[revision] = news;
                cache.Add(question, withdrawn, revision, news);
            }
        }

        var shown = revisions.Select(revision => known[revision]!).ToList();
        var begin = shown.FindIndex(news => news.IsSwitch);
        var items = (begin < 0 ? shown : shown.Take(begin + 1)).Select(news => news.Item).OfType<NewsItem>();
        long? last = begin >= 0 || revisions is not [.., > 1 and var lowest] ? null : lowest;
        return (new([.. items], last, await analyses.QueryAsync(connection => StudyQueries.RecordedAt(connection, 1), run.Token)), null);
    }

    /// <summary>Whether news of that many revisions are admitted, or cached.</summary>
    public static bool Fits(EffectSet effects, ModelRequest? model, int revisions, AnalysisRun run) =>
        SizeOf(effects, model) is { } size && run.Fits(AnalysisCost.News(size, revisions, effects.Given));

    private static async Task<Problem?> AdmitAsync(EffectSet effects, ModelRequest? model, int revisions, long given, AnalysisRun run) =>
        SizeOf(effects, model) is { } size
            ? await run.AdmitAsync(AnalysisCost.News(size, revisions, given), "A smaller limit or dependence=aggregate costs less.") : null;

    // Moderators that no effect has are not tested.
    private static AnalysisSize? SizeOf(EffectSet effects, ModelRequest? model) => effects.Count == 0 ? null
        : AnalysisSize.Of(effects, model, [.. Conclusions.Moderators.Where(name => effects.ModeratorValues(name)?.Any(value => value is not null) == true)]);

    private static async Task<IReadOnlyList<(long Revision, CachedNews News)>> ComputeAsync(NewsAnalysis analysis, long from, long to,
        AnalysisService analyses, AnalysisRun run)
    {
        var steps = await analyses.StepsAsync(from, to, run.Token);
        using var scope = new CancellationScope(run.Token);
        List<(EvidenceStep Step, NewsItem? Item)> news = [];
        foreach (var step in steps)
        {
            run.Token.ThrowIfCancellationRequested();
            news.Add((step, analysis.Next(step)));
        }

        var marked = await analysis.MarkPrecedentsAsync(news, studies => analyses.HistoryAsync(studies, run.Token));
        return [.. marked.Select(one => (one.Step.After.Revision, new CachedNews(one.Item, analysis.IsSwitch(one.Step))))];
    }

    private sealed record Question(FilterRequest Filter, ModelRequest Model);
}
