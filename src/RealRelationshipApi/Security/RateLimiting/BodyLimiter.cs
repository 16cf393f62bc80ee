using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Spreadsheets;
using RealRelationshipApi.Http.Telemetry;

namespace RealRelationshipApi.Security.RateLimiting;

/// <summary>Limits the large bodies in memory: one of the largest size per client, and two in all. Further ones wait unread, then get 503.</summary>
/// <remarks>Objects take several times the memory of their JSON. Streams are read in constant memory and not counted.</remarks>
internal sealed class BodyLimiter : IDisposable
{
    /// <summary>Smaller bodies are not counted.</summary>
    public const int SmallBytes = BytesPerPermit;

    private const int BytesPerPermit = 64 * 1024;
    private const int MaxQueued = 1024;

    private static readonly TimeSpan s_maxWait = TimeSpan.FromSeconds(30);

    private readonly int _largest;
    private readonly ClientThenServiceLimiter _memory;

    public BodyLimiter(IOptions<LimitOptions> limits)
    {
        _largest = Math.Max(1, PermitsOf(limits.Value.MaxBodyBytes));
        _memory = new((_largest, MaxQueued * _largest), (2 * _largest, MaxQueued * 2 * _largest));
    }

    /// <summary>Waits until there is memory for a body; released by disposing the lease.</summary>
    /// <param name="client">The client.</param>
    /// <param name="bytes">Size of the body; null if unknown.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The memory; null if the wait was too long.</returns>
    public async ValueTask<IDisposable?> TryAcquireAsync(RateLimitClient client, long? bytes, CancellationToken cancellationToken)
    {
        var permits = bytes is { } known ? Math.Min(PermitsOf(known), _largest) : _largest;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_maxWait);
        try
        {
            var lease = await _memory.All.AcquireAsync(client, permits, patience.Token);
            return lease.IsAcquired ? lease : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => _memory.Dispose();

    private static int PermitsOf(long bytes) => (int)Math.Min(int.MaxValue / 2, bytes / BytesPerPermit);
}

internal static class BodyLimiterExtensions
{
    /// <summary>Lets large bodies wait until there is memory for them. A compressed body, such as a workbook, counts as one of the largest size.</summary>
    public static IApplicationBuilder UseBodyLimiter(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var request = context.Request;
        var isCompressed = request.Headers.ContentEncoding.Count > 0
            || (SheetBody.TypeOf(request) == MediaTypes.Xlsx && !(request.ContentLength < BodyLimiter.SmallBytes));
        var size = isCompressed ? null : request.ContentLength;
        if (size < BodyLimiter.SmallBytes || context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false
            || context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is { MaxRequestBodySize: null })
        {
            await next(context);
            return;
        }

        using var memory = await context.RequestServices.GetRequiredService<BodyLimiter>()
            .TryAcquireAsync(RateLimitClient.For(context), size, context.RequestAborted);
        if (memory is null)
        {
            RejectionMetrics.Count(ServiceLimit.BodyBytes);
            await new Problem(ProblemKind.Unavailable, "Too many large bodies are being processed.").ExecuteAsync(context);
            return;
        }

        await next(context);
    });
}
