using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Bodies;
using RealRelationshipApi.Http.Selection;
using RealRelationshipApi.Studies.Coding;

namespace RealRelationshipApi.Analyses.Caching;

/// <summary>Caches responses over the stored evidence by revision and canonical query, for all callers.</summary>
/// <remarks>
/// Runs after authorization, rate limiting and audit. Evidence revision, last change of the operator's documents and, for reports, of codings are part of
/// the key; the first request
/// after a change of either clears the cache.
/// When the cache is full, a response is cached only if its query came before, so that one-time queries do not evict repeated ones
/// (the doorkeeper of TinyLFU: Einziger, Friedman &amp; Manes 2017, ACM Transactions on Storage 13(4), 35). Only complete responses are cached,
/// even if the caller disconnected; the framework's output cache also stores truncated ones (github.com/dotnet/aspnetcore/issues/66877).
/// </remarks>
internal sealed class ResponseCache(EvidenceRevisionMonitor revisionMonitor, Database database, IOptions<ResponseCacheOptions> options) : IDisposable
{
    // One entry takes at most this fraction of the cache.
    private const int LargestEntryFraction = 8;

    // Slots for hashes of earlier queries.
    private const int DoorkeeperSlots = 1 << 14;

    private readonly MemoryCache _responses =
        new(new MemoryCacheOptions { SizeLimit = Math.Max(1, options.Value.MaxBytes), CompactionPercentage = 0.2, TrackStatistics = true });
    private readonly int _maxEntryBytes = (int)(options.Value.MaxBytes / LargestEntryFraction);
    private readonly int[] _doorkeeper = new int[DoorkeeperSlots];

    private long _state;
    private long _freeBytes = options.Value.MaxBytes;

    /// <summary>Hits, misses and estimated size.</summary>
    public MemoryCacheStatistics Statistics => _responses.GetCurrentStatistics()!;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (_maxEntryBytes == 0 || !HttpMethods.IsGet(context.Request.Method) || !context.IsAnalysis())
        {
            await next(context);
            return;
        }

        var request = context.Request;
        var key = new CacheKey(revisionMonitor.Current, revisionMonitor.Documents, await context.LastCodingAsync(database),
            PublicAddress.PrefixFor(request), request.Path,
            context.NegotiatedMediaTypeOf(), request.CanonicalQuery());
        var selected = context.Features.Get<SelectedMembers>();
        if (Find(key, selected) is { } cached)
        {
            await cached.SendAsync(context);
            return;
        }

        ClearAtNewState(key.Revision + key.Documents);
        await (ShouldCache(key) ? ExecuteAndCacheAsync(context, next, key, selected) : next(context));
    }

    // A response without long lists serves no selection: such a selection has a response of its own.
    private CachedResponse? Find(CacheKey key, SelectedMembers? selected) =>
        _responses.TryGetValue(key, out CachedResponse? cached) && !(selected is not null && cached!.DependsOnSelection) ? cached
            : selected is not null && _responses.TryGetValue(key with { Selection = selected.Canonical }, out CachedResponse? own) ? own : null;

    public void Dispose() => _responses.Dispose();

    // Neither number ever falls.
    private void ClearAtNewState(long state)
    {
        var before = Volatile.Read(ref _state);
        if (state > before && Interlocked.CompareExchange(ref _state, state, before) == before)
        {
            _responses.Clear();
            Volatile.Write(ref _freeBytes, options.Value.MaxBytes);
        }
    }

    private bool ShouldCache(CacheKey key)
    {
        if (Volatile.Read(ref _freeBytes) > 0)
        {
            return true;
        }

        var hash = key.GetHashCode();
        ref var last = ref _doorkeeper[(uint)hash % DoorkeeperSlots];
        var cameBefore = last == hash;
        last = hash;
        return cameBefore;
    }

    private async Task ExecuteAndCacheAsync(HttpContext context, RequestDelegate next, CacheKey key, SelectedMembers? selected)
    {
        var response = context.Response;
        KeyValuePair<string, StringValues>[] before = [.. response.Headers];
        var body = response.Body;
        await using var bufferedBody = new BufferedResponseBody(body, _maxEntryBytes);
        response.Body = bufferedBody;
        try
        {
            await next(context);
            await response.BodyWriter.FlushAsync();
        }
        finally
        {
            response.Body = body;
        }

        if (bufferedBody.ToArray() is not { } whole)
        {
            return;
        }

        var isAnswer = response.StatusCode == StatusCodes.Status200OK && response.Headers.ETag.Count > 0;
        if (isAnswer && !context.RequestAborted.IsCancellationRequested && revisionMonitor.Current == key.Revision
            && revisionMonitor.Documents == key.Documents)
        {
            var entry = new CachedResponse(response.Headers.ETag.ToString(), [.. response.Headers.Except(before)], whole,
                context.Items.ContainsKey(RowTables.HasLongLists));
            _responses.Set(selected is not null && entry.DependsOnSelection ? key with { Selection = selected.Canonical } : key, entry,
                new MemoryCacheEntryOptions { Size = entry.Size });
            Interlocked.Add(ref _freeBytes, -entry.Size);
        }

        if (whole.Length > 0)
        {
            response.ContentLength = whole.Length;
            await body.WriteAsync(whole, context.RequestAborted);
        }
    }

    /// <summary>Metadata of operations whose responses depend only on evidence and query.</summary>
    internal sealed record ResponseCachingMetadata;

    /// <summary>Key of a cached response. It includes the address of the service, because some responses contain links.</summary>
    private sealed record CacheKey(long Revision, long Documents, long LastCoding, string Prefix, PathString Path, string Representation, string Query)
    {
        /// <summary>What <c>select</c> names, for responses that depend on it.</summary>
        public string Selection { get; init; } = "";
    }
}

internal static class ResponseCacheExtensions
{
    /// <summary>Enables caching for an operation whose responses depend only on evidence and query.</summary>
    public static TBuilder WithResponseCaching<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ResponseCache.ResponseCachingMetadata());

    /// <summary>Whether the operation has <see cref="WithResponseCaching"/>.</summary>
    public static bool IsAnalysis(this HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ResponseCache.ResponseCachingMetadata>() is not null;

    public static IApplicationBuilder UseResponseCache(this IApplicationBuilder app) =>
        app.Use((context, next) => context.RequestServices.GetRequiredService<ResponseCache>().InvokeAsync(context, next));
}
