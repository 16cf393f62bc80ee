using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Servers;

namespace Benchmarks.Load;

/// <summary>A request whose response is computed or cached; nothing is stored.</summary>
/// <param name="Name">Description of the request.</param>
/// <param name="Server">The service.</param>
/// <param name="Requests">Of it.</param>
/// <param name="BaselineRequest">Of the bare endpoint, whose path is given.</param>
internal sealed record AnalysisBenchmarkCase(string Name, BenchmarkServer Server, RequestSource Requests, Func<string, byte[]> BaselineRequest)
{
    /// <summary>Request to the peer; null if it has no equivalent.</summary>
    public byte[]? PeerRequest { get; init; }

    /// <summary>Whether the peer is so slow that it gets only one request.</summary>
    public bool IsSlowForPeer { get; init; }

    /// <summary>The least share of the bare endpoint's rate, with many clients; null where there is no goal.</summary>
    public double? MinShareOfBaseline { get; init; }

    /// <summary>How many times the peer's rate at the least.</summary>
    public double? MinSpeedup { get; init; }

    /// <summary>What the measured rates say of the goals.</summary>
    /// <param name="ours">The service.</param>
    /// <param name="bare">The limit.</param>
    /// <param name="one">The peer with one client; null if not measured.</param>
    /// <param name="many">With many; null where that would take too long.</param>
    public IEnumerable<BenchmarkGoal> EvaluateGoals(ComparisonResult ours, ComparisonResult bare, LoadResult? one, LoadResult? many)
    {
        if (MinShareOfBaseline is { } share)
        {
            yield return BenchmarkGoal.MinShare("of bare Kestrel", ours.ManyClients.PerSecond / bare.ManyClients.PerSecond, share);
        }

        if (MinSpeedup is { } times && one is not null)
        {
            yield return BenchmarkGoal.MinSpeedup("peer, 1 client", ours.SingleClient.PerSecond / one.PerSecond, times);
            if (many is not null)
            {
                yield return BenchmarkGoal.MinSpeedup("peer, many", ours.ManyClients.PerSecond / many.PerSecond, times);
            }
        }
    }
}
