using Microsoft.Extensions.Caching.Memory;

namespace RealRelationshipApi.Analyses.News;

/// <summary>Caches the news of a question by revision. News of a revision stay the same, so that a new revision costs one step.</summary>
internal sealed class NewsCache : IDisposable
{
    private const int MaxSteps = 2_000;

    private readonly MemoryCache _steps = new(new MemoryCacheOptions { SizeLimit = MaxSteps });

    /// <summary>News of a revision; null if it is not cached.</summary>
    /// <param name="question">Filter and model in canonical form.</param>
    /// <param name="withdrawn">Revision of the last withdrawal, which changes earlier news.</param>
    /// <param name="revision">The revision.</param>
    public CachedNews? Find(string question, long withdrawn, long revision) => _steps.Get<CachedNews>((question, withdrawn, revision));

    public void Add(string question, long withdrawn, long revision, CachedNews news) =>
        _steps.Set((question, withdrawn, revision), news, new MemoryCacheEntryOptions { Size = 1 });

    public void Dispose() => _steps.Dispose();
}

/// <summary>News of a revision.</summary>
/// <param name="Item">Null if the revision changed nothing of the question.</param>
/// <param name="IsSwitch">Whether it switches between synthetic and real evidence.</param>
internal sealed record CachedNews(NewsItem? Item, bool IsSwitch);
