using Benchmarks.Load.Servers;
using Benchmarks.Load.Wire;

namespace Benchmarks.Load;

/// <summary>One request asked of several servers by turns, so that what else the machine does falls on all of them.</summary>
internal sealed class Comparison(Scope scope)
{
    /// <summary>How each side did, in the order in which they were given.</summary>
    public IReadOnlyList<Outcome> Run(int clients, params IReadOnlyList<Side> sides)
    {
        foreach (var side in sides)
        {
            Clean(Drive.Run(side.Servers, side.Asking, clients, scope.Warm));
        }

        var (one, many) = (sides.Select(_ => new List<Pace>()).ToList(), sides.Select(_ => new List<Pace>()).ToList());
        for (var round = 0; round < scope.Rounds; round++)
        {
            foreach (var (i, side) in sides.Index())
            {
                one[i].Add(Clean(Drive.Run(side.Servers, side.Asking, 1, scope.Turn)));
                many[i].Add(Clean(Drive.Run(side.Servers, side.Asking, clients, scope.Turn)));
            }
        }

        return [.. one.Zip(many, (first, second) => new Outcome(Pace.MedianOf(first), Pace.MedianOf(second)))];
    }

    private static Pace Clean(Pace pace) => pace.IsClean ? pace
        : throw new InvalidOperationException($"Answers that should not have been: {string.Join(", ", pace.Faults.Select(f => $"{f.Value} × {f.Key}"))}");
}

/// <summary>One that has its turn.</summary>
/// <param name="Servers">Who answers.</param>
/// <param name="Asking">What is asked.</param>
internal sealed record Side(IReadOnlyList<Server> Servers, Asking Asking);

/// <param name="One">With one client.</param>
/// <param name="Many">With many at once.</param>
internal sealed record Outcome(Pace One, Pace Many);
