using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Analyses.Caching;

/// <summary>An answer over the stored evidence is computed for a revision and a question, and given to all who ask the same.</summary>
/// <remarks>
/// Whoever asks has been let in, counted and audited before. The revision is part of what an answer is kept under, and the first question at a newer
/// one gives back what older ones had. Once the room is used up an answer is kept only when its question has come before: those that come once would push
/// out those that come again (the doorkeeper of TinyLFU: Einziger, Friedman &amp; Manes 2017, ACM Transactions on Storage 13(4), 35). An answer is kept
/// only when it was computed whole, whatever became of who asked. The framework's own output cache keeps those that were cut off as well
/// (github.com/dotnet/aspnetcore/issues/66877).
/// </remarks>
internal sealed class ResponseCache(EvidenceRevisionMonitor revisionMonitor, IOptions<ResponseCacheOptions> options) : IDisposable
{
    // The largest answer that is kept is a part of the room for all.
    private const int LargestEntryFraction = 8;

    // How many questions are remembered to have come before.
    private const int DoorkeeperSlots = 1 << 14;

    private readonly MemoryCache _responses =
        new(new MemoryCacheOptions { SizeLimit = Math.Max(1, options.Value.MaxBytes), CompactionPercentage = 0.2, TrackStatistics = true });
    private readonly int _maxEntryBytes = (int)(options.Value.MaxBytes / LargestEntryFraction);
    private readonly int[] _doorkeeper = new int[DoorkeeperSlots];

    private long _revision;
    private long _freeBytes = options.Value.MaxBytes;

    /// <summary>How often an answer was there, and how much memory those that are there take.</summary>
    public MemoryCacheStatistics Statistics => _responses.GetCurrentStatistics()!;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (_maxEntryBytes == 0 || !HttpMethods.IsGet(context.Request.Method) || !context.IsAnalysis())
        {
            await next(context);
            return;
        }

        var request = context.Request;
        var key = new CacheKey(revisionMonitor.Current, request.Scheme, request.Host, request.PathBase, request.Path, context.NegotiatedMediaTypeOf(),
            request.CanonicalQuery());
        if (_responses.TryGetValue(key, out CachedResponse? cached))
        {
            await cached!.SendAsync(context);
            return;
        }

        ClearAtNewRevision(key.Revision);
        await (ShouldCache(key) ? ExecuteAndCacheAsync(context, next, key) : next(context));
    }

    public void Dispose() => _responses.Dispose();

    private void ClearAtNewRevision(long revision)
    {
        var before = Volatile.Read(ref _revision);
        if (revision > before && Interlocked.CompareExchange(ref _revision, revision, before) == before)
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

    private async Task ExecuteAndCacheAsync(HttpContext context, RequestDelegate next, CacheKey key)
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

        if (bufferedBody.Content is not { } whole)
        {
            return;
        }

        var isAnswer = response.StatusCode == StatusCodes.Status200OK && response.Headers.ETag.Count > 0;
        if (isAnswer && !context.RequestAborted.IsCancellationRequested && revisionMonitor.Current == key.Revision)
        {
            var entry = new CachedResponse(response.Headers.ETag.ToString(), [.. response.Headers.Except(before)], whole.ToArray());
            _responses.Set(key, entry, new MemoryCacheEntryOptions { Size = entry.Size });
            Interlocked.Add(ref _freeBytes, -entry.Size);
        }

        if (whole.Length > 0)
        {
            response.ContentLength = whole.Length;
            await body.WriteAsync(whole, context.RequestAborted);
        }
    }

    /// <summary>On an operation whose answers depend on nothing but the evidence and the question.</summary>
    internal sealed record ResponseCachingMetadata;

    /// <summary>What an answer is kept under. Some name the service's address, as the caller reached it.</summary>
    private sealed record CacheKey(long Revision, string Scheme, HostString Host, PathString Base, PathString Path, string Representation, string Query);
}

internal static class ResponseCacheExtensions
{
    /// <summary>The answers of this operation depend on nothing but the evidence and the question, and are kept for whoever asks the same.</summary>
    public static TBuilder WithResponseCaching<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ResponseCache.ResponseCachingMetadata());

    /// <summary>Whether the operation answers from the evidence and the question, and from nothing else.</summary>
    public static bool IsAnalysis(this HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ResponseCache.ResponseCachingMetadata>() is not null;

    public static IApplicationBuilder UseResponseCache(this IApplicationBuilder app) =>
        app.Use((context, next) => context.RequestServices.GetRequiredService<ResponseCache>().InvokeAsync(context, next));
}
