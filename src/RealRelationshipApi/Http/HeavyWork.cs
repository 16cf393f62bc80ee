using System.Threading.RateLimiting;

using Microsoft.Extensions.Options;

using RealRelationshipApi.Http.Telemetry;

namespace RealRelationshipApi.Http;

/// <summary>Lets no more be computed at a time than there are processors for; the rest waits in the order in which it came.</summary>
/// <remarks>Only computing counts: who sends or reads slowly takes nobody's turn.</remarks>
public sealed class HeavyWork(IOptions<LimitOptions> options) : IDisposable
{
    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.Value.Analyses ?? Environment.ProcessorCount,
        QueueLimit = options.Value.WaitingAnalyses,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>How many wait for their turn.</summary>
    public long Waiting => _turns.GetStatistics()?.CurrentQueuedCount ?? 0;

    /// <summary>Does the work when its turn comes, or says that too much is waiting.</summary>
    public async Task<IResult> RunAsync(Func<IResult> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        using var turn = await _turns.AcquireAsync(1, cancellationToken);
        if (turn.IsAcquired)
        {
            return work();
        }

        Refusals.Count(ServiceLimit.WaitingAnalyses);
        return new Problem(ProblemKind.Unavailable, "Too many analyses are waiting.");
    }

    public void Dispose() => _turns.Dispose();
}
