using System.Globalization;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Telemetry;
using RealRelationshipApi.Security.RateLimiting;

namespace RealRelationshipApi.Analyses.Limits;

/// <summary>A computation within a slot of the limiter, until its time is up, its client has disconnected or the service stops.</summary>
internal sealed class AnalysisRun : IDisposable
{
    /// <summary>Number of effects beyond which an analysis takes a slot of the costly ones at once: nested effects are not cheap then, and waiting twice costs
    /// throughput.</summary>
    public const int MaxCheapEffects = 500;

    private readonly ComputeLimiter _limiter;
    private readonly AnalysisBudget _budget;
    private readonly RateLimitClient _client;
    private readonly CancellationTokenSource _end;
    private readonly TimeSpan _limit;
    private IDisposable? _slot;
    private IDisposable? _memory;
    private bool _isCostly;

    private AnalysisRun(ComputeLimiter limiter, AnalysisBudget budget, RateLimitClient client, CancellationTokenSource end, TimeSpan limit)
    {
        (_limiter, _budget, _client, _end, _limit) = (limiter, budget, client, end, limit);
    }

    /// <summary>Ends the computation.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Waits for a slot.</summary>
    /// <param name="limiter">The limiter.</param>
    /// <param name="budget">Admits by cost.</param>
    /// <param name="client">The client that the slot counts for.</param>
    /// <param name="isCostly">Whether the computation is known to cost more than a cheap one; otherwise <c>AdmitAsync</c> decides.</param>
    /// <param name="limit">Compute limit, without waiting.</param>
    /// <param name="aborted">Cancelled when the client has disconnected.</param>
    /// <param name="stopping">Cancelled when the service stops.</param>
    /// <returns>Null if the wait would be too long.</returns>
    public static async Task<AnalysisRun?> TryStartAsync(ComputeLimiter limiter, AnalysisBudget budget, RateLimitClient client, bool isCostly, TimeSpan limit,
        CancellationToken aborted, CancellationToken stopping)
    {
        var run = new AnalysisRun(limiter, budget, client, CancellationTokenSource.CreateLinkedTokenSource(aborted, stopping), limit);
        try
        {
            if (await run.TryAcquireAsync(isCostly))
            {
                return run;
            }
        }
        catch
        {
            run.Dispose();
            throw;
        }

        run.Dispose();
        return null;
    }

    /// <summary>Admits an analysis by its cost, and waits for a slot for it if it is not cheap, and for its memory.</summary>
    /// <param name="size">Size of the question.</param>
    /// <param name="costOf">Cost by size.</param>
    /// <returns>A problem; null if the analysis is admitted.</returns>
    public Task<Problem?> AdmitAsync(AnalysisSize size, Func<AnalysisSize, AnalysisCost> costOf) => AdmitAsync(costOf(size), _budget.Check(size, costOf));

    /// <inheritdoc cref="AdmitAsync(AnalysisSize, Func{AnalysisSize, AnalysisCost})"/>
    /// <param name="cost">The cost.</param>
    /// <param name="advice">What would cost less, in a sentence.</param>
    public Task<Problem?> AdmitAsync(AnalysisCost cost, string advice) => AdmitAsync(cost, _budget.Check(cost, advice));

    /// <summary>Whether a computation of that cost would be admitted.</summary>
    public bool Fits(AnalysisCost cost) => _budget.Fits(cost);

    /// <summary>422 <c>tooCostly</c>, when the time is up.</summary>
    public Problem TimedOut()
    {
        RejectionMetrics.Count(ServiceLimit.ComputeSeconds);
        return Problem.NotComputable("tooCostly", string.Create(CultureInfo.InvariantCulture,
            $"This takes more than {_limit.TotalSeconds} s to compute, "
            + $"the maximum for one request. Use fewer effects, moderators, levels or replicates, or dependence=aggregate."));
    }

    public void Dispose()
    {
        _memory?.Dispose();
        _slot?.Dispose();
        _end.Dispose();
    }

    private async Task<Problem?> AdmitAsync(AnalysisCost cost, Problem? excess)
    {
        if (excess is not null)
        {
            return excess;
        }

        if (!cost.IsCheap && !_isCostly && !await TryAcquireAsync(isCostly: true))
        {
            return ComputeLimiter.Reject();
        }

        _memory?.Dispose();
        _memory = null;
        _memory = await _limiter.ReserveMemoryAsync(cost.MemoryBytes, Token);
        return null;
    }

    // Waiting is not computing.
    private async Task<bool> TryAcquireAsync(bool isCostly)
    {
        _slot?.Dispose();
        _slot = null;
        _end.CancelAfter(Timeout.InfiniteTimeSpan);
        _slot = await _limiter.TryAcquireAsync(_client, isCostly, Token);
        _isCostly = isCostly;
        _end.CancelAfter(_limit);
        return _slot is not null;
    }
}
