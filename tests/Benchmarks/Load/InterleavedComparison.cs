using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Servers;

namespace Benchmarks.Load;

/// <summary>Sends a request to several servers in turn, so that other load on the machine affects all of them equally.</summary>
internal sealed class InterleavedComparison(BenchmarkContext scope)
{
    /// <summary>How each side did, in the order in which they were given.</summary>
    public IReadOnlyList<ComparisonResult> Run(int clients, params IReadOnlyList<ComparisonSide> sides)
    {
        foreach (var side in sides)
        {
            RequireNoErrors(ClosedLoopLoad.Run(side.Servers, side.Requests, clients, scope.WarmupDuration));
        }

        var (one, many) = (sides.Select(_ => new List<LoadResult>()).ToList(), sides.Select(_ => new List<LoadResult>()).ToList());
        for (var round = 0; round < scope.Rounds; round++)
        {
            foreach (var (i, side) in sides.Index())
            {
                one[i].Add(RequireNoErrors(ClosedLoopLoad.Run(side.Servers, side.Requests, 1, scope.TurnDuration)));
                many[i].Add(RequireNoErrors(ClosedLoopLoad.Run(side.Servers, side.Requests, clients, scope.TurnDuration)));
            }
        }

        return [.. one.Zip(many, (first, second) => new ComparisonResult(LoadResult.MedianOf(first), LoadResult.MedianOf(second)))];
    }

    private static LoadResult RequireNoErrors(LoadResult pace) => pace.HasNoErrors ? pace
        : throw new InvalidOperationException(
            $"Answers that should not have been: {string.Join(", ", pace.ErrorsByStatus.Select(f => $"{f.Value} × {f.Key}"))}");
}

/// <summary>One that has its turn.</summary>
/// <param name="Servers">The servers.</param>
/// <param name="Requests">The requests.</param>
internal sealed record ComparisonSide(IReadOnlyList<BenchmarkServer> Servers, RequestSource Requests);

/// <param name="SingleClient">With one client.</param>
/// <param name="ManyClients">With many at once.</param>
internal sealed record ComparisonResult(LoadResult SingleClient, LoadResult ManyClients);
