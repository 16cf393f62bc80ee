using Benchmarks.Load.Servers;
using Benchmarks.Load.Wire;

namespace Benchmarks.Load;

/// <summary>A request whose answer is computed or remembered, and nothing is stored.</summary>
/// <param name="Name">What it asks.</param>
/// <param name="Server">The service.</param>
/// <param name="Asking">Of it.</param>
/// <param name="Bare">Of the bare endpoint, whose path is given.</param>
internal sealed record AnswerRow(string Name, Server Server, Asking Asking, Func<string, byte[]> Bare)
{
    /// <summary>Of the peer; null where it has no such answer.</summary>
    public byte[]? Peer { get; init; }

    /// <summary>Whether the peer takes so long that it is asked only once.</summary>
    public bool IsSlowForPeer { get; init; }

    /// <summary>The least share of the bare endpoint's rate, with many clients; null where there is no goal.</summary>
    public double? LeastShare { get; init; }

    /// <summary>How many times the peer's rate at the least.</summary>
    public double? LeastTimes { get; init; }

    /// <summary>What the measured rates say of the goals.</summary>
    /// <param name="ours">The service.</param>
    /// <param name="bare">The limit.</param>
    /// <param name="one">The peer with one client; null where it was not asked.</param>
    /// <param name="many">With many; null where that would take too long.</param>
    public IEnumerable<Goal> Goals(Outcome ours, Outcome bare, Pace? one, Pace? many)
    {
        if (LeastShare is { } share)
        {
            yield return Goal.ShareOf("of bare Kestrel", ours.Many.PerSecond / bare.Many.PerSecond, share);
        }

        if (LeastTimes is { } times && one is not null)
        {
            yield return Goal.Times("peer, 1 client", ours.One.PerSecond / one.PerSecond, times);
            if (many is not null)
            {
                yield return Goal.Times("peer, many", ours.Many.PerSecond / many.PerSecond, times);
            }
        }
    }
}
