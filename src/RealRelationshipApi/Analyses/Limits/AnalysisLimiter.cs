using System.Diagnostics;
using System.Threading.RateLimiting;

using Microsoft.Extensions.Options;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Telemetry;

namespace RealRelationshipApi.Analyses.Limits;

/// <summary>Lets no more be computed at a time than there are processors for; the rest waits in the order in which it came, and what would wait too long is refused.</summary>
/// <remarks>Only computing counts: who sends or reads slowly takes nobody's turn.</remarks>
public sealed class AnalysisLimiter(IOptions<LimitOptions> options) : IDisposable
{
    // A few are never refused for what those before them took: one long analysis would refuse everybody.
    private const int NeverRefused = 16;

    // How much of the mean the last analysis is.
    private const double WeightOfLast = 1.0 / 16;

    private readonly int _turnCount = TurnsOf(options.Value);
    private readonly TimeSpan _longestWait = TimeSpan.FromMilliseconds(options.Value.WaitMilliseconds);
    private readonly ThreadPoolDelay _delay = new();
    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = TurnsOf(options.Value),
        QueueLimit = options.Value.WaitingAnalyses,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private int _waiting;
    private double _meanSeconds;

    /// <summary>How many wait for their turn.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Whether an analysis that comes now would wait too long: for its turn, or for a thread before it.</summary>
    public bool IsBehind => IsLineTooLong || (_delay.Now > _longestWait && ThreadPool.PendingWorkItemCount > NeverRefused * Environment.ProcessorCount);

    private bool IsLineTooLong => Waiting > NeverRefused * _turnCount && Waiting * Volatile.Read(ref _meanSeconds) / _turnCount > _longestWait.TotalSeconds;

    /// <summary>Does the work when its turn comes, or says that too much is waiting.</summary>
    public async Task<IResult> RunAsync(Func<IResult> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (IsLineTooLong)
        {
            return Refuse();
        }

        using var turn = await TakeTurnAsync(cancellationToken);
        if (!turn.IsAcquired)
        {
            return Refuse();
        }

        var started = Stopwatch.GetTimestamp();
        try
        {
            return work();
        }
        finally
        {
            var mean = Volatile.Read(ref _meanSeconds);
            Volatile.Write(ref _meanSeconds, mean + (WeightOfLast * (Stopwatch.GetElapsedTime(started).TotalSeconds - mean)));
        }
    }

    /// <summary>What who comes when too much is waiting is told.</summary>
    public static Problem Refuse()
    {
        Refusals.Count(ServiceLimit.WaitingAnalyses);
        return new Problem(ProblemKind.Unavailable, "Too many analyses are waiting.");
    }

    public void Dispose() => _turns.Dispose();

    private static int TurnsOf(LimitOptions limits) => limits.Analyses ?? Environment.ProcessorCount;

    private async ValueTask<RateLimitLease> TakeTurnAsync(CancellationToken cancellationToken)
    {
        var turn = _turns.AcquireAsync(1, cancellationToken);
        if (turn.IsCompleted)
        {
            return await turn;
        }

        Interlocked.Increment(ref _waiting);
        try
        {
            return await turn;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
